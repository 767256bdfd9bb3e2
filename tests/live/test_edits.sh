#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A thousand edits, one every few milliseconds: in the end every output is right, and none was written more often
# than its Api was edited. What is no edit writes nothing.
# SEED chooses the edits, EDITS their number.
set -u
. "$top_srcdir/tests/live/kit.sh"

seed=${SEED:-20181017}
edits=${EDITS:-1000}
patience=30

# count: starts to count writes.
count() {
	rm -f counting
	"$tools/count_writes" "$work/out" "$work/counting" "$work/written" &
	others=$!
	until [ -e counting ]; do sleep 0.02; done
}

# counted: ends that; the file `written` has the numbers.
counted() {
	kill "$others"
	wait "$others"
	others=
}

# too_often: outputs that were written more often than their Apis were edited, by `edited` and `written`.
too_often() {
	awk '
		NR == FNR { edits[$1 "/" $2] = $3; moves[$1 "/" $2] = $4; next }
		/^lost/ { print "the counter has lost events"; next }
		{
			sub(/^-/, "", $2)
			writes[$2] += $1
		}
		END {
			for (path in writes) {
				split(path, part, "/")
				name = part[part[1] == "status" ? 3 : 4]
				sub(/\.yaml$/, "", name)
				key = part[2] "/" name
				# Counted are removals, too; a move to another Service may take two writes.
				if (writes[path] > edits[key] + moves[key])
					print path ": written " writes[path] " times, its Api was edited " edits[key] + 0 " times"
			}
		}' edited written
}

judged
live
"$tools/storm" "$seed" 0 0 in >edited
begin
check 'the first Apis are served' soon right
count
"$tools/storm" "$seed" "$edits" 3 in >edited
check 'a thousand edits: every output is right' soon right
sleep 1.2
check 'and stays so' right
counted
check 'no output was written more often than its Api was edited' silent too_often
awk '{ sum += $1 } END { print "# " NR " files, " sum " writes" }' written
awk '{ sum += $3 } END { print "# " NR " Apis, " sum " edits" }' edited
check 'something was counted' test "$(wc -l <written)" -gt 10

count
for i in in/*.yaml; do touch "$i"; done
sleep 1.2
check 'a touch writes nothing' stays true
mkdir copy
cp in/*.yaml copy
for i in in/*.yaml; do cat "copy/${i#in/}" >"$i"; done
sleep 1.2
for i in in/*.yaml; do mv "copy/${i#in/}" "$i"; done
sleep 1.2
kill -HUP "$daemon"
sleep 1.2
counted
check 'nor does a rewrite with equal content, a rename, or a reload' test ! -s written
check 'it is ready' ready
check 'it ends well' end

begin
count
sleep 1.5
counted
check 'a start over what is right writes nothing' test ! -s written
check 'it ends well' end
verdict
finish
