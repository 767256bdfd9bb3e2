# SPDX-License-Identifier: Apache-2.0
# What the conformance cases share: the settings that Kyma's chart had, one case with one number, and looks at
# what came out. Source it instead of the kit of the directory.
. "$top_srcdir/tests/directory/kit.sh"

vs=out/resources/t1/virtualservices.networking.istio.io
policies=out/resources/t1/policies.authentication.istio.io
status=out/status/t1

# fixture: an empty input and output, and the chart's settings.
fixture() {
	rm -rf in out
	mkdir in
	cat >apigwd.yaml <<'CONFIG'
domain: kyma.local
defaultIssuer:
  issuer: https://dex.kyma.local
  jwksUri: http://dex-service.kyma-system.svc.cluster.local:5556/keys
blocklist:
- kubernetes.default
- istio-citadel.istio-system
- istio-galley.istio-system
- istio-ingressgateway.istio-system
- istio-pilot.istio-system
- istio-policy.istio-system
- istio-sidecar-injector.istio-system
- istio-telemetry.istio-system
- apiserver-proxy.kyma-system
- apiserver-proxy-ssl.kyma-system
createdBy: api-controller
statusAliases: true
backends:
  istio-virtualservice:
    config:
      version: v1alpha3
      gateways: [kyma-gateway.kyma-system.svc.cluster.local]
      corsAllowOrigins: ["*"]
      corsAllowMethods: [GET, POST, PUT, DELETE]
      corsAllowHeaders: [Authorization, Content-Type, "*"]
  istio-authn-policy:
    config: {mtls: true}
clusters:
- name: test
  directory: {input: in, output: out}
CONFIG
}

# shown NUMBER WHAT: the case, whose steps are the function of that name; the first that fails ends it.
shown() {
	number=$((number + 1))
	case_code=0
	# Not as the condition of an `if`, where the shell would go on after a step that fails.
	(
		set -e
		fixture
		"$1"
	) >"$work/.case" 2>&1 </dev/null
	case_code=$?
	case $case_code in
	0)
		echo "ok $number - $1 $2" ;;
	77)
		echo "ok $number - $1 $2 # SKIP $(tail -n 1 "$work/.case")" ;;
	*)
		echo "not ok $number - $1 $2"
		sed 's/^/# /' "$work/.case"
		[ ! -s stderr ] || sed 's/^/# stderr: /' stderr
		failures=$((failures + 1)) ;;
	esac
}

# once [CODE]: a run with this exit code, 0 if none is given.
once() {
	run "${1:-0}" apigwd --config apigwd.yaml --once
}

# a1 HOSTNAME [SERVICE]: the Api of all cases, to in/a1.yaml; what follows its hostname comes from standard input.
a1() {
	{ api a1 "${2:-svc1}" "$1" && cat; } >in/a1.yaml
}

# plain_a1 [HOSTNAME [SERVICE]], secured_a1 [HOSTNAME [SERVICE]]: without authentication, and with one issuer.
plain_a1() {
	a1 "${1:-h1}" "${2:-svc1}" </dev/null
}

secured_a1() {
	{ authentication; jwt https://one; } | a1 "${1:-h1}" "${2:-svc1}"
}

# other: an Api that has nothing to do with any case, so that the input is never empty.
other() {
	api other svc-other h-other >in/other.yaml
}

# refused NAME TEXT: an Api of t1 is refused by validation, with a reason that holds the text; nothing is made.
refused() {
	case $(codes "$1") in
	3/0/- | 3/0/0) ;;
	*)
		echo "codes of $1: $(codes "$1")"
		cat "$status/$1.yaml"
		return 1 ;;
	esac
	holds "$status/$1.yaml" 'reason: Invalid' "$2"
	absent "$vs/$1.yaml" && absent "$policies/$1.yaml"
}
