// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Entries of four words, written word by word and read whole by two readers; data comes one cycle
// after the index. The microcode store and the tensor descriptor table are such.
`default_nettype none

module entry_store #(
  parameter ENTRIES = 256   // 2..16384
) (
  input  wire         clk_i,

  input  wire         we_i,
  input  wire [15:0]  waddr_i,   // 4 * entry + word, below 4 * ENTRIES
  input  wire [31:0]  wdata_i,

  input  wire [15:0]  a_index_i,
  output reg  [127:0] a_entry_o,
  input  wire [15:0]  b_index_i,
  output reg  [127:0] b_entry_o
);

  localparam BITS = $clog2(ENTRIES);

  genvar w;
  generate
    for (w = 0; w < 4; w = w + 1) begin : g_word
      reg [31:0] word_q [0:ENTRIES-1];

      always @(posedge clk_i) begin
        if (we_i && waddr_i[1:0] == w[1:0])
          word_q[waddr_i[BITS+1:2]] <= wdata_i;
        a_entry_o[32*w +: 32] <= word_q[a_index_i[BITS-1:0]];
        b_entry_o[32*w +: 32] <= word_q[b_index_i[BITS-1:0]];
      end
    end
  endgenerate

  wire unused = &{1'b0, waddr_i, a_index_i, b_index_i};

`ifdef FORMAL
`include "common/formal.vh"
  // For any one word of any entry: what was written last is what both read.
  (* anyconst *) wire [BITS-1:0] entry;
  (* anyconst *) wire [1:0] word;
  reg        known_q = 1'b0, a_known_q = 1'b0, b_known_q = 1'b0;
  reg [31:0] last_q, a_last_q, b_last_q;
  always @(posedge clk_i) begin
    if (we_i && waddr_i[BITS+1:0] == {entry, word}) begin
      known_q <= 1'b1;
      last_q  <= wdata_i;
    end
    a_known_q <= known_q && a_index_i[BITS-1:0] == entry;
    b_known_q <= known_q && b_index_i[BITS-1:0] == entry;
    a_last_q  <= last_q;
    b_last_q  <= last_q;
  end
  wire [31:0] stored [0:3];
  assign stored[0] = g_word[0].word_q[entry];
  assign stored[1] = g_word[1].word_q[entry];
  assign stored[2] = g_word[2].word_q[entry];
  assign stored[3] = g_word[3].word_q[entry];
  always `LOCKSTEP_CHECKED_ALWAYS begin
    if (a_known_q) read_1: assert (a_entry_o[32*word +: 32] == a_last_q);
    if (b_known_q) read_2: assert (b_entry_o[32*word +: 32] == b_last_q);
    if (known_q) assert (stored[word] == last_q);   // what induction rests on
    cover (a_known_q && b_known_q && a_last_q != last_q);
  end
`endif

endmodule

`default_nettype wire
