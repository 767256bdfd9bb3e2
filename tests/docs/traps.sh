#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The files and tests that docs/traps.md names are there.
set -u
. "$top_srcdir/tests/tap.sh"

# named DOCUMENT: "FILE: NAME" of each test.
named() {
	grep -oE '`([a-z]+/)?(test_[a-z_]+|code): [^`]+`' "$1" | tr -d '`' | sort -u
}

# sources DOCUMENT: each file of core.
sources() {
	grep -oE '[a-z]+/[a-z0-9_]+\.c\b' "$1" | sort -u
}

# has FILE NAME: the file of tests has one of this name.
has() {
	case $1 in
	*/*) has_file=$top_srcdir/tests/$1.sh ;;
	*) has_file=$top_srcdir/tests/unit/$1.c ;;
	esac
	case $1 in
	# One check for each of a list of words.
	lint/*) grep -qF -- "${2#* catches }" "$has_file" ;;
	*/*) grep -qE -- "(check|shown [A-Z0-9]+) [\"']" "$has_file" && grep -qF -- "$2" "$has_file" ;;
	*) grep -qF -- "{\"$2\"," "$has_file" ;;
	esac
}

# lacking DOCUMENT: what it names and is not there.
lacking() {
	named "$1" | while IFS= read -r line; do
		has "${line%%: *}" "${line#*: }" 2>/dev/null || echo "no test $line"
	done
	for source in $(sources "$1"); do
		[ -f "$top_srcdir/core/$source" ] || echo "no file core/$source"
	done
}

# lacks_just TEXT DOCUMENT: that is what it lacks; nothing, if there is no text.
lacks_just() {
	lacking "$2" >lacking.txt
	cat lacking.txt
	[ "$(cat lacking.txt)" = "$1" ]
}

traps=$top_srcdir/docs/traps.md
check 'many tests are named' test "$(named "$traps" | wc -l)" -gt 60
check 'they are there, and so are the files' lacks_just '' "$traps"
# A row that is wrong is found.
sed 's/so does one that is put right/so does one that is not/' "$traps" >wrong.md
check 'a test of a cluster that is not there' lacks_just 'no test cluster/test_connection: so does one that is not' wrong.md
sed 's/sockets notice a dead peer/sockets notice/' "$traps" >wrong.md
check 'a unit test' lacks_just 'no test test_connection: sockets notice' wrong.md
sed 's|kube/pair.c|kube/pairs.c|' "$traps" >wrong.md
check 'a file' lacks_just 'no file core/kube/pairs.c' wrong.md
finish
