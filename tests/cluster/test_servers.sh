#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the programs of a bed are found and built, with a `go` that only pretends.
set -u
. "$top_srcdir/tests/directory/kit.sh"
unset KUBEBUILDER_ASSETS XDG_CACHE_HOME APIGWD_BED_JOBS
APIGWD_BED_CACHE=$work/cache
export APIGWD_BED_CACHE work
servers="$top_srcdir/tests/cluster/servers.sh"

# What the script needs, but no go and no servers that happen to be installed.
mkdir system
for tool in basename cat chmod date dirname flock grep head mkdir mv nice paste sed sh sleep sort tail uname; do
	ln -s "$(command -v $tool)" system/$tool
done
system_path=$work/system

# A go that writes what it is asked to build, slowly if `slow` exists, and fails for what is named in `fails`.
mkdir go assets path
cat >go/go <<'GO'
#!/bin/sh
case $1 in
env)
	for name; do
		case $name in
		GOOS) echo linux ;;
		GOARCH) echo amd64 ;;
		GOVERSION) cat "$work/version" ;;
		GOTOOLCHAIN) echo local ;;
		esac
	done
	exit
	;;
esac
while [ "$1" != -o ]; do shift; done
name=$(basename "$2" .new)
echo "$name" >>"$work/built"
[ ! -e "$work/slow" ] || sleep 0.3
printf '#!/bin/sh\n' >"$2"
[ "$name" != "$(cat "$work/fails" 2>/dev/null)" ] || { echo 'no space left'; exit 1; }
chmod +x "$2"
GO
chmod +x go/go
echo go1.26.8 >version

program() {
	printf '#!/bin/sh\n' >"$1"
	chmod +x "$1"
}
# find_with PATH [PROGRAM...]
find_with() {
	find_path=$1
	shift
	PATH=$find_path:$system_path sh "$servers" "$@"
}
modules=$top_srcdir/tests/cluster/servers
kubernetes=$(sed -n 's,.*k8s.io/kubernetes \(v1[^ ]*\)$,\1,p' "$modules/kube/go.mod")
etcd=$(sed -n 's,.*etcd/server/v3 \(v3[^ ]*\)$,\1,p' "$modules/etcd/go.mod")
folder=$APIGWD_BED_CACHE/$kubernetes-etcd-$etcd-linux-amd64

check 'without go and servers nothing can be found' run 3 find_with "$work/path"
check 'and the last line says why' prints 'no kube-apiserver and etcd in .*, and no go \(>= 1.26\) to build' tail -n 1 stderr
check 'an unknown program is told' run 2 find_with "$work/path" etcdd
echo go1.25.3 >version
check 'an old go cannot build' run 3 find_with "$work/go"
check 'and the last line says so' prints 'go 1.26 is needed .*, found go 1.25.3$' tail -n 1 stderr
echo go1.26.8 >version

echo kube-controller-manager >fails
check 'a build that fails' run 3 find_with "$work/go"
check 'says what go said' holds stderr 'no space left' 'go cannot build them'
check 'and is not taken for one' absent "$folder"
rm fails
check 'the next one' run 0 find_with "$work/go"
check 'prints the four in order' same "$folder/etcd
$folder/kube-apiserver
$folder/kubectl
$folder/kube-controller-manager" stdout
check 'that can be run' eval 'for built in $(cat stdout); do test -x "$built" || exit 1; done'
check 'after it went on where it was' same 'etcd
kube-apiserver
kube-controller-manager
kube-controller-manager
kubectl' built
: >built
check 'what is there' run 0 find_with "$work/go"
check 'is not built again' test ! -s built
check 'nothing else is in the cache' test "$(ls "$APIGWD_BED_CACHE")" = "${folder##*/}"

# Two at once.
rm -rf "$folder"
: >slow
find_with "$work/go" >first 2>&1 &
first=$!
check 'a second one meanwhile' run 0 find_with "$work/go"
check 'the first one too' wait $first
check 'one of them waited' grep -q 'waiting for it' first stderr
check 'and each program was built once' test "$(wc -l <built)" -eq 4

# One that is killed leaves nothing that is taken for whole, and nobody waits for it.
rm -rf "$folder" built
find_with "$work/go" >first 2>&1 &
first=$!
killed_when_half() {
	until grep -q kube-apiserver built 2>/dev/null; do
		sleep 0.05
	done
	kill -s KILL $first
	wait $first
	[ ! -e "$folder" ]
}
check 'a build is killed half way' killed_when_half
check 'the next one ends it' run 0 find_with "$work/go"
check 'with the etcd that was built' test "$(grep -c '^etcd$' built)" -eq 1

# What is installed comes first, and what belongs together stays together.
program assets/kube-apiserver
program assets/etcd
program assets/kubectl
KUBEBUILDER_ASSETS=$work/assets
export KUBEBUILDER_ASSETS
check 'KUBEBUILDER_ASSETS' run 0 find_with "$work/go" etcd kube-apiserver kubectl
check 'come first' same "$work/assets/etcd
$work/assets/kube-apiserver
$work/assets/kubectl" stdout
check 'what they lack is taken from the cache' prints "^$folder/kube-controller-manager\$" find_with "$work/go" kube-controller-manager
unset KUBEBUILDER_ASSETS
program path/etcd
program path/kubectl
check 'then PATH' prints "^$work/path/etcd\$" find_with "$work/path" etcd
check 'but no kubectl that belongs to nothing' prints "^$folder/kubectl\$" find_with "$work/path" kubectl
program path/kube-apiserver
check 'unless a server is beside it' prints "^$work/path/kubectl\$" find_with "$work/path" kubectl

check 'a cache that cannot be made' run 3 env APIGWD_BED_CACHE=/dev/null/x PATH="$work/go:$system_path" sh "$servers"
check 'is told, with what to do' holds stderr '/dev/null/x cannot be written; choose another folder with APIGWD_BED_CACHE'
finish
