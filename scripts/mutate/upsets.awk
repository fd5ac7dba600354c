# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The table of upsets, a line a structure, of what scripts/mutate/upset_one wrote. Exit status 1: a token
# was wrong and nobody said so. Behind scripts/mutate/structures.awk.

BEGIN {
  FS = "\t"
}

{
  s = structure($2)
  seen[s, $1]++; seen["all", $1]++
  if ($1 != "none") { turned[s]++; turned["all"]++ }
  if ($1 == "silent" || $1 == "hang") printf "%s: %s, %s\n", $1, $2, $4
}

# Of those that happened how many changed nothing that anyone reads; how many at most are silent, to 95 %, if
# none of so many was (0.05 ^ (1 / n), the rule of three).
function row(s, name) {
  printf "%-26s %7d %9d %9d %9d %9d %7d %6d %7d %9s %9s\n", name, turned[s], seen[s, "harmless"], seen[s, "word"], seen[s, "counter"], \
      seen[s, "device"], seen[s, "host"], seen[s, "hang"], seen[s, "silent"], \
      turned[s] ? sprintf("%.1f %%", 100 * seen[s, "harmless"] / turned[s]) : "-", \
      turned[s] && !seen[s, "silent"] ? sprintf("< %.2f %%", 100 * (1 - exp(log(0.05) / turned[s]))) : "-"
}

END {
  printf "%-26s %7s %9s %9s %9s %9s %7s %6s %7s %9s %9s\n", "structure", "upsets", "harmless", "lockstep", "counters", "device", "host", "hang", "silent", "harmless", "silent"
  for (s = 1; s <= structures; s++) row(s, names[s])
  row("all", "all")
  printf "%d more came too late to happen\n", seen["all", "none"]
  exit seen["all", "silent"] > 0
}
