# SPDX-License-Identifier: Apache-2.0
# What independent watchers saw of Apis, VirtualServices and Policies, in the order of their versions (jq -s): each
# write after which a route stood without a Policy for the Service that it leads to, though its Api asked for
# authentication, and the daemon could know: it asked before its last edit, too, or the status tells that the edit was
# taken.
def key: .metadata.namespace + "/" + .metadata.name;
def asks: ((.spec.authentication // []) | length) > 0;
def noted($before): {api: ., known: (
	if $before == null or .status.observedGeneration == .metadata.generation then true
	elif $before.api.metadata.generation == .metadata.generation then $before.known
	else $before.api | asks end)};
def service: .spec.http[0].route[0].destination.host | split(".")[0];

map(.version = (.object.metadata.resourceVersion | tonumber)) | sort_by(.version)
| reduce .[] as $event ({Api: {}, VirtualService: {}, Policy: {}, bad: []};
	($event.object | key) as $key | $event.object.kind as $kind
	| if $kind == "Api" then .Api[$key] as $before | .Api[$key] = ($event.object | noted($before))
	elif $event.type == "DELETED" then del(.[$kind][$key])
	else .[$kind][$key] = $event.object end
	| .Api[$key] as $noted | .VirtualService[$key] as $route | .Policy[$key] as $policy
	| if $kind != "Api" and $noted != null and $route != null and $noted.known and ($noted.api | asks)
		and ([$policy.spec.targets[]?.name] | index($route | service)) == null
	then .bad += [{version: $event.version, key: $key, kind: $kind, service: ($route | service)}] else . end)
| .bad[]
