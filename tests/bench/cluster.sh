#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd on a real API server with many Apis: what a cold start, a restart, single changes and idle time cost, how
# soon 500 new Apis are served, and what the same writes cost the server without a controller. See README.md. Exit
# code: 0, also if a bar is missed; 1 if a result is wrong.
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

# server_spent SERVER: milliseconds of CPU of the API server so far.
server_spent() {
	awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print int(($12 + $13) * 1000 / tick) }' \
		"/proc/$(cat "$bed_root/$1/apiserver.pid")/stat"
}

anonymous() {
	sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$daemon/status"
}

# per VALUE COUNT: milliseconds each, with three digits.
per() {
	awk -v value="$1" -v count="$2" 'BEGIN { printf "%.3f", value / count }'
}

# prepare SERVER: a new one with the Apis.
prepare() {
	configure "$1"
	bed_up "$1"
	allow "$1" || fault 'no role'
	space "$1" $(awk 'BEGIN { for (i = 0; i < 50; i++) print "n" i }') t1
	many "$apis" 50 a | kube "$1" create -f - >/dev/null || fault 'the Apis could not be created'
	sleep 5
}

# posted KIND ORDER: how the objects of a kind were created, each a line: NAMESPACE/NAME, the order, the request.
posted() {
	kube bench get "$1" -A -o json | jq -r --arg plural "${1%%.*}" --arg order "$2" '.items[] | .metadata as $of |
		"\($of.namespace)/\($of.name) \($order) POST " +
		"/apis/\(.apiVersion)/namespaces/\($of.namespace)/\($plural)?fieldManager=apigwd " +
		({apiVersion, kind, spec, metadata: ($of | {name, namespace, labels, annotations, ownerReferences} |
			with_entries(select(.value != null)))} | tojson)'
}

# reported: the statuses, as in posted(); the versions are those of the Apis of the server `floor`.
reported() {
	kube floor get apis -A -o json >floor.json
	jq -r --slurpfile floor floor.json '($floor[0].items |
		map({key: "\(.metadata.namespace)/\(.metadata.name)", value: .metadata.resourceVersion}) | from_entries)
		as $versions | .items[] | .metadata as $of | "\($of.namespace)/\($of.name)" as $key |
		"\($key) 3 PUT /apis/\(.apiVersion)/namespaces/\($of.namespace)/apis/\($of.name)/status?fieldManager=apigwd " +
		({apiVersion, kind, status,
			metadata: {name: $of.name, namespace: $of.namespace, resourceVersion: $versions[$key]}} | tojson)' bench.json
}

prepare bench

# Cold: everything has to be written.
since
server_before=$(server_spent bench)
began=$(date +%s%3N)
launch
rest
cold_ms=$(($(date +%s%3N) - began - 1000))
cold=$(spent) cold_server=$(($(server_spent bench) - server_before))
served "$apis" || fault 'not all Apis are served'
[ "$(wrote)" = "$((apis / 2)) create policies 201,$apis create virtualservices 201,$apis update apis/status 200," ] ||
	fault "a cold start wrote $(wrote)"
sleep 8
steady=$(memory) steady_anonymous=$(anonymous)
posted policies.authentication.istio.io 1 >outputs
posted virtualservices.networking.istio.io 2 >>outputs
kube bench get apis -A -o json >bench.json

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

# The floor: the same writes, on a server that is as new, by the same user.
bed_stop bench
prepare floor
reported | sort -k 1,2 - outputs | cut -d ' ' -f 3- >requests
server_before=$(server_spent floor)
sent=$("$top_builddir/tests/bench/floor" "$(user_of floor)" <requests) || fault 'the floor was refused'
sleep 2
floor_server=$(($(server_spent floor) - server_before))
[ "$sent" -eq $((apis * 5 / 2)) ] || fault "the floor has $sent writes"

{
	echo "apigwd on a kube-apiserver with etcd: $apis Apis, half with a token, over 50 namespaces; one run"
	echo "$(uname -sm), $(nproc) CPUs; $(date -u +%Y-%m-%dT%H:%M:%SZ)"
	echo
	verdicts
	verdict 'memory after a cold start' $((steady / 1024)) 20 MiB
	verdict 'of it anonymous' $((steady_anonymous / 1024)) 10 MiB
	verdict 'memory after a restart' $((restarted / 1024)) 20 MiB
	verdict 'CPU of the API server to that of the floor' "$(per "$cold_server" "$floor_server")" 1.1 ''
	verdict 'CPU of a write of a cold start' "$(per "$cold" $((apis * 5 / 2)))" 0.2 ms
	verdict 'CPU of a restart' "$restart" 500 ms
	verdict 'CPU of a change' "$(per "$changed" "$changes")" 0.4 ms
	verdict "CPU, $idle s idle" "$idled" $((30 * (idle + 59) / 60)) ms
	verdict '500 new Apis, until the last is served' "$(per $((ended - created)) 1000)" 10 s
	echo
	echo "A cold start took $(per "$cold_ms" 1000) s, $(per "$cold" 1000) s of CPU and $(per "$cold_server" 1000) s of the" \
		"API server's; the floor, $(per "$floor_server" 1000) s of that. kubectl took $(per $((created - began)) 1000) s to create the 500."
} >"$results/cluster.txt"
cat "$results/cluster.txt"
exit "$wrong"
