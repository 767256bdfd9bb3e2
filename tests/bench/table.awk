# SPDX-License-Identifier: Apache-2.0
# Two tables from lines "LAYOUT RUN SIDE WALL USER SYSTEM MEMORY WRITTEN": what was measured, and the bars. Lines of
# both sides alternate, so that the n-th of one is the pair of the n-th of the other.
{
    what = $1 " " $2
    if (!(what in seen)) {
        seen[what] = 1
        order[++kinds] = what
    }
    n = ++count[what, $3]
    wall[what, $3, n] = $4
    cpu[what, $3, n] = $5 + $6
    if ($7 > memory[what, $3])
        memory[what, $3] = $7
    written[what, $3] = $8
}

# Median of list[1..n], which is sorted by this.
function median(list, n,    i, j, value) {
    for (i = 2; i <= n; i++) {
        value = list[i]
        for (j = i - 1; j > 0 && list[j] > value; j--)
            list[j + 1] = list[j]
        list[j + 1] = value
    }
    return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
}

# The median of one side; `least` and `most` are set to its ends.
function middle(values, what, side,    n, i, list, result) {
    n = count[what, side]
    for (i = 1; i <= n; i++)
        list[i] = values[what, side, i]
    result = median(list, n)
    least = list[1]
    most = list[n]
    return result
}

# The median of the pairs' ratios, "-" without a peer.
function ratio(values, what,    n, i, list) {
    n = count[what, "floor"]
    if (!n)
        return "-"
    for (i = 1; i <= n; i++)
        list[i] = values[what, "apigwd", i] / (values[what, "floor", i] > 0 ? values[what, "floor", i] : 0.001)
    return sprintf("%.2f", median(list, n))
}

function seconds(value) {
    return sprintf("%.3fs", value)
}

function row(what,    parts, time, floor) {
    split(what, parts, " ")
    time = middle(wall, what, "apigwd")
    walls[what] = time
    range = sprintf("%.3f-%.3f", least, most)
    floor = count[what, "floor"] ? seconds(middle(wall, what, "floor")) : "-"
    printf format, parts[1], parts[2], seconds(time), range, seconds(middle(cpu, what, "apigwd")),
        sprintf("%.1fMi", memory[what, "apigwd"] / 1024), written[what, "apigwd"], floor, ratio(wall, what),
        count[what, "floor"] ? seconds(middle(cpu, what, "floor")) : "-", ratio(cpu, what)
    if (memory[what, "apigwd"] > peak)
        peak = memory[what, "apigwd"]
}

function bar(name, value, limit, unit) {
    printf "%-34s %-10s %-10s %s\n", name, sprintf("%.2f%s", value, unit), limit unit, value <= limit ? "ok" : "over"
}

END {
    format = "%-11s %-7s %-8s %-16s %-8s %-8s %-8s %-8s %-7s %-10s %s\n"
    printf format, "LAYOUT", "RUN", "WALL", "RANGE", "CPU", "MEMORY", "WRITTEN", "FLOOR", "RATIO", "FLOOR-CPU",
        "CPU-RATIO"
    for (i = 1; i <= kinds; i++)
        row(order[i])
    print ""
    printf "%-34s %-10s %-10s %s\n", "BAR", "MEASURED", "ALLOWED", "VERDICT"
    for (i = 1; i <= kinds; i++) {
        if (order[i] ~ / first$/)
            bar("first run, " substr(order[i], 1, index(order[i], " ") - 1), walls[order[i]], 5, "s")
        if (order[i] ~ / second$/)
            bar("second run, " substr(order[i], 1, index(order[i], " ") - 1), walls[order[i]], 1, "s")
    }
    bar("memory of an Api and its outputs", stored > 0 ? bytes / stored / 1024 : 0, 1.5, "Ki")
    bar("peak memory of a run", peak / 1024, 48, "Mi")
}
