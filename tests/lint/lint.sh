# SPDX-License-Identifier: Apache-2.0
# What the lints share. A lint is a function that prints a line "FILE:LINE: what is wrong" for each violation
# in the tree $root; `holds` runs it on ours, `catches` on a planted one, since a check that cannot fail is none.
. "$top_srcdir/tests/tap.sh"

root=$top_srcdir
lint_dir=$top_srcdir/tests/lint

# sources FOLDER...: the C files below folders of the tree, relative to it; nothing for a folder that is absent.
sources() {
	(cd "$root" && for folder; do
		[ ! -d "$folder" ] || find "$folder" -name '*.[ch]'
	done | LC_ALL=C sort)
}

# code FILE...: "FILE:LINE:CODE" of C files, with comments and the contents of strings left out.
code() {
	[ $# -gt 0 ] || return 0
	(cd "$root" && awk -f "$lint_dir/code.awk" "$@")
}

# find_code ERE FILE...: lines of code that match.
find_code() {
	find_code_pattern=$1
	shift
	code "$@" | awk -v pattern="$find_code_pattern" '{ text = $0; sub(/^[^:]*:[0-9]+:/, "", text) } text ~ pattern'
}

# holds LINT WHAT: our tree has no violation.
holds() {
	root=$top_srcdir
	check "$2" silent "$1"
}

# plant FILE: makes a tree of this one file, from standard input.
plant() {
	rm -rf "$work/tree"
	mkdir -p "$work/tree/$(dirname "$1")"
	cat >"$work/tree/$1"
	echo "$1" >"$work/.planted"
}

# catches LINT PATTERN WHAT: the planted tree has one that is told like this, beginning with the file.
catches() {
	root=$work/tree
	check "$1 catches $3" prints "^$(cat "$work/.planted"):.*$2" "$1"
	root=$top_srcdir
}

# allows LINT WHAT: the planted tree is fine.
allows() {
	root=$work/tree
	check "$1 allows $2" silent "$1"
	root=$top_srcdir
}
