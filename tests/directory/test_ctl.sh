#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwctl: render, validate, plugins.
set -u
. "$top_srcdir/tests/directory/kit.sh"

fresh
sample=$top_srcdir/etc/sample/apis/sample-api.yaml

cp "$sample" in/
check 'the daemon serves the sample' run 0 apigwd --config apigwd.yaml --once
check 'render prints what the daemon writes' run 0 apigwctl render -c apigwd.yaml -f "$sample"
check 'authentication first' test "$(grep ^kind: stdout | tr '\n' ' ')" = 'kind: Policy kind: VirtualService '
cp stdout rendered
check 'render reads standard input' sh -c '"$0/apigwctl" --plugin-dir "$0/plugins/.libs" render -c apigwd.yaml -f - <"$1" | diff - rendered' "$top_builddir" "$sample"
check 'render reads a folder' run 0 apigwctl render -c apigwd.yaml -f in

{ api a1 svc1 h1; echo '  authentication: {type: JWT}'; } >bad.yaml
check 'render refuses a bad Api' run 1 apigwctl render -c apigwd.yaml -f bad.yaml
check 'with its place' holds stderr 'bad.yaml:11:3: error: spec.authentication:'
check 'and prints nothing of it' test ! -s stdout
check 'validate refuses it too' run 1 apigwctl validate -c apigwd.yaml -f bad.yaml
check 'with its place' holds stderr 'bad.yaml:11:3: error: spec.authentication:'
check 'validate tells how many' run 1 apigwctl validate -c apigwd.yaml -f bad.yaml -f "$sample"
check 'good and bad' same '1 Api valid, 1 refused' stdout
check 'validate is content with the sample' run 0 apigwctl validate -c apigwd.yaml -f "$sample"
check 'an unknown field is a warning' sh -c '{ cat "$1"; echo "  colour: red"; } >odd.yaml' - "$sample"
check 'that refuses nothing' run 0 apigwctl validate -c apigwd.yaml -f odd.yaml
check 'and has a place' holds stderr 'odd.yaml:' 'warning: spec.colour'
check 'a file that does not exist is told' run 2 apigwctl validate -c apigwd.yaml -f none.yaml
check 'a device is no file of Apis' run 2 apigwctl validate -c apigwd.yaml -f /dev/null
: >empty.yaml
check 'a file without an Api is told' run 1 apigwctl validate -c apigwd.yaml -f empty.yaml

{ api a1 svc1 h1; authentication; jwt https://one; echo ---
printf 'apiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: other, namespace: t1}\nspec: {targets: [{name: svc1}]}\n'; } >conflict.yaml
check 'render sees foreign objects in the file' run 1 apigwctl render -c apigwd.yaml -f conflict.yaml
check 'and prints nothing of the Api' test ! -s stdout

cat >accept.yaml <<'CONFIG'
domain: kyma.local
unprotected: accept
backends:
  istio-virtualservice: {}
  istio-authn-policy: {plugin: ./missing.so, required: false}
clusters:
- name: test
  directory: {input: in, output: in/out}
CONFIG
check 'accept is not in force while a backend is missing' run 1 apigwctl render -c accept.yaml -f "$sample"
check 'so nothing is printed' test ! -s stdout
mkdir -p in/out && printf 'kind: rubbish\n' >in/out/x.yaml
check 'a folder of input is read without the output in it' run 0 apigwctl validate -c accept.yaml -f in
i=0
while [ $i -lt 60 ]; do echo ---; sed "s/sample-api/sample-$i/" "$sample"; i=$((i + 1)); done >many.yaml
check 'output that is lost is a failure' sh -c '"$0/apigwctl" --plugin-dir "$0/plugins/.libs" render -c apigwd.yaml -f many.yaml >/dev/full; [ $? -eq 1 ]' "$top_builddir"

printf -- '- name: second\n  directory: {input: in2, output: out2}\n' >>apigwd.yaml
check 'with two clusters one must be chosen' run 2 apigwctl render -c apigwd.yaml -f "$sample"
check 'of these' holds stderr 'test second'
check 'and can be' run 0 apigwctl render -c apigwd.yaml --cluster second -f "$sample"
check 'an unknown one is told' run 2 apigwctl render -c apigwd.yaml --cluster third -f "$sample"

check 'plugins lists the backends' run 0 apigwctl plugins
check 'with role, kinds and key' holds stdout 'istio-authn-policy' 'authentication' 'policies.authentication.istio.io' 'istio-virtualservice' 'route' 'virtualService'
check 'plugins NAME shows options' run 0 apigwctl plugins istio-virtualservice
check 'with defaults' holds stdout gateways kyma-gateway.kyma-system.svc.cluster.local corsAllowOrigins 'v1, v1beta1, v1alpha3'
check 'an unknown plugin is told' run 1 apigwctl plugins no-such-plugin
check 'no command is a usage error' run 2 apigwctl
check 'an unknown command is a usage error' run 2 apigwctl frobnicate
check 'a missing -f is a usage error' run 2 apigwctl render -c apigwd.yaml
check '--help is help' run 0 apigwctl --help

finish
