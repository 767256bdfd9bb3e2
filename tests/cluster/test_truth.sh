#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kinds that may not be read when the daemon starts: the status says that nobody knows, not that something is missing;
# nothing is published, withdrawn or removed for it, whatever onProtectionLost says, and it heals by itself.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
patience=25
configure one 'onProtectionLost: withdraw'
allow one

secured_api() {
	api "$1" "$1" "$1"
	authentication
	jwt https://i
	echo ---
}
# condition NAME TYPE STATUS REASON PATTERN: it is so, within 5 s.
condition() {
	condition_filter=".status.conditions[] | select(.type == \"$2\")
		| .status == \"$3\" and .reason == \"$4\" and (.message | test(\"$5\"))"
	bed_within 5 shows api "$1" "$condition_filter" >/dev/null || shows api "$1" "$condition_filter"
}
# less FILTER: the role that apigwctl prints, less something.
less() {
	role | kube one create --dry-run=client -o json -f - | jq "$1" | kube one replace -f - >/dev/null
}
without() {
	less ".rules |= map(select(.resources != [\"$1\"]))"
}
uid_of() {
	of "$1" "$2" | jq -r .metadata.uid
}
route=virtualservices.networking.istio.io
protection=policies.authentication.istio.io

for name in safe edited spoiled left; do secured_api $name; done | kube one create -f - >/dev/null
api plain plain plain | kube one create -f - >/dev/null
check 'it starts' begin
for name in safe edited spoiled left; do
	check "$name is served" becomes 10 2/2/2 $name
done
check 'it ends' end

# What they have is not to be seen at the next start.
without policies
patch api edited '{"spec": {"hostname": "other"}}'
patch api spoiled '{"spec": {"hostname": "a.b.c.d"}}'
secured_api fresh | kube one create -f - >/dev/null
uid=$(uid_of $route safe)
since
launch
check 'may not list Policies: told' becomes $patience 2/3/3 safe
check 'in the words of the server' says_soon 5 safe authenticationStatus 'cannot list resource .*policies'
check 'secured: nobody knows' condition safe Secured Unknown NotPermitted 'cannot list resource .*policies'
check 'not ready, for that reason' condition safe Ready False NotPermitted 'cannot list resource'
check 'nor is it said of the route that it has lost its protection' lost says safe virtualService 'without'
check 'but that nobody knows' says safe virtualService 'not known whether .*cannot list resource .*policies'
check 'an edit waits' becomes 5 2/3/3 edited
check 'its older route stays' vs edited '.spec.hosts == ["edited.kyma.local"]'
check 'secured: nobody knows' condition edited Secured Unknown NotPermitted 'cannot list'
check 'one that was spoilt is refused' becomes 5 3/3/3 spoiled
check 'secured: nobody knows' condition spoiled Secured Unknown NotPermitted 'cannot list'
check 'nor is it said of its route that it has lost its protection' lost says spoiled authenticationStatus 'without'
check 'a new one is not published' becomes 5 2/1/3 fresh
check 'it has no route' lost of $route fresh
check 'secured: nobody knows' condition fresh Secured Unknown NotPermitted 'cannot list'
check 'others are served' becomes 5 2/2/- plain
check 'nor in the log' lost grep -q 'stands without its protection' log
sleep 6
check 'nothing but statuses was written' wrote_just "$(count_writes 'update apis/status') update apis/status 200,"
check 'each once' at_most 6 'update apis/status'
check 'the route is the same' test "$(uid_of $route safe)" = "$uid"
less .
check 'may: it heals by itself' becomes $patience 2/2/2 safe
check 'secured' condition safe Secured True Secured .
check 'the edit is done' becomes 5 2/2/2 edited
check 'the new one is published' becomes 5 2/2/2 fresh
check 'what was spoilt keeps what it had' condition spoiled Secured False NotAccepted 'its protection too'
check 'no route or protection was removed' lacks_writes delete
check 'the route is the same' test "$(uid_of $route safe)" = "$uid"
check 'it ends' end

# Routes: what they need is not taken away as if there were none.
without virtualservices
kube one -n t1 delete api left --wait=false >/dev/null
secured_api late | kube one create -f - >/dev/null
since
launch
check 'may not list VirtualServices: told' becomes $patience 2/3/2 safe
check 'in the words of the server' says_soon 5 safe virtualService 'cannot list resource .*virtualservices'
check 'not ready, for that reason' condition safe Ready False NotPermitted 'cannot list resource'
check 'a new one is not published' becomes 5 2/3/0 late
check 'and gets no protection' lost of $protection late
check 'of one that is refused nobody knows' says_soon 5 spoiled virtualService .
check 'nor is it said that it has none' condition spoiled Secured Unknown NotPermitted 'cannot list resource .*virtualservices'
sleep 6
check 'the protection of a route that may stand stays' policy left .
check 'nothing but statuses was written' wrote_just "$(count_writes 'update apis/status') update apis/status 200,"
less .
check 'may: it heals by itself' becomes $patience 2/2/2 safe
check 'the new one is served' becomes 5 2/2/2 late
check 'what is gone goes: the route' bed_within 10 lost of $route left
check 'and then the protection' bed_within 5 lost of $protection left
patch api spoiled '{"spec": {"hostname": "spoiled"}}'
check 'what was spoilt is mended' becomes 5 2/2/2 spoiled

check 'that its Service is not there, too' condition safe Programmed True Served '^Service .safe. does not exist'
check 'it ends' end

# Services: nobody knows whether they are there, so nothing is said of them, and everything is served.
said_nothing='^Everything that the Api asks for stands'
without services
secured_api unseen | kube one create -f - >/dev/null
api open open open | kube one create -f - >/dev/null
since
launch
check 'may not list Services: an Api is served' becomes $patience 2/2/2 unseen
check 'and one without authentication' becomes 5 2/2/- open
check 'nothing is said of their Services' condition unseen Programmed True Served "$said_nothing"
check 'they are ready' condition unseen Ready True Served "$said_nothing"
check 'and secured' condition unseen Secured True Secured .
check 'nor of those that were there' condition safe Programmed True Served "$said_nothing"
check 'the log tells, in the words of the server' grep -q 'kind not current.*kind=Service .*cannot list resource .*services' log
check 'the daemon is ready' bed_within 10 ready
sleep 6
statuses=$(count_writes 'update apis/status')
check 'by one write each' wrote_just "1 create policies 201,2 create virtualservices 201,$statuses update apis/status 200,"
check 'of the status, too' test "$statuses" -eq "$(kube one -n t1 get apis -o name | wc -l)"
since
less .
warned() {
	shows api "$1" '.status.conditions[] | select(.type == "Programmed").message | test("does not exist")'
}
check 'may: what is missing is told' bed_within $patience warned unseen
check 'and of the others' bed_within 5 warned safe
sleep 1
check 'by a status each' wrote_just "$statuses update apis/status 200,"
check 'the codes are what they were' is 2/2/2 unseen
check 'it ends' end

# A kind that is not served is another matter: nothing of it can stand.
kube one delete crd $protection --timeout=30s >/dev/null
since
launch
check 'without the kind Policy at the start: a route without its protection' becomes $patience 2/3/1 safe
check 'which is the truth' says_soon 5 safe virtualService 'without its protection'
check 'not secured' condition safe Secured False NotReady .
check 'which may come: nothing is withdrawn' lacks_writes delete
check 'the kind comes' kube one apply --server-side -f "$top_srcdir/tests/cluster/crds/policy.yaml"
check 'protected again' becomes $patience 2/2/2 safe
check 'it ends' end
finish
