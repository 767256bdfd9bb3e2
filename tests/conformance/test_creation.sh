#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Conformance: what becomes of a new Api. docs/conformance.md has the numbers.
set -u
. "$top_srcdir/tests/conformance/kit.sh"

route_of_a1='spec:
  hosts:
  - h1.kyma.local
  gateways:
  - kyma-gateway.kyma-system.svc.cluster.local
  http:
  - match:
    - uri:
        regex: /.*
    route:
    - destination:
        host: svc1.t1.svc.cluster.local
        port:
          number: 80
    corsPolicy:
      allowOrigin:
      - "*"
      allowMethods:
      - GET
      - POST
      - PUT
      - DELETE
      allowHeaders:
      - Authorization
      - Content-Type
      - "*"'

# spec FILE: the spec of an output.
spec() {
	sed -n '/^spec:/,$p' "$1"
}

policy_is() {
	spec $policies/a1.yaml >spec
	same "$1" spec
}

K01() {
	a1 h1.kyma.local </dev/null
	once
	spec $vs/a1.yaml >spec
	same "$route_of_a1" spec
	holds $vs/a1.yaml 'kind: VirtualService' '  name: a1' '  namespace: t1'
	has_codes a1 2/2/-
	secured_a1 h1.kyma.local
	once
	has_codes a1 2/2/2
}
shown K01 'an Api becomes exactly this VirtualService'

K02() {
	plain_a1 h1
	cp in/a1.yaml before
	once
	grep -A1 'hosts:' $vs/a1.yaml >hosts
	same '  hosts:
  - h1.kyma.local' hosts
	diff before in/a1.yaml
}
shown K02 'a hostname of one label gets the domain, in the VirtualService only'

K03() {
	plain_a1
	once
	part virtualService a1 >first
	holds first 'name: a1' 'version:'
	lacks first 'uid:'
	part virtualServiceStatus a1 >alias
	diff first alias
	plain_a1 h2
	once
	part virtualService a1 >second
	run 1 diff first second
	plain_a1 h1
	once
	part virtualService a1 >third
	diff first third
}
shown K03 'the status names the VirtualService and a version that follows its content, under both names'

K04() {
	api a1 svc1 h1 | sed 's/^  namespace: t1/&\n  uid: uid-of-a1\n  resourceVersion: "41"/' >in/a1.yaml
	once
	sed -n '/^  labels:/,/^spec:/p' $vs/a1.yaml >labels
	holds labels 'createdBy: api-controller' 'apiUid: uid-of-a1' 'apiNamespace: t1' 'apiName: a1' 'apiVersion: "41"'
	[ "$(wc -l <labels)" -eq 7 ]
	# The version is told with another write only.
	state >before
	sed -i 's/"41"/"42"/' in/a1.yaml
	once
	state >after
	diff before after
	sed -i 's/port: 80/port: 81/' in/a1.yaml
	once
	holds $vs/a1.yaml 'apiVersion: "42"'
}
shown K04 'the labels name maker, uid, namespace, name and version of the Api; the version alone is no change'

K05() {
	sed -i '/cors/d' apigwd.yaml
	plain_a1
	once
	lacks $vs/a1.yaml corsPolicy
	holds $vs/a1.yaml 'number: 80'
}
shown K05 'without CORS settings there is no corsPolicy'

K06() {
	sed -i '/corsAllow[MH]/d; s|corsAllowOrigins:.*|corsAllowOrigins: ["https://x.y", "https://z.y"]|' apigwd.yaml
	plain_a1
	once
	sed -n '/corsPolicy/,$p' $vs/a1.yaml >cors
	same '    corsPolicy:
      allowOrigin:
      - https://x.y
      - https://z.y' cors
}
shown K06 'of the CORS settings only those that are given appear'

K07() {
	secured_a1
	once
	holds $policies/a1.yaml 'kind: Policy' '  name: a1' '  namespace: t1'
	policy_is 'spec:
  targets:
  - name: svc1
  origins:
  - jwt:
      issuer: https://one
      jwksUri: https://one/keys
  principalBinding: USE_ORIGIN
  peers:
  - mtls: {}'
}
shown K07 'one issuer becomes exactly this Policy'

K08() {
	{ authentication; jwt https://one; jwt https://two; } | a1 h1
	once
	grep issuer: $policies/a1.yaml >issuers
	same '      issuer: https://one
      issuer: https://two' issuers
}
shown K08 'two issuers keep their order'

K09() {
	{
		authentication
		jwt https://one
		cat <<'PATHS'
      triggerRule:
        excludedPaths:
        - exact: /status
        - suffix: /favicon.ico
        - prefix: /web
        - regex: "^/a/(.*?)?"
PATHS
	} | a1 h1
	once
	sed -n '/trigger_rules/,/principalBinding/p' $policies/a1.yaml >rules
	same '      trigger_rules:
      - excluded_paths:
        - exact: /status
        - suffix: /favicon.ico
        - prefix: /web
        - regex: "^/a/(.*?)?"
  principalBinding: USE_ORIGIN' rules
}
shown K09 'excluded paths of every kind become one rule, in order'

default_policy='spec:
  targets:
  - name: svc1
  origins:
  - jwt:
      issuer: https://dex.kyma.local
      jwksUri: http://dex-service.kyma-system.svc.cluster.local:5556/keys
  principalBinding: USE_ORIGIN
  peers:
  - mtls: {}'

K10() {
	echo '  authenticationEnabled: true' | a1 h1
	once
	policy_is "$default_policy"
	rm -rf out
	printf '  authenticationEnabled: true\n  authentication: []\n' | a1 h1
	once
	policy_is "$default_policy"
	has_codes a1 2/2/2
}
shown K10 'authentication without a list, or with an empty one, means the issuer of the settings'

K12() {
	plain_a1
	once
	absent $policies
	lacks $status/a1.yaml authenticationStatus:
}
shown K12 'without authentication there is neither a Policy nor authenticationStatus'

K13() {
	secured_a1
	lacks in/a1.yaml authenticationEnabled
	once
	[ -f $policies/a1.yaml ]
	{ echo '  authenticationEnabled: false'; authentication; jwt https://one; } | a1 h1
	once
	absent $policies/a1.yaml
	lacks $status/a1.yaml authenticationStatus:
}
shown K13 'a list alone turns authentication on, and false turns it off'

K14() {
	sed -i 's/mtls: true/mtls: false/' apigwd.yaml
	for disabled in true false; do
		{ echo "  disableIstioAuthPolicyMTLS: $disabled"; authentication; jwt https://one; } | a1 h1
		rm -rf out
		once
		lacks $policies/a1.yaml peers
		holds $policies/a1.yaml 'issuer: https://one'
	done
}
shown K14 'with mutual TLS off in the settings no Api gets it'

K15() {
	{ echo '  disableIstioAuthPolicyMTLS: true'; authentication; jwt https://one; } | a1 h1
	once
	lacks $policies/a1.yaml peers
	holds $policies/a1.yaml 'issuer: https://one'
}
shown K15 'an Api can leave mutual TLS out'

K16() {
	secured_a1
	moves
	# One status, with the final codes, and not before what it tells of is there.
	same 'sync
put resources/t1/policies.authentication.istio.io/a1.yaml
put resources/t1/virtualservices.networking.istio.io/a1.yaml
put status/t1/a1.yaml
sync' moves
	has_codes a1 2/2/2
}
shown K16 'the status says 2 only after the objects are there'

K17() {
	other
	plain_a1
	find in -type f -printf '%p %i %s %T@ %C@\n' | sort >before
	cksum in/* >>before
	once
	find in -type f -printf '%p %i %s %T@ %C@\n' | sort >after
	cksum in/* >>after
	diff before after
	lacks $status/a1.yaml spec:
}
shown K17 'what the user wrote is never rewritten'

K18() {
	secured_a1
	mkdir -p $policies
	echo 'kind: rubbish' >$policies/a1.yaml
	once 1
	absent $vs/a1.yaml
	has_codes a1 2/1/3
	begins a1 authenticationStatus 'Policy "t1/a1" (authentication.istio.io)'
	rm $policies/a1.yaml
	once
	has_codes a1 2/2/2
	[ -f $policies/a1.yaml ]
	[ -f $vs/a1.yaml ]
}
shown K18 'an Api whose Policy cannot be made is not published, and is served when it can'

K19() {
	secured_a1
	moves
	grep resources moves >order
	same 'put resources/t1/policies.authentication.istio.io/a1.yaml
put resources/t1/virtualservices.networking.istio.io/a1.yaml' order
}
shown K19 'the Policy is there before the VirtualService'

finish
