#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The man pages have no warning of mandoc's.
set -u
if ! command -v mandoc >/dev/null 2>&1; then
    echo "1..0 # SKIP mandoc is not installed"
    exit 0
fi
tests=0
for page in "$top_srcdir"/docs/*.[1-9]; do
    tests=$((tests + 1))
    if problems=$(mandoc -T lint -W warning "$page" 2>&1); then
        echo "ok $tests - ${page##*/} has no warning"
    else
        echo "not ok $tests - ${page##*/} has no warning"
        echo "$problems" | sed 's/^/# /'
    fi
done
echo "1..$tests"
