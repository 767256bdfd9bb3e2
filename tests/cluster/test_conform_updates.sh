#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance on a real API server: edits of Apis, and of what was made for them. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/cluster/conform.sh"
conform_begin

# One edit, and a minute of quiet for it while everything else goes on; K71 looks at it.
ns=k71
namespaced k71
edit_of_k71() {
	api a1 svc1 h71 "$one" && has_codes a1 2/2/2 && settled && mark && edit a1 svc1 h72 "$one" && has_codes a1 2/2/2
}
check 'an edit for later' edit_of_k71
edited_at=$(date +%s)

K53() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	value vs a1 .metadata.uid >uid
	value vs a1 .metadata.resourceVersion >version
	port=81 edit a1 svc1 h1
	soon vs a1 '.spec.http[0].route[0].destination.port.number == 81'
	value vs a1 .metadata.uid | diff uid -
	has_codes a1 2/2/-
	now=$(value vs a1 .metadata.resourceVersion)
	[ "$now" != "$(cat version)" ]
	soon api a1 ".status.virtualService.resource.version == \"$now\""
}
shown K53 'another port changes the VirtualService in place, and the version in the status'

K54() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	mark
	edit a1 svc2 h1 "$one"
	soon vs a1 '.spec.http[0].route[0].destination.host == "svc2.k54.svc.cluster.local"'
	soon policy a1 '.spec.targets == [{name: "svc2"}]'
	has_codes a1 2/2/2
	settled
	# Protection for both, the route, protection for the new one alone; one status.
	wrote "$mark" >moves
	same 'update policies a1 200
update virtualservices a1 200
update policies a1 200
update apis/status a1 200' moves
}
shown K54 'another Service changes destination and target'

K55() {
	api a1 svc1 h1
	has_codes a1 2/2/-
	value vs a1 .metadata.uid >uid
	mark
	edit a1 svc1 h2
	soon vs a1 '.spec.hosts == ["h2.kyma.local"]'
	value vs a1 .metadata.uid | diff uid -
	has_codes a1 2/2/-
	settled
	wrote "$mark" >moves
	same 'update virtualservices a1 200
update apis/status a1 200' moves
}
shown K55 'another free hostname changes the VirtualService in place'

K60() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	object vs a1
	jq -S .spec answer >wanted
	change "$(at vs a1)" '[{"op":"replace","path":"/spec/http/0/route/0/destination/host","value":"elsewhere"},
		{"op":"add","path":"/spec/http/0/timeout","value":"5s"},
		{"op":"add","path":"/metadata/annotations","value":{"note":"theirs"}},
		{"op":"add","path":"/metadata/labels/team","value":"x"}]'
	soon vs a1 '.spec.http[0].route[0].destination.host == "svc1.k60.svc.cluster.local"'
	# What others added to the spec goes, their labels and annotations stay.
	jq -S .spec answer | diff wanted -
	is vs a1 '.metadata.annotations.note == "theirs" and .metadata.labels.team == "x"'
	for weaker in '[{"op":"remove","path":"/spec/peers"}]' \
		'[{"op":"add","path":"/spec/originIsOptional","value":true}]' \
		'[{"op":"add","path":"/spec/origins/0/jwt/trigger_rules","value":[{"excluded_paths":[{"prefix":"/"}]}]}]' \
		'[{"op":"replace","path":"/metadata/labels/apiUid","value":"x"}]'; do
		object policy a1
		jq -S '[.spec, .metadata.labels | del(.apiVersion)]' answer >wanted
		change "$(at policy a1)" "$weaker"
		bed_within $patience restored || { echo "stays: $weaker"; return 1; }
	done
}
restored() {
	object policy a1 && jq -S '[.spec, .metadata.labels | del(.apiVersion)]' answer | cmp -s wanted -
}
shown K60 'an edit of VirtualService or Policy by somebody else is undone, but for labels and annotations of theirs'

K61() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	for kind in vs policy; do
		uid=$(value $kind a1 .metadata.uid)
		drop "$(at $kind a1)" >/dev/null
		soon $kind a1 ".metadata.uid != \"$uid\""
		uid=$(value $kind a1 .metadata.uid)
		soon api a1 "[.status.virtualService, .status.authenticationStatus] | any(.resource.uid == \"$uid\")"
	done
	has_codes a1 2/2/2
}
shown K61 'what somebody removed is made again'

K66() {
	api a1 svc1 h1 "$one"
	has_codes a1 2/2/2
	settled
	mark
	merge "$(at api a1)" '{"metadata":{"labels":{"team":"x"},"annotations":{"note":"y"}}}'
	merge "$(at api a1)" '{"metadata":{"labels":{"team":null}}}'
	sleep 2
	[ -z "$(wrote "$mark")" ]
}
shown K66 'labels and annotations of an Api change nothing'

default_issuer='[.spec.origins[].jwt.issuer] == ["https://dex.kyma.local"]'

K67() {
	api a1 svc1 h1 "$one"
	soon policy a1 '[.spec.origins[].jwt.issuer] == ["https://one"]'
	has_codes a1 2/2/2
	uid=$(value policy a1 .metadata.uid)
	edit a1 svc1 h1 ',"authenticationEnabled":true'
	soon policy a1 "$default_issuer"
	edit a1 svc1 h1 "$one"
	soon policy a1 "[.spec.origins[].jwt.issuer] == [\"https://one\"] and .metadata.uid == \"$uid\""
	has_codes a1 2/2/2
	drop "$(at api a1)" >/dev/null
	gone policy a1
	gone vs a1
}
shown K67 'the Policy follows from own issuers to the default one, back, and goes with the Api'

K68() {
	api a1 svc1 h1 ",\"authenticationEnabled\":false$one"
	has_codes a1 2/2/-
	absent policy a1
	edit a1 svc1 h1 ',"authenticationEnabled":true'
	soon policy a1 "$default_issuer"
	has_codes a1 2/2/2
}
shown K68 'from off, with a list, to on, without one'

K69() {
	foreign_route a1 theirs.example.org
	version=$(value vs a1 .metadata.resourceVersion)
	api a1 svc1 h1
	has_codes a1 2/3/-
	begins a1 virtualService 'VirtualService "k69/a1"'
	settled
	is vs a1 ".metadata.resourceVersion == \"$version\""
	drop "$(at vs a1)" >/dev/null
	has_codes a1 2/2/-
	soon vs a1 '.spec.hosts == ["h1.kyma.local"]'
}
shown K69 'a foreign VirtualService of the same name is left alone and named, until it is gone'

K70() {
	foreign_policy a1
	version=$(value policy a1 .metadata.resourceVersion)
	api a1 svc1 h1 "$one"
	has_codes a1 2/1/3
	begins a1 authenticationStatus 'Policy "k70/a1"'
	settled
	is policy a1 ".metadata.resourceVersion == \"$version\""
	absent vs a1
	drop "$(at policy a1)" >/dev/null
	has_codes a1 2/2/2
	soon policy a1 '.spec.targets == [{name: "svc1"}]'
	soon vs a1 true
}
shown K70 'a foreign Policy of the same name too, and the Api is not published meanwhile'

K71() {
	left=$((edited_at + 61 - $(date +%s)))
	[ $left -le 0 ] || sleep $left
	bed_audit bed | jq -rc 'select(.objectRef.namespace == "k71")
		| [.user.username, .verb, .objectRef.resource + "/" + (.objectRef.subresource // ""), .responseStatus.code]' |
		sed -n '/"admin","patch"/,$p' | grep -v '"get"' >moves
	same '["admin","patch","apis/",200]
["apigwd","update","virtualservices/",200]
["apigwd","update","apis/status",200]' moves
}
shown K71 'one edit is one write of the output and one of the status, and for a minute none follows'

check 'the daemon ends with code 0' end
finish
