# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Small faults that can be planted in a Verilog source, one a line, tab-separated as mutants.awk has them:
#
#   line, column, length (of what is replaced), old text, new text, the line without its indent
#
# With -v picks=FILE (lines NUMBER and which of those faults, ascending) the source with these faults
# instead, all behind a switch, +mutant=NUMBER. Declarations, loops, constants, comments and what stands
# under `ifdef FORMAL` are left alone.
#
# With -v upsets=1 the faults are flips: +upset=NUMBER turns, at one of the times that a statement sets a
# register, a bit of it. Of NUMBER, bits 35:24 are that of the statement, 23:12 the time, 11:0 the bit.

BEGIN {
  n_old = split("+ - * < <= > >= == != && || & | ^ << >> <<< >>>", old, " ")
  split("- + + <= < >= > != == || && | & & >> << >>> <<<", new, " ")
  for (i = 1; i <= n_old; i++) swap[old[i]] = new[i]
  split("wire reg integer genvar localparam parameter input output", words, " ")
  for (i in words) declares[words[i]] = 1
  n = n_regions = n_faults = 0
}

# ---- tokens ----
function token(s) {
  if (match(s, /^[`A-Za-z_$][A-Za-z0-9_$]*/)) return "name"
  if (match(s, /^[0-9]*'[sS]?[bdhBDH][0-9a-fA-F_xXzZ?]+/) || match(s, /^[0-9][0-9_]*/)) return "number"
  if (match(s, /^(<<<|>>>|===|!==)/)) return "op"
  if (match(s, /^(<<|>>|<=|>=|==|!=|&&|\|\||\+:|-:|~&|~\||~\^)/)) return "op"
  match(s, /^./)
  return "op"
}

{
  shown[FNR] = $0
  sub(/^[ \t]+/, "", shown[FNR])
  begins[FNR] = length(text) + 1
  text = text $0 "\n"
  if ($1 == "`ifdef" && $2 == "FORMAL") formal = 1
  if (formal) {
    if ($1 ~ /^`if/) depth++
    if ($1 == "`endif" && --depth == 0) formal = 0
    next
  }
  for (at = 1; at <= length($0); at += RLENGTH) {
    rest = substr($0, at)
    if (match(rest, /^[ \t]+/)) continue
    if (rest ~ /^\/\//) break
    if (match(rest, /^"[^"]*"/)) kind = "string"
    else kind = token(rest)
    n++
    kinds[n] = kind; toks[n] = substr(rest, 1, RLENGTH); lines[n] = FNR
    from[n] = begins[FNR] + at - 1; to[n] = from[n] + RLENGTH   # characters of text; to is behind it
  }
}

function slice(first, last) { return substr(text, from[first], to[last] - from[first]) }

# The bracket that closes the one at i; what ends a part of a list that begins at i.
function closing(i, depth) {
  for (depth = 0; i <= n; i++) {
    if (toks[i] ~ /^[([{]$/) depth++
    if (toks[i] ~ /^[])}]$/ && --depth == 0) return i
  }
  return n
}
function find(i, what) {
  for (; i <= n && index(what, " " toks[i] " ") == 0; i++)
    if (toks[i] ~ /^[([{]$/) i = closing(i)
  return i
}
function is_operand(i) { return kinds[i] == "number" || kinds[i] == "name" || toks[i] ~ /^[])}]$/ }
function is_simple(i) { return kinds[i] == "number" || kinds[i] == "name" }
function begins_operand(i) { return toks[i] ~ /^([(,=?:{]|<=|&&|\|\|)$/ }
function ends_operand(i) { return toks[i] ~ /^([),;?:}]|&&|\|\|)$/ }

# ---- faults: tokens first to last are replaced ----
function fault(first, last, replacement) {
  n_faults++
  region_of[n_faults] = n_regions
  fault_from[n_faults] = from[first]; fault_to[n_faults] = to[last]; becomes[n_faults] = replacement
  was[n_faults] = slice(first, last)
  gsub(/[ \t\n]+/, " ", was[n_faults])
  gsub(/[ \t\n]+/, " ", replacement)
  if (picks == "")
    printf "%d\t%d\t%d\t%s\t%s\t%s\n", lines[first], from[first] - begins[lines[first]] + 1, to[last] - from[first], \
        was[n_faults], replacement, shown[lines[first]]
}

# An index is one too far; a slice one too high, or too low where it does not end at 0.
function select(open, close_at, colon, inner) {
  for (i_select = open + 1; i_select < close_at; i_select++) if (toks[i_select] ~ /^`/) return
  colon = find(open + 1, " ? : +: -: ] ")
  if (toks[colon] == "?") colon = close_at
  inner = slice(open + 1, colon - 1)
  if (toks[colon] == ":" && toks[close_at - 1] == "0")
    fault(open, close_at, "[(" inner ")+1:(" slice(colon + 1, close_at - 1) ")+1]")
  else if (toks[colon] == ":")
    fault(open, close_at, "[(" inner ")-1:(" slice(colon + 1, close_at - 1) ")-1]")
  else fault(open, close_at, "[(" inner ")+1" (colon < close_at ? " " slice(colon, close_at - 1) : "") "]")
}

function selects(first, last, i) {
  for (i = first; i <= last; i++)
    if (toks[i] == "[") {
      select(i, closing(i))
      i = closing(i)
    }
}

# Faults in the expression of tokens first to last.
function expression(first, last, i, t, c, base) {
  for (i = first; i <= last; i++) {
    t = toks[i]
    if (t == "[") {
      select(i, closing(i))
      i = closing(i)
      continue
    }
    if (t == "{") {   # how often something is repeated is no value
      for (c = i + 1; toks[c] != "{" && toks[c] !~ /^[,}[]$/; c++) { }
      if (toks[c] == "{" && c > i + 1 && is_operand(c - 1)) i = c
      continue
    }
    if (kinds[i] == "number") {
      base = t
      if (match(t, /^[0-9]*'[sS]?/)) fault(i, i, "(" t " + " substr(t, 1, RLENGTH) "d1)")
      else fault(i, i, "(" t " + 1)")
    }
    if (kinds[i] != "op") continue
    if (t in swap && i > first && is_operand(i - 1)) {
      fault(i, i, swap[t])
      if (t ~ /^([-<>]|<=|>=|<<|>>)$/ && is_simple(i - 1) && is_simple(i + 1) && i + 1 <= last &&
          (i - 1 == first || begins_operand(i - 2)) && (i + 1 == last || ends_operand(i + 2)))
        fault(i - 1, i + 1, toks[i + 1] " " t " " toks[i - 1])
    } else if (t == "&" || t == "|") fault(i, i, swap[t])
    else if (t == "-") fault(i, i, " ")
    else if (t == "!") fault(i, i, "!!")
    else if (t == "~") fault(i, i, " ")
    if (t == "?") {
      c = i - 1
      if (toks[c] == ")") for (c = i - 2; c > first && closing(c) != i - 1; c--) { }
      if (c == first || begins_operand(c - 1)) fault(c, i - 1, "!" slice(c, i - 1))
    }
  }
}

# What is replaced as a whole: an expression, or an assignment (with its ;).
function region(kind, first, last) {
  n_regions++
  region_kind[n_regions] = kind; region_from[n_regions] = from[first]; region_to[n_regions] = to[last]
}

function value_of(kind, first, last, all) {
  if (upsets) return
  region(kind, first, last)
  all = slice(first, last)
  if (kind == "condition") {
    fault(first, last, "1'b0")
    fault(first, last, "1'b1")
  }
  if (kind == "assign") {   # stuck at 0 and at 1, where it is not that already
    if (all !~ /^[0-9]+'[bdh]0+$/) fault(first, last, "((" all ") ^ (" all "))")
    if (all != "1'b1") fault(first, last, "~((" all ") ^ (" all "))")
  }
  expression(first, last)
}

# ---- statements; each returns the token behind it ----
function statement(i, silent, t, e, c) {
  t = toks[i]
  if (t == "begin") {
    i += toks[i + 1] == ":" ? 3 : 1
    while (i <= n && toks[i] != "end") i = statement(i, silent)
    return i + 1
  }
  if (t in declares) return find(i, " ; ") + 1
  if (t == "`include") return i + 2
  if (t == "if") {
    c = closing(i + 1)
    if (!silent) value_of("condition", i + 2, c - 1)
    i = statement(c + 1, silent)
    return toks[i] == "else" ? statement(i + 1, silent) : i
  }
  if (t == "for") return statement(closing(i + 1) + 1, silent)
  if (t == "case" || t == "casez") {
    c = closing(i + 1)
    if (!silent) value_of("selector", i + 2, c - 1)
    for (i = c + 1; i <= n && toks[i] != "endcase"; ) {
      if (toks[i] == "default") i += toks[i + 1] == ":" ? 2 : 1
      else i = find(i, " : ") + 1
      i = statement(i, silent)
    }
    return i + 1
  }
  e = find(i, " ; ")
  if (silent || t == ";" || t ~ /^\$/) return e + 1
  c = find(i, " = <= ; ")   # a call has none of them
  if (upsets && toks[c] != "<=") return e + 1
  region("statement", i, e)
  fault(i, e, ";")
  if (upsets) {
    target[n_faults] = slice(i, c - 1)
    given[n_faults] = slice(c + 1, e - 1)
    return e + 1
  }
  selects(i, c - 1)
  expression(c + 1, e - 1)
  return e + 1
}

function items(i, t, e, in_module) {
  while (i <= n) {
    t = toks[i]
    if (t == "`include" || t == "`default_nettype") i += 2
    else if (t == "module") {
      i = find(i, " ; ")
      region("header", i, i++)
      in_module = 1
    } else if (t == "assign" || t == "wire") {
      e = find(i, " ; ")
      while ((i = find(i, " = ; ")) < e) {
        t = find(i, " , ; ") - 1
        if (toks[i - 1] !~ /^unused/) value_of("assign", i + 1, t)
        i = t + 1
      }
      i = e + 1
    } else if (t in declares) i = find(i, " ; ") + 1
    else if (t == "always") {
      i += 2   # @
      i = statement(toks[i] == "(" ? closing(i) + 1 : i + 1, 0)
    } else if (t == "initial") i = statement(i + 1, 1)
    else if (t == "function" || t == "task") {
      for (i = find(i, " ; ") + 1; i <= n && toks[i] != "end" t; ) i = statement(i, 0)
      i++
    } else if (t == "if" && !in_module) i = statement(i, 0) # a file to be included in a block
    else if (t == "for" || t == "if") i = closing(i + 1) + 1
    else if (t == "begin") i += toks[i + 1] == ":" ? 3 : 1
    else if (kinds[i] == "name" && (toks[i + 1] == "#" || kinds[i + 1] == "name") && t !~ /^(end|else|generate|endgenerate|endmodule)$/)
      i = instance(i)
    else i++
  }
}

# Of what goes into an instance, that which is worked out on the way.
function instance(i, e, c, k) {
  e = find(i, " ; ")
  if (toks[++i] == "#") i = closing(i + 1) + 1
  for (i += 2; i < e; i++)
    if (toks[i] == "." && toks[i + 2] == "(") {
      c = closing(i + 2)
      for (k = i + 3; k < c; k++) {
        if (toks[k] == "[") k = closing(k)
        if (kinds[k] == "op" && (toks[k] in swap || toks[k] ~ /^[!~?]$/)) break
      }
      if (k < c) value_of("input", i + 3, c - 1)
      i = c
    }
  return e + 1
}

# ---- the source with faults ----
function altered(f, r) {
  return substr(text, region_from[r], fault_from[f] - region_from[r]) becomes[f] \
      substr(text, fault_to[f], region_to[r] - fault_to[f])
}

function planted(r, first, last, whole, k, out, off) {
  whole = substr(text, region_from[r], region_to[r] - region_from[r])
  if (upsets) {
    out = "$bits(" target[picked[first]] ")"
    return "begin if (mutant != " number[first] ") " whole " else begin : upset_" number[first] \
        " reg [" out "-1:0] v; v = " given[picked[first]] "; upset_left = upset_left - 1; if (upset_left == 0)" \
        " begin v[upset_bit % " out "] = !v[upset_bit % " out "]; $display(\"upset\"); end " \
        target[picked[first]] " <= v; end end"
  }
  off = "mutant < " number[first] " || mutant > " number[last]
  if (region_kind[r] == "statement") {
    out = "begin if (" off ") " whole " else case (mutant)"
    for (k = first; k <= last; k++) out = out " " number[k] ": " altered(picked[k], r)
    return out " endcase end"
  }
  out = "((" off ") ? (" whole ")"
  for (k = first; k < last; k++) out = out " : (mutant == " number[k] ") ? (" altered(picked[k], r) ")"
  return out " : (" altered(picked[last], r) "))"
}

END {
  items(1)
  if (picks == "") exit
  while ((getline line < picks) > 0) {
    split(line, field, " ")
    number[++n_picked] = field[1]; picked[n_picked] = field[2]
  }
  at = k = 1
  for (r = 1; r <= n_regions; r++) {
    for (last = k - 1; last < n_picked && region_of[picked[last + 1]] == r; last++) { }
    if (region_kind[r] == "header")
      with = upsets ? "; reg [63:0] upset; integer mutant, upset_left, upset_bit; initial begin" \
          " if ($value$plusargs(\"upset=%d\", upset) == 0) upset = 0; mutant = upset[35:24];" \
          " upset_left = upset[23:12]; upset_bit = upset[11:0]; end" : \
          "; integer mutant; initial if ($value$plusargs(\"mutant=%d\", mutant) == 0) mutant = 0;"
    else if (last >= k) with = planted(r, k, last)
    else continue
    printf "%s%s", substr(text, at, region_from[r] - at), with
    at = region_to[r]
    k = last + 1
  }
  printf "%s", substr(text, at)
}
