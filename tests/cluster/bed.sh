# SPDX-License-Identifier: Apache-2.0
# Real API servers for tests: each with its etcd, on loopback, gone when the shell that started them ends. Source
# it; $top_srcdir must be set. What it keeps lies in $work/bed, or in a folder of its own if $work is not set.
#
#   bed_need                    find or build the programs; if that cannot be, the test says SKIP and ends
#   bed_start NAME [FLAG...]    a server; flags are those of kube-apiserver
#   bed_up NAME [FLAG...]       the same, and the CRDs; if that fails, so does the whole test
#   bed_stop NAME               ends all that belongs to it, and forgets its data
#   kube NAME ARGUMENT...       kubectl as an administrator
#   bed_user NAME USER [GROUP]  prints a kubeconfig of a user who may do nothing yet
#   bed_crds NAME               Api, VirtualService and Policy, ready for use
#   bed_collect NAME            starts the garbage collector and the one of namespaces; after bed_crds
#   bed_halt, bed_signal, bed_resume, bed_compact    faults
#   bed_mark, bed_audit, bed_writes                  what the server was asked to do
#
# A name is a word of small letters. A server started in a subshell, $(...) or a pipe, ends with that.

bed_deadline=${APIGWD_BED_DEADLINE:-90}
bed_scripts=$top_srcdir/tests/cluster
bed_root=
bed_names=

# Whatever ends the shell, even SIGKILL, ends the servers.
bed_leash=
if setpriv --pdeathsig KILL true 2>/dev/null; then
	bed_leash='setpriv --pdeathsig KILL'
fi
trap 'bed_leave $?' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# bed_leave CODE: nothing is left, and the shell ends with the code, whatever a dying program still writes.
bed_leave() {
	for bed_leaving in $bed_names; do
		bed_stop "$bed_leaving"
	done
	[ -z "$bed_root" ] || rm -rf "$bed_root"
	[ -z "${work-}" ] || bed_within 5 bed_remove "$work" || echo "bed: $work is still there" >&2
	exit "$1"
}

bed_remove() {
	chmod -R u+w "$1" 2>/dev/null || :
	rm -rf "$1" 2>/dev/null
}

bed_fail() {
	echo "bed: $1" >&2
	return 1
}

# bed_within SECONDS COMMAND...: calls it until it succeeds. The command may call this, too, so that the deadline is
# kept with the arguments.
bed_within() {
	set -- $(($(date +%s) + $1)) "$@"
	until bed_behind "$@"; do
		[ "$(date +%s)" -lt "$1" ] || return 1
		sleep 0.1
	done
}
bed_behind() {
	shift 2
	"$@"
}

# bed_programs [PROGRAM...]: finds them, sets $bed_PROGRAM with underscores; else $bed_why tells why not.
bed_programs() {
	bed_found=$(sh "$bed_scripts/servers.sh" "$@" 2>"$bed_root/servers") || {
		bed_why=$(tail -n 1 "$bed_root/servers" | sed 's/^servers.sh: //')
		return 1
	}
	for bed_program; do
		eval "bed_$(echo "$bed_program" | tr - _)=\$(echo \"\$bed_found\" | head -n 1)"
		bed_found=$(echo "$bed_found" | tail -n +2)
	done
}

bed_prepare() {
	[ -z "$bed_root" ] || return 0
	if [ -n "${work-}" ]; then
		bed_root=$work/bed
		mkdir -p "$bed_root"
	else
		bed_root=$(mktemp -d "${TMPDIR:-/tmp}/apigwd-bed-XXXXXX")
	fi
	for bed_tool in openssl jq; do
		command -v $bed_tool >/dev/null || { bed_why="no $bed_tool"; return 1; }
	done
	bed_programs etcd kube-apiserver kubectl
}

bed_need() {
	bed_prepare && return
	echo "1..0 # SKIP $bed_why"
	exit 0
}

# bed_key FILE SUBJECT [EXTENSION]: a key and a certificate that the authority of the folder signs.
bed_key() {
	echo "basicConstraints = CA:FALSE${3:+
$3}" >"$1.ext"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" &&
		openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt"
} 2>>openssl.log

bed_secrets() (
	cd "$1" && umask 077 &&
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=apigwd-test-authority -days 30 \
			-keyout ca.key -out ca.crt 2>openssl.log &&
		bed_key server /CN=kube-apiserver 'subjectAltName = IP:127.0.0.1, DNS:localhost' &&
		openssl ecparam -name prime256v1 -genkey -noout -out accounts.key &&
		echo "$(openssl rand -hex 16),admin,admin,\"system:masters\"" >tokens.csv || {
		cat openssl.log >&2
		bed_fail 'openssl cannot make certificates'
	}
)

# bed_kubeconfig NAME CREDENTIALS: prints one for the server as it listens now.
bed_kubeconfig() {
	cat <<KUBECONFIG
apiVersion: v1
kind: Config
clusters:
- name: $1
  cluster:
    server: https://127.0.0.1:$(cat "$bed_root/$1/port")
    certificate-authority: $bed_root/$1/ca.crt
users:
- name: user
  user: {$2}
contexts:
- name: $1
  context: {cluster: $1, user: user}
current-context: $1
KUBECONFIG
}

bed_user() (
	cd "$bed_root/$1" && bed_key "user-$2" "${3:+/O=$3}/CN=$2" || exit 1
	bed_kubeconfig "$1" "client-certificate: $PWD/user-$2.crt, client-key: $PWD/user-$2.key" >"user-$2.kubeconfig"
	echo "$PWD/user-$2.kubeconfig"
)

# Nothing of the caller's own kubectl is read or written.
kube() {
	bed_kube=$1
	shift
	KUBECONFIG="$bed_root/$bed_kube/admin.kubeconfig" KUBERC=off "$bed_kubectl" --cache-dir="$bed_root/$bed_kube/cache" "$@"
}

# bed_spawn NAME PROCESS COMMAND...: runs in the server's folder; the shell becomes the command.
bed_spawn() {
	bed_spawned=$bed_root/$1/$2
	shift 2
	# Word splitting of $bed_leash is meant.
	(cd "${bed_spawned%/*}" && exec $bed_leash "$@" >>"$bed_spawned.log" 2>&1 </dev/null) &
	echo $! >"$bed_spawned.pid"
}

bed_alive() {
	[ -s "$bed_root/$1/$2.pid" ] && kill -0 "$(cat "$bed_root/$1/$2.pid")" 2>/dev/null
}

bed_signal() {
	kill -s "$3" "$(cat "$bed_root/$1/$2.pid")"
}

bed_dead() {
	! bed_alive "$1" "$2"
}

# bed_halt NAME PROCESS [SIGNAL]: ends etcd, apiserver or collector; its data stays. Whoever does not heed a signal
# for a minute is killed.
bed_halt() {
	if bed_alive "$1" "$2"; then
		bed_halting=$(cat "$bed_root/$1/$2.pid")
		kill -s "${3:-KILL}" "$bed_halting" 2>/dev/null
		kill -s CONT "$bed_halting" 2>/dev/null
		[ "${3:-KILL}" = KILL ] || bed_within 60 bed_dead "$1" "$2" || kill -s KILL "$bed_halting"
		wait "$bed_halting" 2>/dev/null || :
	fi
	rm -f "$bed_root/$1/$2.pid"
}

# A port below those that the kernel hands out for connections, at which nobody listens.
bed_port() {
	while :; do
		bed_port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
		grep -qi ":$(printf %04x $bed_port) 0" /proc/net/tcp /proc/net/tcp6 2>/dev/null || break
	done
	echo $bed_port
}

# The sockets of etcd are files in the folder; the number is no port, but its address needs one.
bed_spawn_etcd() {
	bed_spawn "$1" etcd "$bed_etcd" --name bed --data-dir etcd --unsafe-no-fsync --log-level warn \
		--listen-client-urls unix://etcd.sock:0 --advertise-client-urls unix://etcd.sock:0 \
		--listen-peer-urls unix://peer.sock:0 --initial-advertise-peer-urls unix://peer.sock:0 \
		--initial-cluster bed=unix://peer.sock:0
}

bed_spawn_apiserver() {
	bed_spawning=$1
	set --
	while IFS= read -r bed_flag; do
		set -- "$@" "$bed_flag"
	done <"$bed_root/$bed_spawning/flags"
	bed_spawn "$bed_spawning" apiserver "$bed_kube_apiserver" --etcd-servers=unix://etcd.sock:0 \
		--bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$(cat "$bed_root/$bed_spawning/port")" \
		--cert-dir=. --tls-cert-file=server.crt --tls-private-key-file=server.key --client-ca-file=ca.crt \
		--token-auth-file=tokens.csv --authorization-mode=RBAC --service-account-issuer=https://kubernetes.default.svc \
		--service-account-key-file=accounts.key --service-account-signing-key-file=accounts.key \
		--service-cluster-ip-range=10.0.0.0/24 --disable-admission-plugins=ServiceAccount \
		--endpoint-reconciler-type=none --shutdown-delay-duration=0s --profiling=false \
		--audit-policy-file="$bed_scripts/audit.yaml" --audit-log-path=audit.log --audit-log-maxsize=10000 "$@"
}

bed_ready() {
	[ "$(kube "$1" get --raw /readyz --request-timeout=5s 2>/dev/null)" = ok ]
}

bed_ready_or_dead() {
	bed_ready "$1" || ! bed_alive "$1" apiserver || ! bed_alive "$1" etcd
}

# bed_tell NAME: why it did not start.
bed_tell() {
	for bed_log in etcd apiserver; do
		bed_alive "$1" $bed_log && bed_state=runs || bed_state='has ended'
		echo "--- $bed_log $bed_state; the end of its log:"
		tail -n 15 "$bed_root/$1/$bed_log.log" 2>/dev/null | cut -c 1-400
	done >&2
}

# Starts what of etcd and API server does not run, with the same port and data.
bed_run() {
	bed_alive "$1" etcd || bed_spawn_etcd "$1"
	bed_within 30 test -S "$bed_root/$1/etcd.sock:0" || return
	bed_alive "$1" apiserver || bed_spawn_apiserver "$1"
	bed_within "$bed_deadline" bed_ready_or_dead "$1" && bed_ready "$1"
}

bed_resume() {
	bed_run "$1" && return
	bed_tell "$1"
	bed_fail "$1 does not get ready"
}

# Between the choice of a port and its use somebody else may take it.
bed_start() {
	bed_prepare || bed_fail "$bed_why" || return
	bed_starting=$1
	shift
	[ ! -e "$bed_root/$bed_starting" ] || bed_fail "$bed_starting was started already" || return
	mkdir -p "$bed_root/$bed_starting"
	bed_names="$bed_names $bed_starting"
	for bed_flag; do
		printf '%s\n' "$bed_flag"
	done >"$bed_root/$bed_starting/flags"
	bed_secrets "$bed_root/$bed_starting" || return
	for bed_try in 1 2 3; do
		bed_port >"$bed_root/$bed_starting/port"
		bed_kubeconfig "$bed_starting" "token: $(cut -d , -f 1 "$bed_root/$bed_starting/tokens.csv")" \
			>"$bed_root/$bed_starting/admin.kubeconfig"
		bed_run "$bed_starting" && return
		grep -q 'address already in use' "$bed_root/$bed_starting/apiserver.log" || break
		: >"$bed_root/$bed_starting/apiserver.log"
	done
	bed_tell "$bed_starting"
	bed_stop "$bed_starting"
	bed_fail "$bed_starting does not get ready"
}

bed_stop() {
	for bed_process in collector apiserver etcd; do
		bed_halt "$1" $bed_process
	done
	rm -rf "${bed_root:?}/$1"
	bed_names=$(for bed_name in $bed_names; do [ "$bed_name" = "$1" ] || echo "$bed_name"; done)
}

bed_lists() {
	kube "$1" get --raw "/apis/$2?limit=1" >/dev/null 2>&1
}

# A new kind is established before it can be listed.
bed_crds() {
	kube "$1" apply --server-side -f "$top_srcdir/etc/kubernetes/crd.yaml" -f "$bed_scripts/crds" >/dev/null &&
		kube "$1" wait --for=condition=Established --timeout=60s crd --all >/dev/null || return
	for bed_kind in gateway.kyma-project.io/v1alpha2/apis authentication.istio.io/v1alpha1/policies \
		networking.istio.io/v1/virtualservices networking.istio.io/v1beta1/virtualservices \
		networking.istio.io/v1alpha3/virtualservices; do
		bed_within 30 bed_lists "$1" $bed_kind || bed_fail "$bed_kind cannot be listed" || return
	done
}

bed_up() {
	bed_start "$@" && bed_crds "$1" && return
	echo "Bail out! $1 does not start"
	exit 1
}

bed_collecting() {
	grep -q 'resource monitors have synced' "$bed_root/$1/collector.log"
}

bed_collect() {
	bed_programs kube-controller-manager || bed_fail "$bed_why" || return
	bed_spawn "$1" collector "$bed_kube_controller_manager" --kubeconfig=admin.kubeconfig --leader-elect=false \
		--controllers=garbage-collector-controller,namespace-controller --secure-port=0 --cert-dir=. --v=2
	bed_within "$bed_deadline" bed_collecting "$1" && return
	tail -n 15 "$bed_root/$1/collector.log" >&2
	bed_fail "the garbage collector of $1 does not get ready"
}

# bed_compact NAME: etcd forgets all old versions. A server that is started again then answers 410 to whoever
# asks for one.
bed_compact() {
	(cd "$bed_root/$1" && bed_etcd_call() { curl -sSf --unix-socket etcd.sock:0 "http://etcd/v3/$1" -d "$2"; } &&
		bed_revision=$(bed_etcd_call kv/range '{"key":"AA=="}' | jq -r .header.revision) &&
		bed_etcd_call kv/compaction "{\"revision\":\"$bed_revision\",\"physical\":true}" >/dev/null)
}

# bed_mark NAME: prints where the audit log now ends, for the two below.
bed_mark() {
	wc -l <"$bed_root/$1/audit.log"
}

# bed_audit NAME [MARK]: the requests answered since, one JSON object a line; without the lease that the server renews
# every ten seconds.
bed_audit() {
	tail -n "+$((${2:-0} + 1))" "$bed_root/$1/audit.log" | jq -c 'select(.stage == "ResponseComplete")
		| select(.user.username != "system:apiserver" or .objectRef.resource != "leases")'
}

# bed_writes NAME [MARK [USER]]: the writes since, each sort as COUNT VERB RESOURCE[/SUBRESOURCE] CODE.
bed_writes() {
	bed_audit "$1" "${2:-0}" | jq -r --arg user "${3-}" '
		select(.verb | IN("create", "update", "patch", "delete", "deletecollection"))
		| select($user == "" or .user.username == $user)
		| .verb + " " + .objectRef.resource + (.objectRef.subresource // "" | if . == "" then . else "/" + . end)
			+ " " + (.responseStatus.code | tostring)' | sort | uniq -c | sed 's/^ *//'
}
