#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A new config takes effect whole or not at all, by SIGHUP and by the admin socket, and touches only what is
# different.
set -u
. "$top_srcdir/tests/live/kit.sh"

fixtures=$top_builddir/tests/fixtures/.libs

# two ONE TWO [UNPROTECTED]: a config of two clusters over the same Apis, that enable Policies or not.
two() {
	cat >apigwd.yaml <<CONFIG
domain: kyma.local
unprotected: ${3:-accept}
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
clusters:
- name: one
  directory: {input: in, output: out/one}
  backends: {istio-authn-policy: {enabled: $1}}
- name: two
  directory: {input: in, output: out/two}
  backends: {istio-authn-policy: {enabled: $2}}
admin: {socket: admin.sock}
CONFIG
}

# one TEXT: a config of one cluster with these backends beside that for routes.
one() {
	cat >apigwd.yaml <<CONFIG
domain: kyma.local
backends:
  istio-virtualservice: {}
$1
clusters:
- name: test
  directory: {input: in, output: out}
admin: {socket: admin.sock}
CONFIG
}

# files_in NUMBER PATH: so many files are below it.
files_in() {
	[ "$(find "$2" -type f 2>/dev/null | wc -l)" -eq "$1" ] || {
		find "$2" -type f
		return 1
	}
}

routes() {
	find out -path '*virtualservices*' -type f -printf '%p %i %T@\n' | sort
}

# unmoved: no route was written since `before`.
unmoved() {
	routes | diff before -
}

policies_of() {
	echo "out/$1/resources/t1/policies.authentication.istio.io"
}

live
two true false
for i in 1 2 3; do
	{ api "a$i" "s$i" "h$i"; authentication; jwt "https://i$i"; } >"in/a$i.yaml"
done
api a4 s4 h4 >in/a4.yaml
begin
check 'Policies here' soon files_in 3 "$(policies_of one)"
check 'and none there' files_in 0 "$(policies_of two)"
check 'where the status says so' soon grep -q 'code: 3' out/two/status/t1/a1.yaml
routes >before
check 'routes in both' test "$(wc -l <before)" -eq 8
two false true
kill -HUP "$daemon"
check 'a signal swaps the two' soon files_in 3 "$(policies_of two)"
check 'in both directions' soon files_in 0 "$(policies_of one)"
check 'no route was written' stays unmoved
check 'the statuses tell' soon grep -q 'code: 3' out/one/status/t1/a1.yaml
check 'of both' soon holds out/two/status/t1/a1.yaml 'Every protection that the Api asks for stands.'
check 'it is ready' ready

two false false refuse
check 'the last protection of a cluster is not dropped' reload 409 'cluster two: 3 Apis ask for authentication'
check 'its Policies stay' files_in 3 "$(policies_of two)"
check 'readyz tells that a reload was refused' unready 'the last reload was refused'
two false true
check 'with the config as it was all is well' reload 200 reloaded
check 'and ready' ready
check 'no route was written by all this' stays unmoved

# A cluster that cannot work.
rm -rf out/three
sed -e '/^admin/d' -e 's|output: out/two|output: out/three|' apigwd.yaml >with-three
{ cat with-three; echo 'admin: {socket: admin.sock}'; } >apigwd.yaml
sed -e /^admin/d -e /name:.one/,+2d -e 's|out/three|out/three|' with-three >rival.yaml
"$top_builddir/apigwd" --plugin-dir "$top_builddir/plugins/.libs" --config rival.yaml 2>rival.log &
others=$!
check 'another one writes to a folder' soon exists out/three/resources
check 'that a cluster of ours is given' reload 200 reloaded
check 'which says so' soon unready 'in use by another apigwd'
api a5 s5 h5 >in/a5.yaml
check 'and leaves the other cluster alone' soon exists out/one/resources/t1/virtualservices.networking.istio.io/a5.yaml
kill "$others"
wait "$others"
others=
check 'when the other one ends it is ready' soon ready
rm in/a5.yaml
check 'and works' soon absent out/three/resources/t1/virtualservices.networking.istio.io/a5.yaml
check 'it ends well' end

# Refused configs, one after the other.
live
one '  istio-authn-policy: {}'
cp apigwd.yaml good.yaml
{ api a1 s1 h1; authentication; jwt https://one; } >in/a1.yaml
begin
check 'an Api' soon served h1 a1
files >before
echo 'domian: x' >>apigwd.yaml
check 'an unknown key is refused, with its place' reload 409 'apigwd.yaml:9:1: error: domian: ' 'refused'
one '  broken: {plugin: '"$fixtures"'/wrong-major.so}'
check 'a plugin that does not load' reload 409 'apigwd.yaml:4:' wrong-major.so
one '  missing: {plugin: nothing-of-this-name}'
check 'a plugin that is not there' reload 409 'apigwd.yaml:4:' nothing-of-this-name
one '  istio-authn-policy: {config: {mtls: maybe}}'
check 'a plugin whose options are wrong' reload 409 'apigwd.yaml:4:' mtls
one '  create-fails: {plugin: '"$fixtures"'/create-fails.so}'
check 'a plugin that refuses to be made' reload 409 'apigwd.yaml:4:' create-fails
rm apigwd.yaml
check 'no config at all' reload 409 'apigwd.yaml'
kill -HUP "$daemon"
check 'the same by a signal' soon grep -q 'msg="config refused".*apigwd.yaml' log
check 'readyz tells it' unready 'the last reload was refused'
api a2 s2 h2 >in/a2.yaml
check 'meanwhile the old one serves on' soon served h2 a2
rm in/a2.yaml
check 'all of it' soon gone a2
files | diff before - >difference
check 'nothing else was written' silent cat difference
cp good.yaml apigwd.yaml
check 'the good one is taken' reload 200 reloaded
check 'and it is ready' ready

# Backends come and go.
one '  istio-authn-policy: {}
  note: {plugin: '"$work"'/note.so}'
cp "$fixtures/good.so" note.so
notes=out/resources/t1/notes.fixtures.example
files >before
check 'a backend is added' reload 200 reloaded
check 'its outputs come' soon holds $notes/a1.yaml 'text: hello'
inode=$(stat -c %i $vs/a1.yaml)
check 'the route is not written' test "$(grep -c " $inode " before)" -eq 1
cp "$fixtures/good-second.so" note.new
mv note.new note.so
check 'a plugin file that is replaced is loaded afresh' reload 200 reloaded
check 'and renders' soon holds $notes/a1.yaml 'text: good day'
one '  istio-authn-policy: {}
  note: {plugin: '"$work"'/note.so, enabled: false, onDisable: keep}'
check 'disabled, but to be kept' reload 200 reloaded
check 'its outputs stay' stays exists $notes/a1.yaml
one '  istio-authn-policy: {}
  note: {plugin: '"$work"'/note.so, enabled: false}'
check 'disabled' reload 200 reloaded
check 'they go' soon absent $notes/a1.yaml
one '  istio-authn-policy: {}
  note: {plugin: '"$work"'/note.so}'
check 'enabled again' reload 200 reloaded
check 'they are back' soon exists $notes/a1.yaml
one '  istio-authn-policy: {}'
check 'an entry that vanishes' reload 200 reloaded
check 'prunes nothing' stays exists $notes/a1.yaml
check 'and is told' soon grep -q 'outputs without a backend.*notes' log
check 'it ends well' end
finish
