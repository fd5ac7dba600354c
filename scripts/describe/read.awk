# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Reads the description of the device, whose format is told at its top, into items (group, constant,
# reg, word, bundle, enum) and their fields (field, member, value and its kinds). Refuses overlaps, misalignment,
# duplicates, bad numbers and names of nothing, with the line. POSIX awk; scripts/describe/generate
# puts this and the writers together.

BEGIN {
  for (i = 0; i < 16; i++) hex_value[substr("0123456789abcdef", i + 1, 1)] = i
  words_to_set("ro rw cfg w1c pulse ctl wo cwo pop", is_access)
  words_to_set("price class unit event type op", is_kind)
  words_to_set("price class unit event", is_counted)
  words_to_set("work", is_unit_flag)
  words_to_set("float min device", is_type_flag)
  words_to_set("dst a b n rows imm", is_operand)
  words_to_set("tensor token position loop commit sampler shown", is_op_flag)
}

function words_to_set(text, set,    list, i) {
  split(text, list, " ")
  for (i in list) set[list[i]] = 1
}

function fail(message) {
  printf "%s:%d: %s\n", FILENAME, FNR, message > "/dev/stderr"
  failed = 1
  exit 1
}

# A decimal or 0x number; fails on anything else.
function number(text,    i, value) {
  if (text ~ /^0x[0-9a-f]+$/ && length(text) <= 10) {
    for (i = 3; i <= length(text); i++) value = 16 * value + hex_value[substr(text, i, 1)]
    return value
  }
  if (text !~ /^[0-9]+$/ || length(text) > 10 || text + 0 >= 2 ^ 32)
    fail("`" text "` is not a number")
  return text + 0
}

# The line from its n-th word on.
function rest(n,    text, i) {
  for (i = n; i <= NF; i++) text = text (i > n ? " " : "") $i
  if (text == "") fail("a text is missing")
  return text
}

function check_name(name) {
  if (name !~ /^[A-Z][A-Z0-9_]*$/) fail("`" name "` is not a name in capitals")
}

function once(key, what) {
  if (key in seen) fail(what " appears twice")
  seen[key] = 1
}

function item_new(kind, name, text) {
  check_name(name)
  n_items++
  item_kind[n_items] = kind; item_name[n_items] = name; item_text[n_items] = text
  field_first[n_items] = n_fields + 1; field_last[n_items] = n_fields
}

function reg_new(name, offset, access, reset, text) {
  if (offset % 4) fail(name " is not aligned to 4 bytes")
  if (offset >= 65536) fail(name " lies behind 64 KiB")
  once("offset " offset, "offset " sprintf("0x%03x", offset))
  once("reg " name, "register " name)
  if (!(access in is_access)) fail("unknown access `" access "`")
  item_new("reg", name, text)
  item_offset[n_items] = offset; item_access[n_items] = access
  item_reset[n_items] = reset == "-" ? "-" : number(reset)
}

function counter_new(name, offset, text) {
  reg_new(name "_LO", offset, "ro", "0", text " Bits 31:0.")
  reg_new(name "_HI", offset + 4, "ro", "0", text " Bits 63:32.")
}

# A field, member or value of the item under way; its bits, or its number in `low`.
function field_new(name, high, low, text) {
  check_name(name)
  once("name " item_name[n_items] "_" name, "name " item_name[n_items] "_" name)
  n_fields++; field_last[n_items] = n_fields
  field_name[n_fields] = name; field_text[n_fields] = text
  field_high[n_fields] = high; field_low[n_fields] = low
}

function value_new(name, value, text) {
  if (value >= 2 ^ item_width[n_items]) fail(name " does not fit its enum")
  once("number " n_items " " value, "number " value)
  field_new(name, 0, value, text)
  field_of[item_name[n_items], name] = n_fields
}

# The row that column n names in enum `what`; "-": none, if that is allowed.
function reference(n, what, or_none) {
  if (or_none && $n == "-") return "-"
  if (!((what, $n) in field_of)) fail("`" $n "` is no " tolower(what) " described before")
  return $n
}

# Column n, words of a set with commas between, or "-": sets attr[row, word] of the row to come.
function flags(n, set, what,    list, i, count) {
  if ($n == "-") return
  count = split($n, list, ",")
  for (i = 1; i <= count; i++) {
    if (!(list[i] in set)) fail("`" list[i] "` is no " what)
    attr[n_fields + 1, list[i]] = 1
  }
}

# What an event costs: attr[row, "recipe"], attr[row, "share", price] and, at 45 nm, "coefficient".
function recipe(row, text,    list, n, i, count, letter, by, fj) {
  attr[row, "recipe"] = text
  n = text == "0" ? 0 : split(text, list, "+")
  for (i = 1; i <= n; i++) {
    if (list[i] !~ /^([1-9][0-9]*)?[A-Za-z](\/[1-9][0-9]*)?$/) fail("`" list[i] "` is no price with how many")
    match(list[i], /[A-Za-z]/)
    letter = substr(list[i], RSTART, 1)
    if (!(letter in price_of)) fail("`" letter "` is no price")
    count = RSTART == 1 ? 1 : substr(list[i], 1, RSTART - 1)
    by = length(list[i]) > RSTART ? substr(list[i], RSTART + 2) : 1
    once("share " row " " letter, "`" letter "` of the recipe")
    attr[row, "share", price_of[letter]] = count (by == 1 ? "" : "./" by)
    fj += attr[price_of[letter], "fj"] * count / by
  }
  if (fj >= 2 ^ 32 - 1) fail("an event of 2^32 fJ or more")
  attr[row, "coefficient"] = int(fj + 0.5)
}

function row_new(kind,    row) {
  if (item_kind[n_items] != "enum" || item_name[n_items] != toupper(kind))
    fail("a `" kind "` stands behind `enum " toupper(kind) "` alone")
  row = n_fields + 1
  if (kind in is_counted) {
    if (kind == "event") {
      attr[row, "unit"] = reference(3, "UNIT", 0)
      recipe(row, $4)
    }
    if (kind == "price") {
      if ($3 !~ /^[A-Za-z]$/) fail("`" $3 "` is no letter")
      once("price " $3, "letter `" $3 "`")
      attr[row, "letter"] = $3
      price_of[$3] = row
      attr[row, "fj"] = number($4)
    }
    if (kind == "unit") flags(3, is_unit_flag, "flag of a unit")
    value_new($2, row - field_first[n_items], rest(kind == "event" || kind == "price" ? 5 : kind == "unit" ? 4 : 3))
  } else if (kind == "type") {
    attr[row, "file"] = reference(4, "FILE_TYPE", 1)
    if ($4 != "-") once("file type " $4, "file type " $4)
    attr[row, "elements"] = number($5)
    if ($5 != 1 && ($5 % 32 || $5 == 0)) fail("a block has 1 element or a multiple of 32")
    attr[row, "bytes"] = number($6)
    if (attr[row, "bytes"] == 0) fail("a block of no bytes")
    attr[row, "scales"] = number($7)
    attr[row, "bits"] = number($8)
    attr[row, "event"] = reference(9, "EVENT", 1)
    flags(10, is_type_flag, "flag of a type")
    if (attr[row, "device"] != (attr[row, "event"] != "-"))
      fail("a type counts as an event exactly if the device decodes it")
    if (attr[row, "device"] && $5 != 1 && $5 != 32 && $5 != 256)
      fail("the device reads blocks of 32 and of 256 weights, and floats")
    value_new($2, number($3), rest(11))
  } else {
    attr[row, "unit"] = reference(4, "UNIT", 0)
    attr[row, "class"] = reference(5, "CLASS", 0)
    attr[row, "event"] = reference(6, "EVENT", 1)
    flags(7, is_operand, "operand")
    flags(8, is_op_flag, "flag of an op")
    if (attr[row, "dst"] && attr[row, "rows"]) fail("dst has n words or a word a row")
    value_new($2, number($3), rest(9))
  }
}

# `each`: what follows, for every row of an enum that is described already.
function substitute(text, f) {
  gsub(/[$]name/, field_name[f], text)
  gsub(/[$]coefficient/, attr[f, "coefficient"], text)
  gsub(/[$]text/, field_text[f], text)
  return text
}
function each_new(kind,    item, f, offset, step) {
  if (!(kind in is_counted)) fail("`each` goes through price, class, unit or event")
  for (item = 1; item <= n_items; item++)
    if (item_kind[item] == "enum" && item_name[item] == toupper(kind)) break
  if (item > n_items) fail("`" kind "` is described behind")
  if ($3 != "reg" && $3 != "counter") fail("`each` makes reg or counter")
  if ($4 !~ /[$]name/) fail("`each` without $name makes one register many times")
  offset = number($5)
  step = $3 == "reg" ? 4 : 8
  for (f = field_first[item]; f <= field_last[item]; f++)
    if ($3 == "reg")
      reg_new(substitute($4, f), offset + step * field_low[f], $6, substitute($7, f),
              substitute(rest(8), f))
    else
      counter_new(substitute($4, f), offset + step * field_low[f], substitute(rest(6), f))
}

{ sub(/\r$/, "") }
/^[ \t]*(#|$)/ { next }
$1 == "group" { item_new("group", "GROUP", rest(2)); next }
$1 == "reg" { reg_new($2, number($3), $4, $5, rest(6)); next }
$1 == "counter" { counter_new($2, number($3), rest(4)); next }
$1 == "each" { each_new($2); next }
$1 == "constant" {
  once("reg " $2, "constant " $2); once("name " $2, "name " $2)
  item_new("constant", $2, rest(4)); item_offset[n_items] = number($3)
  next
}
$1 == "word" { once("reg " $2, "word " $2); item_new("word", $2, rest(3)); next }
$1 == "bundle" {
  once("reg " $2, "bundle " $2)
  once("name " $2 "_W", "name " $2 "_W")
  item_new("bundle", $2, rest(3)); item_width[n_items] = 0
  next
}
$1 == "enum" {
  width = $3 == "-" ? 32 : number($3)
  once("reg " $2, "enum " $2)
  if (width < 1 || width > 32) fail("an enum has 1 to 32 bits")
  item_new("enum", $2, rest(4)); item_width[n_items] = width; item_on_host[n_items] = $3 == "-"
  next
}
$1 == "field" {
  if (item_kind[n_items] != "reg" && item_kind[n_items] != "word") fail("a field of nothing")
  parts = split($3, bits, ":")
  high = number(bits[1]); low = parts == 2 ? number(bits[2]) : high
  if (high > 31 || low > high) fail("bits " $3 " do not lie in a word")
  for (i = low; i <= high; i++)
    once("bit " n_items " " i, "bit " i " of " item_name[n_items])
  field_new($2, high, low, rest(4))
  next
}
$1 == "member" {
  if (item_kind[n_items] != "bundle") fail("a member of nothing")
  if (number($3) == 0) fail("a member of no bits")
  field_new($2, item_width[n_items] + $3 - 1, item_width[n_items], rest(4))
  item_width[n_items] += $3
  next
}
$1 == "value" {
  if (item_kind[n_items] != "enum") fail("a value of nothing")
  if (tolower(item_name[n_items]) in is_kind)
    fail("a value of " item_name[n_items] " is written `" tolower(item_name[n_items]) "`")
  value_new($2, number($3), rest(4))
  next
}
$1 in is_kind { row_new($1); next }
{ fail("`" $1 "` is not a keyword") }

# ---- for the writers ----

function hex(value, digits) { return sprintf("%0" digits "x", value) }

# The range of a field as Verilog and the page write it.
function range(f) {
  return field_high[f] == field_low[f] ? field_low[f] "" : field_high[f] ":" field_low[f]
}

# The bits of a register that exist: all, or those of its fields.
function mask_of(item,    f, mask) {
  if (field_first[item] > field_last[item]) return 2 ^ 32 - 1
  for (f = field_first[item]; f <= field_last[item]; f++)
    mask += 2 ^ (field_high[f] + 1) - 2 ^ field_low[f]
  return mask
}

# The item that is enum `name`; 0: there is none.
function enum_item(name,    i) {
  for (i = 1; i <= n_items; i++)
    if (item_kind[i] == "enum" && item_name[i] == name) return i
  return 0
}

# 16 hexadecimal digits: a bit for each row of an enum, at its number, whose attribute `key` is
# `wanted`. Rows with the attribute `without` are left out.
function row_mask(item, key, wanted, without,    f, half, n) {
  half[0] = half[1] = 0
  for (f = field_first[item]; f <= field_last[item]; f++) {
    n = field_low[f]
    if (attr[f, key] == wanted && !attr[f, without] && n < 64)
      half[n >= 32 ? 1 : 0] += 2 ^ (n % 32)
  }
  return hex(half[1], 8) hex(half[0], 8)
}

# Masks of ops, units and types, as lists mask_name[1..n_masks] and mask_digits: OPS_TENSOR, TYPES ...
function mask_add(name, digits) { n_masks++; mask_name[n_masks] = name; mask_digits[n_masks] = digits }
function make_masks(    item, list, n, i, f, ref) {
  item = enum_item("OP")
  if (item) {
    mask_add("OPS", row_mask(item, "shown", "", ""))
    n = split("dst rows a b n imm tensor token position loop commit sampler", list, " ")
    for (i = 1; i <= n; i++) mask_add("OPS_" toupper(list[i]), row_mask(item, list[i], 1, "shown"))
    n = split("UNIT CLASS", list, " ")
    for (i = 1; i <= n; i++) {
      ref = enum_item(list[i])
      for (f = field_first[ref]; f <= field_last[ref]; f++)
        if (row_mask(item, tolower(list[i]), field_name[f], "shown") !~ /^0*$/)
          mask_add("OPS_" list[i] "_" field_name[f],
                   row_mask(item, tolower(list[i]), field_name[f], "shown"))
    }
  }
  item = enum_item("UNIT")
  if (item) mask_add("UNITS_WORK", row_mask(item, "work", 1, ""))
  item = enum_item("TYPE")
  if (item) {
    mask_add("TYPES", row_mask(item, "device", 1, ""))
    mask_add("TYPES_FLOAT", row_mask(item, "float", 1, ""))
    mask_add("TYPES_MIN", row_mask(item, "min", 1, ""))
  }
}
