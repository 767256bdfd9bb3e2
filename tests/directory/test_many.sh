#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once: many Apis, so that a second thread reads and renders a part of them ahead: in files of their own, in a
# file that is read ahead and in one that is too large for that, beside what cannot be read.
set -u
. "$top_srcdir/tests/directory/kit.sh"

once='apigwd --config apigwd.yaml --once'
judged

# many FROM TO [ISSUER]: Apis as documents; every second one has the issuer.
many() {
	many_at=$1
	while [ "$many_at" -le "$2" ]; do
		echo '---'
		api "a$many_at" "svc$many_at" "h$many_at"
		if [ $((many_at % 2)) -eq 0 ]; then
			authentication
			jwt "${3:-https://one}"
		fi
		many_at=$((many_at + 1))
	done
}

# split_up FROM TO: as many() into a file each.
split_up() {
	split_at=$1
	while [ "$split_at" -le "$2" ]; do
		many "$split_at" "$split_at" >"in/a$split_at.yaml"
		split_at=$((split_at + 1))
	done
}

# left NAME: how many of its files are there.
left() {
	find out -name "$1" | wc -l
}

fresh
split_up 1 50
many 51 90 >in/b-documents.yaml
many 91 280 "https://one/$(printf '%0200d' 0)" >in/c-large.yaml
check 'one file is too large to be read ahead' test "$(wc -c <in/c-large.yaml)" -gt 65536
check 'and one is not' test "$(wc -c <in/b-documents.yaml)" -lt 65536
check 'all are served' run 0 $once
check 'with half of them protected' same '280 Apis: 280 served, 0 not served; 420 resources written' stdout
check 'nothing is wrong with that' test ! -s stderr
state >before
check 'again' run 0 $once
check 'nothing is written' same '280 Apis: 280 served, 0 not served; 0 resources written' stdout
state >after
check 'not one file' diff before after

# What cannot be read stands between the others, in the input and in the output.
echo 'a: [' >in/a4.yaml
ln -sf nowhere in/a6.yaml
mkfifo in/a8-pipe.yaml
echo 'a: [' >out/resources/t1/virtualservices.networking.istio.io/a90.yaml
rm out/resources/t1/policies.authentication.istio.io/a100.yaml
rm in/a10.yaml
check 'some of it cannot be read' run 1 $once
check 'which is told' holds stderr 'in/a4.yaml:2:1 error="did not find expected node content' \
	'in/a6.yaml error="a symbolic link that leads nowhere' 'in/a8-pipe.yaml error="not a regular file' \
	'virtualservices.networking.istio.io/a90.yaml:2:1: did not find'
check 'once each' test "$(grep -c 'in/a[468]' stderr)" -eq 3
check 'what they held is kept' test "$(left a4.yaml)-$(left a6.yaml)-$(left a10.yaml)" = 3-3-3
check 'what was removed is back' test "$(left a100.yaml)" -eq 3
check 'the others are as they were' test "$(state | diff before - | grep -c '^>')" -le 5
rm in/a4.yaml in/a6.yaml in/a8-pipe.yaml
split_up 4 4
split_up 6 6
rm out/resources/t1/virtualservices.networking.istio.io/a90.yaml
check 'mended' run 0 $once
check 'all are served but the one that is gone' holds stdout '279 Apis: 279 served, 0 not served; '
check 'which is' test "$(left a10.yaml)" -eq 0

# All of them change at once, and protections have to cover what live routes lead to.
sed -i 's/name: svc/name: other-svc/; s|https://one|https://two|' in/*.yaml
check 'other Services and issuers' run 0 $once
check 'everything is written' holds stdout '279 Apis: 279 served, 0 not served; '
check 'the routes lead there' test "$(grep -rhc 'host: other-svc' out/resources/t1/virtualservices.networking.istio.io |
	grep -c '^1')" -eq 279
check 'behind protections' test "$(grep -rlE 'name: other-svc' out/resources/t1/policies.authentication.istio.io |
	wc -l)" -eq 139
check 'and again' run 0 $once
check 'nothing is left to do' holds stdout '; 0 resources written'

rm in/*.yaml
mkdir in/empty
sed -i 's/directory: {/directory: {allowEmpty: true, /' apigwd.yaml
check 'all go' run 0 $once
check 'and nothing is left' test "$(find out -name '*.yaml' | wc -l)" -eq 0
verdict
finish
