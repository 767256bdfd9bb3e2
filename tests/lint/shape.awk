# SPDX-License-Identifier: Apache-2.0
# Prints files of more than `file_limit` lines and functions of more than `function_limit`, braces included.
function end_file() {
    if (lines > file_limit)
        print name ":" lines ": the file has " lines " lines, the limit is " file_limit
}

FNR == 1 {
    end_file()
    name = FILENAME
    head = ""
    start = 0
}
{ lines = FNR }
/^[A-Za-z_].*\(/ { head = $0 }
/^\{/ { start = FNR }
/^\}/ && start {
    if (FNR - start + 1 > function_limit)
        print FILENAME ":" start ": " (FNR - start + 1) " lines, the limit is " function_limit ": " head
    start = 0
}
END { end_file() }
