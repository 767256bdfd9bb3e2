#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# etc/kubernetes on a real API server: it is taken, the Pod is as locked up as can be, and the service account may do
# what `apigwctl rbac` lists and nothing else.
set -u
. "$top_srcdir/tests/directory/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need
bed_up bed
kubernetes=$top_srcdir/etc/kubernetes
account=system:serviceaccount:kyma-system:apigwd

check 'kustomize builds it' run 0 kube bed kustomize "$top_srcdir/docs/examples/kubernetes"
check 'with the image of the example' holds stdout 'image: registry.example.com/apigwd:1.0'
cp stdout built.yaml
check 'the namespace is taken' kube bed apply --server-side -f "$kubernetes/namespace.yaml"
check 'all of it would be taken' kube bed apply --server-side --dry-run=server --validate=strict -f built.yaml
check 'and is' kube bed apply --server-side --validate=strict -f built.yaml
check 'a second time it changes nothing' eval 'kube bed get -f built.yaml -o json | jq "[.items[].metadata.resourceVersion]" >before &&
	kube bed apply --server-side -f built.yaml && kube bed get -f built.yaml -o json | jq "[.items[].metadata.resourceVersion]" | diff before -'
check 'the kind Api is served' kube bed wait --for=condition=Established --timeout=60s crd/apis.gateway.kyma-project.io

deployment() {
	kube bed -n kyma-system get deployment apigwd -o json | jq -e "$1"
}
check 'one replica, never two' deployment '.spec.replicas == 1 and .spec.strategy.type == "Recreate"'
check 'no sidecar' deployment '.spec.template.metadata | [.labels, .annotations] | all(."sidecar.istio.io/inject" == "false")'
check 'probes' deployment '.spec.template.spec.containers[0] | .livenessProbe.httpGet.path == "/healthz" and .readinessProbe.httpGet.path == "/readyz"'
check 'bounded' deployment '.spec.template.spec.containers[0].resources == {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "64Mi"}}'
check 'nothing of the root can be written' deployment '.spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem'

# The server itself judges the Pod by its strictest standard.
kube bed create namespace strict >/dev/null
kube bed label namespace strict pod-security.kubernetes.io/enforce=restricted >/dev/null
pod() {
	kube bed -n kyma-system get deployment apigwd -o json | jq "{apiVersion: \"v1\", kind: \"Pod\",
		metadata: {name: \"p\", namespace: \"strict\"}, spec: (.spec.template.spec | $1)}" >pod.json
	kube bed create --dry-run=server -f pod.json
}
check 'the Pod passes the restricted standard' run 0 pod .
check 'that is in force' run 1 pod 'del(.containers[0].securityContext.capabilities)'

may() {
	[ "$(kube bed auth can-i "$@" --as="$account" 2>/dev/null)" = yes ]
}
may_not() {
	! may "$@"
}
for verb in get list watch create update delete; do
	check "may $verb virtualservices" may "$verb" virtualservices.networking.istio.io -A
	check "may $verb policies" may "$verb" policies.authentication.istio.io -A
done
for verb in get list watch; do
	check "may $verb apis" may "$verb" apis.gateway.kyma-project.io -A
	check "may $verb services" may "$verb" services -A
done
for verb in list watch; do
	check "may $verb CRDs" may "$verb" customresourcedefinitions.apiextensions.k8s.io
done
check 'may update the status' may update apis.gateway.kyma-project.io --subresource=status -A
check 'may patch the status' may patch apis.gateway.kyma-project.io --subresource=status -A
check 'may get kube-system' may get namespaces/kube-system
for refused in 'update apis.gateway.kyma-project.io' 'create apis.gateway.kyma-project.io' 'delete apis.gateway.kyma-project.io' \
	'patch virtualservices.networking.istio.io' 'deletecollection virtualservices.networking.istio.io' 'get secrets' \
	'update services' 'create services' 'delete services' 'list pods' 'create pods' 'get namespaces/default' 'list namespaces' 'get customresourcedefinitions.apiextensions.k8s.io' 'update customresourcedefinitions.apiextensions.k8s.io' \
	'create gateways.networking.istio.io' 'escalate clusterroles.rbac.authorization.k8s.io'; do
	# Word splitting is meant.
	check "may not $refused" may_not $refused -A
done

# What the server says itself, against the list that the file was made of.
check 'the rules are those of the role' eval 'kube bed get clusterrole apigwd -o json | jq -S "[.rules[] | {apiGroups, resources, verbs, resourceNames}]" >bound &&
	kube bed create --dry-run=client -o json -f "$kubernetes/rbac.yaml" | jq -S -s "[.[] | (.items // [.])[] | select(.kind == \"ClusterRole\")][0].rules | [.[] | {apiGroups, resources, verbs, resourceNames}]" | diff - bound'

check 'the bed stops' bed_stop bed
finish
