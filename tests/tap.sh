# SPDX-License-Identifier: Apache-2.0
# TAP for shell tests, and a folder of their own. Source it; call `check` and, last, `finish`.

number=0
failures=0
work=$(mktemp -d "${TMPDIR:-/tmp}/apigwd-test-XXXXXX")
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
cd "$work" || exit 1

# check WHAT COMMAND...: one test, passed if the command succeeds.
check() {
	check_what=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/.check" 2>&1 </dev/null; then
		echo "ok $number - $check_what"
	else
		echo "not ok $number - $check_what"
		echo "# failed: $*"
		sed 's/^/# /' "$work/.check"
		failures=$((failures + 1))
	fi
}

# skip WHAT WHY: one test that cannot run here.
skip() {
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# silent COMMAND...: the command succeeds and prints nothing.
silent() {
	"$@" >"$work/.silent" 2>&1 || echo "exit code $?" >>"$work/.silent"
	cat "$work/.silent"
	[ ! -s "$work/.silent" ]
}

# prints PATTERN COMMAND...: the command succeeds, and a line of what it prints matches.
prints() {
	prints_pattern=$1
	shift
	"$@" >"$work/.prints" 2>&1 || { cat "$work/.prints"; return 1; }
	cat "$work/.prints"
	grep -qE -- "$prints_pattern" "$work/.prints"
}

finish() {
	echo "1..$number"
	[ "$failures" -eq 0 ]
}
