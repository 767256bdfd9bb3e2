#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance: one Api for a Service, one for a hostname. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/conformance/kit.sh"

# created NAME SERVICE HOSTNAME TIME: an Api with a creationTimestamp, on standard output.
created() {
	api "$1" "$2" "$3" | sed "s/^  namespace: t1/&\n  creationTimestamp: \"$4\"/"
}

K33() {
	secured_a1
	once
	state >before
	api a2 svc1 h2 >in/a2.yaml
	once 1
	has_codes a2 5/0/-
	absent $vs/a2.yaml
	begins a2 virtualService 'Service "svc1" is already published by Api "t1/a1"'
	has_codes a1 2/2/2
	state | grep -v /a2.yaml >after
	diff before after
}
shown K33 'a second Api for a Service has 5 and no effect on the first'

K34() {
	plain_a1
	api a2 svc1 h2 | sed 's/namespace: t1/namespace: t2/' >in/a2.yaml
	once
	[ -f $vs/a1.yaml ]
	[ -f out/resources/t2/virtualservices.networking.istio.io/a2.yaml ]
}
shown K34 'Services of one name in two namespaces are two Services'

K35() {
	plain_a1
	once
	api a2 svc1 h2 >in/a2.yaml
	once 1
	plain_a1 h3
	once 1
	has_codes a1 2/2/-
	holds $vs/a1.yaml h3.kyma.local
	has_codes a2 5/0/-
}
shown K35 'an edit of the first goes through while the second waits'

K36() {
	plain_a1
	once
	api a2 svc1 h2 >in/a2.yaml
	once 1
	rm in/a1.yaml
	once
	has_codes a2 2/2/-
	holds $vs/a2.yaml h2.kyma.local svc1.t1
	absent $vs/a1.yaml
	absent $status/a1.yaml
}
shown K36 'the second is served as soon as the first is gone, without an edit'

K37() {
	# Neither file nor document order, but age; then the name.
	{ created a2 svc1 h2 2020-01-02T00:00:00Z; echo ---; created a1 svc1 h1 2020-01-03T00:00:00Z; } >in/both.yaml
	once 1
	has_codes a2 2/2/-
	has_codes a1 5/0/-
	rm -rf out
	{ created a2 svc1 h2 2020-01-02T00:00:00Z; echo ---; created a1 svc1 h1 2020-01-02T00:00:00Z; } >in/both.yaml
	once 1
	has_codes a1 2/2/-
	has_codes a2 5/0/-
	rm -rf out
	{ created a2 svc1 h2 2020-01-02T00:00:00Z; echo ---; api a1 svc1 h1; } >in/both.yaml
	once 1
	has_codes a2 2/2/-
	has_codes a1 5/0/-
}
shown K37 'of two new ones for a Service the older is served, of one age the first by name'

# both_live: a1 and a2 for one Service, each with a VirtualService, as the historic controller could leave them.
both_live() {
	plain_a1
	once
	sed 's/a1$/a2/; s/h1\./h2./' $vs/a1.yaml >a2
	mv a2 $vs/a2.yaml
	api a2 svc1 h2 >in/a2.yaml
}

K39() {
	for goes in a1 a2; do
		rm -rf in out
		mkdir in
		both_live
		state | grep resources >before
		once 1
		has_codes a1 2/2/-
		has_codes a2 5/3/-
		state | grep resources >after
		diff before after
		[ $goes = a2 ] && stays=a1 || stays=a2
		rm in/$goes.yaml
		once
		has_codes $stays 2/2/-
		[ -f $vs/$stays.yaml ]
		absent $vs/$goes.yaml
		state >before
		once
		state >after
		diff before after
	done
}
shown K39 'of two that both have outputs one stays after the other is gone, and a restart changes nothing'

K40() {
	secured_a1
	{ api b1 svc2 h2; authentication; jwt https://one; } >in/b1.yaml
	once
	state | grep resources >before
	{ api b1 svc1 h2; authentication; jwt https://one; } >in/b1.yaml
	once 1
	has_codes b1 5/3/3
	begins b1 virtualService 'older output kept: Service "svc1" is already published'
	part virtualService b1 >named
	holds named 'name: b1'
	has_codes a1 2/2/2
	state | grep resources >after
	diff before after
	{ api b1 svc2 h2; authentication; jwt https://one; } >in/b1.yaml
	once
	has_codes b1 2/2/2
	state | grep resources >after
	diff before after
}
shown K40 'an Api that turns to a held Service keeps its outputs, and has 2 again when it turns back'

K42() {
	plain_a1
	foreign_route theirs t1 h1.kyma.local >in/theirs.yaml
	once 1
	has_codes a1 2/4/-
	begins a1 virtualService 'the hostname h1.kyma.local is already in use'
	absent $vs/a1.yaml
	part virtualServiceStatus a1 >alias
	holds alias 'code: 4'
	rm in/theirs.yaml
	once
	has_codes a1 2/2/-
}
shown K42 'a hostname that a foreign VirtualService has gives 4, with a text'

K43() {
	plain_a1
	foreign_route theirs t2 h1.kyma.local >in/theirs.yaml
	once 1
	has_codes a1 2/4/-
	begins a1 virtualService 'the hostname h1.kyma.local is already in use by VirtualService "t2/theirs"'
	absent $vs/a1.yaml
}
shown K43 'one of another namespace too'

K44() {
	secured_a1
	foreign_route theirs t2 h1.kyma.local >in/theirs.yaml
	once 1
	[ "$(codes a1 | cut -d/ -f1,2)" = 2/4 ]
	[ "$(codes a1 | cut -d/ -f3)" = 0 ]
	absent out/resources
}
shown K44 'an Api that is not published for its hostname gets no Policy either'

K45() {
	secured_a1
	once
	state | grep resources >before
	foreign_route theirs t2 taken.kyma.local >in/theirs.yaml
	secured_a1 taken
	once 1
	[ "$(codes a1 | cut -d/ -f1,2)" = 2/4 ]
	begins a1 virtualService 'the hostname taken.kyma.local is already in use'
	part virtualService a1 >named
	holds named 'name: a1' 'version:'
	state | grep resources >after
	diff before after
	holds $vs/a1.yaml h1.kyma.local
}
shown K45 'a served Api that turns to a taken hostname keeps what it has, with 4'

K48() {
	plain_a1 h1
	api b1 svc2 h1.kyma.local >in/b1.yaml
	once 1
	has_codes a1 2/2/-
	has_codes b1 2/4/-
	begins b1 virtualService 'the hostname h1.kyma.local is already in use'
	rm -rf out
	plain_a1 H1.kyma.LOCAL
	once 1
	has_codes a1 2/2/-
	has_codes b1 2/4/-
}
shown K48 'both spellings of a hostname are one hostname'

K50() {
	plain_a1
	foreign_route theirs t2 '*.kyma.local' >in/theirs.yaml
	once
	has_codes a1 2/2/-
}
shown K50 'a wildcard of somebody else takes no hostname'

K51() {
	secured_a1
	once
	once
	has_codes a1 2/2/2
	# Without a status, and with one that names something else.
	rm -r out/status
	once
	has_codes a1 2/2/2
	sed -i 's/^      name: a1/      name: forged/; s/code: 2/code: 4/' $status/a1.yaml
	once
	has_codes a1 2/2/2
	# Away, taken meanwhile by another Api, and back.
	secured_a1 h2
	once
	secured_a1 h1
	once
	has_codes a1 2/2/2
	secured_a1 h1 svc2
	once
	has_codes a1 2/2/2
	# Its VirtualService is removed, edited and made again.
	rm $vs/a1.yaml
	once
	sed -i 's/h1\.kyma/h9.kyma/' $vs/a1.yaml
	once
	has_codes a1 2/2/2
	holds $vs/a1.yaml h1.kyma.local
}
shown K51 'the own VirtualService of an Api is never in its way'

K52() {
	plain_a1
	foreign_route theirs t2 h1.kyma.local other-gateway >in/theirs.yaml
	once 1
	has_codes a1 2/4/-
}
shown K52 'a hostname is taken whatever gateway the other VirtualService is bound to'

finish
