# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The structures of the device that upsets are told of, and to which of them a file of RTL belongs.

BEGIN {
  structures = split("KV SRAM:vector SRAM:activations:port, beat FIFO, aligner:decoders, dot array:attention:vector unit:" \
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
