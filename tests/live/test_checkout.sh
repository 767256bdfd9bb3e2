#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Between two trees of many Apis the input is switched back and forth: the output follows, and no output of an Api
# that is the same in both is written.
# APIS is the number of Apis.
set -u
. "$top_srcdir/tests/live/kit.sh"

apis=${APIS:-500}
patience=30

# kept: what changes by a write of every file whose Api is the same in both trees.
kept() {
	find out/resources out/status -type f -printf '%P %i %T@ %H\n' | awk '{ print substr($4, 5) "/" $1, $2, $3 }' |
		sort | join -v 1 - changes | grep -vwFf missing
}

# unwritten: none of these was written since they were noted in the file `before`.
unwritten() {
	kept | diff before -
}

judged
live
rmdir in
"$top_builddir/tests/bench/generate" in "$apis" 5
cp -r in two
"$top_builddir/tests/bench/generate" two "$apis" 5 $((apis / 10)) 1 | sort >changes
# Some of them exist in one tree only.
rm -r two/team-*7
find in -path '*team-*7/*' -exec cat {} + | sed -n 's/^  name: \(orders-[0-9]*\)$/\1/p' | sort -u >missing
check 'the trees are different' test -s changes -a -s missing
begin
check 'the first tree' soon right
kept >before
echo "# kept files: $(wc -l <before)"
mv in one && mv two in
check 'another tree in its place' soon right
check 'no output of an Api that is in both was written' unwritten
mv in two && mv one in
check 'and back' soon right
check 'and not now' unwritten
cp -r in one
# As git does it: file by file, over what is there.
(cd two && find . -type f) | while read -r file; do cp "two/$file" "in/$file"; done
rm -r in/team-*7
check 'file by file' soon right
check 'and still not' unwritten
rm -rf in/*
mkdir in/deep
cp -r one/team-*1 in/deep
rm -r one/team-*1
cp -r one/. in
check 'all files removed, and others put there' soon right
check 'and still not one of them' unwritten
check 'it is ready' ready
check 'it ends well' end
verdict
finish
