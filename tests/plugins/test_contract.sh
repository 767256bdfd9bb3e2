#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The contract test over every backend that was built.
set -eu
set --
for folder in "$top_srcdir"/plugins/*/golden; do
	name=$(basename "$(dirname "$folder")")
	file=$top_builddir/plugins/.libs/$name.so
	[ ! -e "$file" ] || set -- "$@" "$file" "$folder"
done
exec "$top_builddir/tests/plugins/contract" "$@"
