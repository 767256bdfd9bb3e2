#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What somebody planted in the output: nothing is followed, nothing foreign is replaced, the rest is served.
set -u
. "$top_srcdir/tests/directory/hostile.sh"

here=$work/out

# fresh_out: an Api beside the good one, whose output is in the way; the output folder exists and is empty.
fresh_out() {
	world
	rm -f in/good.yaml
	api good svc-good good >in/good.yaml
	{ api a1 s h; authentication; jwt https://one; } >in/a1.yaml
	mkdir out
}

# unharmed TEXT...: the run fails, a line says why; what is not in the output has not changed.
unharmed() {
	outside >.before
	run 1 bounded || {
		cat stdout stderr
		return 1
	}
	outside >.after
	diff .before .after && plain stdout stderr && said "$@"
}

for folder in resources status resources/t1 status/t1; do
	fresh_out
	mkdir -p "$(dirname out/$folder)"
	ln -s "$work/elsewhere" out/$folder
	check "$folder is a link to elsewhere" unharmed "$here/$folder: a symbolic link, which is not followed here; move it away"
	check 'and still is' [ -L out/$folder ]
	fresh_out
	mkdir -p "$(dirname out/$folder)"
	echo mine >out/$folder
	check "$folder is a file" unharmed "$here/$folder: a file where a folder should be; move it away"
	check 'and still is' same mine out/$folder
done

# What stands in the output is not known then, so that nothing is decided.
fresh_out
ln -s "$work/elsewhere" out/resources
check 'without resources nothing is served' run 1 bounded
check 'which is told' said 'level=error' cluster=test "$here/resources: a symbolic link"
check 'and no status says anything else' absent out/status/t1

# Files at our place.
at=$vs/a1.yaml
fresh_out
mkdir -p $vs
ln -s "$work/elsewhere/victim" $at
check 'a link at the place of a file' survives 1 "$here/${at#out/}: a symbolic link, which is not followed here"
check 'is still one' [ -L $at ]
check 'and what it leads to is whole' same victim elsewhere/victim
check 'and the status says why' holds out/status/t1/a1.yaml 'code: 3' 'a symbolic link'
fresh_out
mkdir -p $vs
ln elsewhere/victim $at
check 'a hard link' survives 1 "$here/${at#out/}: holds a string instead of the virtualservices t1/a1; move it away"
check 'keeps what it holds' same victim elsewhere/victim
fresh_out
mkdir -p $at
check 'a folder at the place of a file' survives 1 "$here/${at#out/}: not a regular file"
check 'is still one' [ -d $at ]
fresh_out
mkdir -p $vs
mkfifo $at
check 'a FIFO at the place of a file' survives 1 "$here/${at#out/}: not a regular file"
check 'is still one' [ -p $at ]
fresh_out
mkdir -p $vs
ln -s /dev/full $at
check 'a device at the place of a file' survives 1 "$here/${at#out/}: a symbolic link"
fresh_out
mkdir -p $vs
ln -s a1.yaml $at
check 'a link to itself' survives 1 "$here/${at#out/}: a symbolic link"
fresh_out
mkdir -p $vs
head -c 2000000 /dev/zero | tr '\0' a >$at
check 'a file without end' survives 1 "$here/${at#out/}: 2000000 bytes, at most 1048576 are read"
fresh_out
mkdir -p $vs
many 40960 '[' >$at
check 'a file that nests without end' survives 1 "$here/${at#out/}:1:65: nested too deeply; at most 64 levels are read"
fresh_out
mkdir -p $vs
printf 'apiVersion: "v1\\e[31m\\u202e"\nkind: "a\\nlevel=error"\nmetadata: {name: "\\x9b", namespace: x}\n' >$at
cp $at .mine
check 'a file that speaks to a terminal' survives 1 "$here/${at#out/}: holds " 'instead of the virtualservices t1/a1; move it away'
check 'is kept' diff .mine $at
check 'and the status is text' plain out/status/t1/a1.yaml
fresh_out
mkdir -p out/status/t1
ln -s "$work/elsewhere/victim" out/status/t1/a1.yaml
check 'a link at the place of a status' survives 1 'msg="status not written"' api=t1/a1 \
	"$here/status/t1/a1.yaml: a symbolic link"
check 'is still one' [ -L out/status/t1/a1.yaml ]
check 'and the resources are there' test -e $vs/a1.yaml -a -e $policies/a1.yaml
fresh_out
mkdir -p out/status/t1/a1.yaml
check 'a folder at the place of a status' survives 1 'msg="status not written"' api=t1/a1 "$here/status/t1/a1.yaml: not a regular file"

# Ours to work in: it must not lead anywhere else, whatever it is called.
for kind in link file; do
	fresh_out
	[ $kind = file ] && echo mine >out/.tmp
	[ $kind = link ] && ln -s "$work/elsewhere" out/.tmp
	outside >.before
	run 1 bounded || run 0 bounded
	outside >.after
	check "a $kind called .tmp: nothing leaves the output" diff .before .after
	check 'and what it leads to is whole' same victim elsewhere/victim
	check 'and is as it was' [ "$(find elsewhere | wc -l)" -eq 2 ]
done

# What somebody else keeps there stays, whatever it is called.
fresh_out
mkdir -p out/resources/t1/others out/.git out/resources/other-namespace
for file in out/README out/.git/config out/resources/t1/others/a.yaml out/resources/other-namespace/a1.yaml out/.hidden; do
	echo mine >$file
done
check 'files of others' survives 0
for file in out/README out/.git/config out/resources/t1/others/a.yaml out/resources/other-namespace/a1.yaml out/.hidden; do
	check "$file is as it was" same mine $file
done

# Names that are files.
fresh_out
api "$(many 253 a)" s-long h-long >in/long.yaml
check 'a name of 253 characters' survives 0
check 'has files' [ "$(find out -name 'aaa*.yaml' | wc -l)" -eq 2 ]
check 'with names of 255' [ "$(find out -name 'aaa*.yaml' | sed 's|.*/||' | awk '{ print length }' | sort -u)" -eq 255 ]
finish
