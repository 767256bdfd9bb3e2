#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance on a real API server: one Api for a Service, one for a hostname. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/cluster/conform.sh"
conform_begin

# versions FILE: what of a namespace is there, by kind, name, uid and resourceVersion.
versions() {
	for kind in vs policy; do
		call GET "$(at $kind)" >/dev/null
		jq -c --arg kind $kind '.items[].metadata | [$kind, .name, .uid, .resourceVersion]' answer
	done >"$1"
}

# taken NAME [HOLDER]: code 5, and no output.
taken() {
	soon api "$1" '.status.validationStatus == 5 and .status.virtualService.code == 0 and
		.status.observedGeneration == .metadata.generation'
	absent vs "$1"
}

K33() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	versions before
	mark
	api a2 svc1 h2
	taken a2
	begins a2 virtualService 'Service "svc1" is already published by Api "k33/a1"'
	is api a2 '.status.virtualService.resource // {} == {}'
	sleep 1
	[ "$(wrote "$mark" | grep -cv '^update apis/status a2 200$')" -eq 0 ]
	versions after
	diff before after
}
shown K33 'a second Api for a Service has 5 and no effect on the first'

K34() {
	namespaced k34-b
	api a1 svc1 h1
	api a2 svc1 h2 '' k34-b
	has_codes a1 2/2/-
	ns=k34-b
	has_codes a2 2/2/-
	cleared k34-b
	ns=k34
}
shown K34 'Services of one name in two namespaces are two Services'

K35() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	api a2 svc1 h2
	taken a2
	edit a1 svc1 h3
	soon vs a1 '.spec.hosts == ["h3.kyma.local"]'
	has_codes a1 2/2/-
	taken a2
}
shown K35 'an edit of the first goes through while the second waits'

K36() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	api a2 svc1 h2
	taken a2
	drop "$(at api a1)" >/dev/null
	soon vs a2 '.spec.hosts == ["h2.kyma.local"]'
	has_codes a2 2/2/-
	absent vs a1
	absent policy a1
	is api a2 '.metadata.generation == 1'
}
shown K36 'the second is served as soon as the first is gone, without an edit'

# both FIRST SECOND: two Apis for one Service in one request of kubectl.
both() {
	for both in "$1" "$2"; do
		printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "%s",
			"namespace": "%s"}, "spec": %s}\n' $both "$ns" "$(spec_of svc1 h-$both)"
	done >both.json
	kube bed create -f both.json
}
served() {
	for kind in a1 a2; do
		is api $kind '.status.validationStatus == 2 and .status.virtualService.code == 2' && echo $kind
	done
	:
}
one_served() {
	[ "$(served | wc -l)" -eq 1 ] && { are_codes a1 5/0/- || are_codes a2 5/0/-; }
}
same_second() {
	[ "$(value api a1 .metadata.creationTimestamp)" = "$(value api a2 .metadata.creationTimestamp)" ]
}

K37() {
	both a2 a1
	bed_within $patience one_served
	settled
	one_served
	[ "$(served)" = a2 ] || same_second
	# Both are there when the daemon comes: of one age, so the name decides.
	for try in 1 2 3 4 5; do
		drop "$(at api)" >/dev/null
		gone vs a1
		gone vs a2
		[ ! -s daemon.pid ] || end
		both a2 a1
		! same_second || break
	done
	begin
	same_second && winner=a1 || winner=a2
	bed_within $patience one_served
	[ "$(served)" = $winner ]
}
shown K37 'of two new ones for a Service the older is served, of one age the first by name'

# output_of NAME HOST: a VirtualService that the daemon would take for its own, made by hand.
output_of() {
	output_uid=$(value api "$1" .metadata.uid)
	post "$(at vs)" "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"$1\",
		\"labels\":{\"createdBy\":\"api-controller\",\"apiUid\":\"$output_uid\",\"apiNamespace\":\"$ns\",
		\"apiName\":\"$1\",\"apiVersion\":\"1\"}},\"spec\":{\"hosts\":[\"$2\"],
		\"gateways\":[\"kyma-gateway.kyma-system.svc.cluster.local\"],
		\"http\":[{\"match\":[{\"uri\":{\"regex\":\"/.*\"}}],\"route\":[{\"destination\":{
		\"host\":\"svc1.$ns.svc.cluster.local\",\"port\":{\"number\":80}}}]}]}}"
}

K39() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	versions before
	api a2 svc1 h2
	taken a2
	output_of a2 h2.kyma.local
	# It holds a Service that is not its own: it is kept, and stays the loser.
	soon api a2 '.status.validationStatus == 5 and .status.virtualService.resource.name == "a2"'
	has_codes a1 2/2/-
	drop "$(at api a2)" >/dev/null
	gone vs a2
	has_codes a1 2/2/-
	settled
	versions after
	diff before after
	end
	mark
	begin
	sleep 2
	[ -z "$(wrote "$mark")" ]
	has_codes a1 2/2/-
	versions after
	diff before after
}
shown K39 'of two that both have outputs one stays after the other is gone, and a restart changes nothing'

K40() {
	api a1 svc1 h1 "$one"
	api b1 svc2 h2 "$one"
	has_codes a1 2/2/2
	has_codes b1 2/2/2
	settled
	versions before
	edit b1 svc1 h2 "$one"
	soon api b1 '.status.validationStatus == 5'
	begins b1 virtualService 'older output kept: Service "svc1" is already published'
	is api b1 '.status.virtualService.resource.name == "b1" and .status.authenticationStatus.resource.name == "b1"'
	has_codes a1 2/2/2
	settled
	versions after
	diff before after
	edit b1 svc2 h2 "$one"
	has_codes b1 2/2/2
	versions after
	diff before after
}
shown K40 'an Api that turns to a held Service keeps its outputs, and has 2 again when it turns back'

K42() {
	foreign_route theirs h1.kyma.local
	api a1 svc1 h1
	has_codes a1 2/4/-
	begins a1 virtualService 'the hostname h1.kyma.local is already in use'
	absent vs a1
	drop "$(at vs theirs)" >/dev/null
	has_codes a1 2/2/-
}
shown K42 'a hostname that a foreign VirtualService has gives 4, with a text'

K43() {
	namespaced k43-b
	foreign_route theirs h1.kyma.local k43-b
	api a1 svc1 h1
	has_codes a1 2/4/-
	begins a1 virtualService 'the hostname h1.kyma.local is already in use by VirtualService "k43-b/theirs"'
	absent vs a1
	drop "$(at vs theirs k43-b)" >/dev/null
	has_codes a1 2/2/-
}
shown K43 'one of another namespace too'

K44() {
	foreign_route theirs h1.kyma.local
	api a1 svc1 h1 "$one"
	soon api a1 '.status.virtualService.code == 4 and .status.authenticationStatus.code == 0'
	settled
	absent policy a1
	absent vs a1
}
shown K44 'an Api that is not published for its hostname gets no Policy either'

K45() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	settled
	versions before
	foreign_route theirs taken.kyma.local
	edit a1 svc1 taken "$one"
	soon api a1 '.status.virtualService.code == 4'
	begins a1 virtualService 'the hostname taken.kyma.local is already in use'
	uid=$(value vs a1 .metadata.uid)
	is api a1 ".status.virtualService.resource.uid == \"$uid\""
	settled
	versions after
	grep -v '"theirs"' after | diff before -
}
shown K45 'a served Api that turns to a taken hostname keeps what it has, with 4'

K48() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	api b1 svc2 h1.kyma.local
	has_codes b1 2/4/-
	begins b1 virtualService 'the hostname h1.kyma.local is already in use'
	api c1 svc3 H1.kyma.LOCAL
	has_codes c1 2/4/-
	has_codes a1 2/2/-
}
shown K48 'both spellings of a hostname are one hostname'

K50() {
	foreign_route theirs '*.kyma.local'
	api a1 svc1 h1
	has_codes a1 2/2/-
}
shown K50 'a wildcard of somebody else takes no hostname'

K51() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	# Erased, and forged.
	merge "$(at api a1)/status" '{"status": null}'
	has_codes a1 2/2/2
	merge "$(at api a1)/status" '{"status": {"virtualService": {"code": 4, "resource": {"name": "forged", "uid": "x"}}}}'
	has_codes a1 2/2/2
	uid=$(value vs a1 .metadata.uid)
	soon api a1 ".status.virtualService.resource.uid == \"$uid\""
	# Away and back; edited and removed by somebody else.
	edit a1 svc1 h2 "$one"
	has_codes a1 2/2/2
	edit a1 svc2 h1 "$one"
	has_codes a1 2/2/2
	change "$(at vs a1)" '[{"op":"replace","path":"/spec/hosts","value":["h9.kyma.local"]}]'
	soon vs a1 '.spec.hosts == ["h1.kyma.local"]'
	drop "$(at vs a1)" >/dev/null
	soon vs a1 '.spec.hosts == ["h1.kyma.local"]'
	has_codes a1 2/2/2
	# And after a restart without a status.
	end
	merge "$(at api a1)/status" '{"status": null}'
	begin
	has_codes a1 2/2/2
}
shown K51 'the own VirtualService of an Api is never in its way'

K52() {
	foreign_route theirs h1.kyma.local '' other-gateway
	api a1 svc1 h1
	has_codes a1 2/4/-
}
shown K52 'a hostname is taken whatever gateway the other VirtualService is bound to'

check 'the daemon ends with code 0' end
finish
