#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once killed at random system calls, with random edits of its input before each: at no moment is a file
# cut off or a route without its Policy, and the next run ends where a run from nothing does.
# SEED chooses the edits and the calls, RUNS the number of kills, KINDS the kinds of edits (see edits.c).
set -u
# A memory file system renames as others do, and every run of this test would sync the whole of a disk.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$top_srcdir/tests/directory/kit.sh"

seed=${SEED:-20181017}
runs=${RUNS:-100}
tools=$top_builddir/tests/tools
# LeakSanitizer cannot work in a process that is traced.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0"

# config NAME: a config whose output is the folder NAME.
config() {
	sed "s/output: out/output: $1/" apigwd.yaml >"$1.yaml"
}

# whole FOLDER: a run to its end with this output.
whole() {
	apigwd --config "$1.yaml" --once --summary never
}

# strike ARGUMENT...: the tool on a run whose output is the folder $target. If one is recorded, the other is too, into
# nothing, so that both make the same calls.
strike() {
	strike_recorded=$recorded
	[ "$target" = out ] || strike_recorded=$(echo "$recorded" |
		sed "s|JOURNAL=[^ ]*|JOURNAL=/dev/null|; s|/out |/$target |")
	tell config out.yaml
	"$tools/strike" "$@" $strike_recorded "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" \
		--config "$target.yaml" --once --summary never
}

# copy FROM TO: TO becomes the same.
copy() {
	rm -rf "$2"
	cp -a "$1" "$2"
}

# random LIMIT: sets `random` to 1..LIMIT. No process of its own: this is called often.
state_of_random=$((seed % 2147483647 + 1))
random() {
	state_of_random=$((state_of_random * 48271 % 2147483647))
	random=$((state_of_random % $1 + 1))
}

# content FOLDER: all lines of all files, but for times.
content() {
	(cd "$1" && find . -name .tmp -prune -o -type f -print | sort | xargs -r grep -vH lastTransitionTime)
}

# note FILE: standard input goes there, with what is needed to see it again.
note() {
	{
		echo "SEED=$seed, run $run, killed at call $call of $calls (strike $flags):"
		head -n 20
	} >>"$1"
}

# kill_one: a kill of the run over the present input, at one of its calls. What is wrong then goes to `unsafe`.
kill_one() {
	# Now and then any call, otherwise one that changes files: there lies what can break.
	random 5
	if [ "$random" -eq 1 ]; then flags=; else flags=-f; fi
	copy out before
	copy out trial
	target=trial strike $flags -c calls 0 >trial.log 2>&1
	read -r calls <calls
	[ "$calls" -gt 0 ] || return 0
	random "$calls"
	call=$random
	target=out strike $flags "$call" >killed.log 2>&1
	[ $? -ne 0 ] || killed=$((killed + 1))
	"$tools/aftermath" list before out >wrong 2>&1 || note unsafe <wrong
}

# settle: the next whole run. What it does wrong goes to `unserved` and `different`; then out is as it should be.
settle() {
	whole out >log 2>&1 || note unserved <log
	rm -rf wanted
	whole wanted >log 2>&1 || note unserved <log
	content wanted >wanted.txt
	content out >out.txt
	diff wanted.txt out.txt >difference && return
	note different <difference
	different=$((different + 1))
	copy wanted out
}

fresh
for output in out trial wanted; do
	config "$output"
done

# The tools first: a harness that strikes late or never would pass everything.
target=out
strike -f -c calls 0 >log 2>&1
code=$?
if [ "$code" -eq 77 ]; then
	echo "1..0 # SKIP $(tail -n 1 log)"
	exit 0
fi
"$tools/strike" -f 1 touch made
check 'a call is not carried out when it is struck' test $? -eq 0 -a ! -e made
"$tools/strike" -f 99 touch made 2>/dev/null
check 'a command that ends before the call says so' test $? -ge 128 -a -e made
"$tools/strike" 1000000 sh -c 'exit 3'
check 'and with which exit code' test $? -eq 131

mkdir -p before/resources out/resources/n1/virtualservices.networking.istio.io out/status/n1
echo 'n1 a1 1' >list
check 'an output without routes is fine' silent "$tools/aftermath" list before out
cat >out/resources/n1/virtualservices.networking.istio.io/a1.yaml <<ROUTE
spec:
  http:
  - route:
    - destination: {host: s1.n1.svc.cluster.local}
ROUTE
check 'a route without its Policy is seen' run 1 "$tools/aftermath" list before out
copy out before
check 'one that stood like this before is excused' silent "$tools/aftermath" list before out
rm -rf before/resources
echo 'n1 a1 0' >list
check 'so is one that needs none' silent "$tools/aftermath" list before out
printf 'status: {' >out/status/n1/a1.yaml
check 'a file that is cut off is seen' run 1 "$tools/aftermath" list before out

echo "# SEED=$seed RUNS=$runs"
judged out.yaml
fresh
run=0 killed=0 different=0 call=0 calls=0 flags=
: >unsafe
: >unserved
: >different
"$tools/edits" ${KINDS:+-o "$KINDS"} "$seed" 0 in >list
mkdir out
while [ "$killed" -lt "$runs" ] && [ "$run" -lt $((2 * runs)) ]; do
	kill_one
	# A third of the runs dies twice before one comes through.
	random 3
	[ "$random" -gt 1 ] || kill_one
	settle
	run=$((run + 1))
	"$tools/edits" ${KINDS:+-o "$KINDS"} "$seed" "$run" in >list
done
echo "# $killed kills over $run edited inputs; $different ended otherwise than a run from nothing"
check "$runs runs were killed" test "$killed" -ge "$runs"
check 'no file was cut off and no route without its Policy' silent head -n 100 unsafe
check 'the next run serves every Api' silent head -n 100 unserved
check 'and ends where a run from nothing does' silent head -n 100 different
verdict
finish
