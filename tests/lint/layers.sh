#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who may include whom, and that the core names no backend.
set -u
. "$top_srcdir/tests/lint/lint.sh"

# The folders that a file of core/FOLDER may include, besides its own.
allowed() {
	case $1 in
	base) ;;
	object) echo base ;;
	config) echo base object ;;
	kube | directory | store | plugin) echo base object config ;;
	reconcile) echo base object store plugin ;;
	daemon | main.c | ctl.c) echo base object config kube directory store plugin reconcile daemon ;;
	*) echo NONE ;;
	esac
}

includes() {
	find_code '^[ \t]*#[ \t]*include' "$@" | sed 's/^\([^:]*:[0-9]*\):.*include[ \t]*/\1 /'
}

core_layers() {
	includes $(sources core) | while read -r place what; do
		case $what in
		'<'*'>' | '"config.h"') continue ;;
		esac
		what=${what#?} what=${what%?}
		layer=${place#core/} layer=${layer%%[/:]*}
		case " $(allowed "$layer") $layer apigw " in
		*" NONE "*) echo "$place: core/$layer is in no table of layers" ;;
		*" ${what%%/*} "*) ;;
		*) echo "$place: core/$layer may not include $what" ;;
		esac
	done
}

# The loop and the server are the daemon's business: everything below it is called, and waits for nothing.
loop_includes() {
	includes $(sources core) | while read -r place what; do
		case "$place $what" in
		core/daemon/*) ;;
		*' <uv.h>' | *' <uv/'* | *' <microhttpd.h>') echo "$place: only core/daemon may include $what" ;;
		esac
	done
}

# The network is reached in one place. Tests and programs of tests may do as they like.
curl_includes() {
	includes $(sources core) | while read -r place what; do
		case "$place $what" in
		core/kube/http.c:* | core/kube/http_exchange.[ch]:*) ;;
		*' <curl/'*) echo "$place: only core/kube/http may include $what" ;;
		esac
	done
}

# What a packed text looks like is known in one place.
zlib_includes() {
	includes $(sources core) | while read -r place what; do
		case "$place $what" in
		core/base/squeeze.c:*) ;;
		*' <zlib.h>') echo "$place: only core/base/squeeze may include $what" ;;
		esac
	done
}

# A plugin sees the public header, jansson, the C library and its own folder.
plugin_includes() {
	includes $(sources plugins docs/examples) | while read -r place what; do
		case $what in
		'"apigw/'*) ;;
		'"'*)
			what=${what#?} what=${what%?}
			[ -e "$root/$(dirname "${place%%:*}")/$what" ] || echo "$place: a plugin may not include $what"
			;;
		'<jansson.h>' | '<apigw/plugin.h>') ;;
		'<'*'/'*) echo "$place: a plugin may not include $what" ;;
		'<curl'* | '<uv.h>' | '<yaml.h>' | '<microhttpd.h>' | '<dlfcn.h>') echo "$place: a plugin may not include $what" ;;
		esac
	done
}

public_includes() {
	includes $(sources include) | while read -r place what; do
		case $what in
		'<jansson.h>' | '<inttypes.h>' | '<limits.h>' | '<std'*'.h>' | '<string.h>') ;;
		*) echo "$place: the public header may not include $what" ;;
		esac
	done
}

# Names of backends are the folders' names and the status keys in their descriptors. The one exception is
# the key of the role authentication, which the core reports itself where no backend does.
backend_names() {
	(
		cd "$top_srcdir/plugins" || exit
		for folder in */; do echo "${folder%/}"; done
		find . -name '*.c' -exec sed -n 's/.*\.\(status_key\|status_alias\) = "\([^"]*\)".*/\2/p' {} +
	) | grep -v '^authenticationStatus$' | sort -u
}

no_backend_names() {
	for name in $(backend_names); do
		(cd "$root" && grep -rnwF --include='*.[ch]' -e "$name" core) |
			sed "s/^\([^:]*:[0-9]*\):.*/\1: the core names the backend $name/"
	done
}

check 'the names of backends are found' prints '^istio-' backend_names
check 'their status keys too' prints 'Service' backend_names
holds core_layers 'folders of core/ include only the layers below them'
holds loop_includes 'libuv and libmicrohttpd are used by core/daemon only'
holds curl_includes 'libcurl is used by core/kube/http only'
holds zlib_includes 'zlib is used by core/base/squeeze only'
holds plugin_includes 'plugins include the public header only'
holds public_includes 'the public header needs jansson and standard headers only'
holds no_backend_names 'core/ names no backend'

echo '#include "object/key.h"' | plant core/base/x.c
catches core_layers 'core/base may not include object/key.h' 'an include of the layer above'
echo '#include "kube/http.h"' | plant core/reconcile/x.h
catches core_layers 'may not include kube/http.h' 'the core of the reconcile that reaches the network'
echo '#include "daemon/loop.h"' | plant core/store/x.c
catches core_layers 'may not include daemon/loop.h' 'an include of the daemon'
echo '#include "text.h"' | plant core/base/x.c
catches core_layers 'may not include text.h' 'a path without its folder'
echo '#include "base/text.h"' | plant core/misfiled/x.c
catches core_layers 'no table' 'a folder that has no layer'
printf '#include <stdio.h>\n#include "base/text.h"\n#include "apigw/plugin.h"\n/* #include "daemon/x.h" */\n' | plant core/object/x.c
allows core_layers 'what is right'
echo '#include "daemon/loop.h"' | plant core/main.c
allows core_layers 'everything in a program'
for header in uv.h microhttpd.h; do
	for file in core/directory/watch.c core/main.c core/base/x.h; do
		echo "#include <$header>" | plant $file
		catches loop_includes "only core/daemon may include <$header>" "<$header> in $file"
	done
	echo "#include <$header>" | plant core/daemon/x.c
	allows loop_includes "<$header> in core/daemon"
done
for file in core/kube/connection.c core/kube/http.h core/kube/https.c core/daemon/x.c core/main.c; do
	echo '#include <curl/curl.h>' | plant $file
	catches curl_includes 'only core/kube/http may include <curl/curl.h>' "<curl/curl.h> in $file"
done
for file in core/kube/http.c core/kube/http_exchange.h; do
	echo '#include <curl/curl.h>' | plant $file
	allows curl_includes "<curl/curl.h> in $file"
done
echo '#include <zlib.h>' | plant core/store/x.c
catches zlib_includes 'only core/base/squeeze may include <zlib.h>' '<zlib.h> in core/store'
echo '#include <zlib.h>' | plant core/base/squeeze.c
allows zlib_includes '<zlib.h> in core/base/squeeze.c'
echo '#include "base/text.h"' | plant plugins/x/x.c
catches plugin_includes 'may not include base/text.h' 'a plugin that reaches into the core'
echo '#include <curl/curl.h>' | plant docs/examples/x/x.c
catches plugin_includes 'may not include <curl/curl.h>' 'a plugin that does I/O'
echo '#include "base/text.h"' | plant include/apigw/x.h
catches public_includes 'may not include "base/text.h"' 'a public header that needs the core'
for name in $(backend_names); do
	echo "/* as $name does */" | plant core/store/x.c
	catches no_backend_names "names the backend $name" "$name"
done

finish
