#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/reasons.md is what the program prints, and every reason that the sources know is in it.
set -u
. "$top_srcdir/tests/tap.sh"

page=$top_srcdir/docs/reasons.md
check 'apigwctl reasons prints' silent sh -c '"$1" reasons >printed' sh "$top_builddir/apigwctl"
check 'the page of the documentation' diff "$page" printed
check 'a line for each reason' test "$(grep -c '^| `[A-Z]' "$page")" -eq \
	"$(sed -n '/^enum reason {/,/^};/p' "$top_srcdir/core/reconcile/reason.h" | grep -vcE 'REASON_(NONE|COUNT)|[{}]')"
check 'three cells in every row' test -z "$(grep '^|' "$page" | sed 's/\\|//g' | awk -F '|' 'NF != 5')"
check 'each word once' test -z "$(sed -n 's/^| `\([A-Za-z]*\)`.*/\1/p' "$page" | sort | uniq -d)"
check 'no meaning is empty' test -z "$(grep -E '\| *\|' "$page")"
"$top_builddir/apigwctl" reasons more >/dev/null 2>&1
check 'it takes no argument' test $? -eq 2

finish
