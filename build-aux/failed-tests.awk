# SPDX-License-Identifier: Apache-2.0
# Prints of automake's test-suite.log what failing tests said about it: the comments behind a "not ok", and the
# last lines of a test that ended otherwise than it should.
function last_lines(i) {
	for (i = lines > KEPT ? lines - KEPT : 0; i < lines; i++)
		print "    " kept[i % KEPT]
}
BEGIN { KEPT = 12 }
/^(FAIL|XPASS|ERROR): tests\/[^ ]*$/ { lines = told = failing = 0; next }
/^(PASS|SKIP|FAIL|XFAIL|XPASS): / { next }
/^not ok / { print; failing = 20; told = 1; next }
/^#/ && failing-- > 0 { print "    " $0; next }
/^ERROR: / { print; if (!told) last_lines(); told = 1; next }
/^ok / { failing = 0 }
NF && !/^=+$/ { kept[lines++ % KEPT] = $0 }
