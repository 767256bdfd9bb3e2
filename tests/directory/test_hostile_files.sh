#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What stands in the input and is no file, or is one twice, or leads somewhere else.
set -u
. "$top_srcdir/tests/directory/hostile.sh"

refused='level=error msg="input refused"'
until='; nothing of it is used until it is mended"'
at="at=$work/in/hostile.yaml"
passed="error=\"not a regular file$until"

# What stands where a file stood may have taken its place.
world
mkfifo $h
hostile 'a FIFO' 1 "$refused" "$at " "$passed"
for device in zero full random tty; do
	ln -s /dev/$device $h
	hostile "the device $device" 1 "$refused" "$at " "$passed"
done
if mknod $h c 1 5 2>/dev/null; then
	hostile 'a device of our own' 1 "$refused" "$at " "$passed"
else
	skip 'a device of our own' 'not permitted'
fi
mkdir $h
api a1 s h >$h/a.yaml
hostile 'a folder with the name of a file is a folder' 0
for file in /proc/self/mem /proc/self/cmdline /proc/version; do
	[ -e $file ] || continue
	ln -s $file $h
	hostile "$file" 1 "$refused" "$at" "$until"
done

ln -s . in/self
ln -s ../in in/parent
hostile 'links that lead in a circle' 0
bounded >stdout 2>stderr
ln -s ../out/resources $h
hostile 'a link to the resources' 0 'msg="input doubtful"' "$at " \
	'error="a symbolic link that leads into the output folder; passed over"'
bounded >stdout 2>stderr
ln -s ../out/status/t1/good.yaml $h
hostile 'a link to a status' 0 'msg="input doubtful"' "$at " \
	'error="a symbolic link that leads into the output folder; passed over"'
ln -s hostile.yaml $h
hostile 'a link to itself' 1 "$refused" "$at " \
	"error=\"a symbolic link that leads nowhere (Too many levels of symbolic links)$until"
ln -s hostile-b.yaml in/hostile-a.yaml
ln -s hostile-a.yaml in/hostile-b.yaml
hostile 'links to each other' 1 "$refused" "at=$work/in/hostile-b.yaml" 'a symbolic link that leads nowhere'
ln -s nowhere.yaml $h
hostile 'a link to nowhere' 1 "$refused" "$at " \
	"error=\"a symbolic link that leads nowhere (No such file or directory)$until"
deep=in
for i in 1 2 3 4 5 6 7 8; do deep=$deep/a/b/c/d/e/f/g/h; done
mkdir -p $deep/i
api a1 s h >$deep/a.yaml
api a2 s h2 >$deep/i/a.yaml
hostile 'folders in folders' 1 "$refused" "at=$work/$deep/i " "error=\"a folder 65 levels deep; at most 64 are read$until"
api a1 s h >$h
chmod 0 $h
# Root may read it, but for this.
[ "$(id -u)" -ne 0 ] || without='setpriv --bounding-set -dac_override,-dac_read_search'
hostile 'a file that we may not read' 1 "$refused" "$at " "error=\"Permission denied$until"
without=

api good s h >$h
hostile 'two files for one Api' 1 "$refused" "$at:4:3" path=metadata.name \
	"error=\"the Api t1/good stands already in $work/in/good.yaml, which counts; remove one of the two\""
{ api good s h; echo ---; api a1 s h; } >$h
hostile 'of which the rest counts' 1 "$refused" "$at:4:3" path=metadata.name
ln -s good.yaml $h
hostile 'a link to it' 1 "$refused" "$at:4:3" "stands already in $work/in/good.yaml"

# Names of files.
for odd in "$(printf 'a\033[31m')" "$(printf 'a\nlevel=error msg=x')" "$(printf 'a\342\200\256')" "$(printf 'a\302\233')" \
	"$(printf 'a\377')" '$(touch evil)' '; touch evil #' ' -rf' '%n%s' "$(many 242 a)"; do
	echo 'kind: A' >"in/hostile-$odd.yaml"
	hostile "a file called $(printf '%.30s' "$odd" | tr -cd ' -~' | tr '#' -)" 1 "$refused" "at=" "$work/in/hostile-" \
		'.yaml:1:1' path=apiVersion
done

check 'all of it at once' survives_all "$refused"

# The output may lie in the input, and is not read.
world
mkdir out
rm -rf in/out
sed -i 's|output: out|output: in/out|' apigwd.yaml
mv out in/out
ln -s in/out out
output=in/out
check 'an output in the input' survives 0
output=
find in/out/ -type f -exec cksum {} + >before
check 'a second time' run 0 bounded
find in/out/ -type f -exec cksum {} + >after
check 'writes nothing and reads nothing of it' diff before after
check 'and told nothing' test ! -s stderr
check 'one Api is one Api' same '1 Api: 1 served, 0 not served; 0 resources written' stdout
rm out
mkdir out
for relation in 'output: .' 'output: in' 'output: in/../in/' 'input: in/deeper, output: in'; do
	sed -i "s|{input: in.*}|{input: in, output: in/out}|; s|input: in, output: in/out|input: in, $relation|" apigwd.yaml
	sed -i 's|input: in, input|input|' apigwd.yaml
	outside >.before
	check "the output must not be or hold the input: $relation" run 2 bounded
	outside >.after
	check 'which is told' said 'apigwd.yaml:7:' 'error: clusters[0].directory.output' 'an output must be a folder of its own'
	check 'and nothing is written' diff .before .after
done
finish
