#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Credentials that stand in the kubeconfig itself are replaced while the daemon runs.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
bed_up one
space one t1

# become USER: the daemon's kubeconfig is another one's, with all that it needs in it.
become() {
	[ -e "$(dirname "$(user_of one)")/user-$1.crt" ] || bed_user one "$1" >/dev/null
	(
		cd "$(dirname "$(user_of one)")" &&
			bed_kubeconfig one "client-certificate-data: $(base64 -w0 "user-$1.crt"), client-key-data: $(base64 -w0 "user-$1.key")"
	) >new.kubeconfig && mv new.kubeconfig daemon.kubeconfig
}
# writers: who has written VirtualServices since $mark.
writers() {
	bed_audit one "$mark" | jq -r 'select(.objectRef.resource == "virtualservices" and (.verb | IN("create", "update")))
		| .user.username' | sort -u | tr '\n' ' '
}
# by USER: whoever writes now is this one.
by() {
	mark=$(bed_mark one)
	edits=$((${edits:-0} + 1))
	patch api a "{\"spec\": {\"hostname\": \"h$edits\"}}"
	bed_within 5 vs a ".spec.hosts == [\"h$edits.kyma.local\"]" && [ "$(writers)" = "$1 " ]
}

configure one && allow one
for user in ann joe; do
	bed_user one $user >/dev/null
	kube one create clusterrolebinding apigwd-$user --clusterrole=apigwd --user=$user >/dev/null
done
become apigwd
sed -i "s|kubeconfig: .*}|kubeconfig: $work/daemon.kubeconfig}|" apigwd.yaml
check 'it starts' begin
api a a a | kube one create -f - >/dev/null
check 'an Api is served' becomes 10 2/2/- a
check 'by the first' by apigwd
become ann
check 'others that take their place are used within a minute' bed_within 75 by ann
check 'which is said' holds log 'msg="credentials renewed" cluster=one'
become joe
check 'at a reload at once' apigwctl reload --socket "$work/admin.sock"
check 'they are' bed_within 10 by joe
since
check 'it is ready' bed_within 10 ready
sleep 2
check 'and writes nothing for it' wrote_just ''
: >daemon.kubeconfig
check 'a reload with a kubeconfig that says nothing' eval 'apigwctl reload --socket "$work/admin.sock" || :'
check 'leaves it as it is' by joe
check 'it ends' end
finish
