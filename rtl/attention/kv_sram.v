// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The KV memory: a bank of K words and a bank of V words, so that scores of one group of heads and
// weighted sums of another are read side by side. A word is one block of a K or V vector: 32
// mantissas of 16 bits (element i in bits 16i+15:16i) and the block's shift in bits 516:512.
// Both banks share one write port; each has a read port whose data comes one cycle after its enable
// and stays until the next read. While dbg_en_i is high the debug port has all ports: every cycle
// it reads dbg_addr_i, whose bit 0 is the bank (1: V), and, if dbg_we_i is high, writes it (the
// read then gives the old word). Contents survive reset.
`default_nettype none
`include "generated/defaults.vh"

module kv_sram #(
  parameter KV_WORDS  = `LOCKSTEP_DEFAULT_KV_WORDS,  // of both banks
  parameter ADDR_BITS = $clog2(KV_WORDS / 2)         // of a bank
) (
  input  wire                 clk_i,
  input  wire                 w_en_i,
  input  wire                 w_value_i,             // a V word
  input  wire [ADDR_BITS-1:0] w_addr_i,
  input  wire [516:0]         w_data_i,
  input  wire                 k_en_i,
  input  wire [ADDR_BITS-1:0] k_addr_i,
  output reg  [516:0]         k_data_o,
  input  wire                 v_en_i,
  input  wire [ADDR_BITS-1:0] v_addr_i,
  output reg  [516:0]         v_data_o,
  input  wire                 dbg_en_i,
  input  wire                 dbg_we_i,
  input  wire [ADDR_BITS:0]   dbg_addr_i,
  input  wire [516:0]         dbg_wdata_i,
  output wire [516:0]         dbg_rdata_o
);

  reg [516:0] k_words_q [0:KV_WORDS/2-1];
  reg [516:0] v_words_q [0:KV_WORDS/2-1];
  reg         dbg_value_q;

  // The wide data is chosen inside the enables: no multiplexer switches while the memory rests.
  always @(posedge clk_i) begin
    if (dbg_en_i) begin
      if (dbg_we_i && !dbg_addr_i[0]) k_words_q[dbg_addr_i[ADDR_BITS:1]] <= dbg_wdata_i;
      k_data_o <= k_words_q[dbg_addr_i[ADDR_BITS:1]];
    end else begin
      if (w_en_i && !w_value_i) k_words_q[w_addr_i] <= w_data_i;
      if (k_en_i) k_data_o <= k_words_q[k_addr_i];
    end
  end

  always @(posedge clk_i) begin
    if (dbg_en_i) begin
      if (dbg_we_i && dbg_addr_i[0]) v_words_q[dbg_addr_i[ADDR_BITS:1]] <= dbg_wdata_i;
      v_data_o    <= v_words_q[dbg_addr_i[ADDR_BITS:1]];
      dbg_value_q <= dbg_addr_i[0];
    end else begin
      if (w_en_i && w_value_i) v_words_q[w_addr_i] <= w_data_i;
      if (v_en_i) v_data_o <= v_words_q[v_addr_i];
    end
  end

  assign dbg_rdata_o = dbg_value_q ? v_data_o : k_data_o;

endmodule

`default_nettype wire
