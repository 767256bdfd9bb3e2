#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance on a real API server: what is refused, by the CRD already or, where a looser CRD has let it in, by
# apigwd, alone and with a reason. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/cluster/conform.sh"
conform_begin

# raw NAME JSON: creates an Api with these members beside its metadata.
raw() {
	post "$(at api)" "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\",
		\"metadata\":{\"name\":\"$1\"}${2:+,$2}}"
}

# turned_away TEXT JSON...: the API server takes none of them, and its message holds the text.
turned_away() {
	turned_text=$1
	shift
	for turned in "$@"; do
		! raw a1 "$turned" >/dev/null || { echo "taken: $turned"; return 1; }
		[ "$(cat answer-code)" = 422 ] && holds answer "$turned_text" || { cat answer; return 1; }
	done
}

with() {
	echo "\"spec\":{\"service\":{\"name\":\"svc1\",\"port\":80},\"hostname\":\"h1\",$1}"
}
on_port() {
	echo "\"spec\":{\"service\":{\"name\":\"svc1\",\"port\":$1},\"hostname\":\"h1\"}"
}
on_host() {
	echo "\"spec\":{\"service\":{\"name\":\"svc1\",\"port\":80},\"hostname\":\"$1\"}"
}
issued_by() {
	with "\"authentication\":[$1]"
}
long() {
	head -c "$1" /dev/zero | tr '\0' x
}
no_port='"spec":{"service":{"name":"svc1"},"hostname":"h1"}'
no_name='"spec":{"service":{"port":80},"hostname":"h1"}'
no_hostname='"spec":{"service":{"name":"svc1","port":80}}'
typed() {
	issued_by "{\"type\":\"$1\",\"jwt\":{\"issuer\":\"https://one\",\"jwksUri\":\"https://one/keys\"}}"
}
keyed() {
	issued_by "{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"https://one\",\"jwksUri\":\"$1\"}}"
}
twice=$(issued_by "$(issuer https://one),$(issuer https://one)")

ns=strict
namespaced strict
check 'K21 the API server refuses labels of 64 and 65 characters' \
	turned_away 'at most 63 characters' "$(on_host "$(long 64)")" "$(on_host "$(long 65)")"
check 'K22 an Api without port' turned_away spec.service.port "$no_port"
check 'K22 without name of a Service' turned_away spec.service.name "$no_name"
check 'K22 without hostname' turned_away spec.hostname "$no_hostname"
check 'K23 without spec' turned_away spec '' '"spec":{}'
check 'K25 another type of authentication' turned_away 'expected JWT' "$(typed jwt)" "$(typed OAuth)"
check 'K26 a port that does not exist' \
	turned_away '1 to 65535' "$(on_port 0)" "$(on_port -1)" "$(on_port 70000)"
check 'K27 keys at no http or https address' turned_away 'absolute http or https URL' "$(keyed foo)" "$(keyed ftp://x/k)"
check 'K28 an issuer that is listed twice' turned_away 'each issuer may stand once' "$twice"

# From here on the server takes anything.
loosen() {
	change /apis/apiextensions.k8s.io/v1/customresourcedefinitions/apis.gateway.kyma-project.io '[{"op":"replace",
		"path":"/spec/versions/0/schema/openAPIV3Schema",
		"value":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}]' >/dev/null
	bed_within 30 loose && drop "$(at api loose)" >/dev/null
}
loose() {
	raw loose >/dev/null
}
check 'a looser CRD' loosen

# refuses TEXT JSON...: each is stored, and refused with the text.
refuses() {
	refuses_text=$1
	shift
	for refuses_json in "$@"; do
		raw a1 "$refuses_json"
		refused a1 "$refuses_text"
		drop "$(at api a1)" >/dev/null
	done
}

K20() {
	for hostname in h1.other.local x.h1.kyma.local h1.kyma.local.kyma.local h1.kyma-local; do
		refuses spec.hostname "$(on_host $hostname)"
	done
	api a1 svc1 h1.kyma.local
	has_codes a1 2/2/-
}
shown K20 'hostnames with another domain, or with more labels before it'

K21() {
	refuses spec.hostname "$(on_host "$(long 64)")" "$(on_host "$(long 65)")"
	api a1 svc1 "$(long 63)"
	has_codes a1 2/2/-
}
shown K21 'a hostname label of 64 characters or more that is stored'

K22() {
	refuses spec.service.port "$no_port"
	refuses spec.service.name "$no_name"
	refuses spec.hostname "$no_hostname"
}
shown K22 'an Api without port, Service or hostname that is stored'

K23() {
	refuses spec '' '"spec":null' '"spec":{}' '"spec":"x"' '"spec":[]'
}
shown K23 'an Api without a spec that is stored'

K24() {
	raw a1 "$(issued_by '{"type":"JWT","jwt":{"issuer":"https://one","jwksUri":"https://one/keys","triggerRule":{
		"excludedPaths":[{"exact":"/a","foo":"bar"}]}}}')"
	api a2 svc2 h2
	refused a1 'spec.authentication[0].jwt.triggerRule.excludedPaths[0]'
	has_codes a2 2/2/-
	soon vs a2 true
}
shown K24 'an excluded path with a field too many; the other Apis are served'

K25() {
	refuses 'spec.authentication[0].type' "$(typed jwt)" "$(typed OAuth)"
}
shown K25 'authentication of a type that is not exactly JWT, stored'

K26() {
	refuses spec.service.port "$(on_port 0)" "$(on_port -1)" "$(on_port 70000)" \
		"$(on_port 80.5)" "$(on_port '"80"')"
	port=65535 api a1 svc1 h1
	has_codes a1 2/2/-
}
shown K26 'a port that does not exist, stored'

K27() {
	refuses 'spec.authentication[0].jwt.jwksUri' "$(keyed foo)" "$(keyed ftp://x/keys)"
}
shown K27 'keys at no http or https address, stored'

K28() {
	refuses 'spec.authentication[1].jwt.issuer' "$twice"
}
shown K28 'an issuer that is listed twice, stored'

K29() {
	api default svc1 h1 "$one"
	bed_within $patience is api default '.status.authenticationStatus.code == 3'
	value api default .status.authenticationStatus.lastError >reason
	holds reason default
	absent vs default
	absent policy default
	edit default svc1 h1
	has_codes default 2/2/-
}
shown K29 'an Api called default with authentication, whose Policy would be that of the namespace'

K30() {
	ns=default
	api a1 kubernetes h1
	refused a1 blocklist
	drop "$(at api a1)" >/dev/null
	ns=k30
	api a1 kubernetes h1
	has_codes a1 2/2/-
}
shown K30 'a Service on the blocklist'

K31() {
	sed -i '/^- kub/d; /^- istio-/d; /^- apis/d' apigwd.yaml
	sed -i 's/^blocklist:/blocklist: [" svc-1.k31 ", " ", svc-2.k31, "", " svc-3.k31"]/' apigwd.yaml
	with_config
	for i in 1 2 3 4; do
		api a$i svc-$i h$i
	done
	for i in 1 2 3; do
		refused a$i blocklist
	done
	has_codes a4 2/2/-
}
shown K31 'a blocklist of three entries has three'

K32() {
	sed -i 's/^- kubernetes.default/&\n- svc2.k32/' apigwd.yaml
	with_config
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	settled
	value vs a1 .metadata.resourceVersion >before
	value policy a1 .metadata.resourceVersion >>before
	value api a1 '[.status.virtualService.resource, .status.authenticationStatus.resource]' >named
	edit a1 svc2 h1 "$one"
	soon api a1 '.status.validationStatus == 3'
	begins a1 virtualService 'older output kept:'
	value api a1 '[.status.virtualService.resource, .status.authenticationStatus.resource]' | diff named -
	settled
	value vs a1 .metadata.resourceVersion >after
	value policy a1 .metadata.resourceVersion >>after
	diff before after
	edit a1 svc1 h1 "$one"
	has_codes a1 2/2/2
}
shown K32 'a served Api that turns to a Service on the blocklist keeps what it has'

check 'the daemon ends with code 0' end
finish
