# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The results of scripts/regress/one as junit.xml, summary.json and index.html in `folder`, with what
# scripts/measured has kept, and a line of history. Prints what failed and a last line; its status is 1 if something did.

BEGIN {
  FS = "\t"
  while ((getline line < baseline) > 0)
    if (line !~ /^#/ && split(line, word, " ") == 2) was[word[1]] = word[2]
  while ((getline line < kept) > 0) {
    measures++
    split(line, word)
    for (i = 1; i <= 5; i++) measured[measures, i] = word[i]
  }
}

{
  n++
  state[n] = $1; name[n] = $2; config[n] = $3; model[n] = $4
  time[n] = $5; cycles[n] = $6; tokens[n] = $7; macs[n] = $8; why[n] = $9
  count[$1]++
  total_time += $5
  total_cycles += $6
  total_macs += $8
}

function escaped(s) {
  gsub(/&/, "\\&amp;", s)
  gsub(/</, "\\&lt;", s)
  gsub(/>/, "\\&gt;", s)
  gsub(/"/, "\\&quot;", s)
  gsub(/[\001-\010\013\014\016-\037]/, "?", s)
  return s
}

function quoted(s) {
  gsub(/\\/, "\\\\", s)
  gsub(/"/, "\\\"", s)
  gsub(/[\001-\037]/, " ", s)
  return "\"" s "\""
}

function change(i) {
  if (!(name[i] in was)) return "new"
  if (was[name[i]] == cycles[i]) return "="
  return sprintf("%+.2f %%", 100 * (cycles[i] / was[name[i]] - 1))
}

function junit(file, i) {
  file = folder "/junit.xml"
  printf "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" > file
  printf "<testsuite name=\"lockstep %s\" tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.2f\">\n", \
    suite, n, count["fail"], count["skip"], total_time > file
  for (i = 1; i <= n; i++) {
    printf "  <testcase classname=\"%s\" name=\"%s\" time=\"%s\">", config[i], escaped(name[i]), time[i] > file
    if (state[i] == "fail")
      printf "<failure message=\"%s\">%s</failure>", escaped(why[i]), \
        escaped("sh " folder "/cases/" name[i] "/command") > file
    if (state[i] == "skip") printf "<skipped message=\"%s\"/>", escaped(why[i]) > file
    print "</testcase>" > file
  }
  print "</testsuite>" > file
  close(file)
}

function json(file, i) {
  file = folder "/summary.json"
  printf "{\n  \"suite\": %s,\n  \"date\": %s,\n  \"commit\": %s,\n  \"seconds\": %d,\n", quoted(suite), quoted(date), \
    quoted(commit), seconds > file
  for (i = 1; i <= measures; i++)
    printf "%s{\"name\": %s, \"result\": %s, \"command\": %s, \"commit\": %s, \"date\": %s}%s", (i == 1 ? "  \"measured\": [\n    " : "    "), \
      quoted(measured[i, 1]), quoted(measured[i, 2]), quoted(measured[i, 3]), quoted(measured[i, 4]), quoted(measured[i, 5]), (i < measures ? ",\n" : "\n  ],\n") > file
  printf "  \"passed\": %d,\n  \"failed\": %d,\n  \"skipped\": %d,\n  \"cases\": [\n", count["pass"], count["fail"], \
    count["skip"] > file
  for (i = 1; i <= n; i++)
    printf "    {\"name\": %s, \"state\": %s, \"config\": %s, \"model\": %s, \"seconds\": %s, \"cycles\": %s, \"tokens\": %s, \"macs\": %s, \"why\": %s}%s\n", \
      quoted(name[i]), quoted(state[i]), quoted(config[i]), quoted(model[i]), time[i], cycles[i], tokens[i], macs[i], \
      quoted(why[i]), (i < n ? "," : "") > file
  print "  ]\n}" > file
  close(file)
}

# A chart of a column of the history: a bar a run, the last 40.
function chart(title, column, unit, i, top, first, height, svg) {
  first = runs > 40 ? runs - 39 : 1
  for (i = first; i <= runs; i++) if (past[i, column] > top) top = past[i, column]
  svg = "<figure><figcaption>" title ", now " sprintf("%.4g", past[runs, column]) " " unit "</figcaption><svg viewBox=\"0 0 400 60\" role=\"img\" aria-label=\"" title "\">"
  for (i = first; i <= runs; i++) {
    height = top > 0 ? 56 * past[i, column] / top : 0
    svg = svg sprintf("<rect x=\"%d\" y=\"%.1f\" width=\"8\" height=\"%.1f\" class=\"%s\"><title>%s %s: %s %s</title></rect>", \
      (i - first) * 10, 58 - height, height + 1, past[i, "failed"] > 0 ? "fail" : "pass", past[i, "date"], \
      past[i, "commit"], past[i, column], unit)
  }
  return svg "</svg></figure>"
}

function history(file, line, w) {
  file = folder "/history.txt"
  printf "%s %s %s %d %d %d %.0f %.0f %.2f\n", date, commit == "" ? "-" : commit, suite, count["pass"], count["fail"], seconds, total_cycles, \
    total_macs, total_time >> file
  close(file)
  while ((getline line < file) > 0) {
    split(line, w, " ")
    if (w[3] != suite) continue
    runs++
    past[runs, "date"] = w[1]
    past[runs, "commit"] = w[2]
    past[runs, "failed"] = w[5]
    past[runs, "seconds"] = w[6]
    past[runs, "cycles"] = w[7]
    past[runs, "macs"] = w[9] > 0 ? w[8] / w[9] : 0
  }
}

function html(file, i, speed) {
  file = folder "/index.html"
  print "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>lockstep " suite "</title>\n<style>" > file
  print "body{font:14px/1.4 system-ui,sans-serif;margin:2em;max-width:75em;color:#222;background:#fff}" > file
  print "table{border-collapse:collapse;width:100%}td,th{padding:.2em .6em;text-align:right;border-bottom:1px solid #ddd}" > file
  print "td:first-child,td:nth-child(2),td:nth-child(3),td:nth-child(4),td:last-child,th:first-child,th:nth-child(2),th:nth-child(3),th:nth-child(4),th:last-child{text-align:left}" > file
  print "tr.fail td{background:#fdecea}tr.skip td{color:#777}figure{display:inline-block;width:23em;margin:0 1em 1em 0}rect.pass{fill:#4878a8}rect.fail{fill:#c0392b}" > file
  print "</style></head><body>" > file
  printf "<h1>%s: %d passed, %d failed, %d skipped</h1>\n<p>%s, %s, %d s; every word of each run compared with the golden model, cycles and energies with their predictions.</p>\n", \
    suite, count["pass"], count["fail"], count["skip"], date, escaped(commit), seconds > file
  print chart("Wall time", "seconds", "s") chart("Device cycles", "cycles", "cycles") chart("Simulation", "macs", "MAC/s") > file
  print "<table><thead><tr><th>state</th><th>case</th><th>device</th><th>model</th><th>cycles</th><th>baseline</th><th>cycles a token</th><th>MAC/s</th><th>seconds</th><th></th></tr></thead><tbody>" > file
  for (i = 1; i <= n; i++) {
    speed = time[i] > 0 ? sprintf("%.3g", macs[i] / time[i]) : ""
    printf "<tr class=\"%s\"><td>%s</td><td><a href=\"cases/%s/said\">%s</a></td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s%s</td></tr>\n", \
      state[i], state[i], name[i], name[i], config[i], escaped(model[i]), cycles[i], change(i), \
      (tokens[i] > 0 ? sprintf("%.0f", cycles[i] / tokens[i]) : ""), speed, time[i], escaped(why[i]), \
      (state[i] == "fail" ? " <a href=\"cases/" name[i] "/fail/\">what explains it</a>, <a href=\"cases/" name[i] "/command\">command</a>" : "") > file
  }
  print "</tbody></table>" > file
  if (measures) {
    print "<h2>How good the check is, as measured last</h2>\n<table class=\"measured\"><tbody>" > file
    for (i = 1; i <= measures; i++)
      printf "<tr><td>%s</td><td>%s</td><td><code>%s</code></td><td>%s, %s</td></tr>\n", escaped(measured[i, 1]), escaped(measured[i, 2]), \
        escaped(measured[i, 3]), escaped(measured[i, 4]), measured[i, 5] > file
    print "</tbody></table>" > file
  }
  print "</body></html>" > file
  close(file)
}

END {
  history()
  junit()
  json()
  html()
  for (i = 1; i <= n; i++) {
    if (state[i] == "fail") print "FAIL " name[i] ": " why[i] "\n     again: sh " folder "/cases/" name[i] "/command"
    if (state[i] == "pass" && (name[i] in was) && cycles[i] < was[name[i]])
      print "fewer cycles than in " baseline ": " name[i] ", " cycles[i] " instead of " was[name[i]]
  }
  printf "%d passed, %d failed, %d skipped in %d s\n", count["pass"], count["fail"], count["skip"], seconds
  exit count["fail"] > 0
}
