#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk that is full, or that only reads, or goes, under the running daemon: it is told, tried again and healed.
set -u
if [ "${1:-}" != inside ] && unshare -m true 2>/dev/null; then
	exec unshare -m sh "$0" inside
fi
. "$top_srcdir/tests/live/kit.sh"

judged apigwd.yaml disk/out
live
mkdir disk
if [ "${1:-}" != inside ] || ! mount -t tmpfs -o size=96k tmpfs disk 2>/dev/null; then
	skip 'a disk that is full or only reads' 'mounting is not permitted here'
	finish
	exit
fi
trap 'stop_all; cd /; umount "$work/disk" 2>/dev/null; rm -rf "$work"' EXIT
sed -i 's|output: out|output: disk/out|' apigwd.yaml
rmdir out
ln -s disk/out out
# A retry may come up to 8 s late after some that failed.
patience=15

fill() {
	dd if=/dev/zero of=disk/fill bs=1k 2>/dev/null
	dd if=/dev/zero of=disk/fill-rest bs=1 2>/dev/null
	true
}

# ticks: CPU time of the daemon so far, in 1/100 s.
ticks() {
	cut -d ' ' -f 14,15 "/proc/$daemon/stat" | tr ' ' + | { read -r sum; echo $((sum)); }
}

# patient SECONDS: hardly any CPU time is spent in these seconds, and few lines are logged.
patient() {
	patient_before=$(ticks)
	patient_lines=$(wc -l <log)
	sleep "$1"
	patient_spent=$(($(ticks) - patient_before))
	patient_lines=$(($(wc -l <log) - patient_lines))
	echo "$patient_spent ticks, $patient_lines lines in $1 s"
	[ "$patient_spent" -le $((20 * $1)) ] && [ "$patient_lines" -le $((10 * $1)) ]
}

# told TEXT: by the list of Apis, or by the check of readiness.
told() {
	ask GET /status >.status && holds .status "$1"
}

{ api a1 s h1; authentication; jwt https://one; } >in/a1.yaml
begin
check 'all is served' soon served h1 a1
cp -R disk/out good-out
fill
{ api a1 s h2; authentication; jwt https://one; } >in/a1.yaml
check 'a full disk is logged' soon grep -q 'No space left on device' log
check 'told for the Api' soon told 'No space left on device'
check 'and by readyz' soon unready 'No space left on device'
check 'what is there is whole' diff -r -x .tmp good-out disk/out
api new s2 new >in/new.yaml
check 'it waits without haste' patient 3
check 'nothing of a new Api is there' gone new
rm disk/fill disk/fill-rest
check 'with space all is served' soon served new new
check 'also the edit' soon served h2 a1
check 'and it is ready' soon ready
check 'all is right' soon right

if mount -o remount,ro "$work/disk" 2>/dev/null; then
	: >log
	{ api a1 s h3; authentication; jwt https://one; } >in/a1.yaml
	check 'a disk that only reads is logged' soon grep -q 'Read-only file system' log
	check 'told for the Api' soon told 'Read-only file system'
	check 'and by readyz' soon unready 'Read-only file system'
	check 'it waits without haste' patient 3
	mount -o remount,rw "$work/disk"
	check 'when it can be written the edit is served' soon served h3 a1
	check 'and it is ready' soon ready
else
	skip 'a disk that only reads' 'remounting is not permitted here'
fi

# No event tells of this: the next change does.
umount -l disk
api a3 s3 h3disk >in/a3.yaml
check 'a disk that goes: the output is made where it was' soon served h3disk a3
check 'all of it' soon served h3 a1
mount -t tmpfs -o size=96k tmpfs disk
api a3 s3 h30 >in/a3.yaml
check 'another disk comes: the output is made there' soon served h30 a3
check 'all of it' soon served h3 a1
check 'and is right' soon right
check 'it is ready' soon ready
check 'it ends well' end
verdict
finish
