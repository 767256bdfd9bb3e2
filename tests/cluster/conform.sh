# SPDX-License-Identifier: Apache-2.0
# What the conformance cases of a cluster share: one API server, the daemon under the roles of etc/kubernetes and
# with the settings of Kyma's chart, a namespace for each case, and looks at what came out. Source it, with
# $top_srcdir set; it says SKIP where there is no API server. $ns is the namespace of the case.
. "$top_srcdir/tests/conformance/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need

# Seconds that something may take that should take one.
patience=10
ns=
bed=bed
# Fields of a spec: one issuer; issuers of one's own are ISSUER of `issuer`.
issuer() {
	echo "{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"$1\",\"jwksUri\":\"$1/keys\"}}"
}
one=",\"authentication\":[$(issuer https://one)]"

# conform_leave CODE
conform_leave() {
	[ ! -s "$work/daemon.pid" ] || kill -KILL "$(cat "$work/daemon.pid")" 2>/dev/null
	for conform_process in ${others-}; do
		kill -KILL "$conform_process" 2>/dev/null
	done
	bed_leave "$1"
}
trap 'conform_leave $?' EXIT

# call METHOD PATH [CURL ARGUMENT]...: a request as an administrator; the body goes to `answer`, the code to
# `answer-code`. Succeeds if the server did as told. kubectl would take ten times as long.
call() {
	call_method=$1
	call_path=$2
	shift 2
	curl -sS -o "$work/answer" -w '%{http_code}' --cacert "$bed_root/$bed/ca.crt" \
		-H "Authorization: Bearer $(cut -d , -f 1 "$bed_root/$bed/tokens.csv")" -X "$call_method" "$@" \
		"https://127.0.0.1:$(cat "$bed_root/$bed/port")$call_path" >"$work/answer-code"
	case $(cat "$work/answer-code") in
	2*) ;;
	*) cat "$work/answer"; return 1 ;;
	esac
}

# post PATH BODY, change PATH PATCH, merge PATH PATCH, drop PATH: a JSON Patch, a merge patch.
post() {
	call POST "$1" -H 'Content-Type: application/json' --data-binary "$2" >/dev/null || { cat "$work/answer"; return 1; }
}
change() {
	call PATCH "$1" -H 'Content-Type: application/json-patch+json' --data-binary "$2"
}
merge() {
	call PATCH "$1" -H 'Content-Type: application/merge-patch+json' --data-binary "$2"
}
drop() {
	call DELETE "$1"
}

# at KIND [NAME [NAMESPACE]]: the path of an object, or of all of the kind in a namespace.
at() {
	case $1 in
	api) at_path=/apis/gateway.kyma-project.io/v1alpha2 at_plural=apis ;;
	vs) at_path=/apis/networking.istio.io/v1 at_plural=virtualservices ;;
	policy) at_path=/apis/authentication.istio.io/v1alpha1 at_plural=policies ;;
	service) at_path=/api/v1 at_plural=services ;;
	esac
	echo "$at_path/namespaces/${3:-$ns}/$at_plural${2:+/$2}"
}

spec_of() {
	echo "{\"service\":{\"name\":\"$1\",\"port\":${port:-80}},\"hostname\":\"$2\"${3-}}"
}

# api NAME SERVICE HOSTNAME [FIELDS [NAMESPACE]]: creates one; FIELDS follow in its spec.
api() {
	post "$(at api '' "${5-}")" "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\",
		\"metadata\":{\"name\":\"$1\"},\"spec\":$(spec_of "$2" "$3" "${4-}")}"
}

# edit NAME SERVICE HOSTNAME [FIELDS]: gives it another spec.
edit() {
	change "$(at api "$1")" "[{\"op\":\"replace\",\"path\":\"/spec\",\"value\":$(spec_of "$2" "$3" "${4-}")}]"
}

# foreign_route NAME HOST [NAMESPACE [GATEWAY]], foreign_policy NAME: objects of somebody else.
foreign_route() {
	post "$(at vs '' "${3-}")" "{\"apiVersion\":\"networking.istio.io/v1\",\"kind\":\"VirtualService\",
		\"metadata\":{\"name\":\"$1\"},\"spec\":{\"hosts\":[\"$2\"],
		\"gateways\":[\"${4:-kyma-gateway.kyma-system.svc.cluster.local}\"],
		\"http\":[{\"route\":[{\"destination\":{\"host\":\"theirs\",\"port\":{\"number\":80}}}]}]}}"
}
foreign_policy() {
	post "$(at policy)" "{\"apiVersion\":\"authentication.istio.io/v1alpha1\",\"kind\":\"Policy\",
		\"metadata\":{\"name\":\"$1\"},\"spec\":{\"targets\":[{\"name\":\"theirs\"}]}}"
}

# service NAME PORT [NAME OF THE PORT]: creates one.
service() {
	post "$(at service)" "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"$1\"},
		\"spec\":{\"clusterIP\":\"None\",\"ports\":[{${3:+\"name\":\"$3\",}\"port\":$2}]}}"
}

# object KIND NAME [NAMESPACE]: the live object, in `answer`.
object() {
	call GET "$(at "$1" "$2" "${3-}")"
}

# value KIND NAME FILTER: what jq makes of the live object.
value() {
	object "$1" "$2" >/dev/null
	jq -cr "$3" "$work/answer"
}

# absent KIND NAME [NAMESPACE]; gone KIND NAME: also soon.
absent() {
	! object "$@" >/dev/null && [ "$(cat "$work/answer-code")" = 404 ]
}
gone() {
	bed_within $patience absent "$@" || { echo "$* is still there"; cat "$work/answer"; return 1; }
}

is() {
	object "$1" "$2" >/dev/null && jq -e "$3" "$work/answer" >/dev/null
}
# soon KIND NAME FILTER: there soon is such an object, for which the filter is true.
soon() {
	bed_within $patience is "$@" || { echo "not so: $*"; cat "$work/answer"; return 1; }
}

codes() {
	jq -r '[.status.validationStatus, .status.virtualService.code, .status.authenticationStatus.code]
		| map(if . == null then "-" else tostring end) | join("/")' "$work/answer"
}
are_codes() {
	object api "$1" >/dev/null && [ "$(codes)" = "$2" ] &&
		jq -e '.status.observedGeneration == .metadata.generation and
			.status.virtualServiceStatus == .status.virtualService' "$work/answer" >/dev/null
}
# has_codes NAME CODES: the Api soon has these, for its present generation, and under both names.
has_codes() {
	bed_within $patience are_codes "$1" "$2" || {
		echo "codes of $1: $(codes), wanted $2"
		jq .status "$work/answer"
		return 1
	}
}

# begins NAME KEY TEXT: the lastError of this part begins with the text.
begins() {
	case $(value api "$1" ".status.$2.lastError // \"\"") in
	"$3"*) ;;
	*)
		jq .status "$work/answer"
		echo "wanted: $3..."
		return 1 ;;
	esac
}

# tells NAME TYPE REASON PATTERN: this condition soon is True, and its message matches.
tells() {
	soon api "$1" "[.status.conditions[] | select(.type == \"$2\" and .status == \"True\" and .reason == \"$3\"
		and (.message | test(\"$4\")))] | length == 1"
}

# refused NAME TEXT: validation 3, with the text; nothing is made.
refused() {
	bed_within $patience is api "$1" '.status.validationStatus == 3 and .status.virtualService.code == 0 and
		.status.observedGeneration == .metadata.generation' || { echo "$1 is not refused"; jq . "$work/answer"; return 1; }
	jq -r '.status.conditions[] | select(.type == "Accepted") | .reason + ": " + .message' "$work/answer" >.reason
	holds .reason 'Invalid: ' "$2"
	absent vs "$1"
	absent policy "$1"
}

# settled: nothing of the namespace was written for half a second.
settled() {
	settled_before=-1
	settled_now=$(wrote | wc -l)
	while [ "$settled_before" != "$settled_now" ]; do
		sleep 0.5
		settled_before=$settled_now
		settled_now=$(wrote | wc -l)
	done
}

# wrote [MARK]: what the daemon wrote in the namespace of the case, VERB RESOURCE[/SUBRESOURCE] NAME CODE.
wrote() {
	bed_audit "$bed" "${1:-0}" | jq -r --arg ns "$ns" '
		select(.user.username == "apigwd" and .objectRef.namespace == $ns)
		| select(.verb | IN("create", "update", "patch", "delete", "deletecollection"))
		| .verb + " " + .objectRef.resource + (.objectRef.subresource // "" | if . == "" then . else "/" + . end)
			+ " " + (.objectRef.name // "") + " " + (.responseStatus.code | tostring)'
}
mark() {
	mark=$(bed_mark "$bed")
}

ready() {
	[ "$(curl -s -o /dev/null -w '%{http_code}' --unix-socket "$work/admin.sock" http://apigwd/readyz)" = 200 ]
}

# launch: starts the daemon with `apigwd.yaml`; its process id goes to daemon.pid, its exit code to daemon.code.
launch() {
	rm -f "$work/daemon.code" "$work/daemon.pid"
	(
		cd "$work"
		sh -c 'echo $$ >daemon.pid; exec "$@"' sh "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" \
			--config apigwd.yaml --log-level info >>log 2>&1 </dev/null
		echo $? >daemon.code
	) &
	bed_within $patience test -s "$work/daemon.pid"
}
begin() {
	launch
	bed_within $patience ready || { echo 'not ready'; tail -n 20 "$work/log"; return 1; }
}
# end [SIGNAL]: the daemon ends; by SIGTERM with code 0.
end() {
	kill -s "${1:-TERM}" "$(cat "$work/daemon.pid")"
	bed_within $patience test -s "$work/daemon.code" || { echo 'does not end'; return 1; }
	rm -f "$work/daemon.pid"
	[ -n "${1-}" ] || same 0 "$work/daemon.code"
}

# conform_config: the settings of the chart, for the cluster.
conform_config() {
	fixture
	sed -i "s|^  directory: .*|  kubernetes: {kubeconfig: $(cat kubeconfig)}|" apigwd.yaml
	echo 'admin: {socket: admin.sock}' >>apigwd.yaml
}

# conform_roles: the user apigwd may do what etc/kubernetes says.
conform_roles() {
	bed_user "$bed" apigwd >kubeconfig
	kube "$bed" create namespace kyma-system >/dev/null 2>&1
	kube "$bed" apply -f "$top_srcdir/etc/kubernetes/rbac.yaml" >/dev/null
	kube "$bed" create clusterrolebinding apigwd-user --clusterrole=apigwd --user=apigwd >/dev/null
}

# follow KIND: an observer of its own, from now on, in watched.KIND.
follow() {
	follow_path=$(ns=x at "$1" | sed 's|/namespaces/x||')
	curl -sSN --cacert "$bed_root/$bed/ca.crt" -H "Authorization: Bearer $(cut -d , -f 1 "$bed_root/$bed/tokens.csv")" \
		"https://127.0.0.1:$(cat "$bed_root/$bed/port")$follow_path?watch=1&timeoutSeconds=3600" >"watched.$1" 2>/dev/null &
	others="${others-} $!"
}

# conform_begin [collect]: the server, the observers and the daemon.
conform_begin() {
	bed_up "$bed"
	[ $# -eq 0 ] || bed_collect "$bed" || { echo 'Bail out! no garbage collector'; exit 1; }
	conform_roles
	conform_config
	cp apigwd.yaml chart.yaml
	follow api
	follow vs
	follow policy
	begin >begun 2>&1 || { sed 's/^/# /' begun; echo 'Bail out! apigwd does not start'; exit 1; }
	cp apigwd.yaml running.yaml
}

# with_config: the daemon runs with what `apigwd.yaml` says now.
with_config() {
	cmp -s apigwd.yaml running.yaml && [ -s daemon.pid ] && return
	[ ! -s daemon.pid ] || end
	begin
	cp apigwd.yaml running.yaml
}

# cleared NAMESPACE: all that cases left goes; what the daemon made, by the daemon.
cleared() {
	ns=$1
	drop "$(at api)" >/dev/null
	if ! bed_within $patience nothing_of_ours "$1"; then
		echo "left behind in $1:"
		jq -c '.items[] | [.kind, .metadata.name, .metadata.labels]' answer
		drop "$(at vs)" >/dev/null
		drop "$(at policy)" >/dev/null
		return 1
	fi
	drop "$(at vs)" >/dev/null
	drop "$(at policy)" >/dev/null
}
nothing_of_ours() {
	for nothing_kind in vs policy; do
		call GET "$(at $nothing_kind '' "$1")?labelSelector=apiUid" && jq -e '.items == []' answer >/dev/null || return 1
	done
}

namespaced() {
	call GET "/api/v1/namespaces/$1" >/dev/null || post /api/v1/namespaces "{\"metadata\":{\"name\":\"$1\"}}"
}

# shown NUMBER WHAT: the case, whose steps are the function of that name; the first that fails ends it.
shown() {
	number=$((number + 1))
	ns=$(echo "$1" | tr K k)
	(
		set -e
		namespaced "$ns"
		cp chart.yaml apigwd.yaml
		with_config
		"$1"
		cleared "$ns"
	) >"$work/.case" 2>&1 </dev/null
	if [ $? -eq 0 ]; then
		echo "ok $number - $1 $2"
		return
	fi
	echo "not ok $number - $1 $2"
	sed 's/^/# /' "$work/.case"
	tail -n 5 log | sed 's/^/# log: /'
	failures=$((failures + 1))
	cleared "$ns" >/dev/null 2>&1
}
