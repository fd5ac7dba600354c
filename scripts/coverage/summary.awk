# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What of the points (scripts/coverage/verilator.awk) has been met: a line of percentages for each file,
# or folder with -v by=folder, and all together; floors that are missed, exclusions that exclude nothing.
# Exit status 1 if there are any. All points are merged into `merged`, with a sixth field "excluded" where
# one is, and those that have been met by nothing and are not excluded into `missed`, with their source.
#
#   awk -v by=file -v merged=FILE -v missed=FILE -f scripts/coverage/summary.awk EXCLUSIONS FLOORS POINTS...
#
# EXCLUSIONS  FILE KIND NAME -- REASON: regular expressions of the whole file, kind, and name of a toggle
#             or source text of a line or branch (no blanks: a dot stands for one)
# FLOORS      all|each|FILE KIND PERCENT: of all together, of each file or folder, or of one that has a floor of its own

BEGIN {
  FS = "\t"
  kinds = split("line branch toggle", kind, " ")
  printf "" >missed
}

FILENAME == ARGV[1] || FILENAME == ARGV[2] { if (/^(#|$)/) next }

FILENAME == ARGV[1] {
  at = index($0, " -- ")
  if (!at || split(substr($0, 1, at), word, " ") != 3 || substr($0, at + 4) !~ /[a-z]/)
    wrong(FILENAME ":" FNR ": not FILE KIND NAME -- REASON")
  else {
    exclusion[++exclusions] = FILENAME ":" FNR
    for (i = 1; i <= 3; i++) pattern[exclusions, i] = "^(" word[i] ")$"
  }
  next
}

FILENAME == ARGV[2] {
  if (split($0, word, " ") != 3 || word[3] !~ /^[0-9]+(\.[0-9]+)?$/) {
    wrong(FILENAME ":" FNR ": not WHAT KIND PERCENT")
    next
  }
  floor_at[word[1], word[2]] = FILENAME ":" FNR
  floor[word[1], word[2]] = word[3]
  next
}

{
  point = $1 FS $2 FS $3 FS $4
  if (!(point in count)) points[++n] = point
  count[point] += $5
}

END {
  if (!n) wrong("no points at all")
  for (p = 1; p <= n; p++) {
    split(points[p], field, FS)
    group = field[1]
    if (by == "folder") sub(/\/[^\/]*$/, "", group)
    out = !count[points[p]] && excluded(field[1], field[2], field[3], field[4])
    print points[p] FS count[points[p]] (out ? FS "excluded" : "") >merged
    if (!(group in known)) groups[++g] = group
    known[group] = 1
    if (out) {
      left_out[field[3]]++
      continue
    }
    total[group, field[3]]++
    total["all", field[3]]++
    if (count[points[p]]) {
      met[group, field[3]]++
      met["all", field[3]]++
    } else print points[p] FS source(field[1], field[2]) >missed
  }
  for (i = 1; i <= exclusions; i++)
    if (!used[i]) wrong(exclusion[i] ": excludes nothing that is not met anyway")

  sort_groups()
  groups[++g] = "all"
  printf "%-34s", ""
  for (k = 1; k <= kinds; k++) if (("all", kind[k]) in total) printf "%22s", kind[k]
  print ""
  for (i = 1; i <= g; i++) {
    printf "%-34s", groups[i]
    for (k = 1; k <= kinds; k++) if (("all", kind[k]) in total) show(groups[i], kind[k])
    print ""
  }
  for (k = 1; k <= kinds; k++) if (left_out[kind[k]]) text = text " " left_out[kind[k]] " " kind[k] "s,"
  if (text != "") print "excluded with a reason:" substr(text, 1, length(text) - 1)
  for (f in floor) {
    split(f, word, SUBSEP)
    if (word[1] != "each" && !((word[1], word[2]) in total)) wrong(floor_at[f] ": there is no " word[2] " of " word[1])
    else if (word[1] != "each" && word[1] != "all" && floor[f] < floor["each", word[2]] && percent(word[1], word[2]) >= floor["each", word[2]])
      wrong(floor_at[f] ": " word[1] " does not need a floor of its own")
  }
  exit failed
}

function wrong(text) {
  print "coverage: " text > "/dev/stderr"
  failed = 1
}

function percent(group, k) { return 100 * met[group, k] / total[group, k] }

function show(group, k,   least) {
  if (!((group, k) in total)) {
    printf "%22s", "-"
    return
  }
  printf "%7d of %6d %5.1f%%", met[group, k], total[group, k], int(percent(group, k) * 10) / 10
  least = (group, k) in floor ? floor[group, k] : group == "all" ? 0 : floor["each", k] + 0
  if (percent(group, k) < least) wrong(group ": " k (k == "branch" ? "es" : "s") " below " least " %")
}

function excluded(file, line, k, name,   i) {
  if (k != "toggle") name = source(file, line)
  gsub(/[ \t]/, " ", name)
  for (i = 1; i <= exclusions; i++)
    if (file ~ pattern[i, 1] && k ~ pattern[i, 2] && name ~ pattern[i, 3]) {
      used[i] = 1
      return 1
    }
  return 0
}

# The text of a line, without the blanks around it.
function source(file, line,   text, l) {
  if (!(file in read)) {
    read[file] = 1
    while ((getline text <file) > 0) {
      gsub(/^[ \t]+|[ \t]+$/, "", text)
      texts[file, ++l] = text
    }
    close(file)
  }
  return texts[file, line]
}

function sort_groups(   i, j, t) {
  for (i = 2; i <= g; i++) {
    t = groups[i]
    for (j = i - 1; j >= 1 && groups[j] > t; j--) groups[j + 1] = groups[j]
    groups[j + 1] = t
  }
}
