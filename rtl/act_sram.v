// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The activations that one lane multiplies for one slot: a word is a block of 32 mantissas and its
// shift (docs/numerics.md, section 2). One port each to write and to read; latency 1.

`default_nettype none

module act_sram #(
    parameter WORDS = 32,
    parameter ADDRW = 5
) (
    input  wire                         clk_i,
    input  wire                         we_i,
    input  wire [ADDRW-1:0] waddr_i,
    input  wire [                511:0] m_i,
    input  wire [                  4:0] s_i,
    input  wire                         re_i,
    input  wire [ADDRW-1:0] raddr_i,
    output wire [                511:0] m_o,
    output wire [                  4:0] s_o
);

  reg [511:0] m_mem[0:WORDS-1];
  reg [4:0] s_mem[0:WORDS-1];
  reg [511:0] m_q;
  reg [4:0] s_q;
  always @(posedge clk_i) begin
    if (re_i) begin
      m_q <= m_mem[raddr_i];
      s_q <= s_mem[raddr_i];
    end
    if (we_i) begin
      m_mem[waddr_i] <= m_i;
      s_mem[waddr_i] <= s_i;
    end
  end
  assign m_o = m_q;
  assign s_o = s_q;

endmodule

`default_nettype wire
