# SPDX-License-Identifier: Apache-2.0
# What benchmarks of the daemon share. Its process is $daemon.

# fault WHAT: a result is wrong.
fault() {
	echo "wrong: $*" >&2
	wrong=1
}

# memory: resident, in KiB.
memory() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$daemon/status"
}

# spent: milliseconds of CPU so far.
spent() {
	echo $(($(cut -d ' ' -f 1 "/proc/$daemon/schedstat") / 1000000))
}

# rest: waits until it has taken no CPU for a second; hardly anything else would be as cheap to look at.
rest() {
	rest_before=-1
	while [ "$rest_before" != "$(spent)" ]; do
		rest_before=$(spent)
		sleep 1
	done
}

# verdicts: the head of the table; verdict WHAT VALUE LIMIT UNIT: a line of it.
verdicts() {
	printf '%-44s %-10s %-10s %s\n' BAR MEASURED ALLOWED VERDICT
}

verdict() {
	awk -v what="$1" -v value="$2" -v limit="$3" -v unit="$4" 'BEGIN {
		printf "%-44s %-10s %-10s %s\n", what, value unit, limit unit, value <= limit ? "ok" : "over" }'
}
