# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Writes what C includes: generated/device.h (macros, for the firmware too), the rows of
# generated/device_info.c (csrc/base/device_info.h), generated/ggml_type.h.

function head_c(out, text) {
  print "/* SPDX-License-Identifier: Apache-2.0" > out
  print " * SPDX-FileCopyrightText: 2026 The Lockstep authors" > out
  print " *" > out
  wrap(generated " " text, " * ", " * ", "", out)
  print " */" > out
}

# Definitions of one block, aligned on its longest name as clang-format does.
function block_add(name, value) {
  n_block++
  block_name[n_block] = name; block_value[n_block] = value
}
function block_flush(out,    i, wide) {
  for (i = 1; i <= n_block; i++)
    if (length(block_name[i]) > wide) wide = length(block_name[i])
  for (i = 1; i <= n_block; i++)
    printf "#define LOCKSTEP_%-" wide "s %s\n", block_name[i], block_value[i] > out
  n_block = 0
}

function block_add_field(i, f,    name) {
  name = item_name[i] "_" field_name[f]
  if (item_kind[i] == "enum") block_add(name, field_low[f] "u")
  else if (item_kind[i] == "bundle") {
    block_add(name "_LOW", field_low[f] "u")
    block_add(name "_BITS", field_high[f] - field_low[f] + 1 "u")
  } else {
    block_add(name "_MASK", "0x" hex(2 ^ (field_high[f] + 1) - 2 ^ field_low[f], 8) "u")
    block_add(name "_SHIFT", field_low[f] "")
  }
}

function write_c(out,    i, f) {
  head_c(out, "REG is a byte offset, RESET a value after reset, MASK the bits of a field, SHIFT its " \
    "lowest bit; LIMIT is behind the last value; BYTES those of a block; _LOW and _BITS place a member in its bundle.")
  print "#ifndef GENERATED_DEVICE_H\n#define GENERATED_DEVICE_H" > out
  for (i = 1; i <= n_items; i++) {
    if (item_kind[i] == "group") { print "\n/* ---- " item_text[i] " ---- */" > out; continue }
    print "" > out
    wrap(item_name[i] ": " item_text[i], "/* ", " * ", " */", out)
    if (item_kind[i] == "reg") {
      block_add("REG_" item_name[i], "0x" hex(item_offset[i], 4) "u")
      if (item_reset[i] != "-")
        block_add("RESET_" item_name[i], "0x" hex(item_reset[i], 8) "u")
    }
    if (item_kind[i] == "constant") block_add(item_name[i], item_offset[i] "u")
    for (f = field_first[i]; f <= field_last[i]; f++) block_add_field(i, f)
    if (item_kind[i] == "bundle") block_add(item_name[i] "_BITS", item_width[i] "u")
    if (item_kind[i] == "enum") block_add(item_name[i] "_LIMIT", limit_of(i) "u")
    if (item_kind[i] == "enum" && item_name[i] == "TYPE")
      for (f = field_first[i]; f <= field_last[i]; f++)
        block_add("BYTES_" field_name[f], attr[f, "bytes"] "u")
    block_flush(out)
  }
  print "\n/* ---- Masks: a bit an op or type ---- */\n" > out
  for (i = 1; i <= n_masks; i++) block_add(mask_name[i], "0x" mask_digits[i] "ull")
  block_flush(out)
  print "\n/* ---- Names of values: initialisers of arrays that values are indices of ---- */" > out
  print "/* clang-format off */" > out
  for (i = 1; i <= n_items; i++)
    if (item_kind[i] == "enum") {
      printf "#define LOCKSTEP_%s_NAMES", item_name[i] > out
      for (f = field_first[i]; f <= field_last[i]; f++)
        printf "%s [%s] = \"%s\"", (f > field_first[i] ? ", \\\n   " : " \\\n   "), \
          field_low[f], field_name[f] > out
      print "" > out
    }
  if ((i = enum_item("TYPE"))) {
    print "\n/* ---- DO(NAME, name) for each type of quantised blocks that the device decodes ---- */" > out
    printf "#define LOCKSTEP_QUANTISED_TYPES(DO)" > out
    for (f = field_first[i]; f <= field_last[i]; f++)
      if (attr[f, "device"] && !attr[f, "float"])
        printf " \\\n    DO(%s, %s)", field_name[f], tolower(field_name[f]) > out
    print "" > out
  }
  print "/* clang-format on */\n\n#endif" > out
  close(out)
}

function bool_c(f, key) { return attr[f, key] ? "true" : "false" }
function event_c(f) { return attr[f, "event"] == "-" ? "NO_EVENT" : "LOCKSTEP_EVENT_" attr[f, "event"] }

# What an event costs, as shares of the prices.
function shares_c(f,    item, p, text) {
  item = enum_item("PRICE")
  for (p = field_first[item]; p <= field_last[item]; p++)
    if ((f, "share", p) in attr)
      text = text (text == "" ? "" : ", ") "[LOCKSTEP_PRICE_" field_name[p] "] = " attr[f, "share", p]
  return text == "" ? "0" : text
}

function row_c(kind, f,    text) {
  text = "{\"" field_name[f] "\", \"" tolower(field_name[f]) "\""
  if (kind == "event")
    text = text ", LOCKSTEP_UNIT_" attr[f, "unit"] ", " attr[f, "coefficient"] "u, {" shares_c(f) "}"
  else if (kind == "price")
    text = text ", " attr[f, "fj"]
  else if (kind == "type")
    text = text ", " (attr[f, "file"] == "-" ? "NO_FILE" : "LOCKSTEP_FILE_TYPE_" attr[f, "file"]) ", " attr[f, "elements"] ", " attr[f, "bytes"] ", " attr[f, "scales"] ", " \
      attr[f, "bits"] ", " bool_c(f, "min") ", " bool_c(f, "float") ", " bool_c(f, "device") ", " \
      event_c(f)
  else if (kind == "op")
    text = text ", LOCKSTEP_UNIT_" attr[f, "unit"] ", LOCKSTEP_CLASS_" attr[f, "class"] ", " \
      event_c(f)
  return text "}"
}

# The registers, each with its fields from the lowest up.
function write_registers(out,    i, f) {
  print "const struct register_info register_info[] = {" > out
  for (i = 1; i <= n_items; i++) {
    if (item_kind[i] != "reg") continue
    printf "    {\"%s\", \"%s\", 0x%su, 0x%su, 0x%su, %s", item_name[i], item_access[i], \
      hex(item_offset[i], 4), hex(mask_of(i), 8), \
      hex(item_reset[i] == "-" ? 0 : item_reset[i], 8), item_reset[i] == "-" ? "false" : "true" > out
    for (f = field_first[i]; f <= field_last[i]; f++)
      printf "%s{\"%s\", %d, %d}", (f > field_first[i] ? ", " : ", {"), field_name[f], \
        field_low[f], field_high[f] - field_low[f] + 1 > out
    print (field_last[i] < field_first[i] ? ", {{0, 0, 0}}" : "}") "}," > out
  }
  print "    {0},\n};" > out
}

function write_info(out,    list, n, k, item, f) {
  head_c(out, "Tables of what the device has, by number.")
  print "#include \"csrc/base/device_info.h\"\n\n/* clang-format off */" > out
  n = split("price class unit event type op", list, " ")
  for (k = 1; k <= n; k++) {
    item = enum_item(toupper(list[k]))
    if (!item) continue
    printf "const struct %s_info %s_info[LOCKSTEP_%s_LIMIT] = {\n", list[k], list[k], \
      toupper(list[k]) > out
    for (f = field_first[item]; f <= field_last[item]; f++)
      printf "    [%d] = %s,\n", field_low[f], row_c(list[k], f) > out
    print "};\n" > out
  }
  write_registers(out)
  print "/* clang-format on */" > out
  close(out)
}

# The types again by ggml's names, as an enum of their own.
function write_ggml(out,    item, f) {
  item = enum_item("TYPE")
  head_c(out, "Type of a tensor's elements, numbered as in the file.")
  print "#ifndef GENERATED_GGML_TYPE_H\n#define GENERATED_GGML_TYPE_H\n\nenum ggml_type {" > out
  for (f = field_first[item]; f <= field_last[item]; f++)
    printf "    GGML_TYPE_%s = %d%s\n", field_name[f], field_low[f], \
      f < field_last[item] ? "," : "" > out
  print "};\n\n#endif" > out
  close(out)
}
