# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Functional cover points: which of all combinations have been met by runs whose every word was checked.
# What there is to combine comes from device.txt and tests/coverage/points.txt.
#
#   op/OP/SLOTS/PORT/THROTTLE           an op on that many slots at once
#   type/TYPE/OP/SLOTS/PORT/THROTTLE    the same of a matrix or embedding of the type
#   class/CLASS                         a cycle of the class
#   error/ERROR                         an error of the device
#
# A run counts for its port and throttle if these have shown: an irregular port makes cycles that cannot be
# predicted, a late one stalls, one that throttles throttles.
#
#   awk -v slots=2 -v folder=CASES -v page=PAGE -f scripts/coverage/points.awk device.txt POINTS LIST SAID...
#
# LIST: the cases (scripts/regress/cases.awk), named MODEL.PORT.THROTTLE or error.NAME; of each, folder/NAME
# has values and timeline.json. SAID: what benches said, with lines "error CODE". PAGE lists all points, each with
# how often it was met, and by what first. Exit status 1 if a point is missed, or a `never` is of none.

FILENAME == ARGV[1] || FILENAME == ARGV[2] { if (/^ *(#|$)/) next }

FILENAME == ARGV[1] {
  if ($1 == "type" && $10 ~ /device/) types[$2] = 1
  if ($1 == "op" && $4 != "CONTROL" && $8 !~ /shown/) {
    ops[$2] = 1
    if ($2 ~ /^(EMBED|MATVEC|LOGITS)$/) matrix[$2] = 1
  }
  if ($1 == "class") classes[$2] = 1
  if ($1 == "enum") enum = $2
  if ($1 == "value" && enum == "ERROR" && $3 >= 16) {
    errors[$2] = 1
    named[$3] = $2
  }
  next
}

FILENAME == ARGV[2] {
  if ($1 == "port") ports[$2] = 1
  if ($1 == "throttle") throttles[$2] = 1
  if ($1 == "never") {
    at = index($0, " -- ")
    never[++nevers] = "^(" $2 ")$"
    if (!at || NF < 4) wrong(FILENAME ":" FNR ": not never POINT -- REASON")
  }
  next
}

FILENAME == ARGV[3] {
  split($0, field, "\t")
  name = field[1]
  split(name, word, ".")
  delete value
  while ((getline line <(folder "/" name "/values")) > 0) {
    at = index(line, " ")
    value[substr(line, 1, at - 1)] = substr(line, at + 1)
  }
  close(folder "/" name "/values")
  if (match(value["message"], /error: [A-Z_]+/)) meet("error/" substr(value["message"], RSTART + 7, RLENGTH - 7))
  if (word[1] == "error") next
  for (class in classes) if (value["counters.cycle_classes." tolower(class)] > 0) meet("class/" class)
  if (value["counters.idle_cycles"] > 0) meet("class/IDLE")
  if (word[2] == "late" && !(value["counters.cycle_classes.weight_stall"] > 0)) wrong(name ": never late")
  if ((word[2] == "irregular") != (value["cycles.exact"] == "false")) wrong(name ": is the port irregular?")
  if ((word[3] == "off") == (value["counters.cycle_classes.throttled"] > 0)) wrong(name ": is it throttled?")
  while ((getline line <(folder "/" name "/timeline.json")) > 0) {
    if (!match(line, /"op":"[A-Z_]+"/)) continue
    op = substr(line, RSTART + 6, RLENGTH - 7)
    if (!match(line, /"slots":[0-9]+/)) continue
    mask = substr(line, RSTART + 8, RLENGTH - 8)
    for (count = 0; mask > 0; mask = int(mask / 2)) count += mask % 2
    if (op in ops) meet("op/" op "/" count "/" word[2] "/" word[3])
    if (op in matrix && word[1] in types) meet("type/" word[1] "/" op "/" count "/" word[2] "/" word[3])
  }
  close(folder "/" name "/timeline.json")
  next
}

FNR == 1 { name = FILENAME; sub(/.*\//, "", name); sub(/\.said$/, "", name) }

$1 == "error" && NF == 2 && $2 in named { meet("error/" named[$2]) }

END {
  print "<!DOCTYPE html><meta charset=\"utf-8\"><title>Cover points</title><style>body { font: 14px sans-serif; margin: 2em }" > page
  print ".no { background: #fbdada } td { padding: 0 1em 0 0 }</style><h1>Cover points</h1><table>" > page
  print "<tr><th>point<th>met<th>first by" > page
  for (port in ports)
    for (throttle in throttles)
      for (s = 1; s <= slots; s++) {
        way = "/" s "/" port "/" throttle
        for (op in ops) point("op", "op/" op way)
        for (type in types) for (op in matrix) point("type", "type/" type "/" op way)
      }
  for (class in classes) point("class", "class/" class)
  for (error in errors) point("error", "error/" error)
  for (i = 1; i <= nevers; i++) if (!used[i]) wrong("points.txt: never " never[i] ": no point that is missed")
  split("op type class error", kind, " ")
  for (i = 1; i <= 4; i++) printf "%-8s %5d points, %5d met, %5d that cannot be\n", kind[i], total[kind[i]], hit[kind[i]], out[kind[i]]
  print "</table>" > page
  exit failed
}

function wrong(text) {
  print "coverage: " text > "/dev/stderr"
  failed = 1
}

function meet(what) {
  if (!met[what]++) by[what] = name
}

function point(kind, name,   i) {
  total[kind]++
  print "<tr" (met[name] ? "" : " class=no") "><td>" name "<td>" met[name] + 0 "<td>" by[name] > page
  if (met[name]) {
    hit[kind]++
    return
  }
  for (i = 1; i <= nevers; i++)
    if (name ~ never[i]) {
      used[i] = 1
      out[kind]++
      return
    }
  wrong("missed: " name)
}
