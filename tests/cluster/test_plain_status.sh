#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A CRD without the status subresource: a status is written into the Api itself, where each write is a new generation.
# That starts nothing, and the spec is not touched.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
crd=apis.gateway.kyma-project.io

lists_status() {
	kube one get --raw /apis/gateway.kyma-project.io/v1alpha2 | jq -e '.resources[] | select(.name == "apis/status")' >/dev/null
}
plain() {
	kube one get crd $crd -o json | jq 'del(.spec.versions[].subresources, .metadata.managedFields, .metadata.resourceVersion, .status)' |
		kube one replace -f - >/dev/null && bed_within 20 lost lists_status && bed_within 20 bed_lists one gateway.kyma-project.io/v1alpha2/apis
}
split() {
	kube one replace -f "$top_srcdir/etc/kubernetes/crd.yaml" >/dev/null && bed_within 20 lists_status
}
raw() {
	kube one get --raw "/apis/gateway.kyma-project.io/v1alpha2/namespaces/t1/apis/$1"
}
# spec NAME: as it is sent, byte for byte.
spec() {
	raw "$1" | sed 's/.*"spec":{/{/; s/,"status":.*//; s/}}$/}/'
}
# current NAME: the status is of the generation that the Api has.
current() {
	shows api "$1" '.metadata.generation == .status.observedGeneration'
}

allow one
check 'a CRD without the subresource' plain
check 'apigwctl warns of it' prints '\[!\].*no subresource.*patch' apigwctl check --config apigwd.yaml
cat >odd.json <<API
{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "safe", "namespace": "t1"},
	"spec": {"zzz": [1, 2.50, 9007199254740993, null], "service": {"name": "safe", "port": 80}, "hostname": "safe",
	"note": "tab \t, quote \", \u00e9", "aaa": {},
	"authentication": [{"type": "JWT", "jwt": {"issuer": "https://i", "jwksUri": "https://i/k"}}]}}
API
kube one create --validate=false -f odd.json >/dev/null 2>&1
spec safe >spec.before
check 'the spec is there' grep -q 9007199254740993 spec.before

# Nobody said that apigwd may write Apis.
check 'it starts' begin
check 'the route stands' bed_within 10 vs safe .
check 'the status is refused, and told' bed_within 10 grep -q 'status not written.*patch' log
kube one create clusterrole apigwd-plain --verb=patch --resource=apis.gateway.kyma-project.io >/dev/null
kube one create clusterrolebinding apigwd-plain --clusterrole=apigwd-plain --user=apigwd >/dev/null
check 'permitted: 2/2/2' becomes 30 2/2/2 safe
check 'of the generation that it has' current safe
since
api plain plain plain | kube one create -f - >/dev/null
check 'another one' becomes 10 2/2/- plain
sleep 1
check 'by one write of the route and one of the status' wrote_just '1 create virtualservices 201,1 patch apis 200,'
since
sleep 20
check 'nothing is written for 20 s' wrote_just ''
check 'the spec is the same' eval 'spec safe | diff spec.before -'

since
patch api plain '{"spec": {"hostname": "edited"}}'
check 'an edit' bed_within 5 vs plain '.spec.hosts == ["edited.kyma.local"]'
sleep 2
check 'is one write of the route and one of the status' wrote_just '1 patch apis 200,1 update virtualservices 200,'
check 'of the generation that it has' current plain
since
patch api plain '{"spec": {"hostname": "a b"}}' >/dev/null 2>&1
patch api plain '{"spec": {"service": {"name": "kubernetes.default"}}}' >/dev/null 2>&1
kube one -n t1 label api plain some=label >/dev/null
sleep 2
check 'a label is no write' wrote_just ''
patch api plain '{"status": {"validationStatus": 7, "observedGeneration": 99}}'
check 'a forged status is put right' becomes 5 2/2/- plain
sleep 2
check 'by one write' wrote_just '1 patch apis 200,'
check 'of the generation that it has' current plain
since
check 'it ends' end
check 'and starts' begin
sleep 3
check 'without one write' wrote_just ''
# Many edits at once: tests of versions fail, and what is written in the end is of the last one.
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	patch api plain "{\"spec\": {\"hostname\": \"edit-$n\"}}"
done
check 'many edits' bed_within 10 vs plain '.spec.hosts == ["edit-12.kyma.local"]'
check 'end in a status of the last' bed_within 10 current plain
since
sleep 3
check 'and that is all' wrote_just ''

# The subresource comes and goes while it runs.
check 'the CRD gets the subresource' split
since
patch api plain '{"spec": {"hostname": "split"}}'
check 'an edit is told' bed_within 10 current plain
check 'in the route' bed_within 10 vs plain '.spec.hosts == ["split.kyma.local"]'
sleep 1
check 'by a write of the subresource' eval '[ "$(count_writes "update apis/status 200")" -eq 1 ]'
since
patch api plain '{"spec": {"hostname": "split-two"}}'
check 'the next one' bed_within 10 vs plain '.spec.hosts == ["split-two.kyma.local"]'
sleep 2
check 'by just that' wrote_just '1 update apis/status 200,1 update virtualservices 200,'
check 'of the generation that it has' current plain
check 'the CRD loses it again' plain
since
patch api plain '{"spec": {"hostname": "whole"}}'
check 'an edit is told' bed_within 10 current plain
check 'in the route' bed_within 10 vs plain '.spec.hosts == ["whole.kyma.local"]'
sleep 1
check 'by one write of the Api' eval '[ "$(count_writes "patch apis 200")" -eq 1 ]'
since
sleep 3
check 'and that is all' wrote_just ''
check 'the spec is the same' eval 'spec safe | diff spec.before -'
check 'it ends well' end
finish
