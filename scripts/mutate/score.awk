# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The score of each folder, what is alive, and entries of the explanations that explain nothing.
#
#   awk -f score.awk explained list results
#
# An explanation has three lines, with an empty line behind: "FILE: WAS -> NEW", the line of the
# source without its indent, why no test can see it.

BEGIN { FS = "\t" }
FILENAME == ARGV[1] {
  if ($0 ~ /^#/) next
  if ($0 == "") { part = 0; next }
  if (++part == 1) head = $0
  if (part == 2) { entry = head "\n" $0; why[entry] = ""; order[++entries] = entry; of[entry] = head; sub(/: .*/, "", of[entry]) }
  if (part > 2) why[entry] = why[entry] $0
  next
}
FILENAME == ARGV[2] { there[$2 ": " $6 " -> " $7 "\n" $8] = 1; looked_at[$2] = 1; next }
{
  file = $3
  sub(/:.*/, "", file)
  folder = file
  sub(/\/[^\/]*$/, "", folder)
  if (!(folder in all)) folders[++count] = folder
  all[folder]++
  id = file ": " $4 " -> " $5 "\n" $6
  if ($1 == "alive" && id in why) { excused[folder]++; used[id] = 1; next }
  if ($1 == "killed") { killed[folder]++; by[$2]++ }
  else if ($1 == "alive") { alive[folder]++; survivors = survivors "alive: " $3 ": " $4 " -> " $5 "\n    " $6 "\n" }
  else dropped[folder]++
}
END {
  printf "%s", survivors
  for (i = 1; i <= entries; i++) {
    entry = order[i]
    if (looked_at[of[entry]] && !(entry in there)) { stale++; print "no such mutant any more: " entry }
    if (why[entry] == "") { stale++; print "not explained: " entry }
  }
  print ""
  printf "%-16s %7s %7s %7s %9s %6s %8s\n", "folder", "mutants", "no code", "killed", "explained", "alive", "score"
  for (i = 1; i <= count; i++) {
    f = folders[i]
    n = killed[f] + alive[f]
    printf "%-16s %7d %7d %7d %9d %6d %7.1f%%\n", f, all[f], dropped[f], killed[f], excused[f], alive[f], n ? 100 * killed[f] / n : 100
    left += alive[f]
    sum["all"] += all[f]; sum["dropped"] += dropped[f]; sum["killed"] += killed[f]; sum["excused"] += excused[f]
  }
  n = sum["killed"] + left
  printf "%-16s %7d %7d %7d %9d %6d %7.1f%%\n", "all", sum["all"], sum["dropped"], sum["killed"], sum["excused"], left, n ? 100 * sum["killed"] / n : 100
  for (t in by) printf "%d\t%s\n", by[t], t | "sort -rn | head -n 12 | awk '{ printf \"%s%s %d\", NR == 1 ? \"killed by: \" : \", \", $2, $1 } END { print \"\" }'"
  close("sort")
  exit stale ? 2 : left > 0
}
