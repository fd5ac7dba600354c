// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The KV memory: banks of K words and banks of V words, so that scores of one group of heads and
// weighted sums of another are read side by side; of each an even and an odd one, so that a word
// and the next are read at once. A word is one block of a K or V vector: 32 mantissas of 16 bits
// (element i in bits 16i+15:16i) and the block's shift in bits 516:512.
// All banks share one write port. A read brings the word at its address or, with its pair_i, that
// and the next: a cycle later the even one of them is at even_o, the odd one at odd_o, until the
// next read. While dbg_en_i is high the debug port has all ports: every cycle it reads dbg_addr_i,
// whose bit 0 tells K from V (1), and, if dbg_we_i is high, writes it (the read then gives the old
// word). Contents survive reset.
`default_nettype none
`include "generated/defaults.vh"

module kv_sram #(
  parameter KV_WORDS  = `LOCKSTEP_DEFAULT_KV_WORDS,  // of all banks
  parameter ADDR_BITS = $clog2(KV_WORDS / 2)         // of K words
) (
  input  wire                 clk_i,
  input  wire                 w_en_i,
  input  wire                 w_value_i,             // a V word
  input  wire [ADDR_BITS-1:0] w_addr_i,
  input  wire [516:0]         w_data_i,
  input  wire                 k_en_i,
  input  wire                 k_pair_i,
  input  wire [ADDR_BITS-1:0] k_addr_i,
  output wire [516:0]         k_even_o,
  output wire [516:0]         k_odd_o,
  input  wire                 v_en_i,
  input  wire                 v_pair_i,
  input  wire [ADDR_BITS-1:0] v_addr_i,
  output wire [516:0]         v_even_o,
  output wire [516:0]         v_odd_o,
  input  wire                 dbg_en_i,
  input  wire                 dbg_we_i,
  input  wire [ADDR_BITS:0]   dbg_addr_i,
  input  wire [516:0]         dbg_wdata_i,
  output wire [516:0]         dbg_rdata_o
);

  // Of a word and the next, the even one lies a row further if the word is odd.
  localparam ROW_BITS = ADDR_BITS - 1;
  wire [ADDR_BITS-1:0] one    = 1;
  wire [ADDR_BITS-1:0] k_next = k_addr_i + one;
  wire [ADDR_BITS-1:0] v_next = v_addr_i + one;

  wire [1:0]          w_bank   = {w_value_i, w_addr_i[0]};
  wire [ROW_BITS-1:0] w_row    = w_addr_i[ADDR_BITS-1:1];
  wire [1:0]          dbg_bank = {dbg_addr_i[0], dbg_addr_i[1]};
  wire [ROW_BITS-1:0] dbg_row  = dbg_addr_i[ADDR_BITS:2];
  reg  [1:0]          dbg_bank_q;

  kv_bank #(.WORDS(KV_WORDS / 4)) u_k_even (
    .clk_i(clk_i), .w_en_i(w_en_i && w_bank == 2'd0), .w_row_i(w_row), .w_data_i(w_data_i),
    .r_en_i(k_en_i && (k_pair_i || !k_addr_i[0])), .r_row_i(k_next[ADDR_BITS-1:1]),
    .r_data_o(k_even_o), .dbg_en_i(dbg_en_i), .dbg_we_i(dbg_we_i && dbg_bank == 2'd0),
    .dbg_row_i(dbg_row), .dbg_wdata_i(dbg_wdata_i)
  );

  kv_bank #(.WORDS(KV_WORDS / 4)) u_k_odd (
    .clk_i(clk_i), .w_en_i(w_en_i && w_bank == 2'd1), .w_row_i(w_row), .w_data_i(w_data_i),
    .r_en_i(k_en_i && (k_pair_i || k_addr_i[0])), .r_row_i(k_addr_i[ADDR_BITS-1:1]),
    .r_data_o(k_odd_o), .dbg_en_i(dbg_en_i), .dbg_we_i(dbg_we_i && dbg_bank == 2'd1),
    .dbg_row_i(dbg_row), .dbg_wdata_i(dbg_wdata_i)
  );

  kv_bank #(.WORDS(KV_WORDS / 4)) u_v_even (
    .clk_i(clk_i), .w_en_i(w_en_i && w_bank == 2'd2), .w_row_i(w_row), .w_data_i(w_data_i),
    .r_en_i(v_en_i && (v_pair_i || !v_addr_i[0])), .r_row_i(v_next[ADDR_BITS-1:1]),
    .r_data_o(v_even_o), .dbg_en_i(dbg_en_i), .dbg_we_i(dbg_we_i && dbg_bank == 2'd2),
    .dbg_row_i(dbg_row), .dbg_wdata_i(dbg_wdata_i)
  );

  kv_bank #(.WORDS(KV_WORDS / 4)) u_v_odd (
    .clk_i(clk_i), .w_en_i(w_en_i && w_bank == 2'd3), .w_row_i(w_row), .w_data_i(w_data_i),
    .r_en_i(v_en_i && (v_pair_i || v_addr_i[0])), .r_row_i(v_addr_i[ADDR_BITS-1:1]),
    .r_data_o(v_odd_o), .dbg_en_i(dbg_en_i), .dbg_we_i(dbg_we_i && dbg_bank == 2'd3),
    .dbg_row_i(dbg_row), .dbg_wdata_i(dbg_wdata_i)
  );

  always @(posedge clk_i) if (dbg_en_i) dbg_bank_q <= dbg_bank;

  assign dbg_rdata_o = dbg_bank_q[1] ? (dbg_bank_q[0] ? v_odd_o : v_even_o) :
                                       (dbg_bank_q[0] ? k_odd_o : k_even_o);

  wire unused = &{1'b0, k_next, v_next};

endmodule

`default_nettype wire
