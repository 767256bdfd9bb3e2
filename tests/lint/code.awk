# SPDX-License-Identifier: Apache-2.0
# Prints "FILE:LINE:CODE" for each line of C with comments left out and strings emptied; #include lines keep
# what they include.
FNR == 1 { in_comment = 0 }

# The end of the literal that begins at `start`, or the end of the line.
function skip_literal(line, start, quote,    at) {
    for (at = start + 1; at <= length(line); at++) {
        if (substr(line, at, 1) == "\\")
            at++
        else if (substr(line, at, 1) == quote)
            break
    }
    return at
}

function strip(line,    out, at, two, one) {
    out = ""
    for (at = 1; at <= length(line); at++) {
        one = substr(line, at, 1)
        two = substr(line, at, 2)
        if (in_comment) {
            if (two == "*/") {
                in_comment = 0
                at++
            }
        } else if (two == "/*") {
            in_comment = 1
            at++
        } else if (two == "//") {
            break
        } else if (one == "\"" || one == "'") {
            out = out one one
            at = skip_literal(line, at, one)
        } else {
            out = out one
        }
    }
    return out
}

!in_comment && /^[ \t]*#[ \t]*include/ {
    print FILENAME ":" FNR ":" $0
    next
}
{ print FILENAME ":" FNR ":" strip($0) }
