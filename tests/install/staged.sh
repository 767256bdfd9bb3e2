#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `make install DESTDIR=...` and `make uninstall`: what is put where, how it is linked, and that it all goes.
set -u
. "$top_srcdir/tests/tap.sh"
# This make is not a part of the one that runs the tests.
unset MAKEFLAGS MFLAGS MAKELEVEL
umask 022

stage=$work/stage

build() {
	make -s -C "$top_builddir" DESTDIR="$stage" "$@"
}

# value VARIABLE: what the Makefile says.
value() {
	make -s -C "$top_builddir" --no-print-directory --eval="print-it: ; @echo '\$($1)'" print-it
}

bindir=$(value bindir)
plugindir=$(value apigwplugindir)
confdir=$(value apigwconfdir)
plugins=$(value pluginexec_LTLIBRARIES | sed 's,plugins/\([^ ]*\)\.la,\1,g')
installed() {
	(cd "$stage" && find . ! -type d)
}

check 'make install' build install
for program in apigwd apigwctl; do
	check "$program is installed" test -x "$stage$bindir/$program"
done
check 'there are plugins' test -n "$plugins"
for plugin in $plugins; do
	check "$plugin.so is installed" test -f "$stage$plugindir/$plugin.so"
done
check 'the public header is installed' test -f "$stage$(value includedir)/apigw/plugin.h"
check 'apigw-plugin.pc is installed' test -f "$stage$(value pkgconfigdir)/apigw-plugin.pc"
check 'the config is installed' test -f "$stage$confdir/apigwd.yaml"
for page in man8/apigwd.8 man1/apigwctl.1 man5/apigwd.yaml.5 man7/apigw-plugin.7; do
	check "$page is installed" test -f "$stage$(value mandir)/$page"
done

la_files() {
	installed | grep '\.la$'
}
others_may_write() {
	find "$stage" ! -type l -perm /022
}
plugins_only() {
	ls "$stage$plugindir" | sed 's/\.so$//' | sort >found
	echo "$plugins" | tr ' ' '\n' | sort | diff - found
}
check 'no .la file is installed' silent eval 'la_files || :'
check 'the plugin directory holds the plugins only' plugins_only
check 'nobody else may write what is installed' silent others_may_write

exports() {
	nm -D --defined-only "$stage$plugindir/$1.so" | awk '{ print $3 }' | grep -v '^__asan\|^__ubsan\|^__odr_asan'
}
one_export() {
	exports "$1" >found
	echo apigw_plugin_entry | diff - found
}
searches_elsewhere() {
	readelf -d "$1" | grep -E 'RPATH|RUNPATH'
}
full_relro() {
	readelf -lW "$1" | grep GNU_RELRO && readelf -d "$1" | grep -E 'BIND_NOW|FLAGS.* NOW'
}
no_exec_stack() {
	readelf -lW "$1" | grep GNU_STACK | grep -v 'RWE'
}
for plugin in $plugins; do
	check "$plugin.so exports its entry and nothing else" one_export "$plugin"
done
for file in "$bindir/apigwd" "$bindir/apigwctl" $(for plugin in $plugins; do echo "$plugindir/$plugin.so"; done); do
	name=${file##*/}
	check "$name looks for libraries where the system does" silent eval "searches_elsewhere '$stage$file' || :"
	check "$name has no executable stack" no_exec_stack "$stage$file"
	# A build under the sanitizers leaves the hardening out.
	[ -n "$(value SANITIZERS_TRUE)" ] || continue
	check "$name is relocated read-only, all symbols bound at start" full_relro "$stage$file"
done

check 'make uninstall' build uninstall
check 'it leaves nothing' silent installed
check 'installing again' build install
echo '# edited' >>"$stage$confdir/apigwd.yaml"
cp "$stage$confdir/apigwd.yaml" edited
check 'over an edited config' build install
check 'keeps it' diff edited "$stage$confdir/apigwd.yaml"
check 'uninstalling then' build uninstall
check 'leaves that config only' prints "^\\.$confdir/apigwd\\.yaml\$" installed
check 'indeed' test "$(installed | wc -l)" -eq 1

finish
