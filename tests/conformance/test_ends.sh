#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance: deletion, restarts and what is in the way. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/conformance/kit.sh"

nothing_of_a1() {
	find out -name 'a1*' >.left
	[ ! -s .left ] || { cat .left; return 1; }
}

K72() {
	other
	secured_a1
	once
	rm in/a1.yaml
	once
	nothing_of_a1
	[ -f $vs/other.yaml ]
}
shown K72 'with the Api its VirtualService and its Policy go'

K74() {
	other
	secured_a1
	once
	secured_a1 h2
	once
	# Nothing runs between two runs, so each start is one after a deletion; without a status it is the same.
	rm in/a1.yaml
	rm -r out/status
	once
	nothing_of_a1
}
shown K74 'also when it was deleted while nothing ran, and nothing remembers it'

K76() {
	other
	plain_a1
	foreign_route theirs t1 h1.kyma.local >in/theirs.yaml
	mkdir -p $vs
	foreign_route a1 t1 h1.kyma.local >$vs/a1.yaml
	cp $vs/a1.yaml theirs
	once 1
	[ "$(codes a1 | cut -d/ -f2)" = 4 ]
	rm in/a1.yaml
	once
	diff theirs $vs/a1.yaml
	absent $status/a1.yaml
}
shown K76 'a foreign VirtualService that was in the way stays when the Api goes'

K77() {
	other
	secured_a1
	once
	# Gone after its Policy was made and before its VirtualService was.
	rm $vs/a1.yaml $status/a1.yaml in/a1.yaml
	once
	nothing_of_a1
	# Created, and deleted already when it is seen first.
	secured_a1
	sed -i 's/^  namespace: t1/&\n  deletionTimestamp: "2020-01-01T00:00:00Z"/' in/a1.yaml
	apigwd --config apigwd.yaml --once || :
	absent $vs/a1.yaml
	absent $policies/a1.yaml
	has_codes other 2/2/-
}
shown K77 'of an Api that goes as soon as it came nothing is left'

K78() {
	mkdir in/t1 in/t2
	for i in 1 2 3; do
		{ api a$i svc$i h$i; authentication; jwt https://one; } >in/t1/a$i.yaml
	done
	{ api b1 svc1 h9; authentication; jwt https://one; } | sed 's/namespace: t1/namespace: t2/' >in/t2/b1.yaml
	once
	state | grep /t2/ >before
	rm -r in/t1
	once
	absent out/resources/t1
	absent out/status/t1
	[ ! -s stderr ]
	state >after
	diff before after
	moves
	[ ! -s moves ]
}
shown K78 'with a namespace all of its Apis go, quietly, and nothing else'

K84() {
	for i in $(seq 50); do
		api a svc h$i | sed "s/namespace: t1/namespace: n$i/" >in/n$i.yaml
	done
	started=$(date +%s%N)
	once
	elapsed=$((($(date +%s%N) - started) / 1000000))
	[ "$(find out/resources -name a.yaml | wc -l)" -eq 50 ]
	echo "$elapsed ms"
	[ $elapsed -lt 2000 ]
}
shown K84 '50 Apis in 50 namespaces are served within 2 s'

K89() {
	plain_a1
	mkdir out
	run 1 flock out "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml --once
	holds stderr 'in use by another apigwd'
	absent out/resources
	once
	has_codes a1 2/2/-
}
shown K89 'of two at once only one writes'

K90() {
	secured_a1
	other
	# A folder of this kind cannot be made, by root either.
	mkdir -p out/resources/t1
	echo in the way >$policies
	once 1
	has_codes a1 2/1/3
	begins a1 authenticationStatus ''
	part authenticationStatus a1 >reason
	holds reason 'policies.authentication.istio.io'
	has_codes other 2/2/-
	absent $vs/a1.yaml
	rm $policies
	once
	has_codes a1 2/2/2
}
shown K90 'where one kind cannot be written, that part has 3 and the reason, and the others work'

finish
