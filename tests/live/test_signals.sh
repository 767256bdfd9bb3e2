#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Signals: TERM and INT end the daemon in order, a second one at once, HUP reloads; and kill -9 at random moments
# while its input is edited leaves nothing torn, and the next start ends where a run from nothing does.
# SEED chooses the edits and the moments, RUNS the number of kills.
set -u
. "$top_srcdir/tests/live/kit.sh"

seed=${SEED:-20181017}
runs=${RUNS:-20}
patience=20

state_of_random=$((seed % 2147483647 + 1))
random() {
	state_of_random=$((state_of_random * 48271 % 2147483647))
	random=$((state_of_random % $1 + 1))
}

# note FILE: standard input, if there is any, goes there, with what is needed to see it again.
note() {
	head -n 30 >.note
	[ ! -s .note ] || { echo "SEED=$seed, round $round:"; cat .note; } >>"$1"
}

# edit_on: more edits while the daemon is killed, of Apis that want nothing that others want.
edit_on() {
	for step in 1 2 3 4 5 6 7 8 9; do
		api "x$step" "x$step" "x$step-$round" >"in/x$step.yaml"
		sleep 0.01
	done &
	others=$!
}

# ask_for ROUND: the Apis of this round.
ask_for() {
	"$tools/edits" "$seed" "$1" in >list
	for step in 1 2 3 4 5 6 7 8 9; do echo "t1 x$step 0"; done >>list
}

# stopped PROCESS: it does not run any more.
stopped() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*zombie' "/proc/$1/status"
}

judged
live
others=
mkdir nothing
"$tools/edits" "$seed" 0 in >list
begin
check 'TERM while nothing is to be done' end
check 'the socket goes with it' absent admin.sock
begin
kill -INT "$daemon"
check 'INT' ended
check 'what was made is right' right
rm -rf out
mkdir out
launch
sleep 0.1
check 'TERM in the middle of the first pass' end
check 'nothing torn is left' silent "$tools/aftermath" list nothing out
check 'and no temporary file' test -z "$(find out -path '*/.tmp/*')"
begin
check 'the rest is made at the next start' soon right
kill -HUP "$daemon" && kill -HUP "$daemon" && kill -HUP "$daemon"
check 'HUP reloads' soon grep -q 'msg="config reloaded"' log
check 'and writes nothing' ready
"$tools/edits" "$seed" 1 in >list
check 'what comes later is served' soon right
check 'TERM after a reload' end

# While a plugin takes three seconds for each Api.
sed 's|^clusters:|  slow: {plugin: '"$top_builddir"'/tests/fixtures/.libs/slow.so}\n&|' apigwd.yaml >slow.yaml
launch --config slow.yaml
sleep 0.5
slow=$daemon
kill -TERM "$slow"
sleep 0.2
check 'TERM waits for what is under way' kill -0 "$slow"
kill -TERM "$slow"
patience=1
check 'a second one ends it at once' soon stopped "$slow"
patience=20
wait "$slow"
code=$?
daemon=
check 'by the signal' test "$code" -eq 143

echo "# SEED=$seed RUNS=$runs"
killed=0 round=1
: >unsafe
: >different
while [ "$killed" -lt "$runs" ]; do
	cp -a out before
	round=$((round + 1))
	launch
	random 40
	sleep "0.0$((random + 10))"
	ask_for "$round"
	random 2
	[ "$random" -gt 1 ] || edit_on
	random 150
	sleep "0.$(printf %03d "$random")"
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
	killed=$((killed + 1))
	find out/resources out/status -type f | while read -r file; do
		[ "$(tail -c 1 "$file" | wc -l)" -eq 1 ] || echo "$file is cut off"
	done | note unsafe
	"$tools/aftermath" list before out 2>&1 | note unsafe
	[ -z "$others" ] || wait "$others"
	others=
	begin >/dev/null
	soon right 2>&1 | note different
	"$tools/aftermath" list nothing out 2>&1 | note unsafe
	end >ending 2>&1
	note unsafe <ending
	rm -rf before
done
check "$killed kills: nothing torn, no route without its Policy" silent head -n 50 unsafe
check 'the next start ends where a run from nothing does' silent head -n 50 different
check 'no temporary file is left' test -z "$(find out -path '*/.tmp/*')"
verdict
finish
