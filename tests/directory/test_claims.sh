#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd --once: who has a hostname or a Service, against Apis and against what others made, from run to run.
set -u
. "$top_srcdir/tests/directory/kit.sh"

vs=out/resources/t1/virtualservices.networking.istio.io
policies=out/resources/t1/policies.authentication.istio.io
once='apigwd --config apigwd.yaml --once'
judged

# aged NAME SERVICE HOSTNAME YEAR: an Api that was created in this year, on standard output.
aged() {
	api "$1" "$2" "$3" | sed "s/^  namespace: t1/&\n  creationTimestamp: \"$4-01-01T00:00:00Z\"/"
}

# secured NAME SERVICE HOSTNAME: an Api with one issuer, on standard output.
secured() {
	api "$1" "$2" "$3"
	authentication
	jwt https://one
}

# in_namespace NAMESPACE: puts the Api on standard input there.
in_namespace() {
	sed "s/^  namespace: t1/  namespace: $1/"
}

# condition NAME TYPE: the lines of one condition.
condition() {
	awk -v type="$2" '/^  - type: / { on = $3 == type } /^  [a-z]/ { on = 0 } on' "out/status/t1/$1.yaml"
}

# condition_is NAME TYPE TEXT...: the condition holds the texts.
condition_is() {
	condition "$1" "$2" >"$work/.condition"
	shift 2
	holds "$work/.condition" "$@"
}

# Hostnames: over all namespaces.
fresh
aged a1 svc1 h1 2021 >in/a.yaml
aged b1 svc1 h1 2020 | in_namespace t2 >in/b.yaml
check 'two new Apis want one hostname' run 1 $once
check 'the older one gets it' test -e out/resources/t2/virtualservices.networking.istio.io/b1.yaml -a ! -e $vs/a1.yaml
check 'the other has 4' has_codes a1 2/4/-
check 'and the name of the holder' holds out/status/t1/a1.yaml 'the hostname h1.kyma.local is already in use by Api \"t2/b1\"'
check 'its conditions say so' condition_is a1 Accepted 'status: "False"' 'reason: HostnameInUse'
check 'so that it is not ready' condition_is a1 Ready 'status: "False"' 'reason: HostnameInUse'
check 'and the log' holds stderr 'api=t1/a1 reason=HostnameInUse'
check 'one Api is not served' same '2 Apis: 1 served, 1 not served; 1 resource written' stdout
state >before
check 'a second run says the same' run 1 $once
state >after
check 'and writes nothing' diff before after
rm out/status/t1/a1.yaml out/status/t2/b1.yaml
aged a1 svc1 h1 2019 >in/a.yaml
check 'without statuses, and with an older loser, the holder is the same' run 1 $once
check 'still' has_codes a1 2/4/-

fresh
api a1 svc1 h1 | in_namespace t2 >in/a.yaml
api z1 svc1 h1 >in/z.yaml
check 'without an age' run 1 $once
check 'the first by namespace and name gets it' has_codes z1 2/2/-

fresh
api a1 svc1 h1 >in/a.yaml
aged a2 svc2 h1 2022 >in/b.yaml
check 'an Api without an age' run 1 $once
check 'comes after all that have one' has_codes a1 2/4/-

# A loser reserves nothing.
fresh
aged a1 svc1 h1 2020 >in/a1.yaml
aged a2 svc1 h2 2021 >in/a2.yaml
aged a3 svc3 h2 2022 >in/a3.yaml
check 'an Api that lost its Service' run 1 $once
check 'has 5' has_codes a2 5/0/-
check 'and its hostname is free for a younger one' has_codes a3 2/2/-
fresh
aged a1 svc1 h1 2020 | sed 's/port: 80/port: 0/' >in/a1.yaml
aged a2 svc1 h1 2021 >in/a2.yaml
check 'an Api that is not valid' run 1 $once
check 'has 3' has_codes a1 3/0/-
check 'and reserves nothing' has_codes a2 2/2/-

# Whoever waits is served when the holder goes, one after the other.
fresh
for i in 1 2 3; do
	aged a$i svc1 h$i 202$i >in/a$i.yaml
done
check 'three Apis want one Service' run 1 $once
check 'the second has 5' has_codes a2 5/0/-
check 'the third too' has_codes a3 5/0/-
rm in/a1.yaml
check 'the first goes' run 1 $once
check 'the second is served' has_codes a2 2/2/-
check 'the third waits for it' holds out/status/t1/a3.yaml 'Service \"svc1\" is already published by Api \"t1/a2\"'
rm in/a2.yaml
check 'the second goes' run 0 $once
check 'the third is served' has_codes a3 2/2/-
check 'and nothing of the others is left' test "$(find out -name 'a[12].yaml' | wc -l)" -eq 0

fresh
secured a1 svc1 h1 >in/a1.yaml
check 'a holder with a Policy' run 0 $once
secured a2 svc1 h2 >in/a2.yaml
secured a1 svc9 h1 >in/a1.yaml
check 'moves away, and whoever wants its Service is served in the same run' run 0 $once
check 'with a Policy of its own' holds $policies/a2.yaml 'name: svc1'
check 'and that of the first has moved' lacks $policies/a1.yaml svc1
secured a3 svc3 h1 >in/a3.yaml
secured a1 svc9 h9 >in/a1.yaml
check 'the same with its hostname' run 0 $once
check 'which leads elsewhere now' holds $vs/a3.yaml h1.kyma.local svc3.t1

# Who holds keeps.
fresh
secured a1 svc1 h1 >in/a1.yaml
secured a2 svc2 h2 >in/a2.yaml
check 'two holders' run 0 $once
state | grep resources >before
secured a1 svc1 h2 >in/a1.yaml
secured a2 svc2 h1 >in/a2.yaml
check 'that want the hostnames of each other' run 1 $once
state | grep resources >after
check 'both keep what they have' diff before after
check 'with 4' has_codes a1 2/4/3
check 'both' has_codes a2 2/4/3
secured a2 svc2 h3 >in/a2.yaml
check 'until one makes way' run 0 $once
check 'for the other' holds $vs/a1.yaml h2.kyma.local
fresh
aged a1 svc1 h1 2022 >in/a1.yaml
check 'a young holder' run 0 $once
state >before
aged a0 svc1 h1 2001 >in/a0.yaml
check 'and an old Api that comes later' run 1 $once
check 'has 5' has_codes a0 5/0/-
state | grep -v a0 >after
check 'and changes nothing' diff before after

# An edit by hand is no claim.
fresh
api a1 svc1 h1 >in/a1.yaml
check 'an output' run 0 $once
sed -i 's/h1\.kyma/h2.kyma/; s/svc1/svc2/' $vs/a1.yaml
api a2 svc2 h2 >in/a2.yaml
check 'that somebody gave another hostname and Service' run 0 $once
check 'is put back' holds $vs/a1.yaml h1.kyma.local svc1.t1
check 'and keeps nobody from them' has_codes a2 2/2/-

# A Service is held until nothing that was made for it stands, a Policy neither.
fresh
secured a1 svc1 h1 >in/a1.yaml
check 'a protected Service' run 0 $once
sed -i 's/istio-authn-policy: {}/istio-authn-policy: {enabled: false, onDisable: keep}/' apigwd.yaml
echo 'unprotected: accept' >>apigwd.yaml
secured a1 svc3 h1 >in/a1.yaml
check 'whose route moves away, while its Policy is kept' run 0 $once
api a2 svc1 h2 >in/a2.yaml
check 'is not free' run 1 $once
check 'for another Api' has_codes a2 5/0/-
check 'which is told of the Api' holds out/status/t1/a2.yaml 'Service \"svc1\" is already published by Api \"t1/a1\"'
rm $policies/a1.yaml
check 'until that is gone' run 0 $once
check 'then it is' has_codes a2 2/2/-

# A foreign Policy stands in the way of a move, not of what stands.
fresh
secured a1 svc1 h1 >in/a1.yaml
check 'a protected route' run 0 $once
state | grep resources >before
printf 'apiVersion: authentication.istio.io/v1alpha1\nkind: Policy\nmetadata: {name: other, namespace: t1}\nspec: {targets: [{name: svc9}]}\n' >in/policy.yaml
secured a1 svc9 h1 >in/a1.yaml
check 'that is to lead where somebody else protects' run 1 $once
state | grep resources >after
check 'stays where it is, with its protection' diff before after
check 'and the other is named' holds out/status/t1/a1.yaml 't1/other'
check 'with 3' has_codes a1 2/3/3

# What others made.
for where in in $vs; do
	fresh
	mkdir -p $where
	foreign_route theirs t1 h1.kyma.local >$where/theirs.yaml
	secured a1 svc1 h1 >in/a.yaml
	check "a foreign VirtualService in $where holds its host" run 1 $once
	check 'with 4 for the Api' has_codes a1 2/4/0
	check 'that names it' holds out/status/t1/a1.yaml 'already in use by VirtualService \"t1/theirs\"'
	check 'and makes nothing, no Policy either' test ! -e $vs/a1.yaml -a ! -e $policies/a1.yaml
	rm $where/theirs.yaml
	check 'when it goes the Api is served' run 0 $once
	check 'as it asks' has_codes a1 2/2/2
	foreign_route theirs t1 h1.kyma.local >$where/theirs.yaml
	state | grep resources/.*/a1 >before
	check 'one that comes later takes nothing away' run 0 $once
	state | grep resources/.*/a1 >after
	check 'nothing at all' diff before after
	check 'the Api stays at 2' has_codes a1 2/2/2
	check 'and its status names the other' holds out/status/t1/a1.yaml 'VirtualService \"t1/theirs\", which apigwd did not make, has the hostname h1.kyma.local too'
done
fresh
foreign_route theirs t1 H1.Kyma.Local >in/theirs.yaml
api a1 svc1 h1 >in/a.yaml
check 'upper case is the same host' run 1 $once
check 'with 4' has_codes a1 2/4/-
fresh
foreign_route theirs t1 '*' >in/theirs.yaml
foreign_route more t1 '*.kyma.local' >in/more.yaml
api a1 svc1 h1 >in/a.yaml
check 'wildcards hold nothing' run 0 $once
fresh
cat >in/theirs.yaml <<'ROUTE'
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: a1
  namespace: t1
  labels: {createdBy: apigwd, apiNamespace: t1, apiName: a1}
spec:
  hosts: [h1.kyma.local]
ROUTE
api a1 svc1 h1 >in/a.yaml
check 'in the input nothing is ours' run 1 $once
check 'so it holds its host' has_codes a1 2/4/-

# Several outputs with one claim, left by somebody: the oldest Api holds, the others keep theirs.
fresh
aged a1 svc1 h1 2022 >in/a1.yaml
check 'an output' run 0 $once
sed 's/a1$/a2/' $vs/a1.yaml >a2
mv a2 $vs/a2.yaml
aged a2 svc1 h1 2021 >in/a2.yaml
state | grep resources >before
check 'and another with the same host and Service' run 1 $once
check 'the older Api holds both' has_codes a2 2/2/-
check 'the younger one does not' test "$(codes a1 | cut -c1)" = 5
check 'but keeps what it has' holds out/status/t1/a1.yaml 'older output kept: '
state | grep resources >after
check 'indeed' diff before after

verdict
finish
