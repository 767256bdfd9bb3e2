# SPDX-License-Identifier: Apache-2.0
# What the tests of hostile input share: a world that must not change but for its output folder. Source it.
. "$top_srcdir/tests/directory/kit.sh"

vs=out/resources/t1/virtualservices.networking.istio.io
policies=out/resources/t1/policies.authentication.istio.io
h=in/hostile.yaml
seconds=2
# Of address space, of which the libraries of libcurl take 15 MiB.
memory_kib=81920

# What bounded() is run by.
without=

# A sanitizer takes terabytes of address space, and its time.
if ! (ulimit -v $memory_kib && "$top_builddir/apigwd" --version) >/dev/null 2>&1; then
	seconds=20
	memory_kib=unlimited
fi

# bounded: one run with little time and memory, like any program that reads what others wrote.
bounded() {
	(
		ulimit -v $memory_kib
		# shellcheck disable=SC2086 # words
		exec $without timeout -s KILL $seconds "$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" \
			--config apigwd.yaml --once
	)
}

# outside: everything below the folder of the test but the output, and what the tests themselves write.
outside() {
	find . -path "./${output:-out}" -prune -o -path ./all -prune -o -name std\* -prune -o -name .\?\* -prune -o \
		-type d -printf '%p %m\n' -o -type f -printf '%p %m %s %T@ %n\n' -o -printf '%p %y %m %T@ %l\n' | sort
	find . -path "./${output:-out}" -prune -o -path ./all -prune -o -name std\* -prune -o -name .\?\* -prune -o \
		-type f -exec cksum {} + | sort
}

# plain FILE...: nothing in the files but printable ASCII, whatever was in the input.
plain() {
	! LC_ALL=C grep -n '[^ -~]' "$@"
}

# said TEXT...: a line of standard error holds all of the texts.
said() {
	cp stderr .said
	for said_text in "$@"; do
		grep -F -- "$said_text" .said >.said-more || {
			echo "not said: $said_text"
			cat stderr
			return 1
		}
		mv .said-more .said
	done
}

# survives CODE TEXT...: a run ends in time with the code; the good Api is served; a line of standard error holds
# the texts; nothing outside of the output has changed, and nothing that is shown is anything but text.
survives() {
	survives_code=$1
	shift
	outside >.before
	run "$survives_code" bounded || {
		cat stdout stderr
		return 1
	}
	outside >.after
	diff .before .after && plain stdout stderr && holds out/status/t1/good.yaml 'validationStatus: 2' &&
		holds $vs/good.yaml good.kyma.local && said "$@"
}

# world: an input with the good Api, an output that does not exist, and somebody else's folder.
world() {
	fresh
	rm -rf elsewhere
	mkdir elsewhere
	echo victim >elsewhere/victim
	api good svc-good good >in/good.yaml
}

# keep: puts what is hostile in the input aside, for a run with all of it.
keep() {
	kept=$((${kept:-0} + 1))
	mkdir -p all/$kept
	for keep_file in in/*; do
		[ "$keep_file" = in/good.yaml ] || cp -a "$keep_file" all/$kept/
	done
}

# survives_all TEXT...: as survives, with everything that was kept, in one input.
survives_all() {
	world
	cp -a all in/zz
	survives 1 "$@"
}

# hostile WHAT CODE TEXT...: survives, with what was put into the world since `world`; then a new world.
hostile() {
	hostile_what=$1
	shift
	check "$hostile_what" survives "$@"
	keep
	world
}

# spec TEXT: an Api with this flow mapping as its spec.
spec() {
	printf 'apiVersion: gateway.kyma-project.io/v1alpha2\nkind: Api\nmetadata: {name: a1, namespace: t1}\n'
	printf 'spec: %s\n' "$1"
}

# many NUMBER TEXT: the text again and again, without line breaks.
many() {
	yes -- "$2" | head -n "$1" | tr -d '\n'
}
