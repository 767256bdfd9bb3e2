#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance: edits of Apis, and of what was made for them. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/conformance/kit.sh"

K53() {
	plain_a1
	once
	part virtualService a1 >first
	sed -i 's/port: 80/port: 81/' in/a1.yaml
	moves
	# Replaced in place, never removed.
	same 'sync
put resources/t1/virtualservices.networking.istio.io/a1.yaml
put status/t1/a1.yaml
sync' moves
	holds $vs/a1.yaml 'number: 81'
	part virtualService a1 >second
	run 1 diff first second
	has_codes a1 2/2/-
}
shown K53 'another port changes the VirtualService in place, and the version in the status'

K54() {
	secured_a1
	once
	secured_a1 h1 svc2
	once
	holds $vs/a1.yaml 'host: svc2.t1.svc.cluster.local'
	lacks $vs/a1.yaml svc1
	holds $policies/a1.yaml 'name: svc2'
	lacks $policies/a1.yaml svc1
	has_codes a1 2/2/2
}
shown K54 'another Service changes destination and target'

K55() {
	plain_a1
	once
	plain_a1 h2
	moves
	same 'sync
put resources/t1/virtualservices.networking.istio.io/a1.yaml
put status/t1/a1.yaml
sync' moves
	holds $vs/a1.yaml h2.kyma.local
	lacks $vs/a1.yaml h1.kyma.local
}
shown K55 'another free hostname changes the VirtualService in place'

K60() {
	plain_a1
	once
	cp $vs/a1.yaml wanted
	sed -i 's/svc1.t1.svc/elsewhere.t1.svc/' $vs/a1.yaml
	once
	diff wanted $vs/a1.yaml
}
shown K60 'an edit of the VirtualService by somebody else is undone'

K61() {
	secured_a1
	once
	cp $vs/a1.yaml route
	cp $policies/a1.yaml policy
	rm $vs/a1.yaml
	once
	diff route $vs/a1.yaml
	rm $policies/a1.yaml
	once
	diff policy $policies/a1.yaml
	has_codes a1 2/2/2
}
shown K61 'what somebody removed is made again'

K66() {
	secured_a1
	once
	state >before
	sed -i 's/^  namespace: t1/&\n  labels: {team: x}\n  annotations: {note: "y"}/' in/a1.yaml
	once
	state >after
	diff before after
}
shown K66 'labels and annotations of an Api change nothing'

K67() {
	other
	secured_a1
	once
	holds $policies/a1.yaml 'issuer: https://one'
	echo '  authenticationEnabled: true' | a1 h1
	once
	holds $policies/a1.yaml 'issuer: https://dex.kyma.local'
	lacks $policies/a1.yaml https://one
	secured_a1
	once
	holds $policies/a1.yaml 'issuer: https://one'
	lacks $policies/a1.yaml dex
	has_codes a1 2/2/2
	rm in/a1.yaml
	once
	absent $policies/a1.yaml
	absent $vs/a1.yaml
}
shown K67 'the Policy follows from own issuers to the default one, back, and goes with the Api'

K68() {
	{ echo '  authenticationEnabled: false'; authentication; jwt https://one; } | a1 h1
	once
	absent $policies
	echo '  authenticationEnabled: true' | a1 h1
	once
	holds $policies/a1.yaml 'issuer: https://dex.kyma.local'
	lacks $policies/a1.yaml https://one
	has_codes a1 2/2/2
}
shown K68 'from off, with a list, to on, without one'

K69() {
	plain_a1
	mkdir -p $vs
	foreign_route a1 t1 theirs.example.org >$vs/a1.yaml
	cp $vs/a1.yaml theirs
	once 1
	diff theirs $vs/a1.yaml
	has_codes a1 2/3/-
	begins a1 virtualService 'VirtualService "t1/a1"'
	rm $vs/a1.yaml
	once
	has_codes a1 2/2/-
	holds $vs/a1.yaml h1.kyma.local
}
shown K69 'a foreign VirtualService of the same name is left alone and named, until it is gone'

K70() {
	secured_a1
	mkdir -p $policies
	cat >$policies/a1.yaml <<'POLICY'
apiVersion: authentication.istio.io/v1alpha1
kind: Policy
metadata: {name: a1, namespace: t1}
spec: {targets: [{name: theirs}]}
POLICY
	cp $policies/a1.yaml theirs
	once 1
	diff theirs $policies/a1.yaml
	absent $vs/a1.yaml
	has_codes a1 2/1/3
	begins a1 authenticationStatus 'Policy "t1/a1"'
	rm $policies/a1.yaml
	once
	has_codes a1 2/2/2
}
shown K70 'a foreign Policy of the same name too, and the Api is not published meanwhile'

K71() {
	secured_a1
	once
	secured_a1 h2
	moves
	[ "$(grep -c 'put status' moves)" -eq 1 ]
	[ "$(grep -c 'put resources' moves)" -eq 1 ]
	for again in 1 2 3; do
		moves
		[ ! -s moves ]
	done
}
shown K71 'one edit is one write of the status, and none follows'

finish
