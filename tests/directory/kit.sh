# SPDX-License-Identifier: Apache-2.0
# What tests of the programs share: inputs, configs, and looks at what came out. Source it instead of tap.sh.
. "$top_srcdir/tests/tap.sh"

# same WANTED FILE: the file holds exactly this text.
same() {
	printf '%s\n' "$1" >"$work/.wanted"
	diff "$work/.wanted" "$2"
}

# holds FILE TEXT...: the file holds each of the texts.
holds() {
	holds_file=$1
	shift
	for holds_text in "$@"; do
		if ! grep -qF -- "$holds_text" "$holds_file"; then
			echo "$holds_file lacks: $holds_text"
			cat "$holds_file"
			return 1
		fi
	done
}

lacks() {
	! grep -F -- "$2" "$1"
}

absent() {
	[ ! -e "$1" ]
}

# run CODE COMMAND...: leaves standard output in `stdout`, standard error in `stderr`; the exit code must be CODE.
run() {
	run_wanted=$1
	shift
	run_code=0
	"$@" >"$work/stdout" 2>"$work/stderr" </dev/null || run_code=$?
	[ "$run_code" -eq "$run_wanted" ] || {
		echo "exit code $run_code, wanted $run_wanted"
		return 1
	}
}

# What the judge of the rules (tests/judge) is to hear of; empty: it hears of nothing.
recorded=
journal=$work/journal

# judged [CONFIG [OUTPUT]]: from here on what runs of apigwd with this config (apigwd.yaml) do to `in` and to the output
# (`out`) is recorded, for `verdict`.
judged() {
	judged_config=${1:-apigwd.yaml}
	judged_output=$work/${2:-out}
	: >"$journal"
	recorded="env RECORDER_JOURNAL=$journal RECORDER_INPUT=$work/in RECORDER_OUTPUT=$judged_output"
	recorded="$recorded LD_PRELOAD=$top_builddir/tests/judge/.libs/recorder.so"
	# A sanitizer would be the first, and need not be.
	recorded="$recorded ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0"
}

# tell TYPE [FILE]: a record of the script's own, see tests/judge/hearing.c.
tell() {
	[ -n "$recorded" ] || return 0
	{
		printf '\036%s 0 %d\n' "$1" "$(cat "${2:-/dev/null}" | wc -c)"
		cat "${2:-/dev/null}"
		echo
	} >"$work/.tell"
	# At once, as others write there.
	cat "$work/.tell" >>"$journal"
}

# verdict: the judge hears what was recorded, and finds nothing.
verdict() {
	verdict_code=0
	"$top_builddir/tests/judge/hearing" "$journal" "$top_builddir/plugins/.libs" "$judged_output" >"$work/.verdict" 2>&1 ||
		verdict_code=$?
	tail -n 1 "$work/.verdict"
	check 'the judge of the rules has something to judge, and finds nothing' told_good
}

told_good() {
	cat "$work/.verdict"
	[ "$verdict_code" -eq 0 ]
}

# apigwd ARGUMENT...: the program; of what it does from the one config to the folders the judge hears.
apigwd() {
	case " $* " in
	*" --config ${judged_config:-} --once "*) apigwd_recorded=$recorded ;;
	*) apigwd_recorded= ;;
	esac
	[ -z "$apigwd_recorded" ] || tell config "$judged_config"
	apigwd_code=0
	$apigwd_recorded "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" "$@" || apigwd_code=$?
	case $apigwd_recorded/$apigwd_code in
	/*) ;;
	*/0) tell rest ;;
	*/1) tell still ;;
	esac
	return $apigwd_code
}

apigwctl() {
	"$top_builddir/apigwctl" --plugin-dir "$top_builddir/plugins/.libs" "$@"
}

# api NAME SERVICE HOSTNAME: an Api without authentication, on standard output.
api() {
	cat <<API
apiVersion: gateway.kyma-project.io/v1alpha2
kind: Api
metadata:
  name: $1
  namespace: t1
spec:
  service:
    name: $2
    port: 80
  hostname: $3
API
}

# jwt ISSUER: an element of `authentication`, to follow `authentication` below.
jwt() {
	cat <<JWT
  - type: JWT
    jwt:
      issuer: $1
      jwksUri: $1/keys
JWT
}

authentication() {
	echo '  authentication:'
}

# fresh: an empty input and output, and a config for them.
fresh() {
	tell fresh
	rm -rf in out
	mkdir in
	cat >apigwd.yaml <<CONFIG
domain: kyma.local
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: test
  directory: {input: in, output: out}
CONFIG
}

# state: what every file below `out` is: changes with each write.
state() {
	find out -type f -printf '%p %i %T@\n' | sort
}

# foreign_route NAME NAMESPACE HOST [GATEWAY]: a VirtualService of somebody else, on standard output.
foreign_route() {
	cat <<ROUTE
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata: {name: $1, namespace: $2}
spec:
  hosts: ["$3"]
  gateways: [${4:-kyma-gateway.kyma-system.svc.cluster.local}]
  http:
  - route:
    - destination: {host: theirs, port: {number: 80}}
ROUTE
}

# codes NAME: "VALIDATION/VIRTUALSERVICE/AUTHENTICATION" of an Api of t1; "-" for a part that is not there.
codes() {
	awk '
		/^  [a-zA-Z]+:/ { split($1, name, ":"); part = name[1] }
		part == "validationStatus" && /^  validationStatus:/ { validation = $2 }
		/^    code:/ { code[part] = $2 }
		function of(part) { return part in code ? code[part] : "-" }
		END { print validation "/" of("virtualService") "/" of("authenticationStatus") }' "out/status/t1/$1.yaml"
}

# has_codes NAME CODES
has_codes() {
	[ "$(codes "$1")" = "$2" ] || {
		echo "codes of $1: $(codes "$1"), wanted $2"
		cat "out/status/t1/$1.yaml"
		return 1
	}
}

# part KEY NAME: the lines below a key of a status of t1.
part() {
	awk -v key="  $1:" '/^  [^ ]/ { on = index($0, key) == 1 ; next } on' "out/status/t1/$2.yaml"
}

# begins NAME KEY TEXT: the lastError of this part of a status begins with the text.
begins() {
	part "$2" "$1" >.part
	sed -n 's/^    lastError: *//p' .part | sed 's/^"//; s/\\"/"/g' >.last-error
	case $(cat .last-error) in
	"$3"*) ;;
	*)
		echo "lastError of $2: $(cat .last-error)"
		echo "wanted: $3..."
		return 1 ;;
	esac
}

# moves [CODE]: a run whose renames, removals and syncs are in `moves`, in their order.
moves() {
	command -v strace >/dev/null || { echo 'strace is not installed'; return 77; }
	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" \
		strace -f -y -o trace -e trace=renameat,renameat2,unlinkat,syncfs \
		"$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml --once \
		>stdout 2>stderr </dev/null
	moves_code=$?
	grep -q exited trace || { echo "strace cannot trace here"; return 77; }
	[ "$moves_code" -eq "${1:-0}" ] || { echo "exit code $moves_code"; return 1; }
	awk -v out="$(pwd -P)/out/" -f "$top_srcdir/tests/directory/moves.awk" trace >moves
}
