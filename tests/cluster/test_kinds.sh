#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kinds that are not there, come and go; permissions that are missing and are granted: each holds back its own part
# and says so, nothing is pruned by it, and it heals by itself.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
crds=$top_srcdir/tests/cluster/crds
patience=20
configure one
allow one

no_kind() {
	kube one delete crd "$1" --timeout=30s >/dev/null
}
kind() {
	kube one apply --server-side -f "$1" >/dev/null
}
stands() {
	vs "$1" .metadata.uid
}
refused() {
	lost of virtualservices.networking.istio.io "$1"
}

# Without Policies at the start.
no_kind policies.authentication.istio.io
{ api plain plain plain; echo ---; api safe safe safe; authentication; jwt https://i; } | kube one create -f - >/dev/null
check 'without the kind Policy it starts' eval 'launch; bed_within 20 vs plain .'
check 'what asks for no protection is served' becomes 10 2/2/- plain
check 'what asks is not' refused safe
check 'and waits' becomes 10 2/1/1 safe
check 'for the kind, as it says' says_soon 5 safe authenticationStatus 'Policy|policies'
since
check 'the kind comes' kind "$crds/policy.yaml"
check 'what waited is served' becomes $patience 2/2/2 safe
check 'with its protection' policy safe '.spec.origins[0].jwt.issuer == "https://i"'
sleep 1
check 'by one write for each' wrote_just '1 create policies 201,1 create virtualservices 201,1 update apis/status 200,'
check 'ready' bed_within $patience ready

# Policies go while it runs: the server removes them all, and the route stays, as rule 2 says.
since
uid=$(of virtualservices.networking.istio.io safe | jq -r .metadata.uid)
check 'the kind Policy goes' no_kind policies.authentication.istio.io
check 'the status tells the truth: a route without its protection' becomes $patience 2/3/1 safe
check 'not secured' bed_within 5 shows api safe '.status.conditions[] | select(.type == "Secured").status == "False"'
check 'the route is the same' vs safe ".metadata.uid == \"$uid\""
check 'the other Api is as it was' is 2/2/- plain
check 'nothing was pruned' lacks_writes delete
{ api late late late; authentication; jwt https://i; } | kube one create -f - >/dev/null
sleep 2
check 'a new one that asks is not published' refused late
check 'it comes back' kind "$crds/policy.yaml"
check 'protected again' becomes $patience 2/2/2 safe
check 'and the new one' becomes $patience 2/2/2 late
check 'with the same route' vs safe ".metadata.uid == \"$uid\""

# Routes.
check 'the kind VirtualService goes' no_kind virtualservices.networking.istio.io
bed_within 10 says safe virtualService .
check 'the status tells' says_soon $patience safe virtualService 'VirtualService|virtualservices'
check 'the protection stays' policy safe .
check 'it comes back' kind "$crds/virtualservice.yaml"
check 'served again' becomes $patience 2/2/2 safe
check 'and the other' becomes $patience 2/2/- plain

# The Apis themselves: the server deletes each, so they are gone; a 404 alone removes nothing.
check 'it ends' end
kube one -n t1 get apis -o json | jq '.items[].metadata |= {name, namespace}' >kept.json
kill_kinds() {
	kube one delete apis -A --all >/dev/null && no_kind apis.gateway.kyma-project.io
}
check 'the kind Api goes while nobody runs' kill_kinds
since
launch
check 'without the kind Api it lives and tells' bed_within 10 unready 'Api: .*(404|not found|not served)'
sleep 3
check 'nothing is pruned' wrote_just ''
check 'what stood stands' stands plain
kind "$top_srcdir/etc/kubernetes/crd.yaml"
kube one wait --for=condition=Established --timeout=20s crd/apis.gateway.kyma-project.io >/dev/null
check 'the kind comes, and it is ready' bed_within $patience ready
check 'Apis that are not in it are gone now' bed_within $patience refused plain
bed_within 10 kube one create -f kept.json >/dev/null
check 'Apis come back' becomes $patience 2/2/- plain
check 'all of them' becomes $patience 2/2/2 safe
check 'it ends' end

# Permissions: the role that apigwctl prints, less something.
less() {
	role | kube one create --dry-run=client -o json -f - | jq "$1" | kube one replace -f - >/dev/null
}
less '.rules |= map(select(.resources != ["policies"]))'
{ api new-safe new-safe new-safe; authentication; jwt https://i; echo ---; api new-plain new-plain new-plain; } |
	kube one create -f - >/dev/null
since
launch
check 'may not see Policies: others are served' becomes $patience 2/2/- new-plain
check 'what asks is not published' becomes $patience 2/1/3 new-safe
check 'the reason is the one of the server' says_soon 5 new-safe authenticationStatus 'cannot list resource .*policies'
check 'no route of it' refused new-safe
check 'nothing is deleted' lacks_writes delete
check 'what stood stands' stands safe
less .
check 'may: it heals' becomes $patience 2/2/2 new-safe
check 'ready' bed_within $patience ready
check 'all is well' becomes $patience 2/2/2 safe
check 'it ends' end

less '(.rules[] | select(.resources == ["policies"]).verbs) |= map(select(. != "create"))'
{ api unmade unmade unmade; authentication; jwt https://i; } | kube one create -f - >/dev/null
launch
check 'may not create Policies: not published' becomes $patience 2/1/3 unmade
check 'with the words of the server' says_soon 5 unmade authenticationStatus 'cannot create resource .*policies'
check 'others are served' becomes $patience 2/2/2 safe
since
sleep 8
check 'it asks again, but not all the time' at_most 12 'create policies 403'
less .
check 'may: it heals' becomes 40 2/2/2 unmade
check 'it ends' end

less '(.rules[] | select(.resources == ["virtualservices"]).verbs) |= map(select(. != "list"))'
api unlisted unlisted unlisted | kube one create -f - >/dev/null
since
launch
check 'may not list VirtualServices: it tells' becomes $patience 2/3/- unlisted
check 'with the words of the server' says_soon 5 unlisted virtualService 'cannot list resource .*virtualservices'
check 'nothing is deleted' lacks_writes delete
less .
check 'may: it heals' becomes $patience 2/2/- unlisted
check 'it ends' end

less '.rules |= map(select(.resources != ["apis/status"]))'
api untold untold untold | kube one create -f - >/dev/null
since
launch
check 'may not write the status: the route is made' bed_within $patience vs untold .
sleep 6
check 'once' at_most 1 'create virtualservices 201'
check 'it tries again, but not all the time' at_most 30 'update apis/status 403'
check 'and the log tells' holds log 'apis/status'
less .
check 'may: the status comes' becomes 40 2/2/- untold
check 'it ends' end
finish
