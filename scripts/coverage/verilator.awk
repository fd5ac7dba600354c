# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What Verilated devices wrote (a file each, sim/device/verilated.cpp) as points of rtl/, a line each
# with tabs, summed over devices and instances:
#
#   FILE LINE KIND NAME COUNT     KIND: line, branch, toggle; NAME: if or else, and its column; signal[bit]
#
# A bit has toggled if one device has changed it twice, there and back. A line counts if one of the
# blocks that it is part of has run. Tables of constants are left out (tests/unit/test_tables.c).
#
#   awk -f scripts/coverage/verilator.awk FILE...

BEGIN {
  FS = "\001"
  OFS = "\t"
}

!/^C '/ || $2 !~ /^f\002rtl\// || $2 ~ /_table\.vh$/ { next }

{
  at["S"] = NF + 1 # an empty branch has no lines
  for (i = 2; i <= NF; i++) at[substr($i, 1, 1)] = i
  file = value("f")
  sub(/^.*' /, "", $NF)
  count = $NF
  page = substr($(at["p"]), 6)
  if (page ~ /^v_toggle/) {
    points[file OFS value("l") OFS "toggle" OFS value("o")] += count > 1 ? count : 0
  } else {
    if (page ~ /^v_branch/) points[file OFS value("l") OFS "branch" OFS value("o") ":" value("n")] += count
    n = split(value("S"), ranges, ",")
    for (i = 1; i <= n; i++) {
      last = split(ranges[i], ends, "-")
      for (line = ends[1]; line <= ends[last] + 0; line++) points[file OFS line OFS "line" OFS "-"] += count
    }
  }
}

END { for (p in points) print p, points[p] }

function value(key) { return substr($(at[key]), 3) }
