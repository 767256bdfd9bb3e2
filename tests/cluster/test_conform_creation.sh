#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance on a real API server: what becomes of a new Api. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/cluster/conform.sh"
conform_begin

# spec_is KIND JSON: the spec of a1, soon, in whatever order of keys.
spec_is() {
	soon "$1" a1 true
	jq -S .spec answer >spec
	echo "$2" | jq -S . | diff - spec
}

K01() {
	api a1 svc1 h1.kyma.local
	has_codes a1 2/2/-
	spec_is vs '{"hosts": ["h1.kyma.local"], "gateways": ["kyma-gateway.kyma-system.svc.cluster.local"],
		"http": [{"match": [{"uri": {"regex": "/.*"}}],
			"route": [{"destination": {"host": "svc1.k01.svc.cluster.local", "port": {"number": 80}}}],
			"corsPolicy": {"allowOrigin": ["*"], "allowMethods": ["GET", "POST", "PUT", "DELETE"],
				"allowHeaders": ["Authorization", "Content-Type", "*"]}}]}'
	edit a1 svc1 h1.kyma.local "$one"
	has_codes a1 2/2/2
}
shown K01 'an Api becomes exactly this VirtualService'

K02() {
	api a1 svc1 h1
	soon vs a1 '.spec.hosts == ["h1.kyma.local"]'
	has_codes a1 2/2/-
	is api a1 '.spec.hostname == "h1" and .metadata.generation == 1'
}
shown K02 'a hostname of one label gets the domain, in the VirtualService only'

# named: the status names the live objects.
named() {
	object vs a1
	jq -c '[.metadata.name, .metadata.uid, .metadata.resourceVersion]' answer >live
	value api a1 '.status.virtualService.resource | [.name, .uid, .version]' | diff live -
	object policy a1
	jq -c '[.metadata.name, .metadata.uid, .metadata.resourceVersion]' answer >live
	value api a1 '.status.authenticationStatus.resource | [.name, .uid, .version]' | diff live -
}

K03() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	named
	edit a1 svc2 h2 "$one"
	has_codes a1 2/2/2
	soon vs a1 '.spec.hosts == ["h2.kyma.local"]'
	settled
	named
}
shown K03 'the status has name, uid and resourceVersion of the live objects, under both names'

K04() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	value api a1 '.metadata.uid' >uid
	soon vs a1 '.metadata.labels.createdBy == "api-controller" and .metadata.labels.apiNamespace == "k04" and
		.metadata.labels.apiName == "a1" and (.metadata.labels | length) == 5'
	value vs a1 '.metadata.labels.apiUid' | diff uid -
	# The version is that of the Api when the VirtualService was written: its first one here.
	jq -se '.[] | select(.object.metadata.namespace == "k04") | .object.metadata.resourceVersion' watched.api |
		head -n 1 >version
	value vs a1 '.metadata.labels.apiVersion | tojson' | diff version -
	# The next one is told with another write only.
	mark
	merge "$(at api a1)" '{"metadata":{"labels":{"a":"b"}}}'
	sleep 1
	[ -z "$(wrote "$mark")" ]
	port=81 edit a1 svc1 h1
	soon vs a1 ".spec.http[0].route[0].destination.port.number == 81 and .metadata.labels.apiVersion != $(cat version)"
}
shown K04 'the labels name maker, uid, namespace, name and version of the Api; the version alone is no change'

K05() {
	sed -i '/cors/d' apigwd.yaml
	with_config
	api a1 svc1 h1
	soon vs a1 '.spec.http[0] | has("corsPolicy") | not'
	has_codes a1 2/2/-
}
shown K05 'without CORS settings there is no corsPolicy'

K06() {
	sed -i '/corsAllow[MH]/d; s|corsAllowOrigins:.*|corsAllowOrigins: ["https://x.y", "https://z.y"]|' apigwd.yaml
	with_config
	api a1 svc1 h1
	soon vs a1 '.spec.http[0].corsPolicy == {allowOrigin: ["https://x.y", "https://z.y"]}'
}
shown K06 'of the CORS settings only those that are given appear'

K07() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	spec_is policy '{"targets": [{"name": "svc1"}], "peers": [{"mtls": {}}], "principalBinding": "USE_ORIGIN",
		"origins": [{"jwt": {"issuer": "https://one", "jwksUri": "https://one/keys"}}]}'
}
shown K07 'one issuer becomes exactly this Policy'

K08() {
	api a1 svc1 h1 ",\"authentication\":[$(issuer https://two),$(issuer https://one)]"
	soon policy a1 '[.spec.origins[].jwt.issuer] == ["https://two", "https://one"]'
}
shown K08 'two issuers keep their order'

K09() {
	paths='[{"exact":"/status"},{"suffix":"/favicon.ico"},{"prefix":"/web"},{"regex":"^/a/(.*?)?"}]'
	api a1 svc1 h1 ",\"authentication\":[{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"https://one\",
		\"jwksUri\":\"https://one/keys\",\"triggerRule\":{\"excludedPaths\":$paths}}}]"
	soon policy a1 ".spec.origins[0].jwt.trigger_rules == [{excluded_paths: $paths}]"
	has_codes a1 2/2/2
}
shown K09 'excluded paths of every kind become one rule, in order'

default_origins='.spec.origins == [{jwt: {issuer: "https://dex.kyma.local",
	jwksUri: "http://dex-service.kyma-system.svc.cluster.local:5556/keys"}}]'

K10() {
	api a1 svc1 h1 ',"authenticationEnabled":true'
	soon policy a1 "$default_origins"
	has_codes a1 2/2/2
	api a2 svc2 h2 ',"authenticationEnabled":true,"authentication":[]'
	soon policy a2 "$default_origins"
}
shown K10 'authentication without a list, or with an empty one, means the issuer of the settings'

K12() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	absent policy a1
	is api a1 '.status | has("authenticationStatus") | not'
}
shown K12 'without authentication there is neither a Policy nor authenticationStatus'

K13() {
	api a1 svc1 h1 "$one"
	soon policy a1 true
	has_codes a1 2/2/2
	edit a1 svc1 h1 ",\"authenticationEnabled\":false$one"
	gone policy a1
	has_codes a1 2/2/-
}
shown K13 'a list alone turns authentication on, and false turns it off'

K14() {
	sed -i 's/mtls: true/mtls: false/' apigwd.yaml
	with_config
	for disabled in true false; do
		api a-$disabled svc-$disabled h-$disabled ",\"disableIstioAuthPolicyMTLS\":$disabled$one"
		soon policy a-$disabled '.spec | has("peers") | not'
	done
}
shown K14 'with mutual TLS off in the settings no Api gets it'

K15() {
	api a1 svc1 h1 ",\"disableIstioAuthPolicyMTLS\":true$one"
	soon policy a1 '(.spec | has("peers") | not) and .spec.origins[0].jwt.issuer == "https://one"'
}
shown K15 'an Api can leave mutual TLS out'

K17() {
	api a1 svc1 h1.kyma.local ',"unknown":{"b":1,"a":[]}'
	object api a1
	jq -S .spec answer >before
	has_codes a1 2/2/-
	jq -S .spec answer | diff before -
	is api a1 '.metadata.generation == 1 and .metadata.ownerReferences == null and .metadata.finalizers == null'
	# Of all fields apigwd owns the status only.
	call GET "$(at api a1)" -H 'Accept: application/json'
	jq -e '[.metadata.managedFields[] | select(.manager == "apigwd") | .fieldsV1 | keys[]] == ["f:status"]' answer
}
shown K17 'what the user wrote is never rewritten'

# obstacle VERB: the server lets nobody in this namespace create a Policy.
obstacle() {
	post /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies '{"metadata":{"name":"no-policies"},"spec":{
		"failurePolicy":"Fail","matchConstraints":{"resourceRules":[{"apiGroups":["authentication.istio.io"],
		"apiVersions":["*"],"operations":["CREATE"],"resources":["policies"]}]},
		"validations":[{"expression":"false","message":"nobody makes Policies here today"}]}}'
	post /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings '{"metadata":{"name":"no-policies"},
		"spec":{"policyName":"no-policies","validationActions":["Deny"],"matchResources":{"namespaceSelector":{
		"matchLabels":{"kubernetes.io/metadata.name":"k18"}}}}}'
	bed_within 30 in_force
}
in_force() {
	! foreign_policy probe >/dev/null || { drop "$(at policy probe)" >/dev/null; return 1; }
}

K18() {
	obstacle
	api a1 svc1 h1 "$one"
	has_codes a1 2/1/3
	value api a1 .status.authenticationStatus.lastError >reason
	holds reason 'nobody makes Policies here today'
	absent vs a1
	drop /apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/no-policies
	patience=30
	has_codes a1 2/2/2
	soon policy a1 true
	soon vs a1 true
}
shown K18 'an Api whose Policy the server refuses is not published, and is served when it can'

# In all that was watched above, by observers of their own; versions count over all kinds.
watched() {
	jq -c --arg kind "$1" '{kind: $kind, type, rv: (.object.metadata.resourceVersion | tonumber),
		key: (.object.metadata.namespace + "/" + .object.metadata.name), object}' "watched.$1"
}
history() {
	{ watched vs; watched policy; watched api; } | jq -cs 'sort_by(.rv)[]'
}
sleep 1
history >history
foretold() {
	jq -sc 'reduce .[] as $e ({live: {}, wrong: []};
		if $e.kind != "api" then
			.live[$e.kind + " " + $e.key] = (if $e.type == "DELETED" then null else $e.object.metadata.uid end)
		else . as $s | .wrong += ([["vs", $e.object.status.virtualService], ["policy", $e.object.status.authenticationStatus]]
			| map(select(.[1].code == 2 and $e.type != "DELETED"
				and .[1].resource.uid != $s.live[.[0] + " " + $e.key])) | map([$e.key, $e.rv, .]))
		end) | .wrong[]' history | tee wrong
	[ ! -s wrong ]
}
truths() {
	jq -s '[.[] | select(.kind == "api" and .object.status.virtualService.code == 2)] | length' history
}
check 'K16 twenty truths were told' test "$(truths)" -ge 20
check 'K16 the status says 2 only after the object is there, in all of the above' foretold

# premature: VirtualServices that came before the Policy of an Api that asks for one from its first moment.
premature() {
	jq -sc '[.[] | select(.type == "ADDED")] | group_by(.key)[]
		| select(any(.[]; .kind == "api" and (.object.spec | .authenticationEnabled // (.authentication // [] | . != []))))
		| [([.[] | select(.kind == "policy") | .rv] | min), ([.[] | select(.kind == "vs") | .rv] | min), .[0].key]
		| select(.[1] != null)' history >pairs
	jq -c 'select(.[0] == null or .[0] > .[1])' pairs | tee wrong
	[ "$(wc -l <pairs)" -ge 8 ] && [ ! -s wrong ]
}
check 'K19 the Policy is there before the VirtualService, in all of the above' premature

check 'the daemon ends with code 0' end
finish
