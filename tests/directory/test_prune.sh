#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once: what goes with an Api, and what stays because nothing says that it is gone.
set -u
. "$top_srcdir/tests/directory/kit.sh"

vs=out/resources/t1/virtualservices.networking.istio.io
policies=out/resources/t1/policies.authentication.istio.io
once='apigwd --config apigwd.yaml --once'
judged

# secured NAME SERVICE HOSTNAME: an Api with one issuer, on standard output.
secured() {
	api "$1" "$2" "$3"
	authentication
	jwt https://one
}

# served: a1 with a Policy and a2 without one, both served.
served() {
	fresh
	secured a1 svc1 h1 >in/a1.yaml
	api a2 svc2 h2 >in/a2.yaml
	run 0 $once
	state >before
}

# unchanged [PATTERN]: since `before` no file below out has changed, of those whose path matches.
unchanged() {
	grep -- "${1:-.}" before >.before || return 1
	state | grep -- "${1:-.}" | diff .before -
}

# backend NAME TEXT: replaces the settings of a backend.
backend() {
	sed -i "s/^  $1: .*/  $1: $2/" apigwd.yaml
}

# What is gone goes, and nothing else.
check 'two Apis' served
rm in/a1.yaml
check 'one goes' run 0 $once
check 'and its outputs and its status' test "$(find out -name 'a1*' | wc -l)" -eq 0
check 'with the folder that is empty then' absent $policies
check 'the other is as it was' unchanged a2
check 'one line says so' same '1 Api: 1 served, 0 not served; 2 resources written' stdout
check 'nothing is wrong with that' test ! -s stderr

served
api a1 svc1 h1 >in/a1.yaml
check 'without authentication' run 0 $once
check 'the Policy goes' absent $policies/a1.yaml
check 'the route is as it was' unchanged $vs
check 'and is open' has_codes a1 2/2/-

served
sed 's/name: a1/name: a9/' in/a1.yaml >in/a9.yaml
rm in/a1.yaml
check 'an Api of another name' run 0 $once
check 'takes over' has_codes a9 2/2/2
check 'and nothing of the old name is left' test "$(find out -name 'a1*' | wc -l)" -eq 0

served
mv in/a1.yaml in/z.yaml
check 'an Api that has moved to another file' run 0 $once
check 'is the same' unchanged

# What is not ours.
served
sed '/labels:/,/apiName/d' $vs/a1.yaml >named-like-ours
rm in/a1.yaml $vs/a1.yaml
cp named-like-ours $vs/a1.yaml
foreign_route other t1 x.example.org >$vs/other.yaml
echo notes >$vs/README
echo notes >out/resources/notes.txt
mkdir -p out/resources/t1/configmaps. out/status/t9
echo 'kind: ConfigMap' >out/resources/t1/configmaps./x.yaml
echo notes >out/status/t9/notes.txt
find out -type f ! -path '*a1.yaml' ! -path '*/.tmp/*' -exec cksum {} + | sort >foreign
check 'an Api goes, with a route that has its name and no labels' run 0 $once
check 'which stays' diff named-like-ours $vs/a1.yaml
find out -type f ! -path '*a1.yaml' ! -path '*/.tmp/*' -exec cksum {} + | sort | diff foreign - >difference
check 'as does everything of others' test ! -s difference
check 'but for the Policy' absent $policies/a1.yaml
served
echo 'kind: Other' >out/status/t1/other.yaml
rm in/a1.yaml
$once >/dev/null 2>&1
check 'what stands in the place of a status of no Api stays too' same 'kind: Other' out/status/t1/other.yaml

served
sed -i 's/apiName: a1/apiName: a7/' $vs/a1.yaml
check 'a route that carries the name of an Api that is gone' run 0 $once
check 'goes, and the Api whose place that is has its own' holds $vs/a1.yaml 'apiName: a1'
api a7 svc7 h7 >in/a7.yaml
sed -i 's/apiName: a1/apiName: a7/' $vs/a1.yaml
check 'of one that is there, too' run 0 $once
check 'it goes' holds $vs/a1.yaml 'apiName: a1'
check 'and that Api has its own' holds $vs/a7.yaml 'apiName: a7'

# Input that is missing or empty.
served
mv in elsewhere
check 'without an input' run 1 $once
check 'nothing changes' unchanged
check 'and it is named' holds stderr "$work/in"
mkdir in
check 'with an empty one' run 1 $once
check 'nothing changes' unchanged
check 'and it is told how to mean that' holds stderr 'allowEmpty' "$work/in"
echo 'kind: ConfigMap' >in/other.yaml
check 'with one that holds other things' run 1 $once
check 'nothing changes' unchanged
rm -r in
mv elsewhere in
check 'and when it is back' run 0 $once
check 'nothing changes' unchanged
rm in/*
sed -i 's/output: out/&, allowEmpty: true/' apigwd.yaml
check 'with allowEmpty' run 0 $once
check 'all of it goes' test "$(find out -name 'a*.yaml' | wc -l)" -eq 0
check 'and nothing is told' test ! -s stderr
fresh
check 'an empty input is fine as long as nothing was made' run 0 $once
check 'and nothing is told' test ! -s stderr

# Files that cannot be read.
served
echo '  x: [' >>in/a1.yaml
check 'a broken file' run 1 $once
check 'is named' holds stderr in/a1.yaml:
check 'nothing of its Apis goes' unchanged a1
check 'nor of others' unchanged a2
rm in/a2.yaml
api a3 svc3 h3 >in/a3.yaml
check 'a broken file may hold any Api' run 1 $once
check 'so that of one that is gone nothing goes either' unchanged a2
check 'which is told' holds stderr 'outputs kept' "$work/in: a part of it cannot be read" '2 Apis that'
check 'while a new one is served' has_codes a3 2/2/-
secured a1 svc1 h1 >in/a1.yaml
check 'once it is mended' run 0 $once
check 'what is gone goes' test "$(find out -name 'a2*' | wc -l)" -eq 0
check 'and what is there stays' unchanged a1

served
sed -i 's/port: 80/port: 0/' in/a1.yaml
check 'an Api that is not valid any more' run 1 $once
check 'keeps its outputs' unchanged resources
check 'and says so' holds out/status/t1/a1.yaml 'older output kept: '

# Plugins that are missing.
served
backend istio-authn-policy '{plugin: nothere, required: false}'
rm in/a2.yaml
check 'a protection whose plugin is missing' run 1 $once
check 'stays, and so does its route' unchanged resources.*a1
check 'what is known to be gone goes' absent $vs/a2.yaml
rm in/a1.yaml
api a3 svc3 h3 >in/a3.yaml
check 'its Api goes' run 0 $once
check 'the route goes' absent $vs/a1.yaml
check 'the protection stays' unchanged $policies/a1.yaml
served
backend istio-virtualservice '{plugin: nothere, required: false}'
rm in/a1.yaml
check 'a route whose plugin is missing, of an Api that is gone' run 1 $once
check 'stays, and so does its protection' unchanged resources
served
backend istio-virtualservice '{plugin: nothere, required: false}'
api a1 svc1 h1 >in/a1.yaml
check 'or of one that wants no protection any more' run 1 $once
check 'stays' unchanged $vs
served
sed -i '/istio-authn-policy/d' apigwd.yaml
check 'a protection whose backend is not named any more' run 1 $once
check 'stays' unchanged $policies
check 'and so does its route' unchanged $vs
check 'and somebody is told' holds stderr 'outputs without a backend' policies.authentication.istio.io 'enabled: false'

# Backends that are disabled.
served
rm in/a1.yaml
secured a3 svc3 h3 >in/a3.yaml
run 0 $once
backend istio-virtualservice '{enabled: false}'
check 'a disabled backend' run 1 $once
check 'loses its outputs' absent $vs
check 'and the status of them' lacks out/status/t1/a2.yaml virtualService:
check 'the log says what is missing' holds stderr 'api=t1/a2 reason=NoRoute error="no enabled backend publishes it'
served
backend istio-virtualservice '{enabled: false}'
check 'of an Api that is protected' run 1 $once
check 'the route goes and the protection stays' test ! -e $vs/a1.yaml -a -e $policies/a1.yaml
check 'and the log says the same' holds stderr 'api=t1/a1 reason=NoRoute error="no enabled backend publishes it'
served
backend istio-virtualservice '{enabled: false, onDisable: keep}'
check 'with onDisable: keep' run 1 $once
check 'they stay' unchanged resources
rm in/a1.yaml
check 'of an Api that goes' run 1 $once
check 'they go too' test "$(find out/resources -name 'a1*' | wc -l)" -eq 0

served
backend istio-authn-policy '{enabled: false}'
check 'a disabled protection of a live route' run 1 $once
check 'stays' unchanged resources
check 'with 3' has_codes a1 2/3/3
api a1 svc1 h1 >in/a1.yaml
check 'until nobody asks for it' run 0 $once
check 'then it goes' absent $policies
check 'and the route stays' unchanged $vs
served
backend istio-authn-policy '{enabled: false}'
echo 'unprotected: accept' >>apigwd.yaml
check 'or who runs the gateway accepts that' run 0 $once
check 'then it goes too' absent $policies
check 'the route stays' unchanged $vs
check 'and authentication has 3' test "$(codes a1 | cut -d/ -f3)" = 3
check 'not secured' holds out/status/t1/a1.yaml 'type: Secured'
served
backend istio-authn-policy '{enabled: false, onDisable: keep}'
echo 'unprotected: accept' >>apigwd.yaml
check 'with onDisable: keep' run 0 $once
check 'it stays' unchanged resources
secured a3 svc3 h3 >in/a3.yaml
check 'a new Api is published without' run 0 $once
check 'as is accepted' test -e $vs/a3.yaml -a ! -e $policies/a3.yaml
served
backend istio-authn-policy '{enabled: false}'
secured a3 svc3 h3 >in/a3.yaml
check 'where that is refused, a new Api' run 1 $once
check 'is not published' has_codes a3 2/1/3

# A backend of another name that makes the same kind takes over.
served
sed -i 's/  istio-virtualservice: {}/  routes: {plugin: istio-virtualservice}/' apigwd.yaml
check 'a backend that has another name now' run 0 $once
check 'keeps its outputs' unchanged resources
check 'and is reported under that name' holds out/status/t1/a1.yaml 'name: routes'
for backend in istio-virtualservice istio-authn-policy; do
	served
	sed -i "s/  $backend: {}/  $backend: {enabled: false}\n  other: {plugin: $backend}/" apigwd.yaml
	check "what $backend made before it was disabled" run 0 $once
	check 'is not removed where another backend makes that kind' unchanged resources
	check 'and stays as it was' has_codes a1 2/2/2
done

# What is ours, and not wanted.
served
for folder in $vs $policies; do
	sed 's/^  name: a1/  name: a1-old/' $folder/a1.yaml >$folder/a1-old.yaml
done
check 'outputs of an Api under another name' run 0 $once
check 'go' test ! -e $vs/a1-old.yaml -a ! -e $policies/a1-old.yaml
check 'and those that are wanted stay' unchanged

served
sed 's/^  name: a1/  name: a1-old/' $vs/a1.yaml >$vs/a1-old.yaml
foreign_route a1 t1 h9.example.org >$vs/a1.yaml
check 'where the one that is wanted cannot be written' run 1 $once
check 'what serves instead stays' unchanged $policies/a1
check 'until it can' test -e $vs/a1-old.yaml

# A protection that was lost, and cannot be made again.
for lost in keep withdraw; do
	served
	echo "onProtectionLost: $lost" >>apigwd.yaml
	echo 'kind: rubbish' >$policies/a1.yaml
	check "with onProtectionLost: $lost, a Policy that is lost" run 1 $once
	if [ $lost = keep ]; then codes=2/3/3; else codes=2/1/3; fi
	check 'is told' has_codes a1 $codes
	check 'the other Api is as it was' unchanged a2
	if [ $lost = keep ]; then
		check 'the route stays' unchanged $vs/a1
	else
		check 'the route goes' absent $vs/a1.yaml
		check 'and says why' holds out/status/t1/a1.yaml 'waits for the protection: '
		cp out/status/t1/a1.yaml before
		check 'a second run' run 1 $once
		check 'says the same' cmp before out/status/t1/a1.yaml
	fi
	rm $policies/a1.yaml
	check 'when it can be made again' run 0 $once
	check 'all is as before' has_codes a1 2/2/2
	check 'both' test -e $vs/a1.yaml -a -e $policies/a1.yaml
done

verdict
finish
