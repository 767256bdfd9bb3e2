#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Journals with one thing wrong in each: the judge hears it. One that is right passes, and so it does if a kill cut a
# record short; one with nothing to judge does not.
set -u
. "$top_srcdir/tests/directory/kit.sh"

vs=out/resources/t1/virtualservices.networking.istio.io/a1.yaml
policy=out/resources/t1/policies.authentication.istio.io/a1.yaml
status=out/status/t1/a1.yaml

# said TYPE PATH [FILE]: a record, as the recorder writes it.
said() {
	printf '\036%s %d %d\n%s' "$1" "${#2}" "$(cat "${3:-/dev/null}" | wc -c)" "$2"
	cat "${3:-/dev/null}"
	echo
}

# listed PATH NAME...: a folder with these names.
listed() {
	listed_path=$1
	shift
	printf '%s\0' "$@" >.names
	said list "$listed_path" .names
}

# given: a program has begun, and read its input.
given() {
	said config '' apigwd.yaml
	said start ''
	listed in a1.yaml
	said read in/a1.yaml in/a1.yaml
}

# served: it writes what it should, and rests.
served() {
	given
	said none $policy
	said move $policy $policy
	said move $vs $vs
	said move $status $status
	said rest ''
}

# hear [OUTPUT]
hear() {
	"$top_builddir/tests/judge/hearing" story "$top_builddir/plugins/.libs" "$@"
}

# passes WHAT: the file `story` is fine.
passes() {
	check "$1" run 0 hear
}

# found WHAT RULE TEXT: in it the judge finds that this rule is broken.
found() {
	check "$1 is heard" run 1 hear
	check "as rule $2" grep -qE "rule $2: .*$3" stdout
}

# What apigwd makes of an Api is what a journal would have.
fresh
{ api a1 svc1 h1; authentication; jwt https://one; } >in/a1.yaml
check 'there is something to tell of' run 0 apigwd --config apigwd.yaml --once
api a1 svc1 h1 >open.yaml
{ api a1 svc2 h1; authentication; jwt https://one; } >moved.yaml
{ api a1 svc1 h1; authentication; jwt https://two; } >issuer.yaml
sed 's/svc1/svc2/' $vs >vs-moved
sed 's/mtls: {}/mtls: null/' $policy >policy-again
sed '/labels:/,/apiName/d' $vs >vs-foreign
sed 's/name: a1/name: a2/; s/apiName: a1/apiName: a2/; s/svc1/svc2/' $vs >vs-other
api a2 svc2 h1 >other.yaml
sed 's/code: 2/code: 0/' $status >status-lies

served >story
passes 'what is right passes'
check 'and is told' holds stdout '1 edits, 2 writes, 1 statuses, 1 times at rest; 0 findings'
served >story
check 'what stands is what was told' run 0 hear out
cp $vs kept
echo >>$vs
check 'and if it is not, something was not told' run 1 hear out
check 'of which file' grep -qF "$vs: is not what the journal says" stdout
cp kept $vs
{ served; given; said seen $vs $vs; said rest ''; } >story
passes 'so does a start over it'
{ served; said read in/a1.yaml open.yaml; said remove $policy; said rest ''; } >story
found 'a status that does not follow' status 'authenticationStatus is there'
{ served; listed in; listed in a1.yaml; said rest ''; } >story
passes 'what is gone only for a moment is not gone'
{ served; said none in/a1.yaml; listed in b; said read in/b other.yaml; said remove $vs; said remove $policy
	said remove $status; } >story
passes 'what is gone goes'
{ served; said seen $vs vs-foreign; said seen $vs $vs; said move $vs vs-moved; said failed $vs; said rest ''; } >story
passes 'what was refused has not happened'
{ given; said move $policy $policy | head -c 200; given; said none $policy; said move $policy $policy; said move $vs $vs
	said move $status $status; said rest ''; } >story
passes 'a record may be cut short by a kill'
check 'and that is told' holds stdout '(1 cut short)'

{ given; said move $vs $vs; said move $policy $policy; } >story
found 'a route before its Policy' 2 'route written without the protection'
{ served; said remove $policy; } >story
found 'a Policy that is pruned while its route stands' 2 'the removal of Policy'
{ served; said remove $policy; } >story
found 'what is wanted and removed' 3 'is wanted'
{ served; said read in/a1.yaml moved.yaml; said move $vs vs-moved; } >story
found 'a route that moves before its Policy' 2 'to t1/svc2'
{ served; said read in/a1.yaml issuer.yaml; said move $vs vs-moved; } >story
found 'a route under an old issuer' 2 'route written without'
{ given; said seen $vs vs-foreign; said move $policy $policy; said move $vs $vs; } >story
found "somebody else's file that is replaced" 5 'somebody else'
{ given; said seen $vs vs-foreign; said remove $vs; } >story
found "somebody else's file that is removed" 5 'somebody else'
{ served; said move $policy policy-again; } >story
found 'a write without an edit' 4 'nothing had happened'
{ given; said move $policy $policy; said move $vs $vs; said move $policy policy-again; } >story
found 'an output that is written twice' 4 '2 times for one change'
{ served; said move $vs $vs; } >story
found 'an output that is written as it is' 4 'as it is'
{ served; said move $status $status; } >story
found 'a status that is written as it is' 4 'as it is'
{ given; said move $policy $policy; said move $status $status; } >story
found 'a status of what does not stand' status 'code 2 and nothing exists'
{ given; said move $policy $policy; said move $vs $vs; said move $status status-lies; } >story
found 'a status that lies' status 'code 0 and .* exists'
{ given; said move $policy $policy; said move $vs $vs; said rest ''; } >story
found 'a status that is missing' status 'there is no status'
{ given; said move $policy $policy; said move $status $status; said rest ''; } >story
found 'a route that is missing' 1 'nothing of VirtualService stands'
{ served; said start ''; said none in; said remove $vs; } >story
found 'what is removed with the whole input missing' 3 'the input is incomplete'
{ served; said start ''; listed in; said remove $vs; } >story
found 'what is removed with an empty input' 3 'the input is incomplete'
{ served; echo 'not: [closed' >broken; said start ''; listed in a1.yaml; said read in/a1.yaml broken; said remove $vs; } >story
found 'what is removed while a file is broken' 3 'the input is incomplete'
{ served; listed in a1.yaml a2.yaml; said read in/a2.yaml other.yaml
	said move "${vs%a1.yaml}a2.yaml" vs-other; } >story
found 'a host that another has' claims 'takes the host'
{ served; listed in b; said read in/b other.yaml; said rest ''; } >story
found 'what is left over' 1 'is left over'
{ served; said write $vs; } >story
found 'a file that is written in place' 5 'not put there whole'
for type in write remove move; do
	{ served; said $type in/a1.yaml; } >story
	found "$type in the input" 8 'the input was changed'
done

: >story
check 'an empty journal is no success' run 1 hear
{ given; said rest ''; } >story
check 'nor is one without a write' run 1 hear
served | sed '/rest/d' >story
check 'nor is one that never rests' run 1 hear
rm story
check 'nor is none' run 2 hear

# Without a journal the recorder is not there; with one that cannot be written nothing goes unseen.
check 'no journal, no records' env LD_PRELOAD="$top_builddir/tests/judge/.libs/recorder.so" \
	ASAN_OPTIONS=verify_asan_link_order=0 cat in/a1.yaml
judged
recorded=$(echo "$recorded" | sed 's|RECORDER_JOURNAL=[^ ]*|RECORDER_JOURNAL=nowhere/journal|')
check 'a journal that cannot be written ends the program' run 134 \
	sh -c "exec $recorded '$top_builddir/apigwd' --version"
finish
