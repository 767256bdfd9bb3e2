# SPDX-License-Identifier: Apache-2.0
# Prints "PASSED FAILED SKIPPED" from the head of automake's test-suite.log.
$1 == "#" && $2 ~ /^(PASS|XFAIL):$/ { passed += $3 }
$1 == "#" && $2 ~ /^(FAIL|XPASS|ERROR):$/ { failed += $3 }
$1 == "#" && $2 == "SKIP:" { skipped += $3 }
/^\.\. contents::/ { exit }
END { print passed + 0, failed + 0, skipped + 0 }
