#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sample as a user meets it, with and without a garbage collector; objects of the historic controller; changes of
# the settings.
set -u
. "$top_srcdir/tests/cluster/conform.sh"
conform_begin
sample=$top_srcdir/etc/sample/apis/sample-api.yaml
sed -i '/^- kubernetes.default/d' chart.yaml
cp chart.yaml apigwd.yaml
with_config
ns=default

# named: the status names the live objects.
named() {
	for kind in vs policy; do
		object $kind sample-api
		jq -r '.metadata | .name + " " + .uid + " " + .resourceVersion' answer
	done >live
	value api sample-api '.status | .virtualService.resource, .authenticationStatus.resource
		| .name + " " + .uid + " " + .version' | diff live -
}
# ordered: in all that an observer saw, no Policy went before the VirtualService of its name.
ordered() {
	for kind in vs policy; do
		jq -r --arg kind $kind 'select(.type == "DELETED") | .object.metadata | .resourceVersion + " " + $kind' \
			watched.$kind
	done | sort -n | cut -d ' ' -f 2 >order
	yes 'vs
policy' | head -n $((2 * $1)) | diff - order
}
columns() {
	kube bed get apis -o wide | sed 's/  */ /g; s/ [0-9]*s$//' >table
	same 'NAME HOST SERVICE SECURED READY REASON AGE
sample-api kubernetes.kyma.local kubernetes True True Served' table
}

for round in 1 2; do
	[ $round = 1 ] && with='without a collector' || with='with a collector'
	[ $round = 1 ] || bed_collect bed
	check "$with: the sample is applied" kube bed apply -f "$sample"
	check "$with: wait returns" kube bed wait --for=condition=Ready --timeout=10s api/sample-api
	check "$with: 2/2/2" has_codes sample-api 2/2/2
	check "$with: the status names the live objects" named
	check "$with: kubectl get apis tells" columns
	check "$with: a condition warns of a port that is not for HTTP" tells sample-api Secured Secured '443 of Service .kubernetes. .*https'
	check "$with: it is deleted" kube bed delete -f "$sample"
	check "$with: the VirtualService goes" gone vs sample-api
	check "$with: the Policy goes" gone policy sample-api
	check "$with: the Policy never before the VirtualService" bed_within $patience ordered $round
done

# The historic controller's objects, as it wrote them: what it made differs from what is wanted in nothing.
old_objects() {
	meta="\"metadata\":{\"name\":\"old\",\"labels\":{\"createdBy\":\"api-controller\",\"apiUid\":\"$1\",
		\"apiNamespace\":\"default\",\"apiName\":\"old\",\"apiVersion\":\"1\"}}"
	post "$(at vs)" "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",$meta,\"spec\":{
		\"hosts\":[\"h-old.kyma.local\"],\"gateways\":[\"kyma-gateway.kyma-system.svc.cluster.local\"],\"http\":[{
		\"match\":[{\"uri\":{\"regex\":\"/.*\"}}],\"route\":[{\"destination\":{\"host\":\"svc-old.default.svc.cluster.local\",
		\"port\":{\"number\":80}}}],\"corsPolicy\":{\"allowOrigin\":[\"*\"],\"allowMethods\":[\"GET\",\"POST\",\"PUT\",
		\"DELETE\"],\"allowHeaders\":[\"Authorization\",\"Content-Type\",\"*\"]}}]}}" &&
		post "$(at policy)" "{\"apiVersion\":\"authentication.istio.io/v1alpha1\",\"kind\":\"Policy\",$meta,\"spec\":{
		\"targets\":[{\"name\":\"svc-old\"}],\"peers\":[{\"mtls\":{}}],\"principalBinding\":\"USE_ORIGIN\",
		\"origins\":[{\"jwt\":{\"issuer\":\"https://one\",\"jwksUri\":\"https://one/keys\"}}]}}"
}
# The Policy is as it shall be; the VirtualService at most gets its owner.
owner_only() {
	wrote "$mark" | sed 's/^patch virtualservices/update virtualservices/' >moves
	cat moves
	grep -v '^update virtualservices old 200$' moves | same 'update apis/status old 200' - &&
		[ "$(grep -c '^update virtualservices' moves)" -le 1 ]
}
taken() {
	end && api old svc-old h-old "$one" && old_objects "$(value api old .metadata.uid)" || return
	uid=$(value vs old .metadata.uid)
	mark
	begin && has_codes old 2/2/2 && is api old ".status.virtualService.resource.uid == \"$uid\"" || return
	sleep 1
	owner_only
}
check 'objects of the historic controller are taken over in place' taken

# reloaded SED WANTED: after this change of the settings exactly these are written.
reloaded() {
	mark
	sed -i "$1" apigwd.yaml
	kill -HUP "$(cat daemon.pid)"
	bed_within $patience changed "$2" || { cat moves; return 1; }
	sleep 1
	changed "$2" || { cat moves; return 1; }
}
changed() {
	wrote "$mark" | grep -v apis/status | sort >moves
	[ "$(cat moves)" = "$1" ]
}
api plain svc-plain h-plain
api default-issuer svc-d h-d ',"authenticationEnabled":true'
check 'three Apis' has_codes default-issuer 2/2/2
has_codes plain 2/2/- >/dev/null
settled
routes='update virtualservices default-issuer 200
update virtualservices old 200
update virtualservices plain 200'
protections='update policies default-issuer 200
update policies old 200'
check 'CORS reaches all routes' reloaded '/corsAllowMethods/d' "$routes"
check 'the gateway too' reloaded 's/kyma-gateway/other-gateway/' "$routes"
check 'the domain too' reloaded 's/^domain: .*/domain: example.org/' "$routes"
check 'mutual TLS reaches all protections' reloaded 's/mtls: true/mtls: false/' "$protections"
check 'the default issuer those who ask for it' reloaded 's|issuer: https://dex.*|issuer: https://new|' \
	'update policies default-issuer 200'
check 'a comment writes nothing' reloaded '$a # nothing' ''
check 'all are well' has_codes default-issuer 2/2/2

check 'the daemon ends with code 0' end
finish
