#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The API server goes and comes back, in every way; nothing is deleted or rewritten by that, what changed meanwhile
# is done afterwards, and /readyz tells. The long silences are in test_silence.sh.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
allow one

# A server that is not there at the start.
bed_halt one apiserver
launch
check 'without a server it lives' eval 'sleep 2; alive'
check 'is not ready, and tells that nobody listens' unready 'cluster one: .*(127.0.0.1|refused|connect)'
bed_resume one
check 'when there is one, it is ready' bed_within $patience ready
many 60 1 a | kube one create -f - >/dev/null
check 'and serves' bed_within 20 served 60
sleep 1

since
bed_halt one apiserver
check 'killed: it tells' bed_within 10 unready 'cluster one: '
bed_resume one
intact killed 60

since
bed_signal one apiserver STOP
sleep 12
check 'silent for a moment: it lives' alive
bed_signal one apiserver CONT
intact 'silent for a moment' 60

since
bed_halt one etcd
sleep 3
check 'without etcd it lives' alive
bed_resume one
intact 'etcd killed' 60

# What happens while it does not look, and what the server then has forgotten.
since
kill -s STOP "$daemon"
kube one -n t1 delete api a1 --wait=false >/dev/null
patch api a2 '{"spec": {"hostname": "meanwhile"}}'
kube one -n t1 delete virtualservices.networking.istio.io a3 --wait=false >/dev/null
bed_halt one apiserver
bed_compact one
bed_resume one
kill -s CONT "$daemon"
gone() {
	lost of virtualservices.networking.istio.io a1 && lost of policies.authentication.istio.io a1
}
check 'forgotten: what went meanwhile is removed' bed_within $patience gone
check 'forgotten: what changed is done' bed_within $patience vs a2 '.spec.hosts == ["meanwhile.kyma.local"]'
check 'forgotten: an output that went meanwhile is back' bed_within $patience vs a3 .
sleep 1
check 'forgotten: by these writes only' wrote_just "$(printf %s '1 create virtualservices 201,1 delete policies 200,' \
	'1 delete virtualservices 200,2 update apis/status 200,1 update virtualservices 200,')"
check 'forgotten: ready' bed_within $patience ready

# A permission that is taken for half a minute and given back: the first Api that comes through brings the others, which
# would come one by one over a quarter of a minute.
kube one get clusterrole apigwd -o json | jq 'del(.metadata.resourceVersion)' >role.json
jq '.rules |= map(if .resources | index("virtualservices") then .verbs -= ["create", "update", "patch"] else . end)' \
	role.json | kube one replace -f - >/dev/null
sleep 1
edited='10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29'
for i in $edited; do
	patch api a$i "{\"spec\": {\"hostname\": \"allowed-$i\"}}"
done
told() {
	for i in $edited; do
		says a$i virtualService forbidden || return 1
	done
}
check 'forbidden: each says so' bed_within 20 told
sleep 20
kube one replace -f role.json >/dev/null
# allowed COUNT: so many at least.
allowed() {
	[ "$(kube one -n t1 get virtualservices.networking.istio.io -o json |
		jq '[.items[].spec.hosts[0] | select(startswith("allowed-"))] | length')" -ge "$1" ]
}
check 'allowed again: one comes through' bed_within 40 allowed 1
check 'and brings the others' bed_within 8 allowed 20
check 'allowed again: ready' bed_within $patience ready
check 'it ends' end

# Credentials that are wrong at first.
since
printf 'wrong' >token
bed_kubeconfig one "tokenFile: $work/token" >wrong.kubeconfig
sed "s|kubeconfig: .*}|kubeconfig: $work/wrong.kubeconfig}|" apigwd.yaml >next && mv next apigwd.yaml
launch
check 'a wrong token: it lives and tells' bed_within 10 unready 'cluster one: .*(401|Unauthorized)'
sleep 3
check 'still' alive
asked=$(bed_mark one)
sleep 5
bed_audit one "$asked" | jq -r 'select(.responseStatus.code == 401) | .requestURI' | grep -c apis/ >asked
check 'it does not hammer' test "$(cat asked)" -le 30
cut -d , -f 1 "$bed_root/one/tokens.csv" >token
check 'repaired: ready' bed_within $patience ready
check 'it ends' end

bed_kubeconfig one 'token: wrong' >wrong.kubeconfig
launch
check 'a wrong token in the kubeconfig: it lives and tells' bed_within 10 unready 'cluster one: .*(401|Unauthorized)'
bed_kubeconfig one "token: $(cat token)" >wrong.kubeconfig
check 'repaired there: ready' bed_within $patience ready
check 'it ends' end

rm wrong.kubeconfig
launch
check 'no kubeconfig: it lives and tells' bed_within 10 unready 'cluster one: .*wrong.kubeconfig'
echo 'not: [a, kubeconfig' >wrong.kubeconfig
check 'a broken one, too' bed_within 15 unready 'cluster one: .*wrong.kubeconfig.*:1'
bed_kubeconfig one "token: $(cat token)" >wrong.kubeconfig
check 'when it is there: ready' bed_within $patience ready
check 'it ends' end
finish
