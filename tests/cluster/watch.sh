# SPDX-License-Identifier: Apache-2.0
# Watchers of our own, which see what happens on a server, and the judge of the rules (tests/judge/watched.c), who hears
# it. Source it after kit.sh; there is a namespace t1.
#
#   watch_begin SERVER   from here on all writes of Apis, VirtualServices and Policies are seen
#   watch_end            all has settled, and the daemon has ended: waits until everything was seen
#   watch_verdict        checks that the judge has something to judge, and finds nothing
watch_kinds='apis virtualservices.networking.istio.io policies.authentication.istio.io'
watchers=

watch_kind() {
	(exec $bed_leash "$bed_kubectl" --kubeconfig="$bed_root/$watched_server/admin.kubeconfig" --cache-dir="$work/cache-$1" \
		get "$1" -A --watch --output-watch-events --show-managed-fields -o json >"seen-$1" 2>"watcher-$1" </dev/null) &
	watchers="$watchers $!"
}

# watch_mark VERB NAME: one object of each kind, which the watchers have to see. Nobody reconciles them.
watch_mark() {
	{
		api "$2" nowhere "$2"
		echo ---
		foreign_route "$2" t1 "$2.example"
		printf -- '---\n{apiVersion: authentication.istio.io/v1alpha1, kind: Policy, metadata: {name: %s, namespace: t1}, spec: {}}\n' "$2"
	} | kube "$watched_server" "$1" -f - >/dev/null
}

# watch_saw NAME TIMES: each of the watchers has seen the mark as often.
watch_saw() {
	for watch_kind in $watch_kinds; do
		[ "$(grep -cF "\"name\":\"$1\",\"namespace\":" "seen-$watch_kind")" -ge "$2" ] || return 1
	done
}

watch_begin() {
	watched_server=$1
	watch_mark create mark-begin || return
	for watch_kind in $watch_kinds; do
		watch_kind "$watch_kind"
	done
	bed_within 30 watch_saw mark-begin 1 || { tail -n 3 watcher-*; return 1; }
	watch_mark delete mark-begin
}

# One that is removed is seen twice.
watch_end() {
	watch_mark create mark-end && watch_mark delete mark-end && bed_within 30 watch_saw mark-end 2 || {
		tail -n 3 watcher-*
		return 1
	}
	kill $watchers
	wait $watchers
	watchers=
	! grep . watcher-*
} 2>/dev/null

watch_hear() {
	"$top_builddir/tests/judge/watched" apigwd.yaml "$top_builddir/plugins/.libs" "$@"
}

watch_verdict() {
	watch_code=0
	watch_hear seen-* >verdict 2>&1 || watch_code=$?
	tail -n 1 verdict
	check 'the judge of the rules has something to judge, and finds nothing' watch_good
}

watch_good() {
	cat verdict
	[ "$watch_code" -eq 0 ]
}
