#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rules about files: licence, names, and that the build lists every one of them.
set -u
. "$top_srcdir/tests/lint/lint.sh"

written_files() {
	(cd "$root" && find core plugins include etc docs tests bootstrap configure.ac Makefile.am build-aux/m4 .ci \
		-type f \( -name '*.[ch]' -o -name '*.sh' -o -name '*.awk' -o -name Makefile.inc -o -name Makefile.am \
		-o -name configure.ac -o -name apigw.m4 -o -name bootstrap -o -path '.ci/*' -o -path 'etc/*.yaml' \) 2>/dev/null)
}

licensed() {
	written_files | while read -r file; do
		head -n 2 "$root/$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
			echo "$file:1: no line SPDX-License-Identifier: Apache-2.0"
	done
}

named() {
	(cd "$root" && find core plugins include tests docs etc 2>/dev/null) | while read -r file; do
		base=${file##*/}
		case ${base%%.*} in
		util | utils | common | misc | helper | helpers | *_util | *_utils | *_common | *_misc)
			echo "$file:1: a name that says nothing" ;;
		esac
	done
}

# unlisted: those of the names on standard input that no Makefile.inc has.
unlisted() {
	(cd "$root" && find . -name Makefile.inc -exec cat {} + -o -name Makefile.am -exec cat {} +) 2>/dev/null |
		tr ' \t' '\n\n' >"$work/.listed"
	while read -r file; do
		grep -qxF -- "$file" "$work/.listed" || echo "$file:1: in no Makefile.inc"
	done
}

sources_listed() {
	sources core plugins include | unlisted
}

# A test program is listed by its name without .c.
tests_listed() {
	sources tests/unit | sed -n 's/^\(.*\/test_[^/]*\)\.c$/\1/p' | unlisted
}

scripts_listed() {
	(cd "$root" && find tests -name '*.sh' 2>/dev/null) | unlisted
}

holds licensed 'every source has its licence'
holds named 'no file is called util, common or misc'
holds sources_listed 'every source is in the build'
holds tests_listed 'every unit test is in the build'
holds scripts_listed 'every test script is in the build'

echo 'int x;' | plant core/base/x.c
catches licensed 'no line SPDX' 'a source without licence'
echo '#!/bin/sh' | plant tests/x/x.sh
catches licensed 'no line SPDX' 'a script without licence'
for name in util.c string_utils.h common.c misc; do
	echo x | plant "core/base/$name"
	catches named 'says nothing' "$name"
done
echo 'int x;' | plant core/base/x.c
echo 'libcore_la_SOURCES = core/base/xx.c' >"$work/tree/core/base/Makefile.inc"
catches sources_listed 'in no Makefile.inc' 'a source that is not built'
printf 'libcore_la_SOURCES = \\\n\tcore/base/y.h core/base/x.c\n' >"$work/tree/core/base/Makefile.inc"
allows sources_listed 'one that is'
echo 'int x;' | plant tests/unit/test_x.c
echo tests/unit/test_x >"$work/.planted"
catches tests_listed 'in no Makefile.inc' 'a unit test that is not run'
echo 'echo 1..0' | plant tests/x/x.sh
catches scripts_listed 'in no Makefile.inc' 'a script that is not run'

finish
