// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The KV memory. A word is one block of a K or V vector: 32 mantissas of 16 bits (element i in
// bits 16i+15:16i) and the block's shift in bits 516:512.
// One write port; one read port whose data comes one cycle after r_en_i and stays until the next
// read. While dbg_en_i is high the debug port has both ports: every cycle it reads dbg_addr_i and,
// if dbg_we_i is high, writes it (the read then gives the old word). Contents survive reset.
`default_nettype none
`include "generated/defaults.vh"

module kv_sram #(
  parameter KV_WORDS  = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter ADDR_BITS = $clog2(KV_WORDS)
) (
  input  wire                 clk_i,
  input  wire                 w_en_i,
  input  wire [ADDR_BITS-1:0] w_addr_i,
  input  wire [516:0]         w_data_i,
  input  wire                 r_en_i,
  input  wire [ADDR_BITS-1:0] r_addr_i,
  output reg  [516:0]         r_data_o,
  input  wire                 dbg_en_i,
  input  wire                 dbg_we_i,
  input  wire [ADDR_BITS-1:0] dbg_addr_i,
  input  wire [516:0]         dbg_wdata_i
);

  reg [516:0] words_q [0:KV_WORDS-1];

  // The wide data is chosen inside the enables: no multiplexer switches while the memory rests.
  always @(posedge clk_i) begin
    if (dbg_en_i) begin
      if (dbg_we_i) words_q[dbg_addr_i] <= dbg_wdata_i;
      r_data_o <= words_q[dbg_addr_i];
    end else begin
      if (w_en_i) words_q[w_addr_i] <= w_data_i;
      if (r_en_i) r_data_o <= words_q[r_addr_i];
    end
  end

endmodule

`default_nettype wire
