#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody who changes an output over and over is named in the status and in the log, until some calm.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1
configure one
allow one
route=virtualservices.networking.istio.io
protection=policies.authentication.istio.io
for name in a b c; do
	api $name $name $name
	authentication
	jwt https://i
	echo ---
done | kube one create -f - >/dev/null
check 'it starts' begin
for name in a b c; do
	check "$name is served" becomes 10 2/2/2 $name
done

# quarrel SECONDS COMMAND...: the command over and over.
quarrel() {
	quarrel_until=$(($(date +%s) + $1))
	shift
	while [ "$(date +%s)" -lt $quarrel_until ]; do
		"$@" >/dev/null 2>&1
	done
}
# contested NAME TYPE PATTERN: the condition is True and says so.
contested() {
	shows api "$1" ".status.conditions[] | select(.type == \"$2\")
		| .status == \"True\" and .reason == \"Contested\" and (.message | test(\"$3\"))"
}
asked() {
	bed_audit one "$mark" | jq -s '[.[] | select(.user.username == "apigwd" and .verb == "get"
		and (.requestURI | test("/(virtualservices|policies)/")))] | length'
}

since
check 'one change is put right' patch $route b '{"spec": {"gateways": ["theirs"]}}'
check 'at once' bed_within 3 vs b '.spec.gateways != ["theirs"]'
sleep 1
check 'without a word' shows api b '.status.conditions[] | select(.type == "Programmed").reason == "Served"'
check 'and without a question' test "$(asked)" -eq 0

# By an update.
quarrel 6 kube one -n t1 patch $route a --field-manager=their-operator --type=json \
	-p '[{"op": "add", "path": "/spec/http/0/corsPolicy", "value": {"allowOrigin": ["*"]}}]'
check 'over and over: the condition names the manager' bed_within 10 contested a Programmed \
	'VirtualService .t1/a. .*over and over by the manager .their-operator. [(]Update at 2[0-9T:-]+Z[)]'
check 'and Ready does' contested a Ready their-operator
check 'the log names it' grep -q 'output contested.*name=a.*manager=their-operator.*operation=Update' log
asked_times=$(asked)
check 'the server is asked once in a while' test "$asked_times" -ge 1 -a "$asked_times" -le 3
check 'the other one is not contested' lost contested b Programmed .
check 'the last word is ours' bed_within 10 vs a '.spec.http[0].corsPolicy == null'

# By an apply.
theirs() {
	kube one apply --server-side --force-conflicts --field-manager=their-argo -f - <<POLICY
{"apiVersion": "authentication.istio.io/v1alpha1", "kind": "Policy", "metadata": {"name": "b", "namespace": "t1"},
	"spec": {"originIsOptional": true}}
POLICY
}
quarrel 6 theirs
check 'by an apply of the protection: named' bed_within 10 contested b Programmed 'Policy .t1/b. .*their-argo. [(]Apply at'
check 'the last word is ours' bed_within 10 policy b '.spec.originIsOptional == null'

# Nobody notes who removes.
quarrel 4 kube one -n t1 delete $route c --wait=false
check 'who removes it is not named, but it is told' bed_within 10 contested c Programmed 'VirtualService .t1/c. .*removed over and over'
check 'it is back' bed_within 10 vs c .

# Labels of others are no quarrel.
quarrel 3 kube one -n t1 label $route/b --overwrite=false 'theirs=x'
annotate() {
	annotate_count=$((${annotate_count:-0} + 1))
	kube one -n t1 annotate $route/b "their/$annotate_count=x"
}
quarrel 3 annotate
check 'what others add is no quarrel' lost contested b Programmed VirtualService

calm() {
	shows api a '[.status.conditions[] | select(.type == "Programmed" or .type == "Ready") | .status == "True" and .reason == "Served"] | all'
}
check 'after some calm it is over' bed_within 25 calm
for name in b c; do
	check 'for the others, too' bed_within 25 shows api $name '.status.conditions[] | select(.type == "Ready").reason == "Served"'
done
since
sleep 6
check 'and nothing is written any more' wrote_just ''
check 'it ends' end
finish
