#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# usage: servers.sh [PROGRAM...]
#
# Finds the programs of a test bed, and builds those that are not there: etcd, kube-apiserver, kubectl and
# kube-controller-manager, or only those that are named. Prints one path a line.
#
# They are looked for in $KUBEBUILDER_ASSETS, in $PATH, then in a folder for each version in
# ${APIGWD_BED_CACHE:-${XDG_CACHE_HOME:-~/.cache}/apigwd/bed}, where they are built. kubectl and the controllers
# must fit the API server: they are taken from beside it, or from where they are built.
#
# Exit code 3: something is missing and cannot be built here; the last line on standard error says why.
set -eu

modules=$(cd "$(dirname "$0")/servers" && pwd -P)
cache=${APIGWD_BED_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/apigwd/bed}

say() {
	echo "servers.sh: $1" >&2
}

cannot() {
	say "$1"
	exit 3
}

# version MODULE PACKAGE: what the go.mod of a folder requires.
version() {
	sed -n "s,^\\(require \\|	\\)$2 \\(v[^ ]*\\)\$,\\2,p" "$modules/$1/go.mod" | grep . || cannot "$modules/$1/go.mod names no $2"
}

kubernetes=$(version kube k8s.io/kubernetes)
etcd=$(version etcd go.etcd.io/etcd/server/v3)

# known NAME: an executable outside the cache.
known() {
	if [ -x "${KUBEBUILDER_ASSETS:-/nonexistent}/$1" ]; then
		echo "$KUBEBUILDER_ASSETS/$1"
	else
		command -v "$1" || :
	fi
}

# beside PROGRAM NAME: an executable in the folder of another program.
beside() {
	[ -z "$1" ] || [ ! -x "${1%/*}/$2" ] || echo "${1%/*}/$2"
}

# link FLAGS FOLDER PACKAGE NAME: one program, put in place when it is whole.
link() {
	(cd "$modules/$2" && GOWORK=off CGO_ENABLED=0 nice -n 10 go build ${APIGWD_BED_JOBS:+-p "$APIGWD_BED_JOBS"} \
		-mod=readonly -buildvcs=false -trimpath -ldflags "-s -w $1" -o "$partial/$4.new" "$3" >&2) || return 1
	mv "$partial/$4.new" "$partial/$4"
}

# What was built before an interruption is not built again.
build_missing() {
	said=k8s.io/component-base/version
	minor=${kubernetes#v1.}
	flags="-X $said.gitVersion=$kubernetes -X $said.gitMajor=1 -X $said.gitMinor=${minor%%.*}
		-X k8s.io/client-go/pkg/version.gitVersion=$kubernetes"
	[ -x "$partial/etcd" ] || link '' etcd . etcd || return 1
	for linked in kube-apiserver kube-controller-manager kubectl; do
		[ -x "$partial/$linked" ] || link "$flags" kube "./$linked" "$linked" || return 1
	done
}

# Why this machine cannot build; nothing if it can.
obstacle() {
	needed=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' "$modules/kube/go.mod")
	found=$(go env GOVERSION 2>/dev/null | sed 's/^go//')
	if [ -z "$found" ]; then
		echo "no kube-apiserver and etcd in KUBEBUILDER_ASSETS, PATH or $cache, and no go (>= $needed) to build them"
	elif [ "$(go env GOTOOLCHAIN)" = local ] &&
		[ "$(printf '%s\n' "$needed" "$found" | sort -V | head -n 1)" != "$needed" ]; then
		echo "go $needed is needed to build kube-apiserver and etcd, found go $found"
	elif ! mkdir -p "$cache" 2>/dev/null || [ ! -w "$cache" ]; then
		echo "$cache cannot be written; choose another folder with APIGWD_BED_CACHE"
	elif ! command -v flock >/dev/null; then
		echo 'no flock (Debian: util-linux)'
	fi
}

# Two at once: the second waits for the lock and finds everything there.
build() {
	why=$(obstacle)
	[ -z "$why" ] || cannot "$why"
	exec 9>"$cache/.lock-$name"
	flock -n 9 || { say "another process builds them; waiting for it" && flock 9; }
	if [ ! -d "$folder" ]; then
		partial=$cache/.partial-$name
		mkdir -p "$partial"
		started=$(date +%s)
		say "building Kubernetes $kubernetes and etcd $etcd once, into $folder"
		say 'this takes some 10 minutes on 2 cores and 5 GB of disk (Go caches); interrupted, it goes on where it was'
		build_missing 9>&- || cannot "go cannot build them; what it said stands above"
		mv "$partial" "$folder"
		say "built in $(($(date +%s) - started)) s"
	fi
	exec 9>&-
}

platform() {
	go env GOOS GOARCH 2>/dev/null | paste -s -d - - | grep . ||
		echo "linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')"
}

name=$kubernetes-etcd-$etcd-$(platform)
folder=$cache/$name

# find_program NAME: prints where it is; nothing if it is nowhere.
find_program() {
	case $1 in
	kubectl | kube-controller-manager) beside "$(known kube-apiserver)" "$1" ;;
	*) known "$1" ;;
	esac | grep . || beside "$folder/" "$1" | grep . || { [ "$1" != kubectl ] || known kubectl; }
}

[ $# -gt 0 ] || set -- etcd kube-apiserver kubectl kube-controller-manager
for program; do
	case $program in
	etcd | kube-apiserver | kubectl | kube-controller-manager) ;;
	*) say "unknown program $program" && exit 2 ;;
	esac
	[ -n "$(find_program "$program")" ] || build
	find_program "$program" | grep . || cannot "$program is not in $folder; remove that folder to build it again"
done
