#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Streams of watch events with one violation planted in each: the judge hears it. One that is right passes, in whatever
# order it was seen; so does one in which the daemon could not know better yet. One with nothing to judge does not.
set -u
. "$top_srcdir/tests/directory/kit.sh"
fresh

version=0
# event TYPE KIND METADATA REST: what a watcher of this kind prints; the object is always called a1.
event() {
	version=$((version + 1))
	case $2 in
	Api) event_group=gateway.kyma-project.io/v1alpha2 ;;
	VirtualService) event_group=networking.istio.io/v1alpha3 ;;
	Policy) event_group=authentication.istio.io/v1alpha1 ;;
	esac
	printf '{"type": "%s", "object": {"apiVersion": "%s", "kind": "%s", "metadata": {"name": "a1", "namespace": "t1",
		"uid": "u-%s", "resourceVersion": "%d"%s}, %s}}' "$1" "$event_group" "$2" "$2" $version "$3" "$4" | tr -d '\n\t'
	echo
}

# edit TYPE GENERATION SERVICE [ISSUER]: the user's Api from now on, with the status that it has.
edit() {
	api=$(printf '"spec": {"service": {"name": "%s", "port": 80}, "hostname": "h1", "authentication": [%s]}' "$3" \
		"${4:+{\"type\": \"JWT\", \"jwt\": {\"issuer\": \"$4\", \"jwksUri\": \"https://i/k\"\}\}}")
	generation=$2
	issuer=${4-}
	[ "$1" != ADDED ] || status=
	event "$1" Api ", \"generation\": $generation" "$api$status"
}

labels=', "labels": {"createdBy": "apigwd", "apiNamespace": "t1", "apiName": "a1", "apiUid": "u-Api"}'

# signed MANAGER TIME: who wrote.
signed() {
	printf ', "managedFields": [{"manager": "%s", "operation": "Apply", "time": "2026-01-01T00:00:%sZ"}]' "$1" "$2"
}

# route TYPE SERVICE [METADATA], protection TYPE SERVICE ISSUER
route() {
	event "$1" VirtualService "${3-$labels}" "\"spec\": {\"hosts\": [\"h1.kyma.local\"], \"http\": [{\"route\":
		[{\"destination\": {\"host\": \"$2.t1.svc.cluster.local\", \"port\": {\"number\": 80}}}]}]}"
	routed=$version
}
protection() {
	event "$1" Policy "${4-$labels}" "\"spec\": {\"targets\": [{\"name\": \"$2\"}], \"origins\": [{\"jwt\": {\"issuer\": \"$3\"}}]}"
	protected=$version
}

# condition TYPE: it is True.
condition() {
	printf '{"type": "%s", "status": "True", "reason": "Served", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z"}' "$1"
}
part() {
	printf '"%s": {"code": 2, "resource": {"name": "a1", "uid": "u-%s", "version": "%d"}}' "$1" "$2" "$3"
}

# report [GENERATION]: the daemon's status, which tells that all is as asked for.
report() {
	status=$(printf ', "status": {"observedGeneration": %d, "validationStatus": 2, %s, %s "conditions": [%s, %s, %s, %s]}' \
		"${1:-$generation}" "$(part virtualService VirtualService "$routed")" \
		"${issuer:+$(part authenticationStatus Policy "$protected"),}" "$(condition Accepted)" "$(condition Programmed)" \
		"$(condition Ready)" "${issuer:+$(condition Secured)}")
	status=$(echo "$status" | sed 's/, ]/]/')
	event MODIFIED Api ", \"generation\": $generation" "$api$status"
}

# served: a secured Api is, as it should be.
served() {
	edit ADDED 1 svc1 https://one
	protection ADDED svc1 https://one
	route ADDED svc1
	report
}
opened() {
	edit ADDED 1 svc1
	route ADDED svc1
	report
}
moved() {
	served
	edit MODIFIED 2 svc2 https://one
}

hear() {
	"$top_builddir/tests/judge/watched" apigwd.yaml "$top_builddir/plugins/.libs" "$@"
}

passes() {
	check "$1" run 0 hear story
}

# found WHAT RULE TEXT
found() {
	check "$1 is heard" run 1 hear story
	check "as rule $2" grep -qE "rule $2: t1/a1: .*$3" stdout
}

served >story
passes 'what is right passes'
check 'and is told' holds stdout '4 events (0 cut short), 1 edits, 2 writes (0 decided before an edit), 1 statuses, 0 changes' \
	'0 findings, 0 set aside'
tac story >backwards
check 'what was seen in another order does' run 0 hear backwards
check 'or in parts, and twice' run 0 hear backwards story
{ cat story; tail -n 1 story | head -c 100; } >cut
check 'or cut short' run 0 hear cut
check 'which is told' holds stdout '(1 cut short)'
{ moved; protection MODIFIED 'svc1"}, {"name": "svc2' https://one; route MODIFIED svc2; protection MODIFIED svc2 https://one
	report; } >story
passes 'a move over both Services passes'
{ served; event DELETED Api ', "generation": 1' "$api"; route DELETED svc1; protection DELETED svc1 https://one; } >story
passes 'and a removal'
{ served; edit MODIFIED 2 svc1; protection DELETED svc1 https://one; report; } >story
passes 'and an Api that is opened'

{ edit ADDED 1 svc1 https://one; route ADDED svc1; protection ADDED svc1 https://one; report; } >story
found 'a route before its Policy' 2 'route written without the protection'
{ served; protection DELETED svc1 https://one; } >story
found 'a Policy removed before its route' 2 'the removal of Policy.* uncovers'
{ served; event DELETED Api ', "generation": 1' "$api"; protection DELETED svc1 https://one; route DELETED svc1; } >story
found 'a Policy of a removed Api that goes before the route' 2 'the removal of Policy.* uncovers'
{ moved; route MODIFIED svc2; protection MODIFIED svc2 https://one; report; } >story
found 'a route moved to a Service that is not covered' 2 'without the protection .* to t1/svc2'
{ moved; protection MODIFIED svc2 https://one; route MODIFIED svc2; report; } >story
found 'a Policy that leaves the Service of the route' 2 'the write of Policy.* uncovers .* to t1/svc1'
{ served; protection MODIFIED svc1 https://anybody; } >story
found 'a Policy whose issuers were weakened' 2 'issuers that the Api does not name'
{ served; route MODIFIED svc1 ''; } >story
found 'an output that is not called ours any more' 5 'without the labels of its Api'
{ route ADDED svc2 ''; edit ADDED 1 svc1; route MODIFIED svc1; report; } >story
found "somebody else's route that is replaced" 5 "somebody else's"
{ moved; report; } >story
found 'a status that lies' status 'code 2 and VirtualService.* is not as wanted'
{ served; edit MODIFIED 2 svc1; protection DELETED svc1 https://one; report; edit MODIFIED 3 svc1 https://one; report; } >story
found 'a status that calls an open route secured' status 'Secured is True'
moved >story
found 'what is not served in the end' 1 'nothing of VirtualService stands as wanted'

# The daemon hears of an edit later.
{ opened; edit MODIFIED 2 svc1 https://one; route MODIFIED svc1; protection ADDED svc1 https://one; report; } >story
passes 'a route that was open may still be written as it was'
check 'which is told' holds stdout '(1 decided before an edit)'
{ opened; edit MODIFIED 2 svc1 https://one; report 1; route MODIFIED svc1; protection ADDED svc1 https://one; report; } >story
passes 'also after a status of before the edit'
{ opened; edit MODIFIED 2 svc1 https://one; event MODIFIED Api ', "generation": 2' "$api, \"status\": {\"observedGeneration\": 2}"
	route MODIFIED svc1; } >story
found 'that the edit was known' 2 'route written without the protection'
{ opened; edit MODIFIED 2 svc1 https://one; protection ADDED svc1 https://one; protection DELETED svc1 https://one; } >story
found 'that it was known by what was done' 2 'the removal of Policy'
{ served; edit MODIFIED 2 svc1 https://two; route MODIFIED svc2; } >story
found 'what no edit explains' 2 'to t1/svc2'

# What others do is not the daemon's.
{ served; protection MODIFIED svc1 https://theirs "$labels$(signed kubectl 01)"; protection MODIFIED svc1 https://one; report
} >story
passes 'what others change is theirs'
check 'which is told' holds stdout '1 changes of others'
{ served; protection MODIFIED svc1 https://theirs "$labels$(signed apigwd 01)"; } >story
found 'what the daemon signs' 2 'issuers'

# configured LINE: the script says that the config is another one now, for authentication and for the cluster.
configured() {
	sed "s/istio-authn-policy: {}/istio-authn-policy: {enabled: false}/; \$a\\  $1" apigwd.yaml >other.yaml
	printf '{"type": "CONFIG", "object": {"kind": "Config", "metadata": {"name": "x", "resourceVersion": "%d"}, "text": "%s"}}\n' \
		$version "$(sed 's/$/\\n/' other.yaml | tr -d '\n')"
}
{ served; configured 'unprotected: refuse'; protection DELETED svc1 https://one; } >story
found 'what a disabled backend leaves open' 2 'the removal of Policy'
{ served; configured 'unprotected: accept'; protection DELETED svc1 https://one; } >story
check 'which the operator may accept' run 1 hear story
check 'so that no rule 2 is broken' lacks stdout 'rule 2'
{ served; protection DELETED svc1 https://one; configured 'unprotected: accept'; } >story
found 'what was not accepted yet' 2 'the removal of Policy'

: >story
check 'without an event there is no success' run 1 hear story
edit ADDED 1 svc1 >story
check 'nor without a write' run 1 hear story
{ edit ADDED 1 svc1; route ADDED svc1; } >story
check 'nor without a status' run 1 hear story
{ served; echo 'Error from server'; } >story
check 'what is no event cannot be heard' run 2 hear story
check 'nor what is not there' run 2 hear nothing
echo '{}' >apigwd.yaml
served >story
check 'nor anything without backends' run 1 hear story
finish
