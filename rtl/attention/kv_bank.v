// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// One bank of the KV memory (kv_sram): a write port and a read port whose data comes one cycle
// after its enable and stays until the next read. While dbg_en_i is high the debug port has both:
// every cycle it reads dbg_row_i and, if dbg_we_i is high, writes it.
`default_nettype none

module kv_bank #(
  parameter WORDS    = 64,
  parameter ROW_BITS = $clog2(WORDS)
) (
  input  wire                clk_i,
  input  wire                w_en_i,
  input  wire [ROW_BITS-1:0] w_row_i,
  input  wire [516:0]        w_data_i,
  input  wire                r_en_i,
  input  wire [ROW_BITS-1:0] r_row_i,
  output reg  [516:0]        r_data_o,
  input  wire                dbg_en_i,
  input  wire                dbg_we_i,
  input  wire [ROW_BITS-1:0] dbg_row_i,
  input  wire [516:0]        dbg_wdata_i
);

  reg [516:0] words_q [0:WORDS-1];

  // The wide data is chosen inside the enables: no multiplexer switches while the memory rests.
  always @(posedge clk_i) begin
    if (dbg_en_i) begin
      if (dbg_we_i) words_q[dbg_row_i] <= dbg_wdata_i;
      r_data_o <= words_q[dbg_row_i];
    end else begin
      if (w_en_i) words_q[w_row_i] <= w_data_i;
      if (r_en_i) r_data_o <= words_q[r_row_i];
    end
  end

endmodule

`default_nettype wire
