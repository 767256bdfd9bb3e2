#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The unit: what systemd says about it, and how much it would let somebody do who has taken the daemon over.
set -u
. "$top_srcdir/tests/tap.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL
umask 022

stage=$work/stage
# value VARIABLE: what the Makefile says.
value() {
	make -s -C "$top_builddir" --no-print-directory --eval="print-it: ; @echo '\$($1)'" print-it
}

check 'make install' make -s -C "$top_builddir" DESTDIR="$stage" install
unit=$stage$(value systemdsystemunitdir)/apigwd.service
sysusers=$stage$(value sysusersdir)/apigwd.conf
tmpfiles=$stage$(value tmpfilesdir)/apigwd.conf
for file in "$unit" "$sysusers" "$tmpfiles"; do
	check "${file#"$stage"} is installed" test -f "$file"
done
check 'nothing in the unit is left to fill in' silent eval "! grep -n '@[a-z]*@' '$unit'"
check 'the unit starts what is installed' grep -qxF \
	"ExecStart=$(value bindir)/apigwd --config $(value apigwconfdir)/apigwd.yaml" "$unit"

# What is named in the unit must be there for the check: the programs of the build, not those of this machine.
for_check() {
	sed -e "s,=$(value bindir)/,=$stage$(value bindir)/," "$1" >"$2"
}
# systemd tells what it does not know on standard error and goes on.
verified() {
	SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no --recursive-errors=no "$1" 2>said || { cat said; return 1; }
	cat said
	! grep -F "${1##*/}" said
}
judged() {
	systemd-analyze security --no-pager --offline=yes --threshold="$1" "$2"
}

if command -v systemd-analyze >/dev/null 2>&1; then
	mkdir checked spoiled
	for_check "$unit" checked/apigwd.service
	check 'systemd-analyze verify has nothing to say' verified checked/apigwd.service
	check 'systemd-analyze security finds little exposed' judged 15 checked/apigwd.service
	# A check that cannot fail is none.
	sed 's/^PrivateTmp=.*/PrivateTemp=yes/' checked/apigwd.service >spoiled/apigwd.service
	check 'a setting that does not exist is noticed' eval '! verified spoiled/apigwd.service'
	sed 's/apigwd --config/apigwdd --config/' checked/apigwd.service >spoiled/apigwd.service
	check 'a program that does not exist is noticed' eval '! verified spoiled/apigwd.service'
	sed '/^SystemCallFilter=\|^CapabilityBoundingSet=/d' checked/apigwd.service >spoiled/apigwd.service
	check 'a unit that lets much is noticed' eval '! judged 15 spoiled/apigwd.service'
else
	skip 'systemd-analyze verify and security' 'systemd-analyze is not installed'
fi
if command -v systemd-sysusers >/dev/null 2>&1; then
	mkdir -p root/etc
	check 'systemd-sysusers makes the user' systemd-sysusers --root="$work/root" "$sysusers"
	check 'it is there' grep -q '^apigwd:' root/etc/passwd
else
	skip 'systemd-sysusers' 'it is not installed'
fi
if command -v systemd-tmpfiles >/dev/null 2>&1; then
	if [ "$(id -u)" -eq 0 ]; then
		check 'systemd-tmpfiles makes the folders' systemd-tmpfiles --create --root="$work/root" "$tmpfiles"
		check 'that of the socket is closed to others' test "$(stat -c %a root/run/apigwd 2>/dev/null)" = 750
	else
		skip 'systemd-tmpfiles' 'only root can give folders away'
	fi
else
	skip 'systemd-tmpfiles' 'it is not installed'
fi

finish
