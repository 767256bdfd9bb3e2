# SPDX-License-Identifier: Apache-2.0
# What independent watchers saw of Apis, VirtualServices and Policies, in the order of their versions (jq -s): each
# moment at which a route of an Api whose rules, as they have been all the time since, ask for authentication stood
# without a Policy for the Service that it leads to.
def key: .metadata.namespace + "/" + .metadata.name;
def asks: ((.spec.authentication // []) | length) > 0;
map(.version = (.object.metadata.resourceVersion | tonumber)) | sort_by(.version)
| reduce .[] as $event ({apis: {}, routes: {}, policies: {}, bad: []};
	($event.object | key) as $key
	| ($event.object.kind | if . == "Api" then "apis" elif . == "Policy" then "policies" else "routes" end) as $kind
	| (if $event.type == "DELETED" then del(.[$kind][$key]) else .[$kind][$key] = $event.object end)
	# The daemon cannot know of an edit before it is there: only what it did counts.
	| if $kind == "apis" then . else
		.apis[$key] as $api | .routes[$key] as $route
		| if $api != null and $route != null and ($api | asks) then
			($route.spec.http[0].route[0].destination.host | split(".")[0]) as $service
			| .policies as $policies
			| if $kind == "routes" and $event.type != "DELETED" and ([$policies[] | select(.metadata.namespace == $route.metadata.namespace) | .spec.targets[]?.name] | index($service)) == null
			  then .bad += [{version: $event.version, key: $key, service: $service}] else . end
		  else . end
	  end)
| .bad[]
