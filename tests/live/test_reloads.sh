#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Reload after reload, which enables, disables and replaces backends at random while Apis change: it stays up, does
# not grow, and in the end everything is right.
# SEED chooses, RELOADS is their number.
set -u
. "$top_srcdir/tests/live/kit.sh"

seed=${SEED:-20181017}
reloads=${RELOADS:-300}
fixtures=$top_builddir/tests/fixtures/.libs
patience=20

state_of_random=$((seed % 2147483647 + 1))
random() {
	state_of_random=$((state_of_random * 48271 % 2147483647))
	random=$((state_of_random % $1))
}

# some NAME PLUGIN: a backend, or not, enabled, or not.
some() {
	random 4
	case $random in
	0) ;;
	1) echo "  $1: {plugin: $2, enabled: false}" ;;
	2) echo "  $1: {plugin: $2, config: {text: again}}" ;;
	*) echo "  $1: {plugin: $2}" ;;
	esac
}

# config: another one.
config() {
	random 2
	if [ "$random" -eq 0 ]; then cp "$fixtures/good.so" new.so; else cp "$fixtures/good-second.so" new.so; fi
	mv new.so note.so
	{
		echo 'domain: kyma.local'
		echo 'unprotected: accept'
		echo 'backends:'
		echo '  istio-virtualservice: {}'
		random 3
		if [ "$random" -eq 0 ]; then echo '  istio-authn-policy: {enabled: false}'; else echo '  istio-authn-policy: {}'; fi
		some note "$work/note.so"
		some guard "$fixtures/good-authentication.so"
		random 10
		[ "$random" -gt 0 ] || echo '  broken: {plugin: nothing-of-this-name}'
		echo 'clusters:'
		echo '- {name: test, directory: {input: in, output: out}}'
		random 3
		[ "$random" -eq 0 ] || echo '- {name: other, directory: {input: in, output: other}}'
		echo 'admin: {socket: admin.sock}'
	} >apigwd.yaml
}

# last: the config of the end, that of which everything can be compared.
last() {
	cat >apigwd.yaml <<CONFIG
domain: kyma.local
unprotected: accept
backends:
  istio-virtualservice: {}
  istio-authn-policy: {}
  note: {plugin: $work/note.so}
  guard: {plugin: $fixtures/good-authentication.so}
clusters:
- {name: test, directory: {input: in, output: out}}
admin: {socket: admin.sock}
CONFIG
}

memory() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$daemon/status"
}

live
cp "$fixtures/good.so" note.so
last
# No Api wants what another one has: several edits that are seen as one might swap two.
"$tools/edits" -o aipf "$seed" 0 in >list
begin
check 'it serves' soon right
good=0 refused=0 round=0 middle=0
while [ "$round" -lt "$reloads" ] && kill -0 "$daemon" 2>/dev/null; do
	round=$((round + 1))
	config
	random 3
	[ "$random" -gt 0 ] || "$tools/edits" -o aipf "$seed" "$round" in >list
	random 5
	if [ "$random" -eq 0 ]; then
		kill -HUP "$daemon"
	elif ask POST /reload >reload 2>&1; then
		good=$((good + 1))
	elif [ "$(head -n 1 reload)" = 409 ] && grep -q nothing-of-this-name reload; then
		refused=$((refused + 1))
	else
		cat reload >>strange
	fi
	[ "$round" -ne $((reloads / 2)) ] || middle=$(memory)
done
echo "# SEED=$seed: $good reloads by the socket, $refused refused; memory $middle KiB at half, $(memory) KiB at the end"
check "$reloads reloads" test "$round" -eq "$reloads" -a $((good + refused)) -gt $((reloads / 2))
check 'each was taken, or refused for the plugin that is not there' absent strange
check 'some were refused' test "$refused" -gt 0
# Half of the reloads come after that; the sanitizer keeps what was freed for a while.
allowed=2048
grep -q __asan_init "$top_builddir/apigwd" && allowed=262144
check 'it did not grow' test "$(memory)" -le $((middle + allowed))
last
check 'the last one is taken' reload 200 reloaded
check 'and all is right' soon right
check 'it is ready' ready
check 'it ends well' end
finish
