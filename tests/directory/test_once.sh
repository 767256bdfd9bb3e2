#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once from a directory to a directory.
set -u
. "$top_srcdir/tests/directory/kit.sh"

vs=out/resources/t1/virtualservices.networking.istio.io
policies=out/resources/t1/policies.authentication.istio.io
once='apigwd --config apigwd.yaml --once'

judged

# The sample of the documentation.
fresh
cp "$top_srcdir/etc/sample/apis/sample-api.yaml" in/
check 'the sample is served' run 0 $once
check 'the sample gives this VirtualService' same 'apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: sample-api
  namespace: default
  labels:
    createdBy: apigwd
    apiNamespace: default
    apiName: sample-api
spec:
  hosts:
  - kubernetes.kyma.local
  gateways:
  - kyma-gateway.kyma-system.svc.cluster.local
  http:
  - match:
    - uri:
        regex: /.*
    route:
    - destination:
        host: kubernetes.default.svc.cluster.local
        port:
          number: 443' out/resources/default/virtualservices.networking.istio.io/sample-api.yaml
check 'the sample gives this Policy' same 'apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata:
  name: sample-api
  namespace: default
  labels:
    createdBy: apigwd
    apiNamespace: default
    apiName: sample-api
spec:
  targets:
  - name: kubernetes
  origins:
  - jwt:
      issuer: https://accounts.google.com
      jwksUri: https://www.googleapis.com/oauth2/v3/certs
  principalBinding: USE_ORIGIN
  peers:
  - mtls: {}' out/resources/default/policies.authentication.istio.io/sample-api.yaml
status=out/status/default/sample-api.yaml
check 'its status has the codes 2, 2, 2' holds $status 'validationStatus: 2' 'virtualService:' 'authenticationStatus:'
check 'and no other code' test "$(grep -c 'code: 2' $status)" -eq 4 -a "$(grep -c 'code:' $status)" -eq 4
check 'and names the resources' test "$(grep -c 'name: sample-api' $status)" -eq 5
check 'and their versions' test "$(grep -cE 'version: "?[0-9a-f]{16}"?$' $status)" -eq 4
check 'each under its key and in the list' test "$(grep -oE 'version: .*' $status | sort | uniq -c | grep -c ' 2 ')" -eq 2
check 'and the backends' holds $status 'name: istio-virtualservice' 'kind: VirtualService' 'name: istio-authn-policy' 'kind: Policy'
check 'all conditions are true' test "$(grep -c 'status: .True.' $status)" -eq 4
check 'and no alias unless asked for' lacks $status virtualServiceStatus
state >before
check 'a second run is good' run 0 $once
state >after
check 'and writes nothing' diff before after

# An output changes, and no condition does: their times go on.
sed -i 's/lastTransitionTime: .*/lastTransitionTime: "2026-01-02T03:04:05Z"/' $status
grep version: $status | sort -u >versions
sed -i 's|issuer: .*|issuer: https://other.example.com|' in/sample-api.yaml
check 'after an edit it is served' run 0 $once
check 'its status has the new version of the Policy' test \
	"$(grep version: $status | sort -u | grep -vcxf versions)" -eq 1
check 'and the times before' test "$(grep -c 'lastTransitionTime: "2026-01-02T03:04:05Z"' $status)" -eq 4

# Issuers.
fresh
{ api a1 svc1 h1; authentication; jwt https://one; jwt https://two; } >in/a.yaml
check 'an Api with two issuers is served' run 0 $once
grep 'issuer:' $policies/a1.yaml >issuers
check 'its Policy has two origins in order' same '      issuer: https://one
      issuer: https://two' issuers

fresh
api a1 svc1 H1 >in/a.yaml
check 'an Api without authentication is served' run 0 $once
check 'its host is in lower case with the domain' holds $vs/a1.yaml '- h1.kyma.local'
check 'it has no Policy' absent $policies
check 'it has no authenticationStatus' lacks out/status/t1/a1.yaml authenticationStatus
check 'its status says 2' holds out/status/t1/a1.yaml 'validationStatus: 2' 'code: 2'

# Aliases.
echo 'statusAliases: true' >>apigwd.yaml
check 'with statusAliases it is served' run 0 $once
check 'the alias mirrors the key' test "$(grep -c "$(grep version: out/status/t1/a1.yaml | sort -u)" out/status/t1/a1.yaml)" -eq 3
check 'under the historic name' holds out/status/t1/a1.yaml '  virtualServiceStatus:'

# What is wrong is told with its place, and nothing of it is published.
fresh
{ api a1 svc1 h1; echo '  authentication:'; echo '  - {type: jwt, jwt: {issuer: i, jwksUri: https://i}}'; } >in/a.yaml
check 'type jwt is refused' run 1 $once
check 'with file, line, column and path' holds stderr 'in/a.yaml:12:' 'path=spec.authentication[0].type' 'JWT'
check 'nothing is published' absent out/resources
check 'the status says 3' holds out/status/t1/a1.yaml 'validationStatus: 3' 'code: 0' 'spec.authentication[0].type'

for slip in authentications Authentication authetication; do
	fresh
	{ api a1 svc1 h1; echo "  $slip: []"; } >in/a.yaml
	check "the slip $slip is refused" run 1 $once
	check 'with the right spelling' holds stderr "path=spec.$slip" 'authentication'
	check 'and nothing is published' absent out/resources
done

fresh
{ api a1 svc1 h1; echo '  authentication:'; echo '  - {type: JWT, issuer: i, jwksUri: https://i}'; } >in/a.yaml
check 'the flattened form is refused' run 1 $once
check 'and nothing is published' absent out/resources

fresh
{ api a1 svc1 h1; echo '  authentication:'; echo '  - {type: JWT}'; } >in/a.yaml
check 'incomplete authentication is refused' run 1 $once
check 'and nothing is published' absent out/resources
echo 'incompleteAuthentication: unsecured' >>apigwd.yaml
check 'unless the config says unsecured' run 0 $once
check 'then there is a route' test -e $vs/a1.yaml
check 'and no Policy' absent $policies
check 'and the status says so' holds out/status/t1/a1.yaml 'lastError:' 'without protection'
check 'and the log says so' holds stderr 'without protection'

# What is not ours is never touched.
fresh
mkdir -p $vs
printf 'apiVersion: networking.istio.io/v1alpha3\nkind: VirtualService\nmetadata: {name: a1, namespace: t1}\nspec: {hosts: [x]}\n' >$vs/a1.yaml
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
cp $vs/a1.yaml foreign
check 'a foreign file at our place is a failure' run 1 $once
check 'it is not touched' diff foreign $vs/a1.yaml
check 'the status names it' holds out/status/t1/a1.yaml 'code: 3' 'a1'
check 'no Policy for what is not published' absent $policies/a1.yaml
rm $vs/a1.yaml
check 'when it is gone the Api is served' run 0 $once

fresh
mkdir -p $policies
echo 'kind: rubbish' >$policies/a1.yaml
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
check 'rubbish where the Policy belongs is a failure' run 1 $once
check 'it is not touched' same 'kind: rubbish' $policies/a1.yaml
check 'and the route is not published' absent $vs
check 'authentication 3, route 1' holds out/status/t1/a1.yaml 'code: 3' 'code: 1'

fresh
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
printf 'apiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: other, namespace: t1}\nspec: {targets: [{name: svc1}]}\n' >in/policy.yaml
check 'a foreign Policy on the same Service is a conflict' run 1 $once
check 'it is named' holds out/status/t1/a1.yaml 't1/other'
check 'nothing is published' absent out/resources

sed -i 's/name: other,/name: other, labels: {createdBy: apigwd, apiNamespace: t1, apiName: a1},/' in/policy.yaml
check 'labels of ours do not make input ours' run 1 $once
check 'the Policy still stands in the way' holds out/status/t1/a1.yaml 't1/other'

fresh
api a1 svc1 h1 >in/a.yaml
for file in b c; do
	printf 'apiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: r, namespace: t1}\nspec: {targets: [{name: %s}]}\n' $file >in/$file.yaml
done
check 'an object that stands twice is told, of whatever kind' run 1 $once
check 'with both places' holds stderr 'in/c.yaml:' 'in/b.yaml'

# Moving a live route.
fresh
api a1 svc1 h1 >in/a.yaml
check 'a route stands' run 0 $once
cp $vs/a1.yaml before
api a1 svc2 h1 >in/a.yaml
check 'it moves to another Service' run 0 $once
check 'which it leads to then' holds $vs/a1.yaml svc2.t1
api a2 svc1 h3 >in/b.yaml
check 'the old one can be published by another Api' run 0 $once
check 'which it is' holds $vs/a2.yaml svc1.t1
rm in/b.yaml
api a1 svc1 h2 >in/a.yaml
check 'another host is fine' run 0 $once
check 'the route follows' holds $vs/a1.yaml h2.kyma.local

# A route that no enabled backend looks after keeps its protection.
fresh
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
check 'a protected route stands' run 0 $once
cp $policies/a1.yaml before
sed -i 's/istio-virtualservice: {}/istio-virtualservice: {enabled: false}/' apigwd.yaml
{ api a1 svc2 h1; authentication; jwt https://one; } >in/a.yaml
check 'with its backend disabled the protection is not moved away' run 1 $once
check 'it stays as it was' diff before $policies/a1.yaml
check 'and the status says why' holds out/status/t1/a1.yaml 'older output kept: ' 'backend istio-virtualservice is disabled'
fresh
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
run 0 $once
sed -i 's/istio-virtualservice: {}/vs: {plugin: nothere, required: false}/' apigwd.yaml
{ api a1 svc2 h1; authentication; jwt https://one; } >in/a.yaml
check 'nor with its backend missing' run 1 $once
check 'where the old route may lead is protected' holds $policies/a1.yaml 'name: svc1'
check 'and what the Api asks for now' holds $policies/a1.yaml 'name: svc2'

# Authentication that nobody can provide.
fresh
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
sed -i 's/istio-authn-policy: {}/istio-authn-policy: {enabled: false}/' apigwd.yaml
check 'without an authenticating backend the Api is not served' run 1 $once
check 'nothing is published' absent out/resources
check 'authenticationStatus says 3' holds out/status/t1/a1.yaml authenticationStatus 'code: 3'
echo 'unprotected: accept' >>apigwd.yaml
check 'with unprotected: accept it is served' run 0 $once
check 'it publishes the Api' test -e $vs/a1.yaml
check 'authenticationStatus still says 3' holds out/status/t1/a1.yaml authenticationStatus 'code: 3'

# Losing authentication: what was open before keeps its old route until the protection stands.
fresh
api a1 svc1 h1 >in/a.yaml
check 'an open route stands' run 0 $once
cp $vs/a1.yaml before
mkdir -p $policies && echo 'kind: rubbish' >$policies/a1.yaml
{ api a1 svc1 h2; authentication; jwt https://one; } >in/a.yaml
check 'its new protection is refused' run 1 $once
check 'the route is as before' diff before $vs/a1.yaml

# Input in all shapes.
fresh
mkdir -p in/deep/er
{ api a1 svc1 h1; echo ---; api a2 svc2 h2; echo ---; } >in/two.yaml
printf '{"apiVersion":"gateway.kyma-project.io/v1alpha2","kind":"Api","metadata":{"name":"a3","namespace":"t1"},"spec":{"service":{"name":"svc3","port":80},"hostname":"h3"}}' >in/deep/er/three.json
printf 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: gateway.kyma-project.io/v1alpha2, kind: Api, metadata: {name: a4, namespace: t1}, spec: {service: {name: svc4, port: 80}, hostname: h4}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n' >in/list.yml
echo 'not: [closed' >in/zz-broken.yaml
api a1 svc9 h9 >in/zzz-again.yaml
check 'broken input is a failure' run 1 $once
check 'told with its place' holds stderr 'zz-broken.yaml:'
check 'the Api that stands twice is told' holds stderr 'zzz-again.yaml:' 'two.yaml'
check 'all the others are served' test -e $vs/a1.yaml -a -e $vs/a2.yaml -a -e $vs/a3.yaml -a -e $vs/a4.yaml
check 'the first in path order serves' holds $vs/a1.yaml svc1.t1
check 'one line says how it went' same '4 Apis: 4 served, 0 not served; 4 resources written; 2 files or objects not used or not written' stdout

# The summary.
fresh
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a.yaml
api a2 svc2 h2.other.com >in/b.yaml
check 'a table is printed when asked for' run 1 apigwd --config apigwd.yaml --once --summary always
head -3 stdout >table
check 'it has a row for each Api' same 'NAMESPACE   NAME   HOST            SERVICE   SECURED   READY   REASON
t1          a1     h1.kyma.local   svc1:80   True      True    -
t1          a2     -               svc2:80   -         False   Invalid' table
check '--summary never prints nothing' run 1 apigwd --config apigwd.yaml --once --summary never
check 'indeed' test ! -s stdout

# Two at once.
fresh
api a1 svc1 h1 >in/a.yaml
mkdir out
check 'an output in use by another apigwd is not written' run 1 flock out env "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml --once
check 'and told' holds stderr 'in use by another apigwd'
check 'indeed' absent out/resources
check 'afterwards it is' run 0 $once

# Bad configs and command lines.
fresh
echo 'domian: x' >>apigwd.yaml
check 'a misspelt key stops the start' run 2 $once
check 'with its place and the right spelling' holds stderr 'apigwd.yaml:8:1: error: domian:' '"domain"'
fresh
sed -i 's/istio-authn-policy: {}/istio-authn-policy: {config: {mtsl: false}}/' apigwd.yaml
check 'a misspelt option stops the start' run 2 $once
check 'with its place and the right spelling' holds stderr 'apigwd.yaml:4:' 'mtsl' '"mtls"'
fresh
sed -i 's/istio-authn-policy: {}/istio-authn-polcy: {}/' apigwd.yaml
check 'a plugin that does not exist stops the start' run 2 $once
check 'with its place' holds stderr 'apigwd.yaml:4:' 'istio-authn-polcy'
fresh
check '--check-config finds a good config good' run 0 apigwd --config apigwd.yaml --check-config
check 'and writes nothing' absent out
check 'no command is a usage error' run 2 apigwd
check 'an unknown option is a usage error' run 2 apigwd --frobnicate
check 'a missing config is told' run 2 apigwd --config none.yaml --once
check 'by name' holds stderr none.yaml
check '--help is help' run 0 apigwd --help
check '--version tells the ABI' run 0 apigwd --version
abi=$(sed -n 's/^#define APIGW_ABI_M[A-Z]*OR //p' "$top_srcdir/include/apigw/plugin.h" | paste -s -d . -)
check 'indeed' holds stdout "plugin ABI $abi)"
rm -rf in
check 'a missing input is a failure' run 1 $once
check 'by name' holds stderr "$work/in"

verdict
finish
