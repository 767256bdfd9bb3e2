#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an API server may hold that nobody should have written: it hurts itself only, and is told why.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_start one || { echo 'Bail out! no server'; exit 1; }
bed_crds one || { echo 'Bail out! no CRDs'; exit 1; }
space one t1 dying
configure one
allow one

# Stored under a CRD that takes everything.
kube one get crd apis.gateway.kyma-project.io -o json |
	jq '.spec.versions |= map(.schema.openAPIV3Schema = {type: "object", "x-kubernetes-preserve-unknown-fields": true})
		| del(.metadata.managedFields, .metadata.resourceVersion, .status)' >loose.json
kube one replace -f loose.json >/dev/null
bad=0
# stored SPEC: an Api bad-N with this spec.
: >bad.json
stored() {
	bad=$((bad + 1))
	printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "bad-%s", "namespace": "t1"}%s}\n' \
		$bad "${1:+, \"spec\": $1}" >>bad.json
}
stored ''
stored null
stored '"text"'
stored '[]'
stored '{}'
for service in null '"s"' '[]' '{}' '{"name": 7, "port": 80}' '{"name": "", "port": 80}' '{"name": "S_1", "port": 80}' \
	'{"name": "s"}' '{"name": "s", "port": "80"}' '{"name": "s", "port": 0}' '{"name": "s", "port": 65536}' \
	'{"name": "s", "port": -1}' '{"name": "s", "port": 80.5}' '{"name": "s", "port": 1e9}' \
	'{"name": "s", "port": 9223372036854775807}' '{"name": "a\u0000b", "port": 80}'; do
	stored "{\"service\": $service, \"hostname\": \"h\"}"
done
for host in null 7 '""' '"a b"' '"-"' '"a_b"' '"a.b.c.d"' '"*"' '"other.example.com"' '"é"' '"a\u0000b"' '["h"]' "\"$(printf %064d 0)\""; do
	stored "{\"service\": {\"name\": \"s\", \"port\": 80}, \"hostname\": $host}"
done
stored '{"service": {"name": "s", "port": 80}}'
for authentication in '"JWT"' '{}' '{"type": "JWT", "issuer": "https://i"}' '[null]' '["JWT"]' '[{}]' '[{"type": "jwt"}]' '[{"type": 7}]' \
	'[{"type": "JWT"}]' '[{"type": "JWT", "jwt": null}]' '[{"type": "JWT", "jwt": {"issuer": "https://i"}}]' \
	'[{"type": "JWT", "jwt": {"issuer": 1, "jwksUri": "https://i"}}]' '[{"type": "JWT", "jwt": {"issuer": "https://i", "jwksUri": "no url"}}]' \
	'[{"type": "JWT", "issuer": "https://i", "jwksUri": "https://i"}]' '[{"type": "JWT", "jwt": {"issuer": "https://i", "jwksURI": "https://i"}}]'; do
	stored "{\"service\": {\"name\": \"auth-$bad\", \"port\": 80}, \"hostname\": \"auth-$bad\", \"authentication\": $authentication}"
done
for slip in authentications Authentication authenticaton; do
	stored "{\"service\": {\"name\": \"slip-$bad\", \"port\": 80}, \"hostname\": \"slip-$bad\", \"$slip\": []}"
done
stored "{\"service\": {\"name\": \"slip-$bad\", \"port\": 80}, \"hostname\": \"slip-$bad\", \"authenticationEnabled\": \"yes\"}"
jq -cs '.[]' bad.json >/dev/null 2>&1
kube one create --validate=false -f bad.json >created 2>&1
check "$bad malformed Apis are stored" test "$(grep -c ' created$' created)" -eq "$bad"
api good good good | kube one create -f - >/dev/null
# Numbers that no integer holds, a text that no C string holds, and a giant.
printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "%s", "namespace": "t1"},
	"spec": {"service": {"name": "%s", "port": %s}, "hostname": "%s", "note": "%s"}}' \
	huge huge 18446744073709551616 huge x >huge.json
kube one create --validate=false --raw /apis/gateway.kyma-project.io/v1alpha2/namespaces/t1/apis -f huge.json >created 2>&1 ||
	sed 's/^/# 2^64: /' created
awk 'BEGIN { x = sprintf("%1024s", ""); gsub(/ /, "x", x); printf "{\"apiVersion\": \"gateway.kyma-project.io/v1alpha2\", \"kind\": \"Api\", \"metadata\": {\"name\": \"giant\", \"namespace\": \"t1\"}, \"spec\": {\"service\": {\"name\": \"giant\", \"port\": 80}, \"hostname\": \"giant\", \"note\": \""
	for (i = 0; i < 1400; i++) printf "%s", x
	print "\"}}" }' >giant.json
check '1.4 MB are stored' kube one create --validate=false --raw /apis/gateway.kyma-project.io/v1alpha2/namespaces/t1/apis -f giant.json
# Foreign VirtualServices, some of them without what every one has.
odd() {
	cat <<ODD
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: odd-$1, namespace: t1}
$2
---
ODD
}
{
	odd 1 ''
	odd 2 'spec: {}'
	odd 3 'spec: {hosts: []}'
	odd 4 'spec: {hosts: ["*"]}'
	odd 5 'spec: {hosts: ["*.kyma.local"]}'
	odd 6 'spec: {hosts: ["UPPER.kyma.local"]}'
	odd 7 'spec: {hosts: ["", ".", "..", "a..b"]}'
	odd 8 'spec: {hosts: ["sixteen.kyma.local"], http: [{route: [{}]}]}'
} | kube one create --validate=false -f - >created 2>&1
sed -n '/created$/!s/^/# /p' created
kube one get crd virtualservices.networking.istio.io -o json |
	jq '.spec.versions |= map(.schema.openAPIV3Schema = {type: "object", "x-kubernetes-preserve-unknown-fields": true})' |
	kube one replace -f - >/dev/null
bed_within 10 kube one create --validate=false -f - >/dev/null 2>&1 <<ODD
{"apiVersion": "networking.istio.io/v1alpha3", "kind": "VirtualService", "metadata": {"name": "odd-9", "namespace": "t1"},
	"spec": {"hosts": [7, null, {"a": 1}, ["b"], "a\u0000b", 18446744073709551615]}}
ODD
check 'hosts that are numbers are stored' of virtualservices.networking.istio.io odd-9
api upper upper upper | kube one create -f - >/dev/null

check 'it starts' begin
check 'what is good is served' becomes 10 2/2/- good
untold() {
	kube one -n t1 get apis -o json | jq -r '.items[] | select(.metadata.name | test("^bad-"))
		| select((.status.validationStatus // 0) != 3 or ([.status.conditions[]? | select(.type == "Accepted" and .status == "False" and (.message | length) > 10)] | length) == 0)
		| .metadata.name + " " + (.spec | tojson) + " " + (.status | tojson)'
}
told() {
	[ -z "$(untold)" ]
}
bed_within 15 told
check 'each malformed one is refused with a reason' silent untold
served_bad() {
	kube one -n t1 get virtualservices.networking.istio.io -o name | grep bad-
}
check 'so is a number beyond 64 bits' bed_within 10 shows api huge \
	'.status.conditions[] | select(.type == "Accepted") | .status == "False" and (.message | test("spec.service.port"))'
check 'none of them is served' lost served_bad
check 'a host of a foreign one in capitals is taken' becomes 5 2/4/- upper
check 'the giant is told' bed_within 10 shows api giant .status.validationStatus
check 'the daemon lives' alive
check 'and is ready' ready
kube one -n t1 delete -f - >/dev/null 2>&1 <<ODD
{"apiVersion": "networking.istio.io/v1alpha3", "kind": "VirtualService", "metadata": {"name": "odd-6", "namespace": "t1"}}
ODD
check 'until it is not' becomes 10 2/2/- upper

# What cannot be read is there all the same.
for name in dark dusk; do
	{ api $name $name $name; authentication; jwt https://i; } | kube one create -f - >/dev/null
done
check 'two more are served' becomes 10 2/2/2 dark
check 'both' becomes 10 2/2/2 dusk
stands() {
	of virtualservices.networking.istio.io "$1" | jq -r '.metadata.uid + " " + .metadata.resourceVersion'
	of policies.authentication.istio.io "$1" | jq -r '.metadata.uid + " " + .metadata.resourceVersion'
}
stands dark >dark
stands dusk >dusk
kept() {
	for name; do
		stands $name | diff $name - || return
	done
}
unstood() {
	lost of virtualservices.networking.istio.io "$1" && lost of policies.authentication.istio.io "$1"
}
patch api dark '{"spec": {"note": "a\u0000b"}}'
patch api dusk '{"spec": {"note": "a\u0000b"}}'
sleep 1
check 'they cannot be read any more, and keep what they have' kept dark dusk
check 'it ends' end
check 'and starts' begin
sleep 2
check 'after a start too' kept dark dusk
check 'explain tells' prints 'spec.note: the character' apigwctl explain -c apigwd.yaml t1/dark
kube one -n t1 delete api dark >/dev/null
check 'one is deleted: what it has goes' bed_within 10 unstood dark
check 'it ends' end
kube one -n t1 delete api dusk >/dev/null
check 'the other one is deleted meanwhile, and it starts' begin
check 'what it has goes' bed_within 10 unstood dusk
sleep 1
since
kube one apply --server-side --force-conflicts -f "$top_srcdir/etc/kubernetes/crd.yaml" >/dev/null
kube one replace -f "$top_srcdir/etc/kubernetes/crd.yaml" >/dev/null 2>&1
check 'the CRD is ours again' bed_within 20 run 1 kube one create --dry-run=server -f bad.json
# By its schema the server leaves out the nulls of four of them from now on.
check 'what reads otherwise now is told anew' bed_within 20 wrote_is '4 update apis/status 200,'

since
sleep 5
check 'none of it is written again and again' wrote_just ''

# Somebody's policy refuses what we write.
kube one create -f - >/dev/null <<'POLICY'
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": {"name": "no-evil"},
 "spec": {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [{"apiGroups": ["networking.istio.io"],
	"apiVersions": ["*"], "operations": ["CREATE", "UPDATE"], "resources": ["virtualservices"]}]},
	"validations": [{"expression": "!object.spec.hosts.exists(h, h.startsWith('evil'))", "message": "evil hosts are not for you"}]}}
POLICY
kube one create -f - >/dev/null <<'BINDING'
{"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "no-evil"},
 "spec": {"policyName": "no-evil", "validationActions": ["Deny"]}}
BINDING
in_force() {
	! foreign_route probe t1 evil.kyma.local | kube one create --dry-run=server -f - >/dev/null 2>&1
}
check 'a policy denies some hosts' bed_within 30 in_force
{ api evil evil evil; authentication; jwt https://i; } | kube one create -f - >/dev/null
check 'a denied route: told' becomes 10 2/3/2 evil
check 'in the words of the policy' says_soon 5 evil virtualService 'evil hosts are not for you'
check 'its protection stays' shows policies.authentication.istio.io evil .
since
sleep 8
check 'it is not tried all the time' at_most 10 'create virtualservices'
api turned turned turned | kube one create -f - >/dev/null
check 'another one is served' becomes 10 2/2/- turned
patch api turned '{"spec": {"hostname": "evil-two"}}'
check 'an edit that is denied: told' becomes 10 2/3/- turned
check 'that the older one is kept' says_soon 5 turned virtualService '^older output kept: .*evil hosts'
check 'which is so' vs turned '.spec.hosts == ["turned.kyma.local"]'
kube one delete validatingadmissionpolicybinding no-evil >/dev/null
check 'allowed: served' becomes 60 2/2/2 evil
check 'and the other' becomes 60 2/2/- turned

# A namespace that is being deleted, with Apis in it.
sed 's/namespace: t1/namespace: dying/' >dying.yaml <<API
$(api leaving leaving leaving; authentication; jwt https://i)
API
kube one create -f dying.yaml >/dev/null
check 'an Api in another namespace' becomes 10 2/2/2 dying/leaving
kube one patch namespace dying --type=merge -p '{"metadata": {"finalizers": ["their.org/finalizer"]}}' >/dev/null
kube one delete namespace dying --wait=false >/dev/null
uid=$(of policies.authentication.istio.io dying/leaving | jq -r .metadata.uid)
kube one -n dying delete policies.authentication.istio.io leaving --wait=false >/dev/null
since
check 'a protection that cannot be put back, for the namespace goes: told' becomes 10 2/3/1 dying/leaving
check 'in the words of the server' says_soon 5 dying/leaving authenticationStatus 'being terminated'
sleep 8
check 'not tried all the time' at_most 10 'create policies 403'
check 'others are served' eval 'api last last last | kube one create -f - && becomes 10 2/2/- last'
kube one -n dying delete api leaving --wait=false >/dev/null
check 'the Api goes: its route goes' bed_within 10 lost of virtualservices.networking.istio.io dying/leaving
check 'the daemon lives' alive
check 'it ends' end
finish
