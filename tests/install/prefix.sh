#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds a copy of the source for a prefix of its own, installs it and uses it as somebody would: from any
# directory, without saying where the plugins are; then builds plugins against what is installed.
set -u
. "$top_srcdir/tests/tap.sh"
unset MAKEFLAGS MFLAGS MAKELEVEL DESTDIR

prefix=$work/prefix
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
: "${CC:=cc}"

# A copy, since a source that was configured itself cannot be built elsewhere.
copy_source() {
	mkdir source && (cd "$top_srcdir" && tar cf - --exclude=./.git --exclude='./build' --exclude='./build-[^a]*' \
		--exclude='./apigwd-*' --exclude=autom4te.cache --exclude=.libs --exclude='*.o' --exclude='*.lo' \
		--exclude='*.la' --exclude=./config.status --exclude=./config.h --exclude=./Makefile \
		--exclude=./libtool --exclude=./stamp-h1 .) | (cd source && tar xf -) && chmod -R u+w source
}

# Without the caller's flags: what is shown is installing, with the least compiling.
build() {
	mkdir build && (cd build && ../source/configure --quiet CC="$CC" CFLAGS=-O0 --prefix="$prefix" \
		--sysconfdir="$prefix/etc" --libdir="$prefix/lib" && make -s && make -s install)
}

check 'the source is copied' copy_source
check 'it is built and installed to a prefix' build
# Nothing of the build is needed any more.
mkdir -p elsewhere/apis
cp source/etc/sample/apis/sample-api.yaml elsewhere/apis
cp source/etc/sample/apigwd.yaml elsewhere
rm -rf build
cd / || exit 1

out=$work/elsewhere/out
check 'apigwd serves the sample from another directory' "$prefix/bin/apigwd" --config "$work/elsewhere/apigwd.yaml" --once
check 'the VirtualService is there' grep -q 'kubernetes.kyma.local' "$out/resources/default/virtualservices.networking.istio.io/sample-api.yaml"
check 'the Policy is there' grep -q 'https://accounts.google.com' "$out/resources/default/policies.authentication.istio.io/sample-api.yaml"
codes() {
	sed '/^  conditions:/,$d' "$out/status/default/sample-api.yaml" | sed -nE 's/.*(code|validationStatus): //p' | tr '\n' ' '
}
check 'the status has the codes 2, 2, 2' prints '^2 2 2 $' codes
render() {
	"$prefix/bin/apigwctl" render -c "$work/elsewhere/apigwd.yaml" -f "$work/elsewhere/apis/sample-api.yaml"
}
check 'apigwctl render prints the Policy' prints '^kind: Policy$' render
check 'and the VirtualService' prints '^kind: VirtualService$' render
check 'apigwctl plugins finds what is installed' prints 'istio-virtualservice' "$prefix/bin/apigwctl" plugins
check 'the installed config is a good one' "$prefix/bin/apigwd" --config "$prefix/etc/apigwd/apigwd.yaml" --check-config

abi=$(sed -n 's/^#define APIGW_ABI_M[A-Z]*OR //p' "$top_srcdir/include/apigw/plugin.h" | paste -s -d . -)
check 'pkg-config knows apigw-plugin' pkg-config --exists --print-errors apigw-plugin
check 'it tells the folder of plugins' test "$(pkg-config --variable=plugindir apigw-plugin)" = "$prefix/lib/apigwd"
check 'it tells the ABI' test "$(pkg-config --variable=abi apigw-plugin)" = "$abi"
check 'it tells where the header is' prints "-I$prefix/include( |\$)" pkg-config --cflags apigw-plugin

# compile NAME: as the guide says it; cc is the compiler under test.
compile() {
	cc -Wall -Wextra -Werror -shared -fPIC -o "$1.so" ./*.c $(pkg-config --cflags --libs apigw-plugin)
}
cc() {
	$CC "$@"
}

# external NAME: builds an example of the documentation as its reader would, loads it, installs it.
external() {
	folder=$work/external/$1
	mkdir -p "$folder"
	cp -R "$top_srcdir/docs/examples/$1/." "$folder"
	chmod -R u+w "$work/external"
	cd "$folder" || exit 1
	check "$1 is built out of the tree" compile "$1"
	check "$1 is known where its folder is named" prints "^$1 " "$prefix/bin/apigwctl" plugins --plugin-dir .
	check "$1 is loaded by naming it in a config" "$prefix/bin/apigwd" --config apigwd.yaml --check-config
	# Whatever it needs to see, but not what is in its way.
	rm -f apis/foreign.yaml
	check "$1 renders" prints '^kind: ' "$prefix/bin/apigwctl" render -c apigwd.yaml -f apis
	check "$1 serves" "$prefix/bin/apigwd" --config apigwd.yaml --once
	check "$1 makes something" test -d out/resources/shop
	mv "$1.so" "$(pkg-config --variable=plugindir apigw-plugin)"
	check "$1 is known once it is installed" prints "^$1 " "$prefix/bin/apigwctl" plugins
	check "$1 is then loaded from there" "$prefix/bin/apigwd" --config apigwd.yaml --check-config
}
for example in "$top_srcdir"/docs/examples/*/; do
	example=${example%/}
	# Manifests are no plugin.
	[ -e "$example/configure.ac" ] || [ -n "$(find "$example" -name '*.c')" ] || continue
	external "${example##*/}"
done
for example in first-backend second-backend gateway-api; do
	check "there is an example $example" test -d "$work/external/$example"
done
cd "$work" || exit 1

finish
