#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk that is full, or that only reads: the old outputs are whole, and it is told which are.
set -u
if [ "${1:-}" != inside ] && unshare -m true 2>/dev/null; then
	exec unshare -m sh "$0" inside
fi
. "$top_srcdir/tests/directory/hostile.sh"

world
mkdir disk
if [ "${1:-}" != inside ] || ! mount -t tmpfs -o size=96k tmpfs disk 2>/dev/null; then
	skip 'a disk that is full or only reads' 'mounting is not permitted here'
	finish
	exit
fi
trap 'cd / && umount "$work/disk"; rm -rf "$work"' EXIT
sed -i 's|output: out|output: disk/out|' apigwd.yaml
output=disk
ln -s disk/out out
vs=disk/out/resources/t1/virtualservices.networking.istio.io
{ api a1 s h1; authentication; jwt https://one; } >in/a1.yaml
check 'all is served' run 0 bounded
cp -R disk/out good-out

fill() {
	dd if=/dev/zero of=disk/fill bs=1k 2>/dev/null
	dd if=/dev/zero of=disk/fill-rest bs=1 2>/dev/null
	true
}

# kept REASON: a change that cannot be written fails with this reason, and changes nothing that is there.
kept() {
	outside >.before
	run 1 bounded || {
		cat stdout stderr
		return 1
	}
	outside >.after
	diff .before .after && said 'msg="api refused" cluster=test api=t1/a1 reason=WriteFailed' \
		"$work/$vs" ': cannot be written: ' "$1" && said 'msg="status not written"' api=t1/a1 "$1" &&
		diff -r -x .tmp good-out disk/out
}

{ api a1 s h2; authentication; jwt https://one; } >in/a1.yaml
fill
check 'a full disk' kept 'No space left on device'
check 'what it was told about is told' said 'older output kept: '
check 'nothing unfinished is left' [ "$(find disk/out -type f | wc -l)" -eq "$(find good-out -type f | wc -l)" ]
api new s-new new >in/new.yaml
check 'a new Api on a full disk' run 1 bounded
check 'is told' said api=t1/new 'cannot be written' 'No space left on device'
check 'and is not there' absent $vs/new.yaml
check 'nothing of it is' [ "$(find disk/out -name 'new*' | wc -l)" -eq 0 ]
check 'the summary counts it' holds stdout '3 Apis: 1 served, 2 not served; 0 resources written'
rm disk/fill disk/fill-rest
check 'with space it is served' run 0 bounded
check 'and so is the change' holds $vs/a1.yaml h2.kyma.local
check 'with its protection' holds disk/out/resources/t1/policies.authentication.istio.io/a1.yaml https://one

rm -rf good-out
cp -R disk/out good-out
{ api a1 s h3; authentication; jwt https://one; } >in/a1.yaml
if mount -o remount,ro "$work/disk" 2>/dev/null; then
	check 'a disk that only reads' kept 'Read-only file system'
	api good svc-good good >in/good.yaml
	check 'what is as it was is served' holds stdout '3 Apis: 2 served, 1 not served; 0 resources written'
	{ api a1 s h2; authentication; jwt https://one; } >in/a1.yaml
	check 'nothing to write is nothing to fail' run 0 bounded
	mount -o remount,rw "$work/disk"
	{ api a1 s h3; authentication; jwt https://one; } >in/a1.yaml
	check 'when it can be written it is' run 0 bounded
	check 'as it should be' holds $vs/a1.yaml h3.kyma.local
else
	skip 'a disk that only reads' 'remounting is not permitted here'
fi

# The folder itself cannot be made.
umount disk
rm -f out
if mount -t tmpfs -o size=64k,ro tmpfs disk 2>/dev/null; then
	check 'an output that cannot be made' run 1 bounded
	check 'is told' said 'msg="cluster failed"' "the output folder $work/disk/out cannot be made: Read-only file system"
fi
finish
