#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Headers: every declaration documented, guarded, and the public one clean in each language that may include it.
set -u
. "$top_srcdir/tests/lint/lint.sh"

headers() {
	sources "$@" | grep '\.h$'
}

documented() {
	files=$(headers core tests)
	[ -z "$files" ] || (cd "$root" && awk -f "$lint_dir/docs.awk" $files)
	files=$(headers include)
	[ -z "$files" ] || (cd "$root" && awk -v members=1 -f "$lint_dir/docs.awk" $files)
}

# core/base/text.h is guarded by BASE_TEXT_H, include/apigw/plugin.h by APIGW_PLUGIN_H.
guarded() {
	for file in $(headers core include); do
		guard=$(echo "$file" | sed 's,^[a-z]*/,,; s,[/.-],_,g' | tr a-z A-Z)
		head=$(sed -n '/^#/p' "$root/$file" | head -n 2 | tr '\n' ' ')
		[ "$head" = "#ifndef $guard #define $guard " ] || echo "$file:1: not guarded by $guard"
	done
}

holds documented 'every declaration in a header is documented'
holds guarded 'every header is guarded by its own name'

for bad in 'int f(void);' 'struct x {' 'enum x {' '#define X 1' 'typedef int x;'; do
	printf '/*\n * x - the header\n */\n#ifndef X_H\n#define X_H\n\n%s\n' "$bad" | plant core/base/x.h
	catches documented 'no doc comment' "an undocumented $bad"
done
printf '/* not for readers */\nint f(void);\n' | plant core/base/x.h
catches documented 'no doc comment' 'a comment that is no doc comment'
printf '/** Does f. */\nint f(void);\nint g(void);\n' | plant core/base/x.h
catches documented 'int g' 'a second declaration under one comment'
printf '/** Is x. */\nstruct x {\n    int a;\n};\n' | plant include/apigw/x.h
catches documented 'int a' 'an undocumented member of the interface'
printf '/** Does f. */\nint f(int a,\n      int b);\nstruct y;\n\n/**\n * Is x.\n */\nstruct x {\n    int a; /**< is a */\n    /** Is b. */\n    int (*b)(int c,\n             int d);\n};\n' | plant include/apigw/x.h
allows documented 'what is documented'
printf '#ifndef TEXT_H\n#define TEXT_H\n#endif\n' | plant core/base/text.h
catches guarded 'BASE_TEXT_H' 'a guard of another name'
printf '#ifndef BASE_TEXT_H\n#define BASE_TEXT_H\n#endif\n' | plant core/base/text.h
allows guarded 'the right guard'

cflags="-I$top_srcdir/include $(pkg-config --cflags jansson)"
strict='-Wall -Wextra -Wpedantic -Werror -fsyntax-only'

compiles() {
	compiler=$1
	shift
	if command -v "$compiler" >/dev/null 2>&1; then
		check "the public header compiles: $compiler $*" $compiler $strict $cflags "$@"
	else
		skip "the public header compiles: $compiler $*" "$compiler is not installed"
	fi
}
echo '#include "apigw/plugin.h"' >alone.c
cp alone.c alone.cc
for compiler in gcc clang; do
	for standard in c99 c11 c17; do
		compiles $compiler -std=$standard alone.c
	done
done
for compiler in g++ clang++; do
	compiles $compiler -std=c++17 alone.cc
done

finish
