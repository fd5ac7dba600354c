# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# A page of sources, each line marked as met, met in part or missed, from the merged points of
# scripts/coverage/summary.awk; what it printed stands on top.
#
#   awk -v title=TEXT -v summary=FILE -f scripts/coverage/page.awk MERGED > PAGE

BEGIN {
  FS = "\t"
  print "<!DOCTYPE html><meta charset=\"utf-8\"><title>" title "</title><style>"
  print "body { font: 14px sans-serif; margin: 2em } pre { font-size: 12px; line-height: 1.35; tab-size: 4 }"
  print ".met { background: #e4f5e4 } .part { background: #fff3cc } .no { background: #fbdada } .why { color: #a33 }"
  print ".n { color: #888 } summary { cursor: pointer } </style><h1>" title "</h1>"
  print "<p><span class=met>met</span> <span class=part>met in part, what is missed stands behind it</span> <span class=no>missed</span></p><pre>"
  while ((getline line <summary) > 0) print escaped(line)
  print "</pre>"
}

{
  if (!($1 in seen)) {
    seen[$1] = 1
    files[++n] = $1
  }
  at = $1 FS $2
  if ($3 == "line") count[at] += $5
  if ($5 > 0 || $6 != "") some[at] = 1
  else {
    missing[$1]++
    missed[at] = missed[at] " " ($3 == "line" ? "" : $4)
  }
}

END {
  for (i = 2; i <= n; i++) {
    t = files[i]
    for (j = i - 1; j >= 1 && files[j] > t; j--) files[j + 1] = files[j]
    files[j + 1] = t
  }
  for (i = 1; i <= n; i++) {
    print "<details><summary>" files[i] " <span class=why>" (missing[files[i]] ? missing[files[i]] " missed" : "") "</span></summary><pre>"
    for (l = 1; (getline line <files[i]) > 0; l++) {
      at = files[i] FS l
      class = at in missed ? (at in some ? "part" : "no") : at in some ? "met" : ""
      why = missed[at]
      if (length(why) > 200) why = substr(why, 1, 200) " ..."
      printf "<span class=n>%5d %10s </span><span class=\"%s\">%s</span><span class=why>%s</span>\n", \
        l, at in count ? count[at] : "", class, escaped(line), escaped(why)
    }
    close(files[i])
    print "</pre></details>"
  }
}

function escaped(s) {
  gsub(/&/, "\\&amp;", s)
  gsub(/</, "\\&lt;", s)
  return s
}
