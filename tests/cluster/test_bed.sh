#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The test bed itself: what it starts, what it can do to a server, that it counts what a server was asked, and
# that nothing of it is left, however the shell that started it ends.
set -u
. "$top_srcdir/tests/directory/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need
sample=$top_srcdir/etc/sample/apis/sample-api.yaml

bed_up one
bed_start two --feature-gates=CBORServingAndStorage=true

# Two servers, each for itself.
check 'the server answers' prints '^Server Version: v1\.' kube one version
check 'another one beside it' test "$(cat "$bed_root/one/port")" -ne "$(cat "$bed_root/two/port")"
addresses() {
	awk -v port="$(printf %04X "$(cat "$bed_root/one/port")")" '$4 == "0A" && $2 ~ ":" port "$" { print $2 }' \
		/proc/net/tcp /proc/net/tcp6
}
check 'listens on loopback only' test "$(addresses)" = "0100007F:$(printf %04X "$(cat "$bed_root/one/port")")"
check 'etcd listens nowhere but in the folder' test -S "$bed_root/one/etcd.sock:0"
uid() {
	kube "$1" get namespace kube-system -o 'jsonpath={.metadata.uid}'
}
check 'they are not one cluster' test "$(uid one)" != "$(uid two)"
check 'only the first has the CRDs' prints '^apis' kube one api-resources --api-group=gateway.kyma-project.io -o name
check 'the second has none' run 1 kube two get apis
check 'flags reach the server' prints 'CBORServingAndStorage.* 1$' kube two get --raw /metrics
check 'a name is given once' run 1 bed_start one
check 'nobody else can read the keys' silent find "$bed_root/one" -name '*.key' -perm /077
check 'versions of VirtualService' prints '^v1 v1beta1 v1alpha3$' \
	kube one get crd virtualservices.networking.istio.io -o 'jsonpath={.spec.versions[*].name}'

# Who may do what.
joe=$(bed_user one joe guests)
as_joe() {
	KUBECONFIG=$joe "$bed_kubectl" --cache-dir="$work/cache" "$@"
}
check 'a user with a certificate' prints '^joe \["guests","system:authenticated"\]$' \
	as_joe auth whoami -o 'jsonpath={.status.userInfo.username} {.status.userInfo.groups}'
forbidden() {
	run 1 "$@" && holds stderr 'cannot list resource "apis"'
}
check 'may do nothing' forbidden as_joe get apis
kube one create clusterrole readers --verb=get,list --resource=apis >/dev/null
kube one create clusterrolebinding readers --clusterrole=readers --group=guests >/dev/null
check 'but what a role allows its group' bed_within 10 as_joe get apis
check 'and no more' run 1 as_joe delete apis nothing

# What was asked is counted.
mark=$(bed_mark one)
writes() {
	bed_writes one "$mark" "${1-}" >counted
	cat counted
}
check 'a read' kube one get apis -A
check 'is no write' silent writes
check 'an Api is created' kube one create -f "$sample"
kube one patch apis sample-api --subresource=status --type=merge -p '{"status": {"validationStatus": 2}}' >/dev/null
kube one label apis sample-api a=b >/dev/null
kube one create -f "$sample" >/dev/null 2>&1
as_joe delete apis sample-api >/dev/null 2>&1
# The log has an answer just after who asked.
counts() {
	[ "$(writes | tr '\n' ,)" = "$1" ]
}
check 'each write counts, refused or not' bed_within 5 counts \
	'1 create apis 201,1 create apis 409,1 delete apis 403,1 patch apis 200,1 patch apis/status 200,'
writes joe >counted.joe
check 'or those of one user only' same '1 delete apis 403' counted.joe
bed_audit one "$mark" >events
check 'what was sent is logged' jq -se '
	map(select(.objectRef.resource == "apis" and .objectRef.subresource == "status" and .verb == "patch"))[0]
	.requestObject.status.validationStatus == 2' events

# Faults.
old=$(kube one get apis sample-api -o 'jsonpath={.metadata.resourceVersion}')
kube one label apis sample-api c=d >/dev/null
watch_from_old() {
	kube one get --raw "/apis/gateway.kyma-project.io/v1alpha2/apis?watch=1&resourceVersion=$old&timeoutSeconds=1"
}
old_list() {
	kube one get --raw "/apis/gateway.kyma-project.io/v1alpha2/apis?resourceVersionMatch=Exact&resourceVersion=$old"
}
refused_as_old() {
	run 1 old_list && holds stderr 'too old'
}
check 'it can be watched from a version that it remembers' prints '"type":"MODIFIED"' watch_from_old
check 'the API server ends when it is asked to' bed_halt one apiserver TERM
check 'and is started again' bed_resume one
check 'the API server is killed' bed_halt one apiserver
check 'and is gone' run 1 kube one get apis --request-timeout=2s
check 'comes back' bed_resume one
check 'with the same data' kube one get apis sample-api
check 'and what was audited before' prints '409$' writes
check 'remembering nothing' prints '"type":"ERROR".*"code":410' watch_from_old
check 'the store can list an old version' prints '"kind":"ApiList"' old_list
check 'until it is compacted' bed_compact one
check 'and answers 410' refused_as_old
check 'it is stopped, not ended' bed_signal one apiserver STOP
check 'and silent' run 1 kube one get apis --request-timeout=2s
check 'goes on' bed_signal one apiserver CONT
check 'and answers' bed_within 30 kube one get apis
check 'a stopped one can be ended too' eval 'bed_signal two apiserver STOP && bed_stop two'

# The collectors.
map() {
	kube one -n t1 create configmap "$1" >/dev/null
}
own() {
	kube one -n t1 patch configmap "$1" --type=merge -p "{\"metadata\": {\"ownerReferences\": [{\"apiVersion\": \"v1\",
		\"kind\": \"ConfigMap\", \"name\": \"$2\", \"uid\": \"$(kube one -n t1 get configmap "$2" -o 'jsonpath={.metadata.uid}')\"}]}}"
}
gone() {
	! kube one -n t1 get configmap "$1" >/dev/null 2>&1
}
kube one create namespace t1 >/dev/null
for name in owner-1 owned-1 owner-2 owned-2; do
	map $name
done
own owned-1 owner-1 >/dev/null
own owned-2 owner-2 >/dev/null
check 'an owner is deleted' kube one -n t1 delete configmap owner-1
sleep 1
check 'without a collector what it owned stays' kube one -n t1 get configmap owned-1
if bed_collect one; then
	check 'with one it goes' bed_within 30 gone owned-1
	check 'another owner is deleted' kube one -n t1 delete configmap owner-2
	check 'what it owned goes soon' bed_within 10 gone owned-2
	check 'a namespace ends' kube one delete namespace t1 --timeout=60s
else
	skip 'the garbage collector' "$bed_why"
fi

# What does not start says why.
check 'a flag that the server does not know' run 1 bed_start three --no-such-flag
check 'is told with the end of the log' holds stderr 'apiserver has ended' 'unknown flag: --no-such-flag' 'three does not get ready'
check 'and leaves nothing' absent "$bed_root/three"
bed_port() {
	if [ -e taken ]; then
		echo $(($(cat "$bed_root/one/port") + 1))
	else
		tee taken <"$bed_root/one/port"
	fi
}
check 'a port that is taken is given up for another' bed_start four
check 'indeed' test -s taken
bed_stop four

# Nothing is left, however it ends: by itself, by a failure, by a signal, even by SIGKILL.
cat >child.sh <<'CHILD'
set -u
unset work
TMPDIR=$1
. "$top_srcdir/tests/cluster/bed.sh"
bed_start child || exit 9
cat "$bed_root/child/etcd.pid" "$bed_root/child/apiserver.pid" >"$1/pids.new"
mv "$1/pids.new" "$1/pids"
eval "$2"
CHILD
none_runs() {
	for pid in $(cat "$1/pids"); do
		! grep '^State:.*[^Z] (' "/proc/$pid/status" 2>/dev/null || return 1
	done
}
# ends HOW LAST_COMMAND [SIGNAL]
ends() {
	mkdir "child-$1"
	sh child.sh "$work/child-$1" "$2" >child.log 2>&1 &
	child=$!
	check "a shell with a bed that ends by $1" bed_within 120 test -s "child-$1/pids"
	[ -z "${3-}" ] || kill -s "$3" "$child"
	wait "$child" 2>/dev/null
	check 'leaves no process' bed_within 5 none_runs "child-$1"
}
ends itself :
check 'and no file' test "$(ls child-itself)" = pids
ends failure 'echo $no_such_variable'
check 'and no file' test "$(ls child-failure)" = pids
for signal in HUP TERM; do
	ends "SIG$signal" 'while :; do sleep 0.1; done' $signal
	check 'and no file' test "$(ls "child-SIG$signal")" = pids
done
if [ -n "$bed_leash" ]; then
	ends SIGKILL 'while :; do sleep 0.1; done' KILL
else
	skip 'a shell with a bed that ends by SIGKILL' 'no setpriv that knows --pdeathsig'
fi

[ -n "${bed_kube_controller_manager-}" ] &&
	check 'a server to play with' prints '^No resources found' sh "$top_srcdir/tests/cluster/try.sh" kubectl get apis

pids=$(cat "$bed_root"/*/*.pid)
echo "$pids" >pids
check 'the bed stops' bed_stop one
check 'no process is left' none_runs .
check 'and no file' test -z "$(ls -A "$bed_root" | grep -v '^servers$')"
finish
