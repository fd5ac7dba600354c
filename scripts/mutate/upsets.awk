# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The table of upsets, a line a structure, of what scripts/mutate/upset_one wrote. Exit status 1: a token
# was wrong and nobody said so.

BEGIN {
  FS = "\t"
  count = split("none harmless word counter device host hang silent", outcomes, " ")
  n = split("KV SRAM:vector SRAM:activations:port, beat FIFO, aligner:decoders, dot array:attention:vector unit:" \
      "microcode, tensor table:engine, sampler:token FIFOs:registers, loader:telemetry:the rest", names, ":")
}

function structure(file) {
  if (file ~ /kv_(sram|bank)/) return 1
  if (file ~ /vec_sram|vec_bank/) return 2
  if (file ~ /act_sram|bfp_quant|vec_quant/) return 3
  if (file ~ /weight_port|beat_fifo|aligner|row_/) return 4
  if (file ~ /rtl\/weights/) return 5
  if (file ~ /rtl\/attention/) return 6
  if (file ~ /rtl\/(vector|float)/) return 7
  if (file ~ /microcode|entry_store|list_store/) return 8
  if (file ~ /rtl\/engine/) return 9
  if (file ~ /token_fifos|sync_fifo/) return 10
  if (file ~ /rtl\/bus\/counters|rtl\/telemetry/) return 12
  if (file ~ /rtl\/bus/) return 11
  return 13
}

{
  s = structure($2)
  seen[s, $1]++; seen["all", $1]++
  if ($1 != "none") { turned[s]++; turned["all"]++ }
  if ($1 == "silent" || $1 == "hang") printf "%s: %s, %s\n", $1, $2, $4
}

function row(s, name, i) {
  printf "%-26s %7d %9d %9d %9d %9d %7d %6d %7d\n", name, turned[s], seen[s, "harmless"], seen[s, "word"], seen[s, "counter"], \
      seen[s, "device"], seen[s, "host"], seen[s, "hang"], seen[s, "silent"]
}

END {
  printf "%-26s %7s %9s %9s %9s %9s %7s %6s %7s\n", "structure", "upsets", "harmless", "lockstep", "counters", "device", "host", "hang", "silent"
  for (s = 1; s <= n; s++) row(s, names[s])
  row("all", "all")
  printf "%d more came too late to happen\n", seen["all", "none"]
  exit seen["all", "silent"] > 0
}
