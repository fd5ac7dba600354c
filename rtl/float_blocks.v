// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Brings the F16 or F32 blocks of a chunk to block(x, 16), as many side by side as a chunk holds.
// Elements behind the end of the row count as +0.
//
// Latency 4, throughput 1. nonfinite_o and range_o go with m_o and s_o.

`default_nettype none

module float_blocks #(
    parameter LANES     = 16,
    parameter PORT_BITS = 2048,
    parameter CHUNK     = 2304,  // bits
    parameter BLOCKS    = 4      // side by side
) (
    input  wire                  clk_i,
    input  wire                  rst_ni,
    input  wire                  clear_i,
    // f32_i: the type is F32, else F16; blocks_i of them, the last with tail_i elements if last_i
    input  wire                  valid_i,
    input  wire                  f32_i,
    input  wire [           5:0] blocks_i,
    input  wire                  last_i,
    input  wire [           5:0] tail_i,
    input  wire [     CHUNK-1:0] chunk_i,
    output wire [512*BLOCKS-1:0] m_o,
    output wire [  5*BLOCKS-1:0] s_o,
    output wire [    BLOCKS-1:0] nonfinite_o,
    output wire [    BLOCKS-1:0] range_o
);

  `include "weight_fn.vh"

  localparam BlocksF32 = 1 << weight_log2_blocks(128, PORT_BITS, LANES);

  reg valid_q;
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_i && !clear_i;

  genvar b;
  generate
    for (b = 0; b < BLOCKS; b = b + 1) begin : g_block
      // Blocks of F32 are longer, so that fewer fit.
      wire [1023:0] f32;
      if (b < BlocksF32) begin : g_f32
        assign f32 = chunk_i[1024*b+:1024];
      end else begin : g_no_f32
        assign f32 = 1024'd0;
      end

      reg [1023:0] x_q;
      reg [3:0] nonfinite_q;
      always @(posedge clk_i)
        if (valid_i) begin : convert
          reg [1023:0] x;
          reg [15:0] h;
          reg bad;
          integer i;
          bad = 1'b0;
          for (i = 0; i < 32; i = i + 1) begin
            h = chunk_i[512*b+16*i+:16];
            x[32*i+:32] = 32'd0;
            if (b[5:0] < blocks_i && !(last_i && b[5:0] == blocks_i - 6'd1 && i[5:0] >= tail_i)) begin
              x[32*i+:32] = f32_i ? f32[32*i+:32] : weight_half(h);
              if (f32_i ? f32[32*i+23+:8] == 8'hff : h[14:10] == 5'd31) bad = 1'b1;
            end
          end
          x_q <= x;
          nonfinite_q[0] <= bad;
        end
      always @(posedge clk_i) nonfinite_q[3:1] <= nonfinite_q[2:0];

      wire unused_valid;
      bfp_quant #(
          .BITS(16)
      ) u_quant (
          .clk_i(clk_i),
          .rst_ni(rst_ni),
          .valid_i(valid_q),
          .x_i(x_q),
          .valid_o(unused_valid),
          .m_o(m_o[512*b+:512]),
          .s_o(s_o[5*b+:5]),
          .range_o(range_o[b])
      );
      assign nonfinite_o[b] = nonfinite_q[3];
    end
  endgenerate

endmodule

`default_nettype wire
