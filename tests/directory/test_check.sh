#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwctl check against a server that says what the test wants; tests/cluster/test_check.sh asks a real one.
set -u
. "$top_srcdir/tests/directory/kit.sh"

mkdir server
"$top_builddir/tests/tools/canned" server &
server=$!
trap 'kill $server; chmod -R u+w "$work" && rm -rf "$work"' EXIT
tries=0
until [ -s server/port ] || [ $tries -gt 100 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
url=http://127.0.0.1:$(cat server/port)

# kubeconfig SERVER
kubeconfig() {
	cat <<KUBECONFIG
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "$1"}}]
users: [{name: u, user: {}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
current-context: c
KUBECONFIG
}
kubeconfig "$url" >kubeconfig
cat >apigwd.yaml <<'CONFIG'
domain: kyma.local
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: test
  kubernetes: {kubeconfig: kubeconfig}
CONFIG

# has GROUP VERSION RESOURCE...: what a version of a group serves; '' is the core group.
has() {
	has_file=server/api${1:+s_$1}_$2
	shift 2
	{ echo 200
	echo '{"kind": "APIResourceList", "resources": ['
	for has_resource; do
		printf '{"name": "%s"},' "$has_resource"
	done
	echo '{"name": "end"}]}'; } >"$has_file"
}
good() {
	rm -f server/apis_* server/date server/denied
	printf '200\n{"gitVersion": "v1.99.0"}\n' >server/version
	printf '201\n{"status": {"userInfo": {"username": "us"}}}\n' >server/apis_authentication.k8s.io_v1_selfsubjectreviews
	has gateway.kyma-project.io v1alpha2 apis apis/status
	has networking.istio.io v1 virtualservices
	has networking.istio.io v1alpha3 gateways virtualservices
	has authentication.istio.io v1alpha1 policies
	has '' v1 services
}
check_cluster() {
	apigwctl check -c apigwd.yaml
}
marks() {
	cut -c 1-3 stdout | grep -c -F "[$1]"
}

good
check 'a good cluster' run 0 check_cluster
cat >wanted <<WANTED
[+] $url answers: Kubernetes v1.99.0
[+] the clocks agree
[+] we are us
[+] Api (apis.gateway.kyma-project.io) is served as v1alpha2
[+] Policy (policies.authentication.istio.io) is served as v1alpha1
[+] Service (services) is served as v1
[+] VirtualService (virtualservices.networking.istio.io) is served as v1, v1alpha3
[+] may get, list, watch apis.gateway.kyma-project.io
[+] may update, patch apis.gateway.kyma-project.io/status
[+] may list, watch customresourcedefinitions.apiextensions.k8s.io
[+] may get namespaces kube-system
[+] may get, list, watch, create, update, delete policies.authentication.istio.io
[+] may get, list, watch services
[+] may get, list, watch, create, update, delete virtualservices.networking.istio.io

all is well
WANTED
check 'each check is a line' diff wanted stdout
check 'nothing else is said' test ! -s stderr

# warns SHELL TEXT; fails SHELL TEXT: the one line that is not good.
warns() {
	check "$1: a warning" run 0 check_cluster
	check "$1: what to do" holds stdout "[!] $2"
	check "$1: nothing failed" eval '[ "$(marks -)" -eq 0 ] && [ "$(marks !)" -eq 1 ] && holds stdout "no check failed, 1 warning"'
	good
}
fails() {
	check "$1: a failure" run 1 check_cluster
	check "$1: what to do" holds stdout "[-] $2"
	check "$1: nothing else" eval '[ "$(marks -)" -eq 1 ] && [ "$(marks !)" -eq 0 ] && holds stdout "1 of "'
	good
}
echo 40 >server/date
check 'a clock that is ahead' run 0 check_cluster
check 'by how much' prints '^\[!\] the server.s clock is (39|40|41) s ahead of ours: .*\(NTP\)$' cat stdout
echo -400 >server/date
check 'a clock that is behind' run 0 check_cluster
check 'by how much too' prints '^\[!\] the server.s clock is (399|400|401) s behind ours' cat stdout
echo 3 >server/date
check 'a little is nothing' run 0 check_cluster
check 'and good' holds stdout '[+] the clocks agree' 'all is well'
echo none >server/date
check 'a server that does not tell the time' run 0 check_cluster
check 'is not judged' lacks stdout clock
good

has security.istio.io v1beta1 requestauthentications
warns 'an Istio that ignores Policies' 'RequestAuthentication (security.istio.io) is served: this Istio ignores Policy (authentication.istio.io), so what it is to protect is OPEN; disable its backend in this cluster, then'
has security.istio.io v1 authorizationpolicies
check 'another kind of that group says nothing' run 0 check_cluster
check 'so all is well' holds stdout 'all is well'
has security.istio.io v1 requestauthentications
sed 's/istio-authn-policy: {}/istio-authn-policy: {enabled: false}/' apigwd.yaml >disabled.yaml
check 'a disabled backend makes none' run 0 apigwctl check -c disabled.yaml
check 'so nothing is ignored' holds stdout 'all is well' '[+] may get, list, watch, delete policies'
good
has gateway.kyma-project.io v1alpha2 apis
warns 'a CRD without status' 'the kind Api has no status of its own'
rm server/apis_gateway.kyma-project.io_v1alpha2
fails 'no CRD' 'Api (apis.gateway.kyma-project.io) is not served as v1alpha2; apply crd.yaml of etc/kubernetes'
rm server/apis_networking*
fails 'no gateway' 'VirtualService (virtualservices.networking.istio.io) is not served as v1, v1beta1, v1alpha3; install its CRD, or disable backend istio-virtualservice in this cluster'
sed 's/istio-virtualservice: {}/istio-virtualservice: {config: {version: v1beta1}}/' apigwd.yaml >pinned.yaml
check 'a version that is not served' run 1 apigwctl check -c pinned.yaml
check 'is told' holds stdout '[-] VirtualService (virtualservices.networking.istio.io) is served as v1, v1alpha3, but backend istio-virtualservice is told to write v1beta1'
printf 'create virtualservices\nwatch virtualservices\n' >server/denied
fails 'verbs that are not allowed' 'may not watch, create virtualservices.networking.istio.io, for backend istio-virtualservice; apply what "apigwctl rbac" prints'
printf 'list services\n' >server/denied
fails 'Services that may not be read' 'may not list services, for backend istio-authn-policy; apply what "apigwctl rbac" prints'
printf 'get namespaces\n' >server/denied
fails 'kube-system' 'may not get namespaces kube-system'
printf '201\n{"status": {"userInfo": {"username": "system:anonymous"}}}\n' >server/apis_authentication.k8s.io_v1_selfsubjectreviews
fails 'nobody' 'the server does not know who we are (system:anonymous)'
rm server/apis_authentication.k8s.io_v1_selfsubjectreviews
check 'a server that does not know that question' run 0 check_cluster
check 'is no worse' holds stdout 'all is well'

printf '401\n{"kind": "Status", "message": "no"}\n' >server/version
check 'a refused credential' run 1 check_cluster
check 'ends it' eval '[ "$(grep -c "^\[" stdout)" -eq 1 ] && holds stdout "look at the user of the kubeconfig" "1 of 1 checks failed"'
printf '403\n{}\n' >server/version
check 'a version that is a secret' run 0 check_cluster
check 'is told so' holds stdout 'of a version that it does not tell'
printf '503\nno\n' >server/version
check 'a server that is not ready' run 1 check_cluster
check 'is told so' holds stdout '[-] ' 503
printf '200\n<html>' >server/version
check 'what is no API server' run 1 check_cluster
check 'is told so too' holds stdout "[-] $url/version"
good
printf '500\n{}\n' >server/apis_networking.istio.io_v1beta1
check 'a group that cannot be asked' run 1 check_cluster
check 'is told' holds stdout '[-] whether networking.istio.io/v1beta1 is served cannot be asked:'
good
printf '200\n[1, {"resources": 7}' >server/apis_networking.istio.io_v1beta1
check 'rubbish' run 1 check_cluster
printf '200\n{"resources": [null, 7, {"name": 7}, {"name": "virtualservices"}]}' >server/apis_networking.istio.io_v1beta1
check 'odd items are passed over' run 0 check_cluster
check 'and the good one counts' holds stdout 'served as v1, v1beta1, v1alpha3'
good
printf '500\n{}\n' >server/apis_authorization.k8s.io_v1_selfsubjectaccessreviews
check 'permissions that cannot be asked for' run 1 check_cluster
check 'are told once' eval 'holds stdout "the permissions cannot be asked for" && [ "$(marks -)" -eq 1 ]'
good

kubeconfig http://127.0.0.1:1 >kubeconfig
check 'nobody listens' run 1 check_cluster
check 'that is told' holds stdout '[-] ' 127.0.0.1:1 'whether the server runs'
rm kubeconfig
check 'no kubeconfig' run 1 check_cluster
check 'that is told with its path' holds stdout "[-] " "$work/kubeconfig"
cat >pod.yaml <<'CONFIG'
clusters:
- name: test
  kubernetes: {inCluster: true}
CONFIG
unset KUBERNETES_SERVICE_HOST
check 'no Pod' run 1 apigwctl check -c pod.yaml
check 'that is told as well' holds stdout '[-] inCluster: true, but this is no Pod'
fresh
check 'a directory is not checked' run 2 apigwctl check -c apigwd.yaml
check 'but says what is' holds stderr 'is a directory' '--check-config'
check '-f is not for check' run 2 apigwctl check -c apigwd.yaml -f x
check 'a config that is not there' run 2 apigwctl check -c none.yaml
finish
