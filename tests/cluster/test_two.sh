#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Two API servers in one process, each with backends of its own; and one server that is given twice.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
bed_up two
space one t1
space two t1

both() {
	configure one "- name: two" "  kubernetes: {kubeconfig: $(user_of two)}" "$@"
}
for_each() {
	for server in one two; do
		"$@" || return
	done
}
allow_in() {
	bed_user $server apigwd >/dev/null && role $server | kube $server apply -f - >/dev/null &&
		kube $server create clusterrolebinding apigwd --clusterrole=apigwd --user=apigwd >/dev/null
}
# The second serves routes only, and says that this is meant.
both '  unprotected: accept' '  backends: {istio-authn-policy: {enabled: false}}'
check 'each has a role of its own' for_each allow_in
check 'both are ready' begin
{ api safe safe safe; authentication; jwt https://i; } >safe.yaml
kube one create -f safe.yaml >/dev/null
server=one
check 'the first protects' becomes 10 2/2/2 safe
check 'and the second knows nothing of it' eval '! kube two -n t1 get virtualservices safe'
kube two create -f safe.yaml >/dev/null
server=two
check 'the second serves' becomes 10 2/2/3 safe
check 'without a protection' lost of policies.authentication.istio.io safe
check 'and says so' bed_within 5 shows api safe '.status.conditions[] | select(.type == "Secured").status == "False"'

bed_halt one apiserver
check 'the first goes: told' bed_within 10 unready '\[-\] cluster one: '
check 'the second is well' holds .ready '[+] cluster two'
api more more more | kube two create -f - >/dev/null
check 'and goes on' becomes 10 2/2/- more
bed_resume one
server=one
check 'the first comes back' bed_within 50 ready
check 'as it was' is 2/2/2 safe
check 'it ends' end

# One server twice.
configure one '- name: again' "  kubernetes: {kubeconfig: $(user_of one)}"
check 'one address for two clusters is refused' run 2 apigwd --config apigwd.yaml
check 'naming both' holds stderr 'cluster "again" has the same kubeconfig and context as cluster "one"'
cp "$(user_of one)" copy.kubeconfig
configure one '- name: again' "  kubernetes: {kubeconfig: $work/copy.kubeconfig}"
check 'and so it is in another file' run 2 apigwd --config apigwd.yaml
check 'naming both, and the address' holds stderr 'clusters "one" and "again" have one server' \
	"127.0.0.1:$(cat "$bed_root/one/port")" 'clusters[1]'
sed "s/127.0.0.1/localhost/" "$(user_of one)" >other.kubeconfig
configure one '- name: again' "  kubernetes: {kubeconfig: $work/other.kubeconfig}"
since
launch
check 'one server under two names: one of them is not ready' bed_within 10 unready 'cluster (again|one): .*the server of cluster "(one|again)"'
check 'the other is' eval '[ "$(grep -c "^\[+\] cluster" .ready)" -eq 1 ]'
api third third third | kube one create -f - >/dev/null
check 'and serves' becomes 10 2/2/- third
sleep 1
check 'alone' wrote_just '1 create virtualservices 201,1 update apis/status 200,'
configure again
sed -i "s|kubeconfig: .*user-apigwd.kubeconfig|kubeconfig: $work/other.kubeconfig|" apigwd.yaml
sed -i "s|$bed_root/again/user-apigwd.kubeconfig|$work/other.kubeconfig|" apigwd.yaml
kill -s HUP "$daemon"
check 'the first is taken out of the config: the second takes over' bed_within 20 ready
check 'as cluster again' holds .ready '[+] cluster again'
api fourth fourth fourth | kube one create -f - >/dev/null
check 'and serves' becomes 10 2/2/- fourth
check 'it ends' end
finish
