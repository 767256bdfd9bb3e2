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

# stopped: the daemon does not run any more.
stopped() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*zombie' "/proc/$1/status"
}

live
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
check 'nothing torn is left' silent "$tools/aftermath" list out out
check 'and no temporary file' test -z "$(find out -path '*/.tmp/*')"
begin
check 'the rest is made at the next start' soon right
kill -HUP "$daemon" && kill -HUP "$daemon" && kill -HUP "$daemon"
check 'HUP reloads' soon grep -q 'msg="config reloaded"' log
check 'and writes nothing' ready
"$tools/edits" "$seed" 1 in >list
check 'what comes later is served' soon right
check 'TERM after a reload' end

# A loop that is busy for long: a socket of its own would not help to end it.
begin
kill -STOP "$daemon"
kill -TERM "$daemon"
kill -TERM "$daemon"
kill -CONT "$daemon"
check 'two at once count as one or end it' soon stopped "$daemon"
wait "$daemon"
daemon=

echo "# SEED=$seed RUNS=$runs"
killed=0 round=1
: >unsafe
: >different
while [ "$killed" -lt "$runs" ]; do
	launch
	random 40
	sleep "0.0$((random + 10))"
	# The edits go on while it is killed.
	(
		for step in 1 2 3; do
			"$tools/edits" "$seed" $((round + step)) in >list.new
			sleep 0.01
		done
	) &
	others=$!
	random 150
	sleep "0.$((random + 100))"
	kill -KILL "$daemon"
	wait "$daemon" 2>/dev/null
	daemon=
	killed=$((killed + 1))
	wait "$others"
	others=
	round=$((round + 3))
	# What may stand is what any of the inputs since asks for: here only whole files count.
	"$tools/edits" "$seed" "$round" in >list
	find out/resources out/status -type f | while read -r file; do
		[ "$(tail -c 1 "$file" | wc -l)" -eq 1 ] || echo "SEED=$seed round $round: $file is cut off"
	done >>unsafe
	begin >/dev/null
	soon right >difference || {
		echo "SEED=$seed round $round:" >>different
		head -n 30 difference >>different
	}
	"$tools/aftermath" list out out >>unsafe 2>&1
	end >>unsafe 2>&1
done
check "$killed kills: nothing torn, no route without its Policy" silent head -n 50 unsafe
check 'the next start ends where a run from nothing does' silent head -n 50 different
check 'no temporary file is left' test -z "$(find out -path '*/.tmp/*')"
finish
