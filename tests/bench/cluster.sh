#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd on a real API server with many Apis: what a cold start, a restart, single changes and idle time cost, and how
# soon 500 new Apis are served. See README.md. Exit code: 0, also if a bar is missed; 1 if a result is wrong.
set -u
server=bench
. "$top_srcdir/tests/cluster/kit.sh"
. "$top_srcdir/tests/bench/kit.sh"

apis=${BENCH_APIS:-10000}
changes=${BENCH_CHANGES:-200}
idle=${BENCH_IDLE:-60}
results=$top_builddir/bench
wrong=0
mkdir -p "$results" || exit 1

# server_spent: milliseconds of CPU of the API server so far.
server_spent() {
	awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / tick) }' \
		"/proc/$(cat "$bed_root/bench/apiserver.pid")/stat"
}

anonymous() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$daemon/status"
}

# per VALUE COUNT: milliseconds each, with three digits.
per() {
	awk -v value="$1" -v count="$2" 'BEGIN { printf "%.3f", value / count }'
}

bed_up bench
configure bench
allow bench || fault 'no role'
space bench $(awk 'BEGIN { for (i = 0; i < 50; i++) print "n" i }') t1
many "$apis" 50 a | kube bench create -f - >/dev/null || fault 'the Apis could not be created'
sleep 5

# Cold: everything has to be written.
since
server_before=$(server_spent)
began=$(date +%s%3N)
launch
rest
cold_ms=$(($(date +%s%3N) - began - 1000))
cold=$(spent) cold_server=$(($(server_spent) - server_before))
served "$apis" || fault 'not all Apis are served'
[ "$(wrote)" = "$((apis / 2)) create policies 201,$apis create virtualservices 201,$apis update apis/status 200," ] ||
	fault "a cold start wrote $(wrote)"
sleep 8
steady=$(memory) steady_anonymous=$(anonymous)

before=$(spent)
sleep "$idle"
idled=$(($(spent) - before))

before=$(spent)
change=0
while [ "$change" -lt "$changes" ]; do
	kube bench -n "n$((change % 50))" patch api "a$change" --type=merge \
		-p "{\"spec\":{\"service\":{\"name\":\"a$change\",\"port\":$((1000 + change))}}}" >/dev/null || fault 'no patch'
	change=$((change + 1))
done
rest
changed=$(($(spent) - before))
end >/dev/null || fault 'it did not end well'

# Restart: nothing has to be written.
since
launch
rest
restart=$(spent)
[ "$(wrote)" = '' ] || fault "a restart wrote $(wrote)"
sleep 8
restarted=$(memory)

# A burst.
many 500 50 b >burst.json
began=$(date +%s%3N)
kube bench create -f burst.json >/dev/null || fault 'the burst could not be created'
created=$(date +%s%3N)
until served $((apis + 500)); do sleep 0.2; done
ended=$(date +%s%3N)
end >/dev/null || fault 'it did not end well'

{
	echo "apigwd on a kube-apiserver with etcd: $apis Apis, half with a token, over 50 namespaces; one run"
	echo "$(uname -sm), $(nproc) CPUs; $(date -u +%Y-%m-%dT%H:%M:%SZ)"
	echo
	verdicts
	verdict 'memory after a cold start' $((steady / 1024)) 20 MiB
	verdict 'of it anonymous' $((steady_anonymous / 1024)) 10 MiB
	verdict 'memory after a restart' $((restarted / 1024)) 20 MiB
	verdict 'CPU of a write of a cold start' "$(per "$cold" $((apis * 5 / 2)))" 0.2 ms
	verdict 'CPU of a restart' "$restart" 500 ms
	verdict 'CPU of a change' "$(per "$changed" "$changes")" 0.4 ms
	verdict "CPU, $idle s idle" "$idled" $((30 * (idle + 59) / 60)) ms
	verdict '500 new Apis, until the last is served' "$(per $((ended - created)) 1000)" 10 s
	echo
	echo "A cold start took $(per "$cold_ms" 1000) s, $(per "$cold" 1000) s of CPU and $(per "$cold_server" 1000) s of the" \
		"API server's. kubectl took $(per $((created - began)) 1000) s to create the 500."
} >"$results/cluster.txt"
cat "$results/cluster.txt"
exit "$wrong"
