#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apigwd follows its input and keeps its output right while both change under its hands.
set -u
. "$top_srcdir/tests/live/kit.sh"

# inodes NAME: the files of an Api's resources, which are others after each write.
inodes() {
	find out/resources -name "$1.yaml" -printf '%p %i %T@\n' | sort
}

# untouched NAME: no resource of it was written since inodes were noted in the file `before`.
untouched() {
	inodes "$1" | diff before -
}

# remove FOLDER: while it is filled again.
remove() {
	rm -rf "$1" 2>/dev/null || rm -rf "$1" 2>/dev/null
}

judged
live
rmdir in
launch
check 'without an input it is not ready, and says why' soon unready 'input'
mkdir in
{ api a1 s1 h1; authentication; jwt https://one; } >in/a1.yaml
check 'an input that comes later is served' soon served h1 a1
check 'and it is ready' soon ready

api a2 s2 h2 >in/a2.yaml
check 'a file that is made' soon served h2 a2
api a2 s2 h20 >in/a2.yaml
check 'written in place' soon served h20 a2
api a2 s2 h21 | put in/a2.yaml
check 'replaced by a rename' soon served h21 a2
inodes a2 >before
mv in/a2.yaml in/z2.yaml
check 'a file that moves changes nothing' stays untouched a2
mkdir -p in/team/deep
mv in/z2.yaml in/team/deep/
check 'nor if it moves into a new folder' stays untouched a2
mv in/team in/group
check 'nor if its folder moves' stays untouched a2
api a2 s2 h21 >in/other.yaml
sleep 0.3
rm -r in/group
check 'nor if another file has the Api as well, and one goes' stays untouched a2
{ cat in/a1.yaml; echo ---; api a2 s2 h21; } | put in/a1.yaml
rm in/other.yaml
check 'nor if it moves into the file of another' stays untouched a2
{ api a1 s1 h1; authentication; jwt https://one; } | put in/a1.yaml
check 'an Api that is taken out of a file goes' soon gone a2
check 'the others do not' served h1 a1

mkdir -p in/tree/below
api t1 st1 ht1 >in/tree/t1.yaml
api t2 st2 ht2 >in/tree/below/t2.yaml
check 'a tree of files' soon served ht2 t2
rm -r in/tree
check 'that goes' soon gone t2
check 'goes whole' soon gone t1
mkdir -p in/tree/below
api t2 st2 ht2 >in/tree/below/t2.yaml
check 'and comes back' soon served ht2 t2

# As kubelet mounts a ConfigMap: the files are links through `..data`, which is swapped.
mkdir in/map in/map/..one in/map/..two
api m1 sm1 hm1 >in/map/..one/m1.yaml
api m1 sm1 hm2 >in/map/..two/m1.yaml
ln -s ..one in/map/..data
ln -s ..data/m1.yaml in/map/m1.yaml
check 'a mounted ConfigMap' soon served hm1 m1
ln -s ..two in/map/..next
mv -T in/map/..next in/map/..data
check 'that changes' soon served hm2 m1
rm -r in/map/..one
check 'and whose old content goes' stays served hm2 m1

inodes a1 >before
api a1 s1 h9 >whole
{ head -n 5 whole; printf '  spec: {"'; } >in/a1.yaml
check 'a file that is half written keeps what it held' stays untouched a1
check 'and the log says which, and where' grep -qE 'level=error.*in/a1.yaml' log
cp whole in/a1.yaml
check 'until it is whole' soon served h9 a1
printf '\tbroken' >in/a1.yaml
sleep 0.3
api late slate hlate >in/late.yaml
check 'beside a broken file others are served' soon served hlate late
rm in/late.yaml
check 'and do not go, as they might have moved into it' stays served hlate late
check 'whose Apis stay' served h9 a1
rm in/a1.yaml
check 'until the file goes' soon gone a1
check 'and then both' soon gone late
{ api a1 s1 h1; authentication; jwt https://one; } >in/a1.yaml
check 'repaired' soon served h1 a1

files >before
rm -rf in
check 'an input that goes is told' soon unready 'in'
files | diff before - >difference
check 'and nothing is removed' test ! -s difference
mkdir in
check 'nor is it if it comes back empty' stays served h1 a1
{ api a1 s1 h1; authentication; jwt https://one; } >in/a1.yaml
check 'with an Api in it, it is ready' soon ready
check 'what is not there any more goes' soon gone m1
check 'the rest stays' served h1 a1

files >before
echo '# mine' >>$vs/a1.yaml
cat $vs/a1.yaml >edited
sed -i 's/h1.kyma.local/evil.kyma.local/' $vs/a1.yaml
check 'an output that is edited is put right' soon served h1 a1
sed -i '/origins:/,$d' $policies/a1.yaml
check 'so is a protection' soon holds $policies/a1.yaml https://one
rm $vs/a1.yaml
check 'one that is removed is back' soon served h1 a1
rm $policies/a1.yaml
check 'so is a protection that is removed' soon holds $policies/a1.yaml https://one
mv $vs/a1.yaml moved.yaml
check 'one that is moved away' soon served h1 a1
# It has nothing of ours any more.
printf '' >$vs/a1.yaml
check 'one that is emptied is in the way' soon holds out/status/t1/a1.yaml 'code: 3' "$vs/a1.yaml"
rm $vs/a1.yaml
check 'until it is removed' soon served h1 a1
remove out/resources
check 'all resources are removed: the route is back' soon served h1 a1
check 'and its protection' soon holds $policies/a1.yaml https://one
remove out/resources/t1/policies.authentication.istio.io
check 'one folder of them' soon holds $policies/a1.yaml https://one
remove out/resources/t1
check 'one namespace' soon served h1 a1
rm out/status/t1/a1.yaml
check 'a status that is removed is back' soon served h1 a1
sed -i '/code: 2/d' out/status/t1/a1.yaml
check 'one that is edited is put right' soon served h1 a1
# At once: a file that is empty for a moment would be told as that.
echo nonsense >nonsense && mv nonsense out/status/t1/a1.yaml
check 'one that is no status any more is told' soon grep -q 'status not written.*holds a string' log
rm out/status/t1/a1.yaml
check 'until it is removed' soon served h1 a1
: >log
remove out/status
check 'all statuses are removed: they are back' soon served h1 a1
check 'at once, without a failure on the way' lacks log 'status not written'
mkdir -p out/status/t9
sed -e 's/name: a1/name: nobody/' -e 's/namespace: t1/namespace: t9/' out/status/t1/a1.yaml >out/status/t9/nobody.yaml
check 'a status of nobody goes' soon absent out/status/t9/nobody.yaml
printf 'kind: Other\n' >$vs/mine.yaml
check 'a file that is not ours stays' stays exists $vs/mine.yaml
rm $vs/mine.yaml
check 'all is as a run from nothing has it' soon right
check 'and ready' ready
remove out
check 'the whole output is removed: it is back' soon served h1 a1
check 'as it was' soon right
remove out/resources
check 'and kept right as before' soon served h1 a1

check 'it ends well' end
verdict
finish
