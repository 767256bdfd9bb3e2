# SPDX-License-Identifier: Apache-2.0
# Exits 0 if the lines of the first file stand, as they are and one after the other, in the second.
NR == FNR { want[++count] = $0; next }
{ have[++lines] = $0 }
END {
    for (start = 1; start + count - 1 <= lines; start++) {
        for (i = 1; i <= count && have[start + i - 1] == want[i]; i++)
            ;
        if (i > count)
            exit 0
    }
    exit 1
}
