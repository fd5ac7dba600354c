# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Small faults that can be planted in a C source, one a line, tab-separated:
#
#   line, column, length (of what is replaced), old text, new text, the line without its indent
#
# Comments, strings, directives and declarations of types are left alone.

BEGIN {
  split("+ - * / % < <= > >= == != && || & | ^ << >> += -= |= &= ^= ++ --", old, " ")
  split("- + + * / <= < >= > != == || && | & | >> << -= += &= |= |= -- ++", new, " ")
  for (i in old) swap[old[i]] = new[i]
  split("if else for while do switch case return break continue goto sizeof static const struct enum " \
        "union void int char bool double float unsigned signed long short typedef extern inline default", words, " ")
  for (i in words) is_word[words[i]] = 1
  n = 0
}

# The token at the head of `s`; sets RLENGTH.
function token(s) {
  if (match(s, /^[A-Za-z_][A-Za-z0-9_]*/)) return "name"
  if (match(s, /^(0[xX][0-9a-fA-F.]+([pP][-+]?[0-9]+)?|[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?)[uUlLfF]*/)) return "number"
  if (match(s, /^(<<=|>>=|\.\.\.)/)) return "op"
  if (match(s, /^(<<|>>|<=|>=|==|!=|&&|\|\||\+=|-=|\*=|\/=|%=|&=|\|=|\^=|\+\+|--|->)/)) return "op"
  match(s, /^./)
  return "op"
}

{
  text[FNR] = $0
  if ($0 ~ /^[ \t]*#/ || directive) { directive = $0 ~ /\\$/; next }
  at = 1
  while (at <= length($0)) {
    rest = substr($0, at)
    if (comment) {
      end = index(rest, "*/")
      if (end == 0) break
      comment = 0
      at += end + 1
    } else if (rest ~ /^[ \t]/) at++
    else if (rest ~ /^\/\//) break
    else if (rest ~ /^\/\*/) { comment = 1; at += 2 }
    else if (match(rest, /^"([^"\\]|\\.)*"/) || match(rest, /^'([^'\\]|\\.)*'/)) {
      add("string", rest)
      at += RLENGTH
    } else {
      kind = token(rest)
      add(kind, rest)
      at += RLENGTH
    }
  }
}

function add(kind, rest) {
  n++
  kinds[n] = kind; toks[n] = substr(rest, 1, RLENGTH); lines[n] = FNR; cols[n] = at; ends[n] = at + RLENGTH
}

function emit(first, last, replacement) {
  if (lines[first] != lines[last]) return
  was = substr(text[lines[first]], cols[first], ends[last] - cols[first])
  shown = text[lines[first]]
  sub(/^[ \t]+/, "", shown)
  printf "%d\t%d\t%d\t%s\t%s\t%s\n", lines[first], cols[first], length(was), was, replacement, shown
}

# Whether token i ends an operand, so that an operator behind it takes two.
function is_operand(i) {
  return kinds[i] == "number" || kinds[i] == "string" || toks[i] == ")" || toks[i] == "]" ||
         (kinds[i] == "name" && !(toks[i] in is_word))
}
function is_simple(i) { return kinds[i] == "number" || (kinds[i] == "name" && !(toks[i] in is_word)) }

# The bracket that closes the one at i.
function closing(i, depth) {
  for (depth = 0; i <= n; i++) {
    if (toks[i] == "(") depth++
    if (toks[i] == ")" && --depth == 0) return i
  }
  return n
}

END {
  for (i = 1; i <= n; i++) {
    t = toks[i]
    body += (t == "{") - (t == "}")
    if (kinds[i] == "number") emit(i, i, "(" t " + 1)")
    if (t == "true" || t == "false") emit(i, i, t == "true" ? "false" : "true")
    if (body == 0) continue
    if (t in swap && kinds[i] == "op") {
      unary = t == "++" || t == "--"
      if (unary || is_operand(i - 1)) emit(i, i, swap[t])
      if (!unary && t ~ /^([-\/%<>]|<=|>=|<<|>>)$/ && is_simple(i - 1) && is_simple(i + 1) &&
          toks[i - 2] ~ /^([(,=?:{]|return|&&|\|\|)$/ && toks[i + 2] ~ /^([),;?:}]|&&|\|\|)$/)
        emit(i - 1, i + 1, toks[i + 1] " " t " " toks[i - 1])
    }
    if ((t == "!" || t == "~") && kinds[i] == "op") emit(i, i, " ")
    if (t == "if" || t == "while") {
      c = closing(i + 1)
      if (lines[c] == lines[i]) {
        inner = substr(text[lines[i]], ends[i + 1], cols[c] - ends[i + 1])
        emit(i + 1, c, "(0 && (" inner "))")
        if (t == "if") emit(i + 1, c, "(1 || (" inner "))")
      }
    }
    # a statement that starts here, neither a declaration nor control
    if (kinds[i] == "name" && !(t in is_word) && (toks[i - 1] ~ /^([;{}]|else)$/ || (toks[i - 1] == ")" && lines[i - 1] != lines[i])) &&
        toks[i + 1] ~ /^([(.=\[]|->|\+\+|--|[-+*\/|&^]=|<<=|>>=)$/) {
      for (e = i; e < n && toks[e] != ";" && lines[e] == lines[i] && toks[e] != "{"; e++) { }
      if (toks[e] == ";" && lines[e] == lines[i]) emit(i, e, ";")
    }
  }
}
