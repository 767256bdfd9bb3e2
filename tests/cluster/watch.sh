# SPDX-License-Identifier: Apache-2.0
# Watchers of our own, which see what happens on a server, and the judge of the rules (tests/judge/watched.c), who hears
# it. Source it after kit.sh; there is a namespace t1.
#
#   watch_begin SERVER   from here on all writes of Apis, VirtualServices and Policies are seen
#   watch_config         all has settled; what is written from here on follows from apigwd.yaml as it is now
#   watch_end            all has settled, and the daemon has ended: waits until everything was seen
#   watch_verdict        checks that the judge has something to judge, and finds nothing
watch_paths='gateway.kyma-project.io/v1alpha2/apis networking.istio.io/v1alpha3/virtualservices
	authentication.istio.io/v1alpha1/policies'
watchers=

# watch_kind PATH VERSION: all events after a version. A server ends a watch whose reader is slow; then it goes on in
# another file, from the last event that is whole. Goes when this shell has gone.
watch_kind() {
	watch_child=
	trap 'kill $watch_child; exit' TERM
	watch_version=$2
	watch_part=0
	while kill -0 $$; do
		watch_part=$((watch_part + 1))
		watch_file=seen-${1##*/}-$watch_part
		$bed_leash "$bed_kubectl" --kubeconfig="$bed_root/$watched_server/admin.kubeconfig" --cache-dir="$work/cache-${1##*/}" \
			get --raw "/apis/$1?watch=1&resourceVersion=$watch_version" >"$watch_file" 2>>"watcher-${1##*/}" </dev/null &
		watch_child=$!
		wait $watch_child
		watch_last=$(tail -n 2 "$watch_file" | jq -r .object.metadata.resourceVersion | head -n 1)
		watch_version=${watch_last:-$watch_version}
		sleep 0.1
	done
} 2>/dev/null

# watch_now PATH: the version of now.
watch_now() {
	kube "$watched_server" get --raw "/apis/$1" | jq -r .metadata.resourceVersion
}

watch_begin() {
	watched_server=$1
	cp apigwd.yaml watched.yaml
	for watch_path in $watch_paths; do
		watch_since=$(watch_now "$watch_path") && [ "$watch_since" -gt 0 ] || return
		watch_kind "$watch_path" "$watch_since" &
		watchers="$watchers $!"
	done
}

# An event among those of the server, just after the last of them.
watch_config() {
	jq -cn --rawfile text apigwd.yaml --arg version "$(watch_now "${watch_paths%% *}")" '{type: "CONFIG", object: {kind: "Config",
		metadata: {name: "apigwd.yaml", resourceVersion: $version}, text: $text}}' >>seen-config
}

# The last things that happen: one object of each kind comes and goes. Nobody reconciles them.
watch_mark() {
	{
		api mark nowhere mark
		echo ---
		foreign_route mark t1 mark.example
		printf -- '---\n{apiVersion: authentication.istio.io/v1alpha1, kind: Policy, metadata: {name: mark, namespace: t1}, spec: {}}\n'
	} >mark.yaml
	kube "$watched_server" create -f mark.yaml && kube "$watched_server" delete -f mark.yaml
}

watch_saw() {
	for watch_path in $watch_paths; do
		cat "seen-${watch_path##*/}"-* | grep -F '"name":"mark","namespace":' | grep -q '^{"type":"DELETED"' || return
	done
}

watch_end() {
	watch_mark && bed_within 60 watch_saw || {
		tail -n 3 watcher-*
		return 1
	}
	kill $watchers
	wait $watchers
	watchers=
} 2>&1

watch_hear() {
	"$top_builddir/tests/judge/watched" watched.yaml "$top_builddir/plugins/.libs" "$@"
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
