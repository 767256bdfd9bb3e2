# SPDX-License-Identifier: Apache-2.0
# Prints declarations of headers without a doc comment (/** ... */ right before, or /**< after it on the line).
# A declaration starts at column 0; with -v members=1 also members and enumerators, by their indent of four.
function complain() {
    print FILENAME ":" FNR ": no doc comment: " $0
}

# What a function is called, "" if the line declares none.
function function_name(line) {
    return match(line, /[a-z_0-9]+\(/) ? substr(line, RSTART, RLENGTH - 1) : ""
}

FNR == 1 { documented = 0; in_comment = 0; continued = 0; in_body = 0 }

in_body {
    if (/^}/)
        in_body = 0
    next
}
/^{/ { in_body = 1; next }

in_comment {
    if (/\*\//) {
        in_comment = 0
        documented = doc
    }
    next
}
/^[ \t]*\/\*/ {
    doc = /^[ \t]*\/\*\*/
    if (/\*\//)
        documented = doc
    else
        in_comment = 1
    next
}
/^[ \t]*$/ { documented = 0; next }
/^[ \t]*#[ \t]*define/ {
    # An include guard and a macro without a value say nothing; a group of macros has one comment.
    if (NF > 2 && !documented)
        complain()
    continued = /\\$/
    next
}
continued && /\\$/ { next }
/^#/ { next }
/^extern "C"/ || /^struct [a-z_]+;$/ { documented = 0; next }
/^[a-zA-Z_]/ {
    # The body of an inline function follows the prototype that has the comment.
    if (documented)
        known[function_name($0)] = 1
    else if (!known[function_name($0)] || function_name($0) == "")
        complain()
    documented = 0
    next
}
members && /^    [a-zA-Z_]/ {
    if (!documented && !continued && !/\/\*\*</)
        complain()
    continued = !/[;,{](  *\/\*.*)?$/ && !/\/\*\*</
    documented = 0
    next
}
/^}/ { documented = 0 }
