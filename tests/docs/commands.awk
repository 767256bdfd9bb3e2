# SPDX-License-Identifier: Apache-2.0
# Makes a script of a block of "$ COMMAND" lines and what they print: DIR/script runs each command with its
# output in DIR/N.out; what the block shows goes to DIR/N.shown. A "\" at the end of a command continues it.
function end_command() { if (more) return; printf "\n} >'%s/%d.out' 2>&1 </dev/null\n", dir, number > script }

BEGIN { script = dir "/script"; printf "" > script }
more || /^\$ / {
    if (!more) {
        number++
        printf "" > (dir "/" number ".shown")
        printf "{\n" > script
    }
    line = more ? $0 : substr($0, 3)
    more = line ~ /\\$/
    print line > script
    end_command()
    next
}
{ print > (dir "/" number ".shown") }
END { print number }
