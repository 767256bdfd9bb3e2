# SPDX-License-Identifier: Apache-2.0
# What tests of the daemon against real API servers share. Source it instead of tests/directory/kit.sh; calls
# bed_need.
#
#   configure SERVER [LINE...]  a config with one cluster of this server; lines are added at the end
#   allow SERVER                the user apigwd, with exactly the role that `apigwctl rbac` prints
#   launch, begin, end, crash   the daemon: start, start and wait until ready, SIGTERM, SIGKILL
#
# What is said of an Api is of namespace t1 on server `one`, unless it is called NAMESPACE/NAME, and SERVER set.
. "$top_srcdir/tests/directory/kit.sh"
. "$top_srcdir/tests/cluster/bed.sh"
bed_need

daemon=
: "${server:=one}"
trap 'code=$?; crash 2>/dev/null; bed_leave $code' EXIT

# user_of SERVER: where its kubeconfig is, or will be.
user_of() {
	echo "$bed_root/$1/user-apigwd.kubeconfig"
}

backends='  istio-virtualservice: {}
  istio-authn-policy: {}'

configure() {
	configure_server=$1
	shift
	cat >apigwd.yaml <<CONFIG
domain: kyma.local
admin: {socket: $work/admin.sock}
backends:
$backends
clusters:
- name: $configure_server
  kubernetes: {kubeconfig: $(user_of "$configure_server")}
CONFIG
	for configure_line; do
		printf '%s\n' "$configure_line" >>apigwd.yaml
	done
}

# role [SERVER]: the role that the config needs.
role() {
	apigwctl rbac --config apigwd.yaml ${1:+--cluster "$1"}
}

allow() {
	[ -e "$(user_of "$1")" ] || bed_user "$1" apigwd >/dev/null || return
	role "$1" | kube "$1" apply -f - >/dev/null &&
		kube "$1" create clusterrolebinding apigwd --clusterrole=apigwd --user=apigwd --dry-run=client -o yaml |
		kube "$1" apply -f - >/dev/null
}

# The shell becomes the daemon, so that $! is its process.
launch() {
	(exec $bed_leash "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml \
		--log-level "${log_level:-info}" "$@" >>log 2>&1 </dev/null) &
	daemon=$!
}

begin() {
	launch "$@"
	bed_within 30 ready || { unready_tell; return 1; }
}

unready_tell() {
	ask '/readyz?verbose'
	tail -n 20 log
}

# end: it ends by SIGTERM with code 0, and no sanitizer has anything to say.
end() {
	kill -TERM "$daemon"
	ended_code=0
	wait "$daemon" || ended_code=$?
	daemon=
	[ "$ended_code" -eq 0 ] || {
		echo "exit code $ended_code"
		tail -n 20 log
		return 1
	}
	! grep -E -A 30 'Sanitizer|runtime error' log
}

crash() {
	[ -z "$daemon" ] || { kill -KILL "$daemon"; wait "$daemon"; }
	daemon=
} 2>/dev/null

alive() {
	kill -0 "$daemon"
}

ask() {
	curl -sS --max-time 10 --unix-socket admin.sock "http://apigwd$1"
}

ready() {
	ask '/readyz?verbose' >.ready 2>&1 && tail -n 1 .ready | grep -qx ok
}

# unready TEXT: it is not ready, and says so.
unready() {
	! ready && grep -qE -- "$1" .ready
}

# of KIND NAME [NAMESPACE/]: the object as JSON.
of() {
	case $2 in
	*/*) kube "$server" -n "${2%/*}" get "$1" "${2#*/}" -o json ;;
	*) kube "$server" -n t1 get "$1" "$2" -o json ;;
	esac
}

# vs NAME FILTER, policy NAME FILTER, shows KIND NAME FILTER: the object is there, and jq says yes.
vs() {
	shows virtualservices.networking.istio.io "$@"
}

policy() {
	shows policies.authentication.istio.io "$@"
}

shows() {
	shows_found=$(of "$1" "$2") || return
	printf '%s\n' "$shows_found" | jq -e "$3" >/dev/null || {
		printf '%s\n' "$shows_found" | jq -c '{metadata: .metadata | del(.managedFields), spec, status}'
		return 1
	}
}

lost() {
	! "$@" >/dev/null 2>&1
}

# is WANTED NAME: "VALIDATION/VIRTUALSERVICE/AUTHENTICATION", as codes; "-" for a part that is not there.
is() {
	is_found=$(of api "$2" | jq -r '.status | [.validationStatus, .virtualService.code, .authenticationStatus.code]
		| map(. // "-" | tostring) | join("/")')
	[ "$is_found" = "$1" ] || {
		echo "codes of $2: $is_found, wanted $1"
		of api "$2" | jq -c .status
		return 1
	}
}

# becomes SECONDS WANTED NAME
becomes() {
	becomes_for=$1
	shift
	bed_within "$becomes_for" is "$@" >/dev/null || is "$@"
}

# says NAME PART PATTERN: the lastError of this part of the status matches.
says() {
	of api "$1" | jq -r --arg part "$2" '.status[$part].lastError // ""' | grep -qE -- "$3" || {
		of api "$1" | jq -c .status
		return 1
	}
}

# says_soon SECONDS NAME PART PATTERN
says_soon() {
	says_for=$1
	shift
	bed_within "$says_for" says "$@" >/dev/null || says "$@"
}

# space SERVER NAME...: namespaces.
space() {
	space_server=$1
	shift
	for space_name; do
		printf '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s"}}\n' "$space_name"
	done | kube "$space_server" create -f - >/dev/null
}

# many COUNT NAMESPACES PREFIX [JWT]: that many Apis as JSON, over so many namespaces; every second one, or by JWT
# `all` or `none` of them, with authentication.
many() {
	awk -v count="$1" -v spaces="$2" -v prefix="$3" -v jwt="${4:-half}" 'BEGIN {
		for (i = 0; i < count; i++) {
			name = prefix i
			printf "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\"," \
				"\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\"},\"spec\":{\"service\":{\"name\":\"%s\",\"port\":80}," \
				"\"hostname\":\"%s\"", name, (spaces > 1 ? "n" i % spaces : "t1"), name, name
			if (jwt == "all" || (jwt == "half" && i % 2))
				printf ",\"authentication\":[{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"https://i\",\"jwksUri\":\"https://i/k\"}}]"
			print "}}"
		}
	}'
}

# served COUNT: so many Apis are Ready.
served() {
	[ "$(kube "$server" get apis -A -o json | jq '[.items[] | select(.status.conditions[]? | .type == "Ready" and .status == "True")] | length')" -eq "$1" ]
}

# wrote [MARK]: the daemon's writes since, as one line.
wrote() {
	bed_writes "$server" "${1:-$mark}" apigwd | tr '\n' ,
}

wrote_is() {
	wrote_found=$(wrote)
	[ "$wrote_found" = "$1" ]
}

# wrote_just TEXT: exactly these writes since $mark.
wrote_just() {
	# An answer is on its way before it is in the log.
	bed_within $((${#1} > 0 ? 2 : 0)) wrote_is "$1" || {
		echo "writes: $wrote_found"
		echo "wanted: $1"
		bed_audit "$server" "$mark" | jq -c 'select(.user.username == "apigwd" and (.verb | IN("get","list","watch") | not))
			| [.verb, .requestURI, .responseStatus.code, .responseStatus.message]' | head -n 20
		return 1
	}
}

# count_writes TEXT: how many of the writes since $mark are "VERB RESOURCE CODE".
count_writes() {
	bed_writes "$server" "$mark" apigwd | awk -v text="$1" '{ n = $1; sub(/^[0-9]+ /, ""); if (index($0, text) == 1) sum += n }
		END { print sum + 0 }'
}

# at_most COUNT TEXT, lacks_writes TEXT
at_most() {
	at_most_found=$(count_writes "$2")
	[ "$at_most_found" -le "$1" ] || { echo "$at_most_found times $2, wanted $1 at most"; return 1; }
}

lacks_writes() {
	at_most 0 "$1"
}

# since: from here on `wrote` counts.
since() {
	mark=$(bed_mark "$server")
}

patch() {
	kube "$server" -n t1 patch "$1" "$2" --type="${4:-merge}" -p "$3" >/dev/null
}

# intact WHAT COUNT: after a fault nothing was written since $mark, so many Apis of t1 are all served, and an edit
# of one is done. $patience is the longest back-off from a silent server with its jitter, and the server's own start.
patience=25
intact_edits=0
intact() {
	check "$1: ready again" bed_within $patience ready
	sleep 1
	check "$1: nothing was written" wrote_just ''
	check "$1: all is served" served "$2"
	intact_edits=$((intact_edits + 1))
	check "$1: an edit" patch api a0 "{\"spec\": {\"hostname\": \"edit-$intact_edits\"}}"
	check "$1: is done within seconds" bed_within $patience vs a0 ".spec.hosts == [\"edit-$intact_edits.kyma.local\"]"
	sleep 1
}
