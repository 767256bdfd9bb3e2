#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where the config selects some Apis only: one that is not told of any more is looked up before anything is concluded.
# What has left the selection keeps what it has; what is gone is removed, the route first.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1 t2
patience=40

# select_only TEXT: keys of `kubernetes`, such as "labelSelector: a=b".
select_only() {
	configure one
	sed -i "s|kubeconfig: [^}]*|&, $1|" apigwd.yaml
}
# labelled NAME LABEL...: an Api that asks for authentication.
labelled() {
	labelled_name=$1
	shift
	{ api "$labelled_name" "$labelled_name" "$labelled_name"; authentication; jwt https://i; } | kube one create -f - >/dev/null &&
		relabel "$labelled_name" "$@"
}
relabel() {
	relabel_name=$1
	shift
	kube one -n t1 label --overwrite api "$relabel_name" "$@" >/dev/null
}
# stands NAME: what there is of it, with uids and versions; the Api itself by its status.
stands() {
	of virtualservices.networking.istio.io "$1" | jq -r '.metadata | .uid + " " + .resourceVersion'
	of policies.authentication.istio.io "$1" | jq -r '.metadata | .uid + " " + .resourceVersion'
	of api "$1" | jq -cS .status
}
# keep NAME..., kept NAME...: as it was then.
keep() {
	for keep_name; do
		stands "$keep_name" >"kept.$keep_name"
		grep -c . "kept.$keep_name" | grep -qx 3 || return
	done
}
kept() {
	for kept_name; do
		stands "$kept_name" | diff "kept.$kept_name" - || return
	done
}
routed() {
	of virtualservices.networking.istio.io "$1"
}
protected() {
	of policies.authentication.istio.io "$1"
}
pruned() {
	lost routed "$1" && lost protected "$1"
}
# in_order NAME: since $mark its route went, and then its protection; none of the two twice.
in_order() {
	bed_audit one "$mark" | jq -r --arg name "$1" 'select(.user.username == "apigwd" and .verb == "delete" and .objectRef.name == $name)
		| .objectRef.resource' >order
	same 'virtualservices
policies' order
}
remove() {
	kube one -n t1 delete api "$1" >/dev/null
}
# told COUNT TEXT...: so many lines of the log have all of the texts.
told() {
	cp log told
	told_count=$1
	shift
	for told_text; do
		grep -F -- "$told_text" told >told.next
		mv told.next told
	done
	[ "$(wc -l <told)" -eq "$told_count" ] || { cat told; return 1; }
}

select_only 'labelSelector: stage=production'
check 'the role of the daemon' allow one
for name in moves returns narrowed ended away other; do
	labelled $name stage=production tier=gold || echo "Bail out! $name"
done
check 'it starts' begin
for name in moves returns narrowed ended away other; do
	becomes 20 2/2/2 $name || echo "Bail out! $name is not served"
done

# Relabelled.
keep moves returns
since
relabel moves stage=test
relabel returns stage=test
check 'one that leaves the selection: told' bed_within 10 told 1 'left the selection' api=t1/moves
sleep 2
check 'it keeps its VirtualService, its Policy and its status' kept moves returns
check 'nothing is written' wrote_just ''
check 'explain tells' eval "run 0 apigwctl explain -c apigwd.yaml t1/moves; grep -q 'no longer selected' stdout"
check 'its hostname stays its own' eval 'api thief thief moves | kube one create -f - && relabel thief stage=production'
check 'so nobody else gets it' becomes 10 2/4/- thief
remove thief
since
relabel returns stage=production
sleep 2
check 'it comes back: nothing is written' wrote_just ''
check 'and it is as it was' kept returns
patch api returns '{"spec": {"hostname": "returned"}}'
check 'it is served again' bed_within 10 vs returns '.spec.hosts == ["returned.kyma.local"]'
sleep 1
check 'by one write of the route and one of the status' wrote_just '1 update apis/status 200,1 update virtualservices 200,'

# A narrower selector.
check 'it ends' end
keep moves narrowed
relabel narrowed tier-
select_only 'labelSelector: "stage=production,tier=gold"'
since
check 'it starts with a narrower selector' begin
sleep 3
check 'what is selected no longer stays' kept moves narrowed
check 'nothing is written' wrote_just ''
check 'each is told once' told 1 'not selected' api=t1/narrowed

# Deleted out of sight, where no watch tells.
since
remove moves
check 'one that has left is deleted: its outputs go' bed_within $patience pruned moves
check 'the route first' in_order moves
check 'nothing else' wrote_just '1 delete policies 200,1 delete virtualservices 200,'
since
relabel other stage=test
check 'another one leaves' bed_within 10 told 1 'left the selection' api=t1/other
remove other
labelled other stage=test
check 'and is made anew out of sight: what was made for the old one goes' bed_within $patience pruned other
check 'the route first' in_order other
check 'and nothing is made' wrote_just '1 delete policies 200,1 delete virtualservices 200,'
since
remove returns
check 'one that is selected is deleted: its outputs go' bed_within 10 pruned returns
check 'the route first' in_order returns

# Deleted while nobody looks.
relabel away stage=test
sleep 1
check 'it ends' end
remove away
remove ended
since
check 'it starts' begin
check 'what was deleted meanwhile goes' bed_within 10 pruned away
check 'the route first' in_order away
check 'whatever the labels were' bed_within 10 pruned ended
check 'the route first' in_order ended
check 'what has only left stays' kept narrowed

# Lookups that are refused conclude nothing.
role one | sed '/^  - apis$/,/^- /{/^  - get$/d}' | kube one apply -f - >/dev/null
may_not_get() {
	! kube one auth can-i get apis.gateway.kyma-project.io -n t1 --as apigwd >/dev/null &&
		kube one auth can-i list apis.gateway.kyma-project.io -n t1 --as apigwd >/dev/null
}
check 'a role without get on apis' bed_within 10 may_not_get
labelled denied stage=production tier=gold
check 'an Api is served' becomes 10 2/2/2 denied
routed denied >denied.route
since
remove denied
check 'it is deleted: the refused lookup is told' bed_within 15 told 1 'cannot be looked up' forbidden
sleep 8
check 'and concludes nothing' eval 'routed denied | diff denied.route - && protected denied >/dev/null'
check 'nothing is written' wrote_just ''
check 'it is not asked all the time' eval '[ "$(bed_audit one "$mark" | jq -r "select(.user.username == \"apigwd\" and .verb == \"get\") | .verb" | wc -l)" -le 8 ]'
check 'it is told once' told 1 'cannot be looked up'
allow one
check 'permitted: it goes' bed_within $patience pruned denied
check 'the route first' in_order denied

# Namespaces.
check 'it ends' end
keep narrowed
sed 's/namespace: t1/namespace: t2/' >t2.yaml <<API
$(api far far far; authentication; jwt https://i)
API
kube one create -f t2.yaml >/dev/null
configure one
check 'without a selection it starts' begin
check 'all are served' becomes 10 2/2/2 t2/far
stands t2/far >kept.far
check 'it ends' end
select_only 'namespaces: [t1]'
since
check 'it starts with one namespace' begin
check 'what is in another one is told' bed_within 10 told 1 'not selected' api=t2/far
sleep 1
check 'and stays' eval 'stands t2/far | diff kept.far -'
check 'nothing is written' wrote_just ''
kube one -n t2 delete api far >/dev/null
check 'it is deleted: it goes' bed_within $patience pruned t2/far
check 'the route first' in_order far
check 'no other one was touched' kept narrowed
check 'it ends well' end
finish
