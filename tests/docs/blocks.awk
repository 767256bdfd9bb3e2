# SPDX-License-Identifier: Apache-2.0
# Cuts the examples out of a Markdown file or a man page (-v man=1), each to the file DIR/NUMBER, and prints
# "NUMBER LINE INFO" for each. In Markdown every fenced block is one, INFO is what follows the fence. In a man
# page it is a literal display whose line before is the comment:  .\" example: INFO
function begin(text) {
    number++
    file = dir "/" number
    printf "" > file
    print number, NR, text
}

function unescape(text) {
    gsub(/\\\(aq/, "'", text)
    gsub(/\\-/, "-", text)
    gsub(/\\&/, "", text)
    gsub(/\\e/, "\\", text)
    return text
}

man && /^\.\\" example: / { info = substr($0, 13); next }
man && /^\.Bd / && info != "" { begin(info); inside = 1; info = ""; next }
man && /^\.Ed/ { inside = 0; next }
man { if (inside) print unescape($0) > file; next }

!inside && match($0, /^ *```+/) {
    indent = match($0, /`/) - 1
    match($0, /```+/)
    fence = substr($0, RSTART, RLENGTH)
    begin(substr($0, RSTART + RLENGTH))
    inside = NR
    next
}
inside {
    line = $0
    for (i = 0; i < indent && substr(line, 1, 1) == " "; i++)
        line = substr(line, 2)
    if (substr(line, 1, length(fence)) == fence && line ~ /^`+ *$/)
        inside = 0
    else
        print line > file
}
END { if (inside && !man) print 0, inside, "unclosed" }
