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

# on_cluster TABLE: NUMBER FILE of each row that names a test of a cluster.
on_cluster() {
	awk -F ' *[|] *' '$2 ~ /^K[0-9]+$/ { split($6, where, /[ ;:]/); if (where[1] != "later") print $2, where[1] }' "$1" | sort
}

# cluster_cases FOLDER: likewise of each case that a test there shows.
cluster_cases() {
	for file in "$1"/test_conform_*.sh; do
		sed -nE "s/^(shown |check ')(K[0-9]+) .*/\2 ${file##*/}/p" "$file"
	done | sort -u
}

# agree_on_cluster TABLE FOLDER
agree_on_cluster() {
	on_cluster "$1" >promised
	cluster_cases "$2" >kept
	diff promised kept
}

check 'the table has rows' test "$(rows "$table" | wc -l)" -ge 68
rows "$table" | cut -d' ' -f1 >numbers
sort -u numbers >sorted
check 'each case once, in order' diff numbers sorted
check 'each with a known mark' test -z "$(rows "$table" | awk '$2 != "directory" && $2 != "cluster" && $2 != "later"')"
check 'every case of a directory has its test, and every test its row' agree "$table" "$tests"

check 'every case of a cluster has its test, and every test its row' agree_on_cluster "$table" "$top_srcdir/tests/cluster"
check 'most cases are shown on a cluster' test "$(on_cluster "$table" | wc -l)" -ge 65

# The comparison itself.
mkdir cases
cp "$tests"/test_*.sh cases/
sed -i '/^shown K51 /d' cases/test_winners.sh
check 'a test that is missing is seen' test -n "$(agree "$table" cases | grep "< K51")"
grep -v '^| K19 ' "$table" >table.md
check 'a row that is missing is seen' test -n "$(agree table.md "$tests" | grep '> K19')"

check 'one of a cluster too' test -n "$(agree_on_cluster table.md "$top_srcdir/tests/cluster" | grep '> K19')"

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
