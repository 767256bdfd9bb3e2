#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The golden test over every backend that was built, and over the examples of the documentation.
set -eu
set --
for folder in "$top_srcdir"/plugins/*/golden; do
	name=$(basename "$(dirname "$folder")")
	file=$top_builddir/plugins/.libs/$name.so
	[ ! -e "$file" ] || set -- "$@" "$file" "$folder"
done
# These are always built.
for folder in "$top_srcdir"/docs/examples/*/golden; do
	name=$(basename "$(dirname "$folder")")
	set -- "$@" "$top_builddir/docs/examples/$name/.libs/$name.so" "$folder"
done
exec "$top_builddir/tests/plugins/golden" "$@"
