#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once from a directory to a directory, beside the bare input and output of the same files: see README.md.
# Exit code: 0, also if a bar is missed; 1 if a result is wrong.
set -u

apis=${BENCH_APIS:-10000}
edited=${BENCH_EDITED:-100}
rounds=${BENCH_ROUNDS:-5}
tools=$top_builddir/tests/bench
results=$top_builddir/bench
# On the file system of the build folder: a memory file system would flatter.
work=$results/work
wrong=0

mkdir -p "$results" || exit 1
rm -rf "$work"
mkdir "$work" || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
: >"$results/rounds.txt"

# fault TEXT...: a result is wrong.
fault() {
	echo "wrong: $layout, $run run, round $round: $*" >&2
	wrong=1
}

# measured COMMAND...: leaves its cost in `cost`. What the other side has left to be written is not its cost.
measured() {
	sync -f .
	rm -f cost
	"$tools/measure" cost "$@"
}

# record SIDE WRITTEN: one line of the rounds that count; round 0 only warms up.
record() {
	[ "$round" -eq 0 ] || echo "$layout $run $1 $(cat cost) $2" >>"$results/rounds.txt"
}

# once WRITTEN: a run of apigwd, which must serve every Api and write this many resources.
once() {
	measured "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml --once \
		>summary 2>log || fault "exit code $?: $(head -n 1 log)"
	once_wanted="$apis Apis: $apis served, 0 not served; $1 resources written"
	[ "$(cat summary)" = "$once_wanted" ] || fault "$(cat summary), expected: $once_wanted"
	record apigwd "$1"
}

# floor COMMAND: the same input and output by the plainest means.
floor() {
	measured sh -c "$1" || fault "the floor failed: $1"
	record floor -
}

# state: every output, with what changes when it is written.
state() {
	(cd out && find resources status -type f -printf '%P %i %T@ %H\n' | awk '{ print $4 "/" $1, $2, $3 }' | sort)
}

# Nothing is removed before the end: ext4 passes over every inode that was freed within minutes, one by one, for each
# file that is made.
first_run() {
	run=first
	[ ! -e out ] || mv out "old/$layout-$round"
	once $((apis + apis / 2))
	floor "cp -r out old/$layout-$round-copy && sync -f old"
}

second_run() {
	run=second
	state >before
	once 0
	state >after
	cmp -s before after || fault 'an output was written although nothing has changed'
	floor 'find in out -type f -print0 | xargs -0 cat >/dev/null'
}

third_run() {
	run=third
	revision=$((revision + 1))
	"$tools/generate" in "$apis" "$per_file" "$edited" "$revision" | sort >wanted
	state >before
	once "$(grep -c '^resources/' wanted)"
	state >after
	diff before after | sed -n 's/^> \([^ ]*\) .*/\1/p' | sort >written
	cmp -s wanted written || fault "other outputs were written than those of the edited Apis: $(diff wanted written | head -n 1)"
}

# layout NAME PER_FILE
layout() {
	layout=$1 per_file=$2 revision=0 run=first round=0
	echo "$layout: $apis Apis, $rounds rounds" >&2
	[ ! -e in ] || mv in out old/
	"$tools/generate" in "$apis" "$per_file" || fault 'no input'
	while [ "$round" -le "$rounds" ]; do
		first_run
		second_run
		third_run
		round=$((round + 1))
	done
}

cat >apigwd.yaml <<'CONFIG'
domain: kyma.local
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: bench
  directory: {input: in, output: out}
CONFIG

mkdir old
layout 100-a-file 100
layout one-a-file 1
"$tools/store_memory" apigwd.yaml "$top_builddir/plugins/.libs" >"$results/store.txt"
read -r stored outputs bytes <"$results/store.txt" || fault 'the memory of the controller could not be measured'
[ "$stored" -eq "$apis" ] || fault "$stored Apis are served in memory, expected $apis"
[ "$outputs" -eq $((apis * 3 / 2)) ] || fault "$outputs outputs in memory, expected $((apis * 3 / 2))"

{
	echo "apigwd --once, directory to directory: $apis Apis, half with a token; medians of $rounds rounds"
	echo "$(uname -sm), $(nproc) CPUs, $(df --output=fstype . | tail -n 1); $(date -u +%Y-%m-%dT%H:%M:%SZ)"
	echo
	awk -v stored="$stored" -v bytes="$bytes" -f "$top_srcdir/tests/bench/table.awk" "$results/rounds.txt"
} >"$results/directory.txt" || wrong=1
cat "$results/directory.txt"
exit "$wrong"
