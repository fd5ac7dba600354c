# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Writes what the RTL includes: generated/device.vh (macros), generated/device_fn.vh (functions),
# generated/lane_block.vh and generated/settings_fn.vh.

function head_slashes(out, text) {
  print "// SPDX-License-Identifier: Apache-2.0" > out
  print "// SPDX-FileCopyrightText: 2026 The Lockstep authors" > out
  print "//" > out
  wrap(generated " " text, "// ", "// ", "", out)
}

function define_v(name, value, out) { printf "`define LOCKSTEP_%-28s %s\n", name, value > out }

function write_verilog(out,    i, f) {
  head_slashes(out, "Offsets are 16-bit numbers, resets 32-bit ones, fields and members bit ranges " \
    "to put in brackets, enumeration values numbers of their width, a bundle's _W its bits, masks 64 " \
    "bits with a bit an op or type.")
  print "`ifndef GENERATED_DEVICE_VH\n`define GENERATED_DEVICE_VH" > out
  for (i = 1; i <= n_items; i++) {
    if (item_kind[i] == "group") { print "\n// " item_text[i] > out; continue }
    if (item_kind[i] == "enum" && item_on_host[i]) continue
    if (item_kind[i] == "enum") {
      print "// " item_name[i] ": " item_text[i] > out
      for (f = field_first[i]; f <= field_last[i]; f++)
        define_v(item_name[i] "_" field_name[f], item_width[i] "'d" field_low[f], out)
      define_v(item_name[i] "_LIMIT", limit_of(i), out)
      continue
    }
    if (item_kind[i] == "reg") {
      define_v("REG_" item_name[i], "16'h" hex(item_offset[i], 4), out)
      if (item_reset[i] != "-")
        define_v("RESET_" item_name[i], "32'h" hex(item_reset[i], 8), out)
    }
    if (item_kind[i] == "constant")   # as wide as it must be
      define_v(item_name[i], log2(item_offset[i] + 1) "'d" item_offset[i], out)
    if (item_kind[i] == "bundle") {
      print "// " item_name[i] ": " item_text[i] > out
      define_v(item_name[i] "_W", item_width[i], out)
    }
    for (f = field_first[i]; f <= field_last[i]; f++)
      define_v(item_name[i] "_" field_name[f], range(f), out)
  }
  if (enum_item("TYPE")) {
    print "\n// The longest block that the device takes, of 32 elements at least." > out
    define_v("BLOCK_BYTES", longest_block(), out)
  }
  print "\n// Masks" > out
  for (i = 1; i <= n_masks; i++) define_v(mask_name[i], "64'h" mask_digits[i], out)
  print "\n`endif" > out
  close(out)
}

# A function from the rows of an enum to what `key` tells of them.
function function_v(what, key, width, other, text, out,    item, f, value, name) {
  item = enum_item(what)
  if (!item) return
  name = "device_" tolower(what) "_" key
  print "\n// " text > out
  print "function [" width - 1 ":0] " name "(input [" item_width[item] - 1 ":0] fn_" tolower(what) ");" > out
  print "  case (fn_" tolower(what) ")" > out
  for (f = field_first[item]; f <= field_last[item]; f++) {
    value = value_v(what, key, f)
    if (value != "")
      printf "    `LOCKSTEP_%s_%s: %s = %s;\n", what, field_name[f], name, value > out
  }
  print "    default: " name " = " other ";\n  endcase\nendfunction" > out
}

function log2(n,    k) { for (k = 0; 2 ^ k < n; k++); return k }

# Elements of a block as the device takes them: 32 at least.
function device_elements(f) { return attr[f, "elements"] < 32 ? 32 : attr[f, "elements"] }

function device_bytes(f) { return device_elements(f) / attr[f, "elements"] * attr[f, "bytes"] }
function longest_block(    item, f, most) {
  item = enum_item("TYPE")
  for (f = field_first[item]; f <= field_last[item]; f++)
    if (attr[f, "device"] && device_bytes(f) > most) most = device_bytes(f)
  return most
}

function value_v(what, key, f,    halfs) {
  if (what == "OP") {
    if (key == "event") return attr[f, key] == "-" ? "" : "`LOCKSTEP_EVENT_" attr[f, key]
    return attr[f, "shown"] ? "" : "`LOCKSTEP_" toupper(key) "_" attr[f, key]
  }
  if (what == "EVENT")
    return key == "unit" ? "`LOCKSTEP_UNIT_" attr[f, key] : "`LOCKSTEP_RESET_COEF_" field_name[f]
  if (!attr[f, "device"]) return ""
  if (key == "event") return "`LOCKSTEP_EVENT_" attr[f, key]
  if (key == "log2") return "4'd" log2(device_elements(f))
  if (key == "bytes") return "12'd" device_bytes(f)
  halfs = 16 * attr[f, "bytes"] / attr[f, "elements"]
  return "12'd" (halfs > int(halfs) ? int(halfs) + 1 : halfs)
}

function write_functions(out,    item, f) {
  head_slashes(out, "Functions of ops, events and types, to be included inside a module behind " \
    "generated/device.vh. Of types that the device does not decode they tell nothing.")
  function_v("OP", "unit", 3, "`LOCKSTEP_UNIT_CONTROL", "The unit that executes an op.", out)
  function_v("OP", "class", 4, "`LOCKSTEP_CLASS_CONTROL", "The class of the cycles of an op.", out)
  function_v("OP", "event", 5, "5'd0", "What an op of the vector or attention unit counts as.", out)
  function_v("EVENT", "unit", 3, "`LOCKSTEP_UNIT_LEAKAGE", "The unit that an event takes energy in.", out)
  function_v("EVENT", "coefficient", 32, "32'd0", "What it takes after reset, in fJ.", out)
  function_v("TYPE", "event", 5, "5'd0", "What a block of 32 products counts as.", out)
  function_v("TYPE", "log2", 4, "4'd5", "log2 of the elements of a block, of 32 elements at least.", out)
  function_v("TYPE", "bytes", 12, "12'd0", "Bytes of such a block.", out)
  function_v("TYPE", "halfs", 12, "12'd0", "16-bit units that 32 elements count as, rounded up.", out)
  item = enum_item("TYPE")
  if (item) {
    print "\n// Bytes of a row of so many elements, in whole blocks." > out
    print "function [19:0] device_row_bytes(input [7:0] fn_type, input [17:0] fn_cols);" > out
    print "  case (fn_type)" > out
    for (f = field_first[item]; f <= field_last[item]; f++)
      if (attr[f, "device"])
        printf "    `LOCKSTEP_TYPE_%s: device_row_bytes = {2'd0, fn_cols >> %d} * 20'd%d;\n", \
          field_name[f], log2(attr[f, "elements"]), attr[f, "bytes"] > out
    print "    default: device_row_bytes = 20'd0;\n  endcase\nendfunction" > out
  }
  close(out)
}

# Of the types that are no floats, what tells the block of a lane within a chunk.
function write_lane_block(out,    item, f) {
  item = enum_item("TYPE")
  if (!item) return
  head_slashes(out, "Bits of a block, and the last block of a chunk, to be included inside a module with " \
    "parameters LANES and PORT_BITS behind weights/weight_fn.vh.")
  print "" > out
  for (f = field_first[item]; f <= field_last[item]; f++)
    if (attr[f, "device"] && !attr[f, "float"]) {
      printf "localparam UNIT_%s = %d;\n", field_name[f], 8 * attr[f, "bytes"] > out
      printf "localparam LAST_%s = weight_last_unit(`LOCKSTEP_TYPE_%s, PORT_BITS, LANES);\n", \
        field_name[f], field_name[f] > out
    }
  close(out)
}

# The bits of a register that exist, as Verilog concatenates them: those of `name`, the highest first.
function parts_v(name, reg,    f, list) {
  if (field_first[reg] > field_last[reg]) return name
  for (f = field_last[reg]; f >= field_first[reg]; f--)
    list = list (list ? ", " : "") name "[" range(f) "]"
  return field_first[reg] == field_last[reg] ? list : "{" list "}"
}
function bits_of(reg,    f, n) {
  if (field_first[reg] > field_last[reg]) return 32
  for (f = field_first[reg]; f <= field_last[reg]; f++) n += field_high[f] - field_low[f] + 1
  return n
}

function bad_setting(name, why) { print "generate: member " name " of SETTINGS " why > "/dev/stderr"; exit 1 }

# Members of the bundle SETTINGS are registers that only store: their whole decode.
function write_settings(out,    item, i, f, reg, list, of, width, resets) {
  for (item = 1; item <= n_items; item++)
    if (item_kind[item] == "bundle" && item_name[item] == "SETTINGS") break
  if (item > n_items) return
  for (i = 1; i <= n_items; i++) if (item_kind[i] == "reg") reg[item_name[i]] = i
  for (f = field_first[item]; f <= field_last[item]; f++) {
    if (!(field_name[f] in reg))
      bad_setting(field_name[f], "is no register")
    of[f] = reg[field_name[f]]
    if (bits_of(of[f]) != field_high[f] - field_low[f] + 1)
      bad_setting(field_name[f], "has not as many bits as its register")
    if (item_reset[of[f]] >= 2 ^ bits_of(of[f])) bad_setting(field_name[f], "is reset beyond its bits")
    if (item_access[of[f]] == "cfg") list = list (list ? ",\n    " : "") "`LOCKSTEP_REG_" field_name[f]
  }
  width = item_width[item] - 1
  head_slashes(out, "Registers that only store (bundle SETTINGS), to be included inside a module behind " \
    "generated/device.vh.")
  print "\n// Whether a register is locked while the engine may use it." > out
  print "function settings_locked(input [15:0] fn_addr);\n  case (fn_addr)\n    " list ":" > out
  print "      settings_locked = 1'b1;\n    default: settings_locked = 1'b0;\n  endcase\nendfunction" > out
  print "\n// What a register reads, and above it whether it is one of these." > out
  print "function [32:0] settings_read(input [15:0] fn_addr, input [" width ":0] fn_settings);" > out
  print "  begin\n    settings_read = {1'b1, 32'd0};\n    case (fn_addr)" > out
  for (f = field_first[item]; f <= field_last[item]; f++)
    printf "      `LOCKSTEP_REG_%s:\n        %s = fn_settings[%s];\n", field_name[f], \
      parts_v(field_first[of[f]] <= field_last[of[f]] ? "settings_read" : "settings_read[31:0]", of[f]), \
      range(f) > out
  print "      default: settings_read[32] = 1'b0;\n    endcase\n  end\nendfunction" > out
  print "\n// All of them, after `fn_data` was written to one." > out
  print "function [" width ":0] settings_write(input [15:0] fn_addr, input [" width ":0] fn_settings," > out
  print "                               input [31:0] fn_data);" > out
  print "  begin\n    settings_write = fn_settings;\n    case (fn_addr)" > out
  for (f = field_first[item]; f <= field_last[item]; f++)
    printf "      `LOCKSTEP_REG_%s:\n        settings_write[%s] = %s;\n", field_name[f], range(f), \
      parts_v("fn_data", of[f]) > out
  print "      default: ;\n    endcase\n  end\nendfunction" > out
  print "\n// After reset.\nlocalparam [" width ":0] SETTINGS_RESET = {" > out
  for (f = field_last[item]; f >= field_first[item]; f--)
    printf "  %d'h%x%s  // %s\n", field_high[f] - field_low[f] + 1, item_reset[of[f]], \
      f == field_first[item] ? "" : ",", field_name[f] > out
  print "};" > out
  close(out)
}
