#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Custom resource definitions are watched: a kind that comes is used at once, one that goes is noticed at once, and
# nobody asks for one that is not there. Without the permission they are looked for now and then.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
allow one
crds=$top_srcdir/tests/cluster/crds
route=virtualservices.networking.istio.io
protection=policies.authentication.istio.io

no_kind() {
	kube one delete crd "$1" --timeout=30s >/dev/null
}
kind() {
	kube one create -f "$1" >/dev/null
}
ms() {
	date +%s%3N
}
# reads RESOURCE GROUP: how often the daemon listed objects of it, or looked for its group, since $mark.
reads() {
	bed_audit one "$mark" | jq -s --arg resource "$1" --arg group "$2" '[.[] | select(.user.username == "apigwd")
		| select((.verb == "list" and .objectRef.resource == $resource) or (.requestURI | startswith("/apis/" + $group + "/v") and
			(ltrimstr("/apis/" + $group + "/") | contains("/") | not)))] | length'
}
both() {
	vs "$1" . && policy "$1" .
}
# comes NAME CRD API: the kind comes, and what waits for it is written within seconds of it being established. The
# server itself holds the first creation for two seconds.
comes() {
	comes_mark=$(bed_mark one)
	kind "$2" || return
	bed_within 8 both "$3" || return
	bed_audit one "$comes_mark" | jq -s --arg name "$1" 'def ms: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);
		([.[] | select(.objectRef.name == $name and .objectRef.subresource == "status") | .stageTimestamp | ms] | max) as $established |
		([.[] | select(.user.username == "apigwd" and .verb == "create") | .requestReceivedTimestamp | ms] | min) - $established' >took
	echo "# $1: the first creation was sent $(cat took) ms after it was established (bar 1000)" >>times
	[ "$(cat took)" -le 5000 ]
}

{ api a a a; authentication; jwt https://i; } | kube one create -f - >/dev/null
no_kind $protection
launch
check 'without the kind Policy: told' becomes 20 2/1/1 a
check 'not published' lost of $route a
sleep 1
since
sleep 12
reads_found=$(reads policies authentication.istio.io)
check "nobody asks for what is not there ($reads_found times)" test "$reads_found" -eq 0
check 'the kind comes, and is used' comes $protection "$crds/policy.yaml" a
check 'served' becomes 5 2/2/2 a
check 'ready' bed_within 5 ready

# noticed KIND: that it is gone is known; the status of what may come by itself is written 2 s later.
noticed() {
	apigwctl explain -c apigwd.yaml t1/a >explained 2>&1
	grep -q "$1 of group .*HTTP 404" explained || { cat explained; return 1; }
}
no_kind $protection
gone_at=$(ms)
check 'the kind goes: it is noticed' bed_within 5 noticed Policy
echo "# within $(($(ms) - gone_at)) ms (bar 1000)"
check 'the status tells' becomes 5 2/3/1 a
check 'and comes back' comes $protection "$crds/policy.yaml" a
check 'protected again' becomes 5 2/2/2 a

no_kind $route
gone_at=$(ms)
check 'the kind of routes goes: it is noticed' bed_within 5 noticed VirtualService
echo "# within $(($(ms) - gone_at)) ms (bar 1000)"
check 'the status tells' says_soon 5 a virtualService 'VirtualService'
kube one create --dry-run=client -o json -f "$crds/virtualservice.yaml" |
	jq '.spec.versions |= (map(select(.name == "v1alpha3")) | .[0].storage = true)' >older.json
check 'it comes back, in an older version only, which is used' comes $route older.json a
check 'served' becomes 5 2/2/2 a
check 'in that version' shows $route a '.apiVersion == "networking.istio.io/v1alpha3"'
check 'it ends' end

# Apis themselves.
no_kind apis.gateway.kyma-project.io
: >log
launch
check 'without the kind Api: told' bed_within 10 unready 'Api: .*(404|not found|not served|could not find)'
kind "$top_srcdir/etc/kubernetes/crd.yaml"
kube one wait --for=condition=Established --timeout=5s crd/apis.gateway.kyma-project.io >/dev/null
check 'it comes: ready' bed_within 5 ready
check 'it ends' end
kube one delete $route,$protection -n t1 --all >/dev/null

# Without the permission.
role | kube one create --dry-run=client -o json -f - | jq '.rules |= map(select(.resources != ["customresourcedefinitions"]))' |
	kube one replace -f - >/dev/null
no_kind $protection
: >log
{ api b b b; authentication; jwt https://i; } | kube one create -f - >/dev/null
launch
check 'may not see CRDs: it works' becomes 20 2/1/1 b
check 'and is ready but for the kind' alive
told_once() {
	[ "$(grep -c 'custom resource definitions are not watched' log)" -eq 1 ]
}
check 'which is said' bed_within 15 told_once
check 'the kind comes' kind "$crds/policy.yaml"
check 'and is found by looking' becomes 20 2/2/2 b
check 'it was said once' told_once
check 'apigwctl check' run 0 apigwctl check -c apigwd.yaml
check 'says that it is optional' holds stdout '[!] may not list, watch customresourcedefinitions.apiextensions.k8s.io, which is optional'
check 'it ends' end
cat times
finish
