// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The activations of one slot. A word holds a block (32 mantissas and their shift,
// docs/numerics.md section 2) for every lane; block b is lane b mod LANES of word b / LANES, and a
// read gives LANES blocks from any one on, each in its lane. Mantissas 2k and 2k+1 of all lanes
// stand side by side. A block may be written to a second place, in another lane. Latency 1.
`default_nettype none
`include "generated/defaults.vh"

module act_sram #(
  parameter LANES = `LOCKSTEP_DEFAULT_LANES,
  parameter WORDS = 32,
  parameter PLACE_W = 9
) (
  input  wire                clk_i,
  input  wire                we_i,
  input  wire [PLACE_W-1:0]  place_i,
  input  wire                again_i,
  input  wire [PLACE_W-1:0]  again_place_i,
  input  wire [511:0]        m_i,
  input  wire [4:0]          s_i,
  input  wire                re_i,
  input  wire [PLACE_W-1:0]  first_i,
  output wire [512*LANES-1:0] m_o,
  output wire [32*LANES-1:0] s_o  // 5 bits of each 32
);

  localparam LANE_W = $clog2(LANES);
  localparam WORD_W = PLACE_W - LANE_W;

  wire [WORD_W-1:0] word, again_word, first;
  wire [LANE_W-1:0] lane, again_lane, base;
  assign {word, lane} = place_i;
  assign {again_word, again_lane} = again_place_i;
  assign {first, base} = first_i;

  reg [512*LANES-1:0] m_mem_q[0:WORDS-1];
  reg [32*LANES-1:0] s_mem_q[0:WORDS-1];
  always @(posedge clk_i) begin : g_write
    integer k;
    if (we_i) begin
      for (k = 0; k < 16; k = k + 1)
        m_mem_q[word][{k[3:0], lane, 5'd0}+:32] <= m_i[32*k+:32];
      s_mem_q[word][{lane, 5'd0}+:32] <= {27'd0, s_i};
    end
    if (again_i) begin
      for (k = 0; k < 16; k = k + 1)
        m_mem_q[again_word][{k[3:0], again_lane, 5'd0}+:32] <= m_i[32*k+:32];
      s_mem_q[again_word][{again_lane, 5'd0}+:32] <= {27'd0, s_i};
    end
  end

  reg [512*LANES-1:0] m_q;
  reg [32*LANES-1:0] s_q;
  always @(posedge clk_i)
    if (re_i) begin
      if (base == 0) begin
        m_q <= m_mem_q[first];
        s_q <= s_mem_q[first];
      end else begin : g_two_words
        reg [512*LANES-1:0] m;
        reg [32*LANES-1:0] next;  // the lanes that lie in the next word
        integer l, k;
        for (l = 0; l < LANES; l = l + 1) next[32*l+:32] = {32{l[LANE_W-1:0] < base}};
        for (k = 0; k < 16; k = k + 1)
          m[32*LANES*k+:32*LANES] = (m_mem_q[first][32*LANES*k+:32*LANES] & ~next) |
              (m_mem_q[first+1'b1][32*LANES*k+:32*LANES] & next);
        m_q <= m;
        s_q <= (s_mem_q[first] & ~next) | (s_mem_q[first+1'b1] & next);
      end
    end
  assign m_o = m_q;
  assign s_o = s_q;

endmodule

`default_nettype wire
