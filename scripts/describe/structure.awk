# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What the RTL says of itself, for docs/architecture.md. what=parameters: those of the top module, in
# each configuration; reads rtl/lockstep.v and scripts/configs.mk. what=modules: the tree below the
# top with the first sentence of each file, cut short where it is long; reads all of rtl/. Modules of float/ and common/, which
# stand in many places, are named behind those that use them.

# ---- parameters ----
what == "parameters" && $1 == "parameter" {
  parameter[n++] = $2
  preset[$2] = $4
  sub(/,$/, "", preset[$2])
  meaning[$2] = $0
  sub(/^[^\/]*\/\/ */, "", meaning[$2])
}
what == "parameters" && FILENAME ~ /configs\.mk$/ && !/^#/ {
  more = sub(/\\$/, "")
  line = line $0
  if (more) next
  count = split(line, word, " ")
  line = ""
  if (word[2] != ":=") next
  if (word[1] == "CONFIGS")
    for (i = 3; i <= count; i++) config[++configs] = word[i]
  if (sub(/^PARAMS_/, "", word[1]))
    for (i = 3; i <= count; i++) {
      split(word[i], pair, "=")
      set[word[1], pair[1]] = pair[2]
    }
}

function parameters(    i, k, row, rule) {
  row = "| name |"
  rule = "| --- |"
  for (i = 1; i <= configs; i++) {
    row = row " " config[i] " |"
    rule = rule " --- |"
  }
  print row " meaning |\n" rule " --- |"
  for (k = 0; k < n; k++) {
    row = "| " parameter[k] " |"
    for (i = 1; i <= configs; i++)
      row = row " " ((config[i], parameter[k]) in set ? set[config[i], parameter[k]] : preset[parameter[k]]) " |"
    print row " " meaning[parameter[k]] " |"
  }
}

# ---- modules ----
what == "modules" && FNR == 1 {
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/\.v$/, "", name)
  is_module[name] = 1
  leaf[name] = FILENAME ~ /\/(float|common)\//
  head = 1
}
what == "modules" && head && FNR > 3 && /^\/\/ / { text[name] = text[name] substr($0, 3) }
what == "modules" && !/^\/\// { head = 0 }
# "  module #(" or "  module u_instance (", of which only those that are files count
what == "modules" && /^ +[a-z_0-9]+ (#\(|u_)/ && !seen[name, $1]++ { part[name, ++parts[name]] = $1 }

function open_bracket(t) { return gsub(/\(/, "", t) > gsub(/\)/, "", t) }

function sentence(module,    t) {
  t = text[module]
  sub(/^ /, "", t)
  if (match(t, /\. /)) t = substr(t, 1, RSTART - 1)
  sub(/\.$/, "", t)
  for (at = 24; length(t) > 96 && at < length(t); at++)
    if (substr(t, at, 2) ~ /[:;,] / && !open_bracket(substr(t, 1, at))) return substr(t, 1, at - 1)
  return t
}

function tree(module, indent,    i, child, leaves) {
  for (i = 1; i <= parts[module]; i++)
    if (leaf[part[module, i]]) leaves = leaves (leaves == "" ? "" : ", ") part[module, i]
  printf "    %-28s%s%s\n", indent module, sentence(module), leaves == "" ? "" : " [" leaves "]"
  for (i = 1; i <= parts[module]; i++) {
    child = part[module, i]
    if (is_module[child] && !leaf[child]) tree(child, indent "  ")
  }
}

END {
  if (what == "parameters") parameters()
  else {
    tree("lockstep", "")
    for (name in leaf)
      if (leaf[name]) printf "    %-28s%s\n", name, sentence(name) | "sort"
    close("sort")
  }
}
