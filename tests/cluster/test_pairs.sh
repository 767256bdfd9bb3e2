#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every pair of states of an Api, (earlier, wanted), on a real server, an Api for each: all are brought into their earlier
# state, and when that has settled all at once into the one that is wanted; once while the daemon runs, and once while it
# is killed over and over. Then there are other configs, and edits under each of them: authentication disabled, disabled and
# accepted, and enabled again. The judge of the rules hears of all of it from watchers of our own.
set -u
. "$top_srcdir/tests/cluster/kit.sh"
. "$top_srcdir/tests/cluster/watch.sh"
bed_up one
space one t1
configure one
allow one
check 'watchers of our own see it all' watch_begin one

# state STATE NAME: an Api in this state as a line of JSON; nothing if it is absent. Who holds the host `held` and the
# Service `held` is there before all others.
states='absent open elsewhere hosted secured reissued secured-elsewhere secured-hosted secured-all conflicted
	secured-conflicted served secured-served invalid secured-invalid'
state() {
	state_service=$2-1
	state_host=$2-1
	state_issuer=
	case $1 in
	absent) return ;;
	*invalid) state_host=two.labels ;;
	*conflicted) state_host=held ;;
	*served) state_service=held ;;
	*elsewhere) state_service=$2-2 ;;
	*hosted) state_host=$2-2 ;;
	*all) state_service=$2-2 state_host=$2-2 ;;
	esac
	case $1 in
	secured-all | reissued) state_issuer=https://two ;;
	secured*) state_issuer=https://one ;;
	esac
	printf '{"apiVersion": "gateway.kyma-project.io/v1alpha2", "kind": "Api", "metadata": {"name": "%s", "namespace": "t1"},' "$2"
	printf ' "spec": {"service": {"name": "%s", "port": 80}, "hostname": "%s", "authentication": [%s]}}\n' "$state_service" \
		"$state_host" "${state_issuer:+{\"type\": \"JWT\", \"jwt\": {\"issuer\": \"$state_issuer\", \"jwksUri\": \"https://i/k\"\}\}}"
}

# walk PREFIX: all pairs: the Apis in `earlier` and `wanted`, and the names of those that are not there in no-earlier and
# no-wanted.
walk() {
	pairs=0
	: >earlier
	: >wanted
	: >no-earlier
	: >no-wanted
	for walk_from in $states; do
		walk_number=0
		for walk_to in $states; do
			walk_number=$((walk_number + 1))
			[ "$walk_from" != "$walk_to" ] || continue
			state "$walk_from" "$1-$walk_from-$walk_number" >>earlier
			state "$walk_to" "$1-$walk_from-$walk_number" >>wanted
			[ "$walk_from" != absent ] || echo "$1-$walk_from-$walk_number" >>no-earlier
			[ "$walk_to" != absent ] || echo "$1-$walk_from-$walk_number" >>no-wanted
			pairs=$((pairs + 1))
		done
	done
}

# want earlier|wanted: these are the states that users want from now on.
want() {
	kube one apply -f "$1" >applied 2>&1 &
	want_process=$!
	kube one -n t1 delete apis --wait=false --ignore-not-found $(cat "no-$1") >deleted 2>&1
	wait $want_process
}

# told COUNT: so many Apis there are, and the status of each is about what it asks for.
told() {
	[ "$(kube one -n t1 get apis -o json | jq '[.items[] | select(.status.observedGeneration == .metadata.generation)] | length')" \
		-eq "$1" ] && [ "$(kube one -n t1 get apis -o name | wc -l)" -eq "$1" ]
}

# settles COUNT: nothing more is written, and all is told.
settles() {
	bed_within 60 still "$1" >settling || { tail -n 30 settling; return 1; }
}
still() {
	since
	sleep 1.5
	wrote_just '' && told "$1"
}

# apis FILE: how many Apis are there besides.
apis() {
	echo $((before + $(wc -l <"$1")))
}

check 'the daemon starts' begin
state open held | sed 's/held-1/held/g' | kube one apply -f - >/dev/null
check 'somebody holds a host and a Service' becomes 10 2/2/- held

before=1
walk r
check "there are $pairs Apis" kube one apply -f earlier
check 'all are in their earlier states' settles "$(apis earlier)"
check 'they are edited' want wanted
check 'and get into the wanted ones' settles "$(apis wanted)"

before=$(apis wanted)
walk k
check 'there are as many again' kube one apply -f earlier
check 'in their earlier states' settles "$(apis earlier)"
want wanted &
editing=$!
kills=0
while kill -0 $editing 2>/dev/null; do
	sleep 0.$((2 + kills % 5))
	crash
	kills=$((kills + 1))
	launch
done
wait $editing
check "they get into the wanted ones after $kills kills" settles "$(apis wanted)"
check 'it was killed in the middle' test $kills -ge 2
check 'it is ready' ready

# otherwise kill|reload SED: another config, which the daemon gets as it is killed and starts, or as it runs.
otherwise() {
	sed -i "$2" apigwd.yaml
	watch_config
	case $1 in
	kill) crash; begin ;;
	reload)
		reloads=$((reloads + 1))
		kill -HUP "$daemon"
		bed_within 10 reloaded ;;
	esac
}
reloads=0
reloaded() {
	[ "$(grep -c 'config reloaded' log)" -eq $reloads ]
}
without='s/istio-authn-policy: {}/istio-authn-policy: {enabled: false}/'
with='s/istio-authn-policy: {enabled: false}/istio-authn-policy: {}/'
check 'it starts without authentication' otherwise kill "$without"
check 'which it comes to terms with' settles "$(apis wanted)"
check 'they are edited back' want earlier
check 'that, too' settles "$(apis earlier)"
check 'it starts with authentication' otherwise kill "$with"
check 'and all get into these states' settles "$(apis earlier)"
check 'authentication is disabled, and that is accepted' otherwise reload "$without; \$a\\  unprotected: accept"
check 'all go on' settles "$(apis earlier)"
check 'they are edited' want wanted
check 'and go on' settles "$(apis wanted)"
check 'authentication is enabled' otherwise reload "$with"
check 'and all is as before' settles "$(apis wanted)"
check 'it ends' end
check 'and everything was seen' watch_end
watch_verdict
# It can fail: with one Policy less, it does.
jq -c 'select(.object.kind != "Policy" or .object.metadata.name != "k-absent-5")' seen-* >less
check 'what has no Policy would be found' eval '! watch_hear less >stdout'
check 'by what it is' grep -q '^# version .* rule 2: t1/k-absent-5: route written without the protection' stdout
finish
