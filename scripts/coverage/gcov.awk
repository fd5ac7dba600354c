# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What `gcov -t` prints as points (scripts/coverage/verilator.awk): the lines of sources of this project.
BEGIN { OFS = "\t" }
{
  split($0, field, ":")
  count = field[1]
  line = field[2] + 0
  gsub(/[ *]/, "", count)
  if (line == 0 && field[3] == "Source") file = field[4]
  else if (line > 0 && count != "-" && file !~ /^(\/|tests\/)/) points[file OFS line] += count == "#####" || count == "=====" ? 0 : count
}
END { for (p in points) print p, "line", "-", points[p] }
