#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwctl rbac, and the files of etc/kubernetes as far as they can be judged without a server.
set -u
. "$top_srcdir/tests/directory/kit.sh"
kubernetes=$top_srcdir/etc/kubernetes

# The config that the ConfigMap holds.
config_of_map() {
	sed -n '/^  apigwd.yaml: |$/,$ s/^    //p' "$kubernetes/configmap.yaml"
}
config_of_map >apigwd.yaml
check 'the config of the ConfigMap is good' run 0 apigwd --config apigwd.yaml --check-config
check 'and without a warning' test ! -s stderr
check 'rbac prints a role' run 0 apigwctl rbac -c apigwd.yaml --service-account kyma-system:apigwd
check 'that of etc/kubernetes' eval 'grep -v "^#" "$kubernetes/rbac.yaml" | diff - stdout'
# Objects that are no Apis; the kustomization is no object.
each_is_yaml() {
	for file in "$kubernetes"/[!k]*.yaml; do
		run 1 apigwctl validate -c apigwd.yaml -f "$file" && holds stderr 'no Api in the input' || return
	done
}
check 'every file there is YAML to our own strict reader' each_is_yaml
check 'a server is not read to its end' run 1 apigwd --config apigwd.yaml --once
check 'and that is said' holds stderr 'is an API server, which has no end to read to'
check 'Apis can be rendered for it' run 0 apigwctl render -c apigwd.yaml -f "$top_srcdir/etc/sample/apis"

check 'without an account there is the role alone' run 0 apigwctl rbac -c apigwd.yaml
check 'and nothing else' test "$(grep ^kind: stdout)" = 'kind: ClusterRole'
check 'another account' run 0 apigwctl rbac -c apigwd.yaml --service-account ns-1:gateway.one
check 'names all three' test "$(grep -c '^ *\(- \)\?name: gateway.one$' stdout)" -eq 5
check 'in its namespace' test "$(grep -c '^ *namespace: ns-1$' stdout)" -eq 2
for account in '' x : x: :x A:b a:B a/b:c a:b:c; do
	check "'$account' is no account" run 2 apigwctl rbac -c apigwd.yaml --service-account "$account"
	check 'says so' holds stderr 'is no service account; expected NAMESPACE:NAME'
done
check '--service-account is for rbac alone' run 2 apigwctl plugins --service-account a:b
check '-f is not for rbac' run 2 apigwctl rbac -c apigwd.yaml -f apigwd.yaml
check 'a config that is not there is told' run 2 apigwctl rbac -c none.yaml

# verbs RESOURCE: those of its rule, in a line.
verbs() {
	awk -v wanted="  - $1" '/^- / { resource = "" } /^  - / { if (resource && in_verbs) printf "%s ", $2 }
		$0 == wanted { resource = 1 } /^  verbs:/ { in_verbs = 1; next } /^[^ ]|^  [^-]/ { in_verbs = 0 }' stdout
}
check 'an enabled backend' run 0 apigwctl rbac -c apigwd.yaml
check 'writes its kind' test "$(verbs virtualservices)" = 'get list watch create update delete '
check 'and reads Services' test "$(verbs services)" = 'get list watch '
sed 's/istio-authn-policy: {}/istio-authn-policy: {enabled: false}/' apigwd.yaml >disabled.yaml
check 'a disabled one' run 0 apigwctl rbac -c disabled.yaml
check 'only removes' test "$(verbs policies)" = 'get list watch delete '
check 'the other one is as it was' test "$(verbs virtualservices)" = 'get list watch create update delete '
check 'which reads Services, too' test "$(verbs services)" = 'get list watch '
sed 's/^  istio-virtualservice:/&\n    enabled: false/' disabled.yaml >neither.yaml
check 'where both are disabled' run 0 apigwctl rbac -c neither.yaml
check 'nobody reads Services' test -z "$(verbs services)"
sed 's/istio-authn-policy: {}/istio-authn-policy: {enabled: false, onDisable: keep}/' apigwd.yaml >kept.yaml
check 'one whose outputs stay' run 0 apigwctl rbac -c kept.yaml
check 'not even that' test "$(verbs policies)" = 'get list watch '
sed 's/istio-authn-policy: {}/istio-authn-policy: {plugin: .\/none.so, required: false}/' apigwd.yaml >missing.yaml
check 'one that cannot be loaded is no success' run 1 apigwctl rbac -c missing.yaml
check 'with the reason' holds stderr 'none.so' 'what it needs is not in the list'
check 'Apis are never written' eval 'apigwctl rbac -c apigwd.yaml >stdout && test "$(verbs apis)" = "get list watch "'
check 'but for their status' test "$(verbs apis/status)" = 'update patch '
check 'nothing is asked for everything' lacks stdout '*'

fresh
check 'a directory has a role too, for later' run 0 apigwctl rbac -c apigwd.yaml
printf -- '- name: second\n  kubernetes: {}\n  backends:\n    istio-authn-policy: {enabled: false}\n' >>apigwd.yaml
check 'of two clusters one must be chosen' run 2 apigwctl rbac -c apigwd.yaml
check 'of these' holds stderr 'test second'
check 'and can be' run 0 apigwctl rbac -c apigwd.yaml --cluster second
check 'with its own backends' test "$(verbs policies)" = 'get list watch delete '
finish
