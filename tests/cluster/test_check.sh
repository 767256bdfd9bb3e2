#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwctl check against a real API server, as users who may all, some or nothing of what apigwd needs.
set -u
. "$top_srcdir/tests/directory/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need
bed_up bed

config() {
	cat <<CONFIG
domain: kyma.local
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: test
  kubernetes: {kubeconfig: "$1"}
CONFIG
}
config "$bed_root/bed/admin.kubeconfig" >admin.yaml
check 'an administrator' run 0 apigwctl check -c admin.yaml
check 'may everything' holds stdout 'we are admin' 'the clocks agree' 'all is well' 'VirtualService (virtualservices.networking.istio.io) is served as v1, v1beta1, v1alpha3' \
	'Service (services) is served as v1'

bed_user bed one >one
config "$(cat one)" >one.yaml
check 'somebody who may nothing' run 1 apigwctl check -c one.yaml
check 'is told each permission' holds stdout 'we are one' '[-] may not get, list, watch apis.gateway.kyma-project.io' \
	'[-] may not get namespaces kube-system' '[-] may not get, list, watch services, for backend istio-authn-policy' \
	'[-] may not get, list, watch, create, update, delete virtualservices.networking.istio.io, for backend istio-virtualservice'
apigwctl rbac -c one.yaml >role.yaml
check 'the role that apigwctl rbac prints' kube bed apply -f role.yaml
check 'bound to that user' kube bed create clusterrolebinding one --clusterrole=apigwd --user=one
all_well() {
	apigwctl check -c one.yaml >stdout && holds stdout 'all is well'
}
check 'is all that is needed' bed_within 30 all_well
check 'a verb less' kube bed patch clusterrole apigwd --type=json -p '[{"op": "remove", "path": "/rules/6/verbs/3"}]'
one_less() {
	! apigwctl check -c one.yaml >stdout && holds stdout 'may not create virtualservices.networking.istio.io' '1 of '
}
check 'is missed' bed_within 30 one_less

check 'a CRD less' kube bed delete crd policies.authentication.istio.io
check 'is missed' run 1 apigwctl check -c admin.yaml
check 'with what to do' holds stdout 'Policy (policies.authentication.istio.io) is not served as v1alpha1; install its CRD, or disable backend istio-authn-policy'
sed 's/\(server: \).*/\1https:\/\/127.0.0.1:1/' "$(cat one)" >away
config "$work/away" >away.yaml
check 'a server that is not there' run 1 apigwctl check -c away.yaml
sed 's/certificate-authority: .*/certificate-authority: accounts.crt/' "$(cat one)" >"$bed_root/bed/stranger"
openssl req -x509 -key "$bed_root/bed/accounts.key" -subj /CN=stranger -days 1 -out "$bed_root/bed/accounts.crt" 2>/dev/null
config "$bed_root/bed/stranger" >stranger.yaml
check 'a server whose certificate is of somebody else' run 1 apigwctl check -c stranger.yaml
check 'is not talked to' eval '[ "$(grep -c "^\[" stdout)" -eq 1 ] && grep -i certificate stdout'
check 'no token is ever printed' lacks stdout "$(cut -d , -f 1 "$bed_root/bed/tokens.csv")"

check 'the bed stops' bed_stop bed
finish
