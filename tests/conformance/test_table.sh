#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/conformance.md and the tests name the same cases.
set -u
. "$top_srcdir/tests/tap.sh"

table=$top_srcdir/docs/conformance.md
tests=$top_srcdir/tests/conformance

# rows: NUMBER SHOWN FILE of each row of the table.
rows() {
	awk -F ' *[|] *' '$2 ~ /^K[0-9]+$/ { split($5, where, /[ ;:]/); print $2, $4, where[1] }' "$1"
}

# cases FOLDER: NUMBER FILE of each case that a test shows.
cases() {
	for file in "$1"/test_*.sh; do
		sed -n "s/^shown \(K[0-9]*\) .*/\1 ${file##*/}/p" "$file"
	done | sort
}

# agree TABLE FOLDER: no difference between the rows marked `directory` and the cases.
agree() {
	rows "$1" | awk '$2 == "directory" { print $1, $3 }' | sort >promised
	cases "$2" >kept
	diff promised kept
}

check 'the table has rows' test "$(rows "$table" | wc -l)" -ge 68
rows "$table" | cut -d' ' -f1 >numbers
sort -u numbers >sorted
check 'each case once, in order' diff numbers sorted
check 'each with a known mark' test -z "$(rows "$table" | awk '$2 != "directory" && $2 != "cluster" && $2 != "later"')"
check 'every case of a directory has its test, and every test its row' agree "$table" "$tests"

# The comparison itself.
mkdir cases
cp "$tests"/test_*.sh cases/
sed -i '/^shown K51 /d' cases/test_winners.sh
check 'a test that is missing is seen' test -n "$(agree "$table" cases | grep "< K51")"
grep -v '^| K19 ' "$table" >table.md
check 'a row that is missing is seen' test -n "$(agree table.md "$tests" | grep '> K19')"

# A step that fails fails its case, though the last one does not.
mkdir trial
(
	. "$top_srcdir/tests/conformance/kit.sh"
	K00() {
		lacks apigwd.yaml domain
		true
	}
	shown K00 'fails'
) >trial/output
check 'a step that fails is seen' grep '^not ok 1 - K00' trial/output

finish
