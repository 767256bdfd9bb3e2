#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What others do to our outputs, and what stands in our way: ours is put right as a whole, theirs is never touched.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
allow one
# Each has its own account of quarrels.
for name in a b m q; do
	api $name $name $name
	authentication
	jwt https://i
	echo ---
done | kube one create -f - >/dev/null
check 'it starts' begin
for name in a b m q; do
	check 'an Api is served' becomes 10 2/2/2 $name
done
name=a
spec() {
	of "$1" $name | jq -S .spec
}
route=virtualservices.networking.istio.io
protection=policies.authentication.istio.io
name=b
spec $route >route.json
name=a
spec $protection >protection.json

# Whatever is added to a spec goes, by one write and without a word in the status.
restored() {
	spec "$1" | diff "$2" - >/dev/null
}
drift() {
	since
	check "$1: is done" patch "$2" $name "$4" "${5:-merge}"
	check "$1: is undone within a second or five" bed_within 5 restored "$2" "$3"
	sleep 0.5
	check "$1: by one write, and one of the status" one_write "$2"
}
one_write() {
	wrote
	[ "$(count_writes "update ${1%%.*}")" -eq 1 ] && at_most 1 'update apis/status' && [ "$(count_writes create)" -eq 0 ]
}
drift 'peers' $protection protection.json '{"spec": {"peers": null}}'
drift 'a foreign originIsOptional' $protection protection.json '{"spec": {"originIsOptional": true}}'
drift 'a foreign peerIsOptional' $protection protection.json '{"spec": {"peerIsOptional": true}}'
drift 'one excluded path' $protection protection.json \
	'[{"op": "add", "path": "/spec/origins/0/jwt/triggerRules", "value": [{"excludedPaths": [{"prefix": "/"}]}]}]' json
drift 'another issuer' $protection protection.json \
	'[{"op": "replace", "path": "/spec/origins/0/jwt/issuer", "value": "https://evil"}]' json
drift 'a target less' $protection protection.json '{"spec": {"targets": [{"name": "nothing"}]}}'
name=b
drift 'a corsPolicy' $route route.json \
	'[{"op": "add", "path": "/spec/http/0/corsPolicy", "value": {"allowOrigin": ["*"]}}]' json
drift 'a host more' $route route.json '[{"op": "add", "path": "/spec/hosts/-", "value": "more.kyma.local"}]' json
drift 'a gateway more' $route route.json '[{"op": "add", "path": "/spec/gateways/-", "value": "mesh"}]' json
drift 'another Service' $route route.json \
	'[{"op": "replace", "path": "/spec/http/0/route/0/destination/host", "value": "evil"}]' json
patch $route b '{"metadata": {"labels": {"apiName": "evil"}}}'
check 'our label is ours again' bed_within 5 vs b '.metadata.labels.apiName == "b"'

# The metadata of others stays, also when we write.
owner=$(kube one get namespace t1 -o 'jsonpath={.metadata.uid}')
check 'others add labels, annotations, a finalizer and an owner' patch $route m "[
	{\"op\": \"add\", \"path\": \"/metadata/labels/theirs\", \"value\": \"x\"},
	{\"op\": \"add\", \"path\": \"/metadata/annotations\", \"value\": {\"their/note\": \"y\"}},
	{\"op\": \"add\", \"path\": \"/metadata/finalizers\", \"value\": [\"their.org/finalizer\"]},
	{\"op\": \"add\", \"path\": \"/metadata/ownerReferences/-\", \"value\":
		{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"name\": \"t1\", \"uid\": \"$owner\"}}]" json
since
sleep 1
check 'which is no drift' eval 'at_most 0 "update virtualservices" && at_most 1 "update apis/status"'
patch api m '{"spec": {"hostname": "next"}}'
check 'an edit' bed_within 5 vs m '.spec.hosts == ["next.kyma.local"]'
check 'leaves them' vs m '.metadata | .labels.theirs == "x" and .annotations["their/note"] == "y"
	and .finalizers == ["their.org/finalizer"] and (.ownerReferences | map(.kind) | sort) == ["Api", "Namespace"]'
patch $route m '{"metadata": {"finalizers": null, "ownerReferences": null}}'
check 'our owner reference is put back' bed_within 5 vs m '.metadata.ownerReferences[0].kind == "Api"'

# Gone is back.
since
uid=$(of $protection m | jq -r .metadata.uid)
kube one -n t1 delete $protection m --wait=false >/dev/null
deleted=$(date +%s%3N)
check 'a deleted protection is back' bed_within 5 policy m ".metadata.uid != \"$uid\""
uid=$(of $route m | jq -r .metadata.uid)
kube one -n t1 delete $route m --wait=false >/dev/null
check 'and a deleted route' bed_within 5 vs m ".metadata.uid != \"$uid\""
echo "# both within $(($(date +%s%3N) - deleted)) ms"
check 'the status names the new one' bed_within 5 shows api m \
	".status.virtualService.resource.uid == \"$(of $route m | jq -r .metadata.uid)\""

# Somebody who is never content.
since
quarrel=$((${APIGWD_SOAK:+50}+10))
until_then=$(($(date +%s) + quarrel))
theirs=0
while [ "$(date +%s)" -lt $until_then ]; do
	patch $route q '[{"op": "add", "path": "/spec/http/0/corsPolicy", "value": {"allowOrigin": ["*"]}}]' json && theirs=$((theirs + 1))
done
wrote
echo "# they wrote $theirs times in $quarrel s, we $(count_writes 'update virtualservices 200')"
check 'we do not write all the time' at_most $((quarrel * 2)) 'update virtualservices'
check 'and the status is not written all the time' at_most $((quarrel * 2)) 'update apis/status'
check 'the last word is ours' bed_within $((quarrel + 10)) vs q '.spec.http[0].corsPolicy == null'
since
until_then=$(($(date +%s) + quarrel))
while [ "$(date +%s)" -lt $until_then ]; do
	patch $protection q '{"spec": {"originIsOptional": true}}'
done
check 'nor the protection' at_most $((quarrel * 2)) 'update policies'
check 'which is right again within 5 s or so' bed_within 10 policy q '.spec.originIsOptional == null'

# Somebody else's.
foreign_route e t1 foreign.kyma.local | kube one create -f - >/dev/null
api e e e | kube one create -f - >/dev/null
check 'a foreign VirtualService of our name is in the way' becomes 10 2/3/- e
check 'it is named' says_soon 5 e virtualService 't1/e'
check 'and not touched' vs e '.metadata.labels == null and .spec.hosts == ["foreign.kyma.local"]'
kube one -n t1 delete $route e >/dev/null
check 'when it goes, ours comes' becomes 10 2/2/- e

foreign_route their-c t1 c.kyma.local | kube one create -f - >/dev/null
sleep 0.5
api c c c | kube one create -f - >/dev/null
check 'a foreign VirtualService has the host' becomes 10 2/4/- c
check 'it is named' says_soon 5 c virtualService 'their-c'
check 'nothing is published' lost of $route c
kube one -n t1 delete $route their-c >/dev/null
check 'when it goes, ours comes' becomes 10 2/2/- c

foreign_policy() {
	kube one create -f - >/dev/null <<POLICY
apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: {name: $1, namespace: t1}
spec: {targets: [{name: $2}]}
POLICY
}
foreign_policy their-d d
sleep 0.5
{ api d d d; authentication; jwt https://i; } | kube one create -f - >/dev/null
check 'a foreign Policy for the Service: a conflict' becomes 10 2/1/3 d
check 'it is named' says_soon 5 d authenticationStatus 'their-d'
check 'fails closed' lost of $route d
kube one -n t1 delete $protection their-d >/dev/null
check 'when it goes, all is served' becomes 10 2/2/2 d
since
foreign_policy their-d d
check 'one that comes later is told' becomes 10 2/3/3 d
check 'and is not touched' shows $protection their-d '.metadata.labels == null'
check 'not secured' bed_within 5 shows api d '.status.conditions[] | select(.type == "Secured").status == "False"'
check 'our outputs stay' lacks_writes delete
kube one -n t1 delete $protection their-d >/dev/null
check 'until it goes' becomes 10 2/2/2 d
check 'it ends' end
finish
