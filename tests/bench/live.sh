#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd as a daemon: checkouts between two trees of Apis, and what it costs when nothing happens. See README.md.
# Exit code: 0, also if a bar is missed; 1 if a result is wrong.
set -u

apis=${BENCH_CHECKOUT_APIS:-5000}
rounds=${BENCH_ROUNDS:-5}
idle=${BENCH_IDLE:-60}
generate=$top_builddir/tests/bench/generate
results=$top_builddir/bench
work=$results/live
wrong=0
daemon=

mkdir -p "$results" || exit 1
rm -rf "$work"
mkdir "$work" || exit 1
trap '[ -z "$daemon" ] || kill "$daemon"; rm -rf "$work"' EXIT
cd "$work" || exit 1

. "$top_srcdir/tests/bench/kit.sh"

# config FOLDER: on standard output.
config() {
	cat <<CONFIG
domain: kyma.local
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: bench
  directory: {input: in, output: $1}
CONFIG
}

apigwd() {
	exec "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" "$@"
}

content() {
	(cd "$1" && find resources status -type f | sort | xargs grep -v lastTransitionTime /dev/null)
}

# checkout NAME: the tree `other` takes the place of `in`. Notes the seconds until the last file was in its place.
checkout() {
	rest
	content out >before
	sync -f .
	checkout_spent=$(spent)
	checkout_start=$(date +%s.%N)
	mv in away && mv other in && mv away other
	sleep 1
	rest
	find out -type f -printf '%C@\n' | sort -n | tail -n 1 | awk -v start="$checkout_start" -v name="$1" \
		-v cpu="$(($(spent) - checkout_spent))" '{ printf "%s %.3f %.3f\n", name, $1 - start, cpu / 1000 }' >>"$work/times"
	(apigwd --config wanted.yaml --once --summary never)
	content wanted >wanted.txt
	content out | cmp -s - wanted.txt || fault "$1: the output is not what a run from nothing makes"
	cmp -s before wanted.txt && fault "$1: nothing was different"
}

# trees EDITED: `in` and `other`, which differ in so many Apis.
trees() {
	"$generate" in "$apis" 10 >/dev/null
	cp -r in other
	"$generate" other "$apis" 10 "$1" 1 >/dev/null
}

# median NAME COLUMN
median() {
	awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$work/times" | sort -n |
		awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# one_round NAME: a daemon of its own on trees of its own. Nothing is removed before the end: for each file that is made
# ext4 passes over every inode that was freed within minutes, one by one.
one_round() {
	mkdir "$work/$1-$round" && cd "$work/$1-$round" || exit 1
	config out >apigwd.yaml
	config wanted >wanted.yaml
	trees "$1"
	apigwd --config apigwd.yaml 2>log &
	daemon=$!
	sleep 1
	checkout "$1"
}

stop() {
	kill "$daemon" && wait "$daemon"
	daemon=
}

for edited in $((apis / 10)) "$apis"; do
	round=0
	while [ "$round" -lt "$rounds" ]; do
		[ -z "$daemon" ] || stop
		one_round "$edited"
		round=$((round + 1))
	done
done
rest
idle_spent=$(spent) idle_memory=$(memory)
sleep "$idle"
idle_spent=$(($(spent) - idle_spent))
grown=$(($(memory) - idle_memory))
{
	echo "apigwd as a daemon: checkouts between trees of $apis Apis; medians of $rounds rounds"
	echo "$(uname -sm), $(nproc) CPUs, $(df --output=fstype . | tail -n 1); $(date -u +%Y-%m-%dT%H:%M:%SZ)"
	echo
	verdicts
	verdict "checkout, $((apis / 10)) Apis differ" "$(median $((apis / 10)) 2)" 3 s
	verdict "checkout, all Apis differ" "$(median "$apis" 2)" 3 s
	verdict "CPU, $idle s idle" "$idle_spent" $((30 * (idle + 59) / 60)) ms
	verdict "growth, $idle s idle" "$grown" 256 KiB
	echo
	echo "CPU of a checkout: $(median $((apis / 10)) 3) s, $(median "$apis" 3) s if all differ; resident memory $idle_memory KiB"
} >"$results/live.txt"
cat "$results/live.txt"
exit "$wrong"
