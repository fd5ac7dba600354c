// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Gathers groups of VLANES elements, two a cycle, into blocks of 32 and quantises them
// (docs/numerics.md, section 2): to ACT_BITS for QUANT, to 16 bits for the sum of squares of NORM.
// With ACT_BITS = 16 one quantiser serves both.
//
// A block takes 16 / VLANES cycles, no back-pressure. Latency from the last of them that of
// bfp_quant plus 1.
`default_nettype none
`include "generated/defaults.vh"

module vec_quant #(
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS   = `LOCKSTEP_DEFAULT_ACT_BITS,
  // Derived; not to be set.
  parameter PHASE_BITS = 4 - $clog2(VLANES)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,

  input  wire                  norm_i,    // 1: 16 bits, for NORM; holds while blocks are in flight
  input  wire                  valid_i,
  input  wire [PHASE_BITS-1:0] phase_i,   // which part of its block; the last one completes it
  input  wire [2*VLANES-1:0]   keep_i,    // elements with a 0 count as +0
  input  wire [VLANES*64-1:0]  x_i,

  // Mantissa i in bits 16i+15:16i, sign-extended; range: docs/numerics.md, section 9.
  output wire                  act_valid_o,
  output wire [511:0]          act_m_o,
  output wire [4:0]            act_s_o,
  output wire                  act_range_o,
  output wire                  norm_valid_o,
  output wire [511:0]          norm_m_o,
  output wire [4:0]            norm_s_o,
  output wire                  norm_range_o
);

  localparam PART = 2 * VLANES;

  reg [1023:0] x_q;
  reg          full_q;

  always @(posedge clk_i) begin
    if (!rst_ni) full_q <= 1'b0;
    else if (clear_i) full_q <= 1'b0;
    else full_q <= valid_i && phase_i == {PHASE_BITS{1'b1}};
  end

  integer p, i;
  always @(posedge clk_i) begin
    if (valid_i) begin
      for (p = 0; p < 32 / PART; p = p + 1) begin
        if (phase_i == p[PHASE_BITS-1:0]) begin
          for (i = 0; i < PART; i = i + 1) begin
            x_q[32*(PART*p+i) +: 32] <= keep_i[i] ? x_i[32*i +: 32] : 32'd0;
          end
        end
      end
    end
  end

  generate
    if (ACT_BITS == 16) begin : g_one
      wire         valid;
      wire [511:0] m;
      wire [4:0]   s;
      wire         range;

      bfp_quant #(.BITS(16)) u_quant (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(full_q),
        .x_i    (x_q),
        .valid_o(valid),
        .m_o    (m),
        .s_o    (s),
        .range_o(range)
      );

      assign act_valid_o  = valid && !norm_i;
      assign act_m_o      = m;
      assign act_s_o      = s;
      assign act_range_o  = range;
      assign norm_valid_o = valid && norm_i;
      assign norm_m_o     = m;
      assign norm_s_o     = s;
      assign norm_range_o = range;
    end else begin : g_two
      bfp_quant #(.BITS(ACT_BITS)) u_act (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(full_q && !norm_i),
        .x_i    (x_q),
        .valid_o(act_valid_o),
        .m_o    (act_m_o),
        .s_o    (act_s_o),
        .range_o(act_range_o)
      );

      bfp_quant #(.BITS(16)) u_norm (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(full_q && norm_i),
        .x_i    (x_q),
        .valid_o(norm_valid_o),
        .m_o    (norm_m_o),
        .s_o    (norm_s_o),
        .range_o(norm_range_o)
      );
    end
  endgenerate

endmodule

`default_nettype wire
