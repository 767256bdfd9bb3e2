#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Killed, or restarted, at any moment while 200 Apis are edited at random: afterwards all is as asked for, and at no
# moment was a route written for an Api that asks for authentication without a Policy for its Service, nor was any other
# rule broken that can be judged from what watchers of our own saw.
# SEED repeats a run; ROUNDS says how many kills there are, EDITS how many edits in each, APIS how many Apis. With few Apis
# and many edits the daemon is often about to do what was asked before.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
. "$top_srcdir/tests/cluster/watch.sh"
seed=${SEED:-1}
rounds=${ROUNDS:-20}
apis=${APIS:-200}
edits=${EDITS:-12}
echo "# SEED=$seed ROUNDS=$rounds APIS=$apis EDITS=$edits"
bed_up one
space one t1
configure one
allow one

check 'watchers of our own see it all' watch_begin one
many "$apis" 1 a | kube one create -f - >/dev/null

# edits ROUND: what users do in a round: other hosts, Services and rules, now and then a host or a Service that a
# neighbour may have; and who is removed, in `gone`.
edits() {
	awk -v seed="$seed$1" -v apis="$apis" -v edits="$edits" 'BEGIN {
		srand(seed)
		for (i = 0; i < edits; i++) {
			n = int(rand() * apis)
			if (rand() < 0.1) {
				print "a" n >"gone"
				continue
			}
			host = rand() < 0.2 ? n + 1 : n
			service = rand() < 0.2 ? n + 1 : n
			jwt = rand() < 0.5
			printf "{\"apiVersion\":\"gateway.kyma-project.io/v1alpha2\",\"kind\":\"Api\",\"metadata\":{\"name\":\"a%d\",\"namespace\":\"t1\"}," \
				"\"spec\":{\"service\":{\"name\":\"a%d-%d\",\"port\":80},\"hostname\":\"a%d-%d\",\"authentication\":%s}}\n", n, service,
				int(rand() * 3), host, int(rand() * 3),
				(jwt ? "[{\"type\":\"JWT\",\"jwt\":{\"issuer\":\"https://i" int(rand() * 3) "\",\"jwksUri\":\"https://i/k\"}}]" : "[]")
		}
	}'
}
round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	launch
	: >gone
	edits $round >edits.json
	kube one apply -f edits.json >/dev/null 2>&1 &
	editor=$!
	kube one -n t1 delete apis --wait=false --ignore-not-found $(cat gone) none >/dev/null 2>&1 &
	remover=$!
	sleep "$(awk -v seed="$seed$round" 'BEGIN { srand(seed); printf "%.3f", 0.05 + rand() * 0.9 }')"
	# Now and then it is restarted in order.
	if [ $((round % 4)) -eq 0 ]; then
		kill -TERM "$daemon"
		wait "$daemon"
		daemon=
	fi
	crash
	wait $editor $remover
done
check "after $round kills it starts" begin
# undone: the Apis that are neither served nor wait for somebody, each as it was last edited.
undone() {
	kube one -n t1 get apis -o json | jq -r '.items[] | select(.status.observedGeneration != .metadata.generation or
		(((.status.conditions // []) | any(.type == "Ready" and .status == "True"))
			or .status.virtualService.code == 4 or .status.validationStatus == 5 | not)) | .metadata.name'
}
settled() {
	silent undone
}
check 'each is served, or waits for a host or a Service' bed_within 30 settled
echo "# $(kube one -n t1 get apis -o json | jq -c '[.items[].status | "\(.validationStatus)/\(.virtualService.code)"] | group_by(.)
	| map({(.[0]): length}) | add')"
sleep 1
# What is Ready stands as it is asked for; who waits keeps what it had.
kube one -n t1 get apis -o json | jq -r '.items[] | select(.status.conditions | any(.type == "Ready" and .status == "True"))
	| [.metadata.name, .spec.hostname + ".kyma.local", .spec.service.name, ((.spec.authentication // [])[0].jwt.issuer // "-")]
	| join(" ")' | sort >want
kube one -n t1 get policies.authentication.istio.io -o json |
	jq '[.items[] | {key: .metadata.name, value: .spec.origins[0].jwt.issuer, targets: [.spec.targets[].name]}]' >policies.json
kube one -n t1 get virtualservices.networking.istio.io -o json | jq -r --slurpfile policies policies.json '.items[] |
	.metadata.name as $name | (.spec.http[0].route[0].destination.host | split(".")[0]) as $service
	| ($policies[0] | map(select(.key == $name))[0]) as $policy
	| [$name, .spec.hosts[0], $service, (if $policy == null then "-" elif $policy.targets == [$service] then $policy.value else "other target" end)]
	| join(" ")' | sort | awk 'NR == FNR { ready[$1]; next } $1 in ready' want - >have
check 'as they are asked for' diff want have
since
sleep 3
check 'and at rest' wrote_just ''
check 'it ends' end
check 'and everything was seen' watch_end
watch_verdict
# It can fail: without Policies it does.
jq -c 'select(.object.kind != "Policy")' seen-* >less
check 'what has no Policy would be found' eval '! watch_hear less >stdout'
check 'by what it is' grep -q '^# version .* rule 2: t1/.*: route written without the protection' stdout
finish
