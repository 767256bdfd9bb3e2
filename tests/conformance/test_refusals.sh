#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance: what is refused, alone and with a reason. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/conformance/kit.sh"

# refuses TEXT: a run refuses a1 with a reason that holds the text.
refuses() {
	rm -rf out
	once 1
	refused a1 "$1"
	holds stderr in/a1.yaml: "$1"
}

K20() {
	for hostname in h1.other.local x.h1.kyma.local h1.kyma.local.kyma.local h1.kyma-local; do
		plain_a1 $hostname
		refuses spec.hostname
	done
	plain_a1 h1.kyma.local
	once
}
shown K20 'hostnames with another domain, or with more labels before it'

label_of() {
	head -c "$1" /dev/zero | tr '\0' x
}

K21() {
	for length in 64 65; do
		plain_a1 "$(label_of $length)"
		refuses spec.hostname
	done
	plain_a1 "$(label_of 63)"
	once
	holds $vs/a1.yaml "$(label_of 63).kyma.local"
}
shown K21 'a hostname label of 64 characters or more'

K22() {
	for field in port name hostname; do
		plain_a1
		awk -v field="$field:" '/^spec:/ { on = 1 } !(on && $1 == field)' in/a1.yaml >cut
		mv cut in/a1.yaml
		[ $field = hostname ] || field=service.$field
		refuses spec.$field
	done
}
shown K22 'an Api without port, Service or hostname'

K23() {
	plain_a1
	sed -i '/^spec:/,$d' in/a1.yaml
	refuses spec
	printf 'spec: {}\n' >>in/a1.yaml
	refuses spec.service
}
shown K23 'an Api without a spec'

K24() {
	{
		authentication
		jwt https://one
		printf '      triggerRule:\n        excludedPaths:\n        - {exact: /a, foo: bar}\n'
	} | a1 h1
	api a2 svc2 h2 >in/a2.yaml
	refuses 'spec.authentication[0].jwt.triggerRule.excludedPaths[0]'
	has_codes a2 2/2/-
	[ -f $vs/a2.yaml ]
	# In one file with the bad one, and after it, as well.
	{ cat in/a1.yaml; echo ---; api a3 svc3 h3; } >both
	mv both in/a1.yaml
	refuses 'spec.authentication[0].jwt.triggerRule.excludedPaths[0]'
	has_codes a3 2/2/-
}
shown K24 'an excluded path with a field too many; the other Apis are served'

K25() {
	for type in jwt OAuth; do
		{ authentication; jwt https://one; } | sed "s/type: JWT/type: $type/" | a1 h1
		refuses 'spec.authentication[0].type'
	done
}
shown K25 'authentication of a type that is not exactly JWT'

K26() {
	for port in 0 -1 70000 65536; do
		plain_a1
		sed -i "s/port: 80/port: $port/" in/a1.yaml
		refuses spec.service.port
	done
	plain_a1
	sed -i 's/port: 80/port: 65535/' in/a1.yaml
	once
}
shown K26 'a port that does not exist'

K27() {
	for uri in foo ftp://x/keys; do
		{ authentication; jwt https://one; } | sed "s|jwksUri: .*|jwksUri: $uri|" | a1 h1
		refuses 'spec.authentication[0].jwt.jwksUri'
	done
}
shown K27 'keys at no http or https address'

K28() {
	{ authentication; jwt https://one; jwt https://one; } | a1 h1
	refuses 'spec.authentication[1].jwt.issuer'
}
shown K28 'an issuer that is listed twice'

K29() {
	secured_a1
	sed -i 's/name: a1/name: default/' in/a1.yaml
	once 1
	[ "$(codes default | cut -d/ -f3)" = 3 ]
	begins default authenticationStatus ''
	holds $status/default.yaml 'default'
	absent out/resources
	plain_a1
	sed -i 's/name: a1/name: default/' in/a1.yaml
	once
	[ -f $vs/default.yaml ]
}
shown K29 'an Api called default with authentication, whose Policy would be that of the namespace'

K30() {
	plain_a1 h1 kubernetes
	sed -i 's/namespace: t1/namespace: default/' in/a1.yaml
	once 1
	absent out/resources
	holds out/status/default/a1.yaml 'validationStatus: 3' blocklist 'code: 0'
	# The same name elsewhere is another Service.
	sed -i 's/namespace: default/namespace: t1/' in/a1.yaml
	once
	[ -f $vs/a1.yaml ]
}
shown K30 'a Service on the blocklist'

K31() {
	sed -i '/^- kub/d; /^- istio-/d; /^- apis/d' apigwd.yaml
	sed -i 's/^blocklist:/blocklist: [" svc-1.t1 ", " ", svc-2.t1, "", " svc-3.t1"]/' apigwd.yaml
	for i in 1 2 3 4; do
		api a$i svc-$i h$i >in/a$i.yaml
	done
	api a5 svc h5 >in/a5.yaml
	once 1
	for i in 1 2 3; do
		has_codes a$i 3/0/-
	done
	has_codes a4 2/2/-
	has_codes a5 2/2/-
	# What can match no Service is an error of the config.
	sed -i 's/svc-2.t1/svc-2/' apigwd.yaml
	run 2 apigwd --config apigwd.yaml --once
	holds stderr 'apigwd.yaml:' blocklist svc-2
}
shown K31 'a blocklist of three entries has three'

K32() {
	secured_a1
	once
	cp $vs/a1.yaml route
	cp $policies/a1.yaml policy
	part virtualService a1 >before
	sed -i 's/- kubernetes.default/&\n- svc2.t1/' apigwd.yaml
	secured_a1 h1 svc2
	once 1
	[ "$(codes a1 | cut -d/ -f1)" = 3 ]
	diff route $vs/a1.yaml
	diff policy $policies/a1.yaml
	part virtualService a1 >after
	begins a1 virtualService 'older output kept:'
	sed -n '/resource:/,$p' before >named
	sed -n '/resource:/,$p' after | diff named -
}
shown K32 'a served Api that turns to a Service on the blocklist keeps what it has'

finish
