#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where nothing changes the daemon does nothing: no write, no growth, no CPU time.
# SECONDS_IDLE is for how long, APIS how many Apis it has.
set -u
. "$top_srcdir/tests/live/kit.sh"

apis=${APIS:-10000}
if [ "${CI:-}" = true ]; then idle=${SECONDS_IDLE:-60}; else idle=${SECONDS_IDLE:-10}; fi
patience=60
growth_kib=256

# memory: resident memory in KiB.
memory() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$daemon/status"
}

# spent: CPU time so far in milliseconds, as exactly as the kernel knows it.
spent() {
	cut -d ' ' -f 1 "/proc/$daemon/schedstat" | sed 's/......$//;s/^$/0/'
}

written() {
	sed -n 's/^wchar: //p' "/proc/$daemon/io"
}

# at_rest: two looks, half a second apart, see the same CPU time.
at_rest() {
	at_rest_before=$(spent)
	sleep 0.5
	[ "$(spent)" -le $((at_rest_before + 2)) ]
}

# all_served: every Api has its status.
all_served() {
	[ "$(find out/status -name '*.yaml' | wc -l)" -eq "$apis" ]
}

live
rmdir in
"$top_builddir/tests/bench/generate" in "$apis" 100
begin
check "$apis Apis are served" soon all_served
check 'then it comes to rest' soon at_rest
# A file system tells times apart by two seconds: until then files are read again.
sleep 2.5
files >before
memory_before=$(memory) spent_before=$(spent) written_before=$(written)
sleep "$idle"
memory_after=$(memory) spent_after=$(spent) written_after=$(written)
files >after
echo "# $idle s: memory $memory_before KiB, then $memory_after KiB; CPU $((spent_after - spent_before)) ms;" \
	"$((written_after - written_before)) bytes written"
check 'idle it writes nothing' test "$written_after" -eq "$written_before"
check 'no file of the output has changed' cmp before after
check "its memory does not grow by $growth_kib KiB" test "$memory_after" -le $((memory_before + growth_kib))
# 0.03 s a minute, and five times that for a machine that does other things as well.
check 'it takes no CPU time' test $((spent_after - spent_before)) -le $((150 * (idle + 59) / 60))
check 'it is ready' ready
check 'it ends well' end
finish
