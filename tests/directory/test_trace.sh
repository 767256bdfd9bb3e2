#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once by its system calls: temporary files, one sync, renames and removals in the order of the plan,
# statuses, one sync; and nothing at all where nothing changes.
set -u
. "$top_srcdir/tests/directory/kit.sh"

route=resources/t1/virtualservices.networking.istio.io
policy=resources/t1/policies.authentication.istio.io

fresh
moves >why
if [ $? -eq 77 ]; then
	echo "1..0 # SKIP $(cat why)"
	exit 0
fi

# secured SERVICE HOSTNAME: a1 with one issuer.
secured() {
	{ api a1 "$1" "$2"; authentication; jwt https://one; } >in/a1.yaml
}

# writes: a run, and every call of it that opens a file for writing, makes, names, removes or changes one; attempts
# that failed, such as to make a folder that is there, are none.
writes() {
	ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" strace -f -y -o calls -e trace=%file,%desc \
		"$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config apigwd.yaml --once \
		>stdout 2>stderr </dev/null || return 1
	grep -q exited calls || return 1
	# The plugin's copy in memory is no file, and a coverage build writes its counts beside the objects.
	grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC)| (rename|unlink|mkdir|rmdir|link|symlink|truncate|ftruncate|fallocate|chmod|fchmod|chown|utimens|sync|fsync|fdatasync|msync)[a-z0-9]*\(' calls |
		grep -vE ' = -1 E|memfd|/dev/(null|tty)|\.gcda'
	return 0
}

secured svc1 h1
check 'a new Api is served' moves
check 'all temporary files come first, then the Policy, then the route, then the status' same "sync
put $policy/a1.yaml
put $route/a1.yaml
put status/t1/a1.yaml
sync" moves
check 'the temporary files are on the disk before the first of them is put into place' \
	test "$(grep -n syncfs trace | head -n 1 | cut -d: -f1)" -lt "$(grep -n renameat trace | head -n 1 | cut -d: -f1)"

check 'a second run' writes
writes >written
check 'opens no file for writing, and changes none' test ! -s written
rm out/status/t1/a1.yaml
writes >written
check 'which would be seen' test -s written
state >before
run 0 apigwd --config apigwd.yaml --once
state >after
check 'inodes and times say the same, of temporary files too' diff before after
check 'of which none is left' test -z "$(find out/.tmp -type f)"

secured svc2 h1
check 'an Api moves to another Service' moves
check 'the Policy for both, the route, the Policy for the new one, the status' same "sync
put $policy/a1.yaml
put $route/a1.yaml
put $policy/a1.yaml
put status/t1/a1.yaml
sync" moves

api a1 svc2 h1 >in/a1.yaml
check 'authentication is taken away' moves
check 'the Policy goes, and the route is not touched' same "sync
remove $policy/a1.yaml
put status/t1/a1.yaml
sync" moves
secured svc2 h1
check 'and asked for again' moves
check 'the Policy comes, and the route is not touched' same "sync
put $policy/a1.yaml
put status/t1/a1.yaml
sync" moves

# An edit that opens one thing and moves another: protected until the route is elsewhere.
api a1 svc3 h1 >in/a1.yaml
check 'an Api moves and wants no authentication any more' moves
check 'the route leaves before the Policy goes' same "sync
put $route/a1.yaml
remove $policy/a1.yaml
put status/t1/a1.yaml
sync" moves
secured svc4 h2
check 'an Api moves and wants authentication' moves
check 'the Policy comes before the route moves' test "$(grep -n "put $policy" moves | head -n 1 | cut -d: -f1)" -lt "$(grep -n "put $route" moves | cut -d: -f1)"

api other svc-other h-other >in/other.yaml
check 'another Api' moves
rm in/a1.yaml
check 'an Api goes' moves
check 'its route goes, then its Policy, then its status' same "sync
remove $route/a1.yaml
remove $policy/a1.yaml
remove status/t1/a1.yaml
sync" moves

# Only statuses.
echo 'statusAliases: true' >>apigwd.yaml
check 'a setting that only statuses show' moves
check 'writes only those' same "sync
put status/t1/other.yaml
sync" moves

# Several at once: each in its order, statuses of all of them last.
fresh
for i in 1 2 3; do
	{ api a$i svc$i h$i; authentication; jwt https://one; } >in/a$i.yaml
done
check 'three Apis' moves
check 'one sync before and one after' test "$(grep -n '^sync' moves | cut -d: -f1 | tr '\n' ' ')" = '1 11 '
for i in 1 2 3; do
	grep "a$i.yaml" moves >order
	check "a$i: Policy, route, status" same "put $policy/a$i.yaml
put $route/a$i.yaml
put status/t1/a$i.yaml" order
done
tail -n 4 moves | grep -c 'put status' >count
check 'statuses last' same 3 count
rm in/a1.yaml
{ api a2 svc1 h2; authentication; jwt https://one; } >in/a2.yaml
check 'one goes, and another takes its Service, in one run' moves
check 'the new one has its Policy before its route leads there' \
	test "$(grep -n "put $policy/a2" moves | head -n 1 | cut -d: -f1)" -lt "$(grep -n "put $route/a2" moves | cut -d: -f1)"
check 'after the route of the old one has gone' \
	test "$(grep -n "remove $route/a1" moves | cut -d: -f1)" -lt "$(grep -n "put $route/a2" moves | cut -d: -f1)"

finish
