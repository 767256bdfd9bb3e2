#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance on a real API server: deletion, restarts, many, and what fails. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/cluster/conform.sh"
conform_begin collect

K72() {
	api a1 svc1 h1 "$one"
	api other svc2 h2
	has_codes a1 2/2/2
	has_codes other 2/2/-
	drop "$(at api a1)" >/dev/null
	patience=5
	gone vs a1
	gone policy a1
	has_codes other 2/2/-
	is vs other true
}
shown K72 'with the Api its VirtualService and its Policy go'

K74() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	end
	merge "$(at api a1)/status" '{"status": null}'
	drop "$(at api a1)" >/dev/null
	# The collector takes what has an owner, so never the protection.
	gone vs a1
	is policy a1 true
	begin
	gone policy a1
}
shown K74 'also when it was deleted while nothing ran, and nothing remembers it'

K76() {
	foreign_route a1 h1.kyma.local
	version=$(value vs a1 .metadata.resourceVersion)
	api a1 svc1 h1
	has_codes a1 2/4/-
	drop "$(at api a1)" >/dev/null
	settled
	is vs a1 ".metadata.resourceVersion == \"$version\""
}
shown K76 'a foreign VirtualService that was in the way stays when the Api goes'

K77() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		api a$i svc$i h$i "$one"
		[ $((i % 2)) -eq 0 ] || sleep 0.02
		drop "$(at api a$i)" >/dev/null
	done
	settled
	bed_within $patience nothing_of_ours k77
	# And what stays is served.
	api a1 svc1 h1
	has_codes a1 2/2/-
}
shown K77 'of an Api that goes as soon as it came nothing is left'

no_namespace() {
	! call GET /api/v1/namespaces/k78-b >/dev/null && [ "$(cat answer-code)" = 404 ]
}

K78() {
	api b1 svc1 h9 "$one"
	has_codes b1 2/2/2
	namespaced k78-b
	ns=k78-b
	for i in 1 2 3; do
		api a$i svc$i h$i "$one"
	done
	for i in 1 2 3; do
		has_codes a$i 2/2/2
	done
	ns=k78
	value vs b1 .metadata.resourceVersion >before
	mark
	lines=$(wc -l <log)
	drop /api/v1/namespaces/k78-b >/dev/null
	bed_within 60 no_namespace
	sleep 1
	[ -z "$(wrote "$mark")" ]
	value vs b1 .metadata.resourceVersion | diff before -
	# Outputs may go seconds before their Apis: what cannot be made again there is left alone. No error is told.
	ns=k78-b
	wrote "$mark" >moves
	cat moves
	[ "$(wc -l <moves)" -le 12 ]
	sed "1,${lines}d" log >said
	lacks said level=error
	ns=k78
}
shown K78 'with a namespace all of its Apis go, quietly, and nothing else'

# A way to the server that can be out of order; it speaks plain HTTP, so kubectl takes the credentials.
KUBECONFIG=$(cat kubeconfig) "$bed_kubectl" proxy --port=0 >plain.port 2>&1 &
others="$others $!"
bed_within 10 grep -q 127.0.0.1: plain.port
"$top_builddir/tests/tools/outage" "$(sed -n 's/.*127\.0\.0\.1://p' plain.port)" >outage.port 2>outage.log &
outage=$!
others="$others $outage"
bed_within 10 test -s outage.port
cat >plain.kubeconfig <<CONFIG
apiVersion: v1
kind: Config
clusters:
- name: plain
  cluster: {server: "http://127.0.0.1:$(cat outage.port)"}
contexts:
- name: plain
  context: {cluster: plain, user: ""}
current-context: plain
CONFIG

K82() {
	sed -i "s|kubeconfig: [^}]*|kubeconfig: $work/plain.kubeconfig|" apigwd.yaml
	with_config
	for i in 1 2 3; do
		api a$i svc$i h$i "$one"
	done
	for i in 1 2 3; do
		has_codes a$i 2/2/2
	done
	settled
	mark
	kill -USR1 $outage
	edit a1 svc1 h11 "$one"
	drop "$(at api a2)" >/dev/null
	api a4 svc4 h4 "$one"
	drop "$(at vs a3)" >/dev/null
	sleep 10
	# Nothing got through, and nothing was concluded from that.
	wrote "$mark" | grep -v '^delete virtualservices a2' >moves || :
	[ ! -s moves ] || { cat moves; return 1; }
	kill -USR2 $outage
	bed_within 5 grep -q refused outage.log
	cat outage.log
	[ "$(sed 's/refused //' outage.log)" -ge 4 ]
	patience=60
	soon vs a1 '.spec.hosts == ["h11.kyma.local"]'
	has_codes a1 2/2/2
	gone policy a2
	gone vs a2
	soon vs a3 true
	has_codes a3 2/2/2
	has_codes a4 2/2/2
}
shown K82 'an API server that answers 500 for 10 s is tried again until all is well'

conflicts() {
	bed_audit bed "$mark" | jq -c 'select(.user.username == "apigwd" and .objectRef.resource == "apis" and
		.objectRef.subresource == "status" and .responseStatus.code == 409)'
}

# press COUNT: an edit of a1, and as many writes of it by somebody else, over one connection.
press() {
	for press in $(seq "$1"); do
		[ "$press" -eq 1 ] || echo next
		cat <<CURL
url = "https://127.0.0.1:$(cat "$bed_root/bed/port")$(at api a1)"
request = PATCH
silent
output = /dev/null
cacert = "$bed_root/bed/ca.crt"
header = "Authorization: Bearer $(cut -d , -f 1 "$bed_root/bed/tokens.csv")"
header = "Content-Type: application/merge-patch+json"
data = "{\\"metadata\\":{\\"annotations\\":{\\"n\\":\\"$press\\"}}}"
CURL
	done >press.curl
	edit a1 svc1 h2
	curl --config press.curl
}

K83() {
	$bed_leash "$top_builddir/tests/tools/outage" "$(sed -n 's/.*127\.0\.0\.1://p' plain.port)" 100 >slow.port &
	slow=$!
	bed_within 10 test -s slow.port
	sed "s|127.0.0.1:[0-9]*|127.0.0.1:$(cat slow.port)|" plain.kubeconfig >slow.kubeconfig
	sed -i "s|kubeconfig: [^}]*|kubeconfig: $work/slow.kubeconfig|" apigwd.yaml
	with_config
	api a1 svc1 h1
	has_codes a1 2/2/-
	mark
	# What the daemon sends waits on its way; meanwhile somebody else writes the Api.
	press 100
	[ -n "$(conflicts)" ]
	soon vs a1 '.spec.hosts == ["h2.kyma.local"]'
	has_codes a1 2/2/-
	now=$(value vs a1 .metadata.resourceVersion)
	soon api a1 ".status.virtualService.resource.version == \"$now\""
	cleared k83
	cp chart.yaml apigwd.yaml
	with_config
	kill $slow
}
shown K83 'a conflict at the write of a status is answered with fresh data'

all_there() {
	call GET "/apis/networking.istio.io/v1/virtualservices?labelSelector=apiName" &&
		[ "$(jq '[.items[] | select(.metadata.namespace | startswith("n84-"))] | length' answer)" -eq "$1" ]
}
# served_in MS COUNT FILE: these Apis, in one request of kubectl, are all served after it; a slow machine has five times as long.
served_in() {
	kube bed create -f "$3" >/dev/null
	started=$(date +%s%N)
	bed_until=$(($(date +%s) + 30))
	until all_there "$2" >/dev/null; do
		[ "$(date +%s)" -lt $bed_until ] || break
		sleep 0.02
	done
	elapsed=$((($(date +%s%N) - started) / 1000000))
	echo "# K84 $2 VirtualServices, of the last Apis by kubectl create: after $elapsed ms" >>figures
	[ $elapsed -lt $((5 * $1)) ]
}
api_in() {
	printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "%s",
		"namespace": "%s"}, "spec": %s}\n' "$1" "$2" "$(spec_of "svc-$1" "h-$1-$2")"
}

K84() {
	for i in $(seq 50); do
		printf '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n84-%s"}}\n' "$i"
	done >namespaces.json
	kube bed create -f namespaces.json >/dev/null
	api_in a n84-1 >one.json
	served_in 1000 1 one.json
	for i in $(seq 10); do
		api_in b n84-$i
	done >ten.json
	served_in 2000 11 ten.json
	for i in $(seq 5); do
		for n in $(seq 6); do
			api_in c$i n84-$n
		done
	done >thirty.json
	served_in 2000 41 thirty.json
	cat one.json ten.json thirty.json | kube bed delete --wait=false -f - >/dev/null
	bed_within $patience all_there 0
}
shown K84 'in 50 namespaces, 1, 10 and 30 Apis are served within seconds'
cat figures

# one_status WHAT...: since $mark the status of a1 was written once, and nothing else.
one_status() {
	settled
	wrote "$mark" >moves
	same 'update apis/status a1 200' moves || { echo "after: $*"; return 1; }
	mark
}
# warned PATTERN: Programmed and Ready of a1 say so; all_well: they say that all is well.
warned() {
	tells a1 Programmed Served "$1"
	tells a1 Ready Served "$1"
}
all_well() {
	warned '^Everything that the Api asks for stands'
}
since_when() {
	value api a1 '[.status.conditions[].lastTransitionTime]'
}

K86() {
	nobody='^Service .svc1. does not exist: '
	api a1 svc1 h1
	has_codes a1 2/2/-
	soon vs a1 '.spec.http[0].route[0].destination.host == "svc1.k86.svc.cluster.local"'
	warned "$nobody"
	settled
	since_when >before
	mark
	# One of this name somewhere else, and another one here.
	(ns=default && service svc1 80 http)
	service svc2 80 http
	settled
	[ -z "$(wrote "$mark")" ]
	service svc1 80 http
	all_well
	one_status 'the Service is created'
	merge "$(at service svc1)" '{"metadata":{"labels":{"team":"x"}}}'
	settled
	[ -z "$(wrote "$mark")" ]
	drop "$(at service svc1)" >/dev/null
	warned "$nobody"
	one_status 'it is deleted'
	has_codes a1 2/2/-
	since_when | diff before -
	# What is known at a restart is what was known before.
	end
	begin
	sleep 1
	[ -z "$(wrote "$mark")" ]
	drop "$(at service svc1 default)" >/dev/null
}
shown K86 'a route may come before its Service, with a warning that comes and goes with it'

# port NAME NUMBER: the one port of svc1.
port() {
	change "$(at service svc1)" "[{\"op\":\"replace\",\"path\":\"/spec/ports\",\"value\":[{${1:+\"name\":\"$1\",}\"port\":$2}]}]"
}

K87() {
	checked='^Every protection that the Api asks for stands'
	service svc1 80
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	tells a1 Programmed Served '^Everything'
	tells a1 Secured Secured 'port 80 of Service .svc1. .*HTTP'
	tells a1 Ready Served 'port 80 of Service .svc1. .*HTTP'
	settled
	mark
	port http 80
	tells a1 Secured Secured "$checked"
	all_well
	one_status 'the port is called http'
	for name in tcp-web https httpx; do
		port $name 80
		tells a1 Secured Secured "port 80 of Service .svc1. .*$name.*HTTP"
		one_status "the port is called $name"
	done
	port grpc-web 80
	tells a1 Secured Secured "$checked"
	one_status 'the port is called grpc-web'
	for name in http2 http-x; do
		port $name 80
		settled
		[ -z "$(wrote "$mark")" ]
	done
	# A number that it does not have.
	port http 81
	warned '^Service .svc1. has no port 80: '
	is api a1 ".status.conditions[] | select(.type == \"Secured\") | .status == \"True\" and (.message | test(\"$checked\"))"
	one_status 'the port is another one'
	has_codes a1 2/2/2
	# Without authentication there are no tokens to check.
	port '' 80
	edit a1 svc1 h1
	has_codes a1 2/2/-
	all_well
}
shown K87 'a port that the Service does not have, or where tokens are not checked, is a warning'

# allowed VERBS: what the daemon may do to Policies.
allowed() {
	call GET /apis/rbac.authorization.k8s.io/v1/clusterroles/apigwd >/dev/null
	jq --argjson verbs "$1" '.rules |= map(if .resources == ["policies"] then .verbs = $verbs else . end)' answer >role
	call PUT /apis/rbac.authorization.k8s.io/v1/clusterroles/apigwd -H 'Content-Type: application/json' \
		--data-binary @role >/dev/null
}
may() {
	post /apis/authorization.k8s.io/v1/subjectaccessreviews "{\"spec\":{\"user\":\"apigwd\",\"resourceAttributes\":{
		\"group\":\"authentication.istio.io\",\"resource\":\"policies\",\"verb\":\"$1\",\"namespace\":\"$ns\"}}}" &&
		[ "$(jq -r .status.allowed answer)" = "$2" ]
}

K90() {
	allowed '["get","list","watch"]'
	bed_within $patience may create false
	api a1 svc1 h1 "$one"
	api b1 svc2 h2
	has_codes a1 2/1/3
	value api a1 .status.authenticationStatus.lastError >reason
	holds reason 'User "apigwd" cannot create resource "policies"'
	absent vs a1
	has_codes b1 2/2/-
	allowed '["get","list","watch","create","update","delete"]'
	patience=30
	has_codes a1 2/2/2
	{ value vs a1 .metadata.resourceVersion; value policy a1 .metadata.resourceVersion; } >before
	# Nor may it be read, from the start.
	end
	allowed '["deletecollection"]'
	bed_within $patience may list false
	launch
	api a2 svc3 h3 "$one"
	api b2 svc4 h4
	has_codes b2 2/2/-
	soon api a2 '.status.virtualService.code < 2 and (.status.authenticationStatus.code | . == 1 or . == 3)'
	absent vs a2
	value api a2 .status.authenticationStatus.lastError >reason
	holds reason policies
	# What stood stays, though one half of it cannot be seen.
	[ "$(value vs a1 .metadata.resourceVersion)" = "$(sed -n 1p before)" ]
	[ "$(value policy a1 .metadata.resourceVersion)" = "$(sed -n 2p before)" ]
	allowed '["get","list","watch","create","update","delete"]'
	has_codes a2 2/2/2
	has_codes a1 2/2/2
	bed_within $patience ready
}
shown K90 'where one kind cannot be written, or read, that part says so, and the others work'

K88() {
	for i in $(seq 20); do
		api_in a$i k88
	done >twenty.json
	kube bed create -f twenty.json >/dev/null &
	creating=$!
	sleep 0.3
	started=$(date +%s%N)
	end
	elapsed=$((($(date +%s%N) - started) / 1000000))
	[ $elapsed -lt 5000 ]
	wait $creating
	begin
	for i in $(seq 20); do
		has_codes a$i 2/2/-
	done
}
shown K88 'on SIGTERM the daemon ends in order, within seconds, and the next one goes on'

# Kinds that come late: a server of its own, which has none of them.
end
bed=late
bed_start late
conform_roles
conform_config
launch
crd() {
	kube late apply --server-side -f "$1" && kube late wait --for=condition=Established --timeout=30s -f "$1"
}
listed() {
	call GET "$(at "$1")"
}
running() {
	kill -0 "$(cat daemon.pid)"
}
ns=k85
namespaced k85
sleep 2
check 'K85 without any of the kinds the daemon waits' running
check 'K85 and is not ready' run 1 ready
check 'K85 the kind Api comes' crd "$top_srcdir/etc/kubernetes/crd.yaml"
bed_within 30 listed api >/dev/null
check 'K85 an Api without authentication' api a1 svc1 h1
check 'K85 and one with' api a2 svc2 h2 "$one"
check 'K85 the kind VirtualService comes' crd "$top_srcdir/tests/cluster/crds/virtualservice.yaml"
patience=30
check 'K85 the first is served, though there are no Policies' has_codes a1 2/2/-
check 'K85 its VirtualService is there' is vs a1 true
check 'K85 the second is not' absent vs a2
told() {
	soon api a2 '.status.virtualService.code < 2 and (.status.authenticationStatus.code | . == 1 or . == 3)'
	value api a2 .status.authenticationStatus.lastError >reason
	holds reason olic
}
check 'K85 and its status says what is missing' told
check 'K85 the kind Policy comes' crd "$top_srcdir/tests/cluster/crds/policy.yaml"
check 'K85 now it is served' has_codes a2 2/2/2
check 'K85 with its Policy' is policy a2 true
check 'K85 the daemon is ready' bed_within 30 ready

check 'the daemon ends with code 0' end
finish
