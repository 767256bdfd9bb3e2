#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the API server says to Apis under etc/kubernetes/crd.yaml: good ones pass, bad ones get a message that
# helps, unknown fields are kept. What it refuses, apigwd would refuse too.
set -u
. "$top_srcdir/tests/directory/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need

cat >apigwd.yaml <<'CONFIG'
domain: [kyma.local, example.org]
defaultIssuer: {issuer: "https://dex.kyma.local", jwksUri: "https://dex.kyma.local/keys"}
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: test
  directory: {input: in, output: out}
CONFIG
mkdir in

# api_of SPEC: an Api in `api.yaml` with this spec, in JSON, or whatever else shall stand at its root.
counter=0
api_of() {
	counter=$((counter + 1))
	case $1 in
	'{'*) root="\"spec\": $1" ;;
	*) root=$1 ;;
	esac
	echo "{\"apiVersion\": \"gateway.kyma-project.io/v1alpha2\", \"kind\": \"Api\"," \
		"\"metadata\": {\"name\": \"a$counter\", \"namespace\": \"default\"}${root:+, $root}}" >api.yaml
}

# with FIELDS: a spec that is good but for what FIELDS say; jwt FIELDS: likewise, with one element's jwt.
with() {
	echo "{\"service\": {\"name\": \"s$counter\", \"port\": 80}, \"hostname\": \"h$counter\"${1:+, $1}}"
}
element() {
	with "\"authentication\": [$1]"
}
jwt() {
	element "{\"type\": \"JWT\", \"jwt\": {$1}}"
}
I='"issuer": "https://i"'
J='"jwksUri": "https://i/keys"'

stored() {
	kube bed get apis "a$counter" -o json >stored.json
}
refused_by_apigwd() {
	run 1 apigwctl validate -c apigwd.yaml -f api.yaml
}

# accepted WHAT ROOT: the API server takes it, in the strict way that kubectl asks for.
accepted() {
	api_of "$2"
	check "accepted: $1" kube bed create -f api.yaml
}

# refused WHAT ROOT FIELD MESSAGE: it does not, and says so at this field; nor would apigwd.
refused() {
	api_of "$2"
	run 1 kube bed create -f api.yaml
	check "refused: $1" holds stderr "$3: " "$4"
	check 'and not stored' run 1 stored
	check 'and refused by apigwd too' refused_by_apigwd
}

# kept WHAT ROOT PATH FIELD: an unknown field that stays, though nobody asks the server to be strict, for apigwd.
kept() {
	api_of "$2"
	check "taken: $1" kube bed create --validate=ignore -f api.yaml
	stored
	check 'and kept' jq -e "$3 | has(\"$4\")" stored.json
	check 'and refused by apigwd, as it is stored' run 1 apigwctl validate -c apigwd.yaml -f stored.json
}

bed_up bed
check 'the schema is structural' silent kube bed get crd apis.gateway.kyma-project.io \
	-o 'jsonpath={.status.conditions[?(@.type=="NonStructuralSchema")].message}'

check 'the sample is accepted' kube bed apply -f "$top_srcdir/etc/sample/apis"
kube bed create namespace shop >/dev/null
for n in $(seq "$(grep -c '^```yaml api$' "$top_srcdir/docs/api.md")"); do
	awk -v n="$n" '/^```/ { inside = $0 == "```yaml api" && ++seen == n; next } inside' "$top_srcdir/docs/api.md" >example.yaml
	check "example $n of docs/api.md is accepted" kube bed create --dry-run=server -n shop --validate=strict -f example.yaml
done
accepted 'the smallest' "$(with '')"
for host in a "$(printf 'x%062d' 0)" h-1.kyma.local Orders.Kyma.Local 0; do
	accepted "host $host" "{\"service\": {\"name\": \"s\", \"port\": 1}, \"hostname\": \"$host\"}"
done
accepted 'the last port' '{"service": {"name": "s", "port": 65535}, "hostname": "p"}'
accepted 'no issuers' "$(with '"authentication": []')"
accepted 'the default issuer' "$(with '"authenticationEnabled": true')"
accepted 'two issuers' "$(element "{\"type\": \"JWT\", \"jwt\": {$I, $J}}, {\"type\": \"JWT\", \"jwt\": {\"issuer\": \"j\", $J}}")"
accepted 'each sort of path' "$(jwt "$I, $J, \"triggerRule\": {\"excludedPaths\":
	[{\"exact\": \"/a\"}, {\"prefix\": \"/b\"}, {\"suffix\": \"c\"}, {\"regex\": \"^/d/(.*?)?\"}]}")"
accepted 'no paths' "$(jwt "$I, $J, \"triggerRule\": {\"excludedPaths\": []}")"
for url in HTTPS://I/keys http://127.0.0.1:5556/keys 'https://[::1]:1/k' http://dex-service.kyma-system.svc.cluster.local:5556/keys; do
	accepted "keys at $url" "$(jwt "$I, \"jwksUri\": \"$url\"")"
done

missing='Required value'
refused 'no spec' '' spec "$missing"
refused 'an empty spec' '{}' spec.hostname "$missing"
refused 'no service' '{"hostname": "h"}' spec.service "$missing"
refused 'no port' '{"service": {"name": "s"}, "hostname": "h"}' spec.service.port "$missing"
refused 'no name of a service' '{"service": {"port": 1}, "hostname": "h"}' spec.service.name "$missing"
refused 'no hostname' '{"service": {"name": "s", "port": 1}}' spec.hostname "$missing"
for port in 0 -1 65536 70000 4294967376; do
	refused "port $port" "{\"service\": {\"name\": \"s\", \"port\": $port}, \"hostname\": \"h\"}" \
		spec.service.port 'expected a port of the Service, 1 to 65535'
done
refused 'a quoted port' '{"service": {"name": "s", "port": "80"}, "hostname": "h"}' spec.service.port 'must be of type integer'
for name in s.default S -s s- '' "$(printf 'x%063d' 0)"; do
	api_of "{\"service\": {\"name\": \"$name\", \"port\": 1}, \"hostname\": \"h\"}"
	run 1 kube bed create -f api.yaml
	check "refused: Service '$name'" grep -E "spec.service.name: .*(expected the name of a Service|may not be more than 63)" stderr
	check 'and by apigwd' refused_by_apigwd
done
host_refused() {
	refused "host '$1'" "{\"service\": {\"name\": \"s\", \"port\": 1}, \"hostname\": \"$1\"}" spec.hostname "$2"
}
host_refused '*.kyma.local' 'is a wildcard'
host_refused h.kyma.local. 'ends in a dot; remove the dot'
host_refused https://h.kyma.local 'without scheme, port and path'
host_refused h.kyma.local:443 'without scheme, port and path'
host_refused h_1 'expected a label of letters, digits and dashes'
host_refused -h 'expected a label of letters'
host_refused h- 'expected a label of letters'
host_refused h..kyma.local 'expected a label of letters'
host_refused '' 'at least 1 chars long'
host_refused "$(printf 'x%063d' 0)" 'at most 63 characters'
host_refused "$(printf 'x%063d.kyma.local' 0)" 'at most 63 characters'

at='spec.authentication[0]'
refused 'the flattened form' "$(element "{\"type\": \"JWT\", $I, $J}")" "$at.jwt" 'both inside jwt and not beside type'
refused 'no type' "$(element "{\"jwt\": {$I, $J}}")" "$at.type" 'is missing; expected type: JWT'
for type in jwt OAuth ''; do
	refused "type '$type'" "$(element "{\"type\": \"$type\", \"jwt\": {$I, $J}}")" "$at.type" 'expected JWT, in capitals'
done
refused 'an empty jwt' "$(jwt '')" "$at.jwt.issuer" 'is missing; expected the issuer'
refused 'no issuer' "$(jwt "$J")" "$at.jwt.issuer" 'is missing; expected the issuer'
refused 'an empty issuer' "$(jwt "\"issuer\": \"\", $J")" "$at.jwt.issuer" 'is empty or blank'
refused 'a blank issuer' "$(jwt "\"issuer\": \" \\t\", $J")" "$at.jwt.issuer" 'is empty or blank'
refused 'no jwksUri' "$(jwt "$I")" "$at.jwt.jwksUri" 'is missing; expected the http or https URL'
for url in foo ftp://x/keys https:/x https:// https:///keys ''; do
	refused "keys at '$url'" "$(jwt "$I, \"jwksUri\": \"$url\"")" "$at.jwt.jwksUri" 'expected an absolute http or https URL'
done
refused 'one issuer twice' \
	"$(element "{\"type\": \"JWT\", \"jwt\": {$I, $J}}, {\"type\": \"JWT\", \"jwt\": {$I, $J}}")" \
	spec.authentication 'each issuer may stand once'
refused 'authentication: JWT' "$(with '"authentication": "JWT"')" spec.authentication 'must be of type array'
refused 'an issuer that is null' "$(element null)" "$at" 'must be of type object'
refused 'authenticationEnabled: "true"' \
	"$(with '"authenticationEnabled": "true"')" spec.authenticationEnabled 'must be of type boolean'
paths() {
	jwt "$I, $J, \"triggerRule\": {\"excludedPaths\": [$1]}"
}
at="$at.jwt.triggerRule.excludedPaths[0]"
refused 'a path of no sort' "$(paths '{}')" "$at" 'exactly one of exact, prefix, suffix and regex'
refused 'a path of two sorts' "$(paths '{"exact": "/a", "prefix": "/b"}')" "$at" 'exactly one of exact, prefix, suffix and regex'
refused 'an empty path' "$(paths '{"exact": ""}')" "$at.exact" 'at least 1 chars long'
refused 'a path that is a text' "$(paths '"/a"')" "$at" 'must be of type object'

good="{\"type\": \"JWT\", \"jwt\": {$I, $J}}"
kept authentications "$(with "\"authentications\": [$good]")" .spec authentications
kept Authentication "$(with "\"Authentication\": [$good]")" .spec Authentication
kept 'authentication beside spec' "\"authentication\": [$good], \"spec\": $(with '')" . authentication
kept 'authentication: null' "$(with '"authentication": null')" .spec authentication
kept 'authenticationEnabled: null' "$(with '"authenticationEnabled": null')" .spec authenticationEnabled
kept 'an issuer in service' \
	'{"service": {"name": "s", "port": 1, "issuer": "i"}, "hostname": "h"}' .spec.service issuer
element='.spec.authentication[0]'
kept 'a field in an element' "$(element "{\"type\": \"JWT\", \"scopes\": [], \"jwt\": {$I, $J}}")" "$element" scopes
kept 'a field in jwt' "$(jwt "$I, $J, \"audiences\": [\"x\"]")" "$element.jwt" audiences
kept 'a field in triggerRule' "$(jwt "$I, $J, \"triggerRule\": {\"includedPaths\": []}")" "$element.jwt.triggerRule" includedPaths
kept 'a field in a path' "$(paths '{"exact": "/a", "foo": "b"}')" "$element.jwt.triggerRule.excludedPaths[0]" foo

# The status is a thing apart, and what is in it stays as it was written.
api_of "\"spec\": $(with ''), \"status\": {\"validationStatus\": 2}"
check 'an Api with a status is created' kube bed create -f api.yaml
check 'without the status' run 1 eval 'stored && jq -e .status stored.json'
# part CODE: as a backend reports it, with more than the CRD names.
part() {
	echo "{\"code\": $1, \"lastError\": \"e\", \"more\": 1, \"resource\":
		{\"name\": \"n\", \"uid\": \"u\", \"version\": \"1\", \"more\": {\"x\": 1}}}"
}
condition() {
	echo "{\"type\": \"$1\", \"status\": \"$2\", \"reason\": \"R\", \"message\": \"\", \"observedGeneration\": 1, \"more\": 1,
		\"lastTransitionTime\": \"2026-01-01T00:00:00Z\"}"
}
status="{\"validationStatus\": 2, \"observedGeneration\": 1, \"mesh\": $(part 1), \"virtualService\": $(part 2),
	\"virtualServiceStatus\": $(part 4), \"authenticationStatus\": $(part 3), \"backends\": [$(part 2)],
	\"conditions\": [$(condition Secured False), $(condition Ready True)]}"
write_status() {
	kube bed patch apis "a$counter" --subresource=status --type=merge -p "{\"status\": $1}"
}
check 'a status is written' write_status "$status"
check 'every field of it is kept' eval 'stored && echo "$status" | jq -S . >wanted && jq -S .status stored.json | diff wanted -'
check 'the generation counts the spec alone' jq -e '.metadata.generation == 1' stored.json
check 'kubectl wait sees it' kube bed wait --for=condition=Ready --timeout=10s "apis/a$counter"
check 'kubectl get shows the columns' prints '^NAME +HOST +SERVICE +SECURED +READY +AGE$' kube bed get apis "a$counter"
check 'and what is in them' prints "^a$counter +h[0-9]+ +s[0-9]+ +False +True +[0-9]+s\$" kube bed get apis "a$counter"
check 'the reason too, if asked' prints ' READY +REASON +AGE$' kube bed get apigw "a$counter" -o wide
check 'kubectl explain tells the fields' prints 'of any of them will do' kube bed explain apis.spec.authentication

# What is stored already does not keep a status from being written.
loosen() {
	kube bed patch crd apis.gateway.kyma-project.io --type=json -p '[{"op": "replace", "path":
		"/spec/versions/0/schema/openAPIV3Schema", "value": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}]'
}
check 'a looser CRD' loosen
api_of '{"service": {"name": "", "port": 0}, "hostname": "*", "authentication": [{"type": "x"}]}'
taken_loosely() {
	bed_within 30 kube bed create --validate=ignore -f api.yaml
}
check 'takes a bad Api' taken_loosely
check 'the CRD is put back' kube bed apply --server-side --force-conflicts -f "$top_srcdir/etc/kubernetes/crd.yaml"
tightened() {
	sed 's/"name": "a[0-9]*"/"name": "probe"/' api.yaml >probe.yaml
	! kube bed create --dry-run=server -f probe.yaml
}
check 'and is in force' bed_within 30 tightened
check 'its status can be written' write_status '{"validationStatus": 3}'

check 'the bed stops' bed_stop bed
finish
