#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An Api that cannot be read at all is told so in its status, once; what it had stays, the others are served, and
# mending it heals it.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
allow one
# Under a CRD that takes everything.
kube one get crd apis.gateway.kyma-project.io -o json |
	jq '.spec.versions |= map(.schema.openAPIV3Schema = {type: "object", "x-kubernetes-preserve-unknown-fields": true})' |
	kube one replace -f - >/dev/null
loose() {
	printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "probe", "namespace": "t1"}}' |
		kube one create --dry-run=server -f -
}
bed_within 20 loose >/dev/null

route=virtualservices.networking.istio.io
protection=policies.authentication.istio.io
# refused NAME PATTERN: in status and conditions, within 10 s.
refused() {
	refused_filter=".status | .validationStatus == 3 and .observedGeneration != null and ([.conditions[]
		| select(.type == \"Accepted\" and .status == \"False\" and .reason == \"Invalid\" and (.message | test(\"$2\")))] | length) == 1"
	bed_within 10 shows api "$1" "$refused_filter" >/dev/null || shows api "$1" "$refused_filter"
}
same() {
	[ "$(of $route huge | jq -c '[.metadata.uid, .metadata.resourceVersion]')" = "$routed" ] &&
		[ "$(of $protection huge | jq -c '[.metadata.uid, .metadata.resourceVersion]')" = "$protected" ]
}
# put NAME SPEC: a new Api with this spec, as it stands.
put() {
	printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "%s", "namespace": "t1"}, "spec": %s}' \
		"$1" "$2" >put.json
	kube one create --validate=false --raw /apis/gateway.kyma-project.io/v1alpha2/namespaces/t1/apis -f put.json >/dev/null
}

for name in huge moved left; do
	api $name $name $name
	authentication
	jwt https://i
	echo ---
done | kube one create -f - >/dev/null
check 'it starts' begin
for name in huge moved left; do
	check "$name is served" becomes 10 2/2/2 $name
done
routed=$(of $route huge | jq -c '[.metadata.uid, .metadata.resourceVersion]')
protected=$(of $protection huge | jq -c '[.metadata.uid, .metadata.resourceVersion]')

since
check 'an edit to 2^64 is stored' patch api huge '{"spec": {"service": {"port": 18446744073709551616}}}'
check 'it is refused, with the place' refused huge 'spec.service.port: an integer beyond 64 bits'
check 'what it had is kept, as the status says' says huge virtualService 'older output kept: .*spec.service.port'
check 'its protection, too' says huge authenticationStatus 'older output kept: .*spec.service.port'
check 'whether it is secured as it asks nobody knows' shows api huge \
	'.status.conditions[] | select(.type == "Secured") | .status == "Unknown" and .reason == "NotAccepted"'
check 'which is so' same
check 'by one write' wrote_just '1 update apis/status 200,'
check 'the log names it' grep -q 'api=t1/huge.*64 bits' log
sleep 4
check 'and no more' wrote_just '1 update apis/status 200,'

since
deep=$(awk 'BEGIN { for (i = 0; i < 200; i++) printf "["; for (i = 0; i < 200; i++) printf "]" }')
check 'new ones: 2^64' put new-huge '{"service": {"name": "new", "port": 18446744073709551616}, "hostname": "new"}'
check 'a NUL' put new-nul '{"service": {"name": "new", "port": 80}, "hostname": "a\u0000b"}'
check 'lists in lists' put new-deep "{\"service\": {\"name\": \"new\", \"port\": 80}, \"hostname\": \"new\", \"x\": $deep}"
check '2^64 is refused' refused new-huge 'spec.service.port: an integer beyond 64 bits'
check 'the NUL is refused' refused new-nul 'spec.hostname: '
check 'lists in lists are refused' refused new-deep 'nested deeper than'
check 'none of it is served' lost of $route new-huge
check 'one write each' wrote_just '3 update apis/status 200,'
api good good good | kube one create -f - >/dev/null
check 'others are served' becomes 10 2/2/- good
explained() {
	apigwctl explain -c apigwd.yaml t1/huge >explained 2>&1
	grep -q 'spec.service.port: an integer beyond 64 bits' explained && ! grep -q 'spec: ' explained || { cat explained; return 1; }
}
check 'it is explained' explained

# A forged status is put right.
since
kube one -n t1 patch api huge --subresource=status --type=merge -p '{"status": {"validationStatus": 2}}' >/dev/null
check 'a forged status is put right' refused huge 'spec.service.port'
check 'by one write' wrote_just '1 update apis/status 200,'

# Over a restart, with another one spoilt meanwhile.
check 'it ends' end
patch api moved '{"spec": {"service": {"port": 18446744073709551616}}}'
since
check 'it starts' begin
check 'what was spoilt meanwhile is refused' refused moved 'spec.service.port'
check 'and keeps what it had' vs moved '.spec.hosts == ["moved.kyma.local"]'
check 'its protection, too' policy moved .
sleep 2
check 'by one write, and none for the others' wrote_just '1 update apis/status 200,'
check 'what the first one had is still the same' same

check 'mending heals' patch api huge '{"spec": {"service": {"port": 81}}}'
check 'it is served' becomes 10 2/2/2 huge
check 'as it asks now' vs huge '.spec.http[0].route[0].destination.port.number == 81'
check 'mending the other' patch api moved '{"spec": {"service": {"port": 80}}}'
check 'needs no write but that of the status' becomes 10 2/2/2 moved

# One that goes.
patch api left '{"spec": {"service": {"port": 18446744073709551616}}}'
check 'one is spoilt' refused left 'spec.service.port'
kube one -n t1 delete api left --wait=false >/dev/null
check 'it goes, and its route' bed_within 10 lost of $route left
check 'and its protection' bed_within 10 lost of $protection left
check 'it ends' end
finish
