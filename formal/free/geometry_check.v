// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// In place of rtl/engine/geometry_check.v in the proof of the module above it: it may answer
// anything that validator.v does not assume of it.
`default_nettype none
`include "generated/device.vh"

module geometry_check #(
  parameter KV_WORDS    = 0,
  parameter SEQS        = 0,
  parameter CONTEXT_MAX = 0
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,
  input  wire        start_i,
  output wire        done_o,
  output wire        bad_o,
  output wire [16:0] q_n_o,
  output wire [16:0] kv_n_o
);

  (* anyseq *) wire [35:0] any;
  assign {done_o, bad_o, q_n_o, kv_n_o} = any;

endmodule

`default_nettype wire
