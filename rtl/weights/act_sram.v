// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The activations of one slot. A word holds a block (32 mantissas and their shift,
// docs/numerics.md section 2) for every lane, and is read whole; block b is lane b mod LANES of
// word b / LANES. Mantissas 2k and 2k+1 of all lanes stand side by side. One port each to write a
// block and to read a word; latency 1.
`default_nettype none
`include "generated/defaults.vh"

module act_sram #(
  parameter LANES = `LOCKSTEP_DEFAULT_LANES,
  parameter WORDS = 32,
  parameter ADDRW = 5
) (
  input  wire                     clk_i,
  input  wire                     we_i,
  input  wire [ADDRW-1:0]         waddr_i,
  input  wire [$clog2(LANES)-1:0] lane_i,
  input  wire [511:0]             m_i,
  input  wire [4:0]               s_i,
  input  wire                     re_i,
  input  wire [ADDRW-1:0]         raddr_i,
  output wire [512*LANES-1:0]     m_o,
  output wire [32*LANES-1:0]      s_o  // 5 bits of each 32
);

  reg [512*LANES-1:0] m_mem_q[0:WORDS-1];
  reg [32*LANES-1:0] s_mem_q[0:WORDS-1];
  always @(posedge clk_i)
    if (we_i) begin : g_write
      integer k;
      for (k = 0; k < 16; k = k + 1)
        m_mem_q[waddr_i][{k[3:0], lane_i, 5'd0}+:32] <= m_i[32*k+:32];
      s_mem_q[waddr_i][{lane_i, 5'd0}+:32] <= {27'd0, s_i};
    end

  reg [512*LANES-1:0] m_q;
  reg [32*LANES-1:0] s_q;
  always @(posedge clk_i)
    if (re_i) begin
      m_q <= m_mem_q[raddr_i];
      s_q <= s_mem_q[raddr_i];
    end
  assign m_o = m_q;
  assign s_o = s_q;

endmodule

`default_nettype wire
