// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Brings the F16, BF16 or F32 blocks of a chunk to block(x, 16), as many side by side as a chunk
// holds. Elements behind the end of the row count as +0.
//
// Latency 5, throughput 1. nonfinite_o and range_o go with m_o and s_o.
`default_nettype none
`include "generated/device.vh"
`include "generated/defaults.vh"

module float_blocks #(
  parameter LANES     = `LOCKSTEP_DEFAULT_LANES,
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHUNK     = 3360,  // bits
  parameter BLOCKS    = 4      // side by side
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  // f32_i, bf16_i: the type is F32, BF16, else F16; blocks_i of them, the last with tail_i elements
  // if last_i
  input  wire                  valid_i,
  input  wire                  f32_i,
  input  wire                  bf16_i,
  input  wire [6:0]            blocks_i,
  input  wire                  last_i,
  input  wire [5:0]            tail_i,
  input  wire [CHUNK-1:0]      chunk_i,
  output wire [512*BLOCKS-1:0] m_o,
  output wire [5*BLOCKS-1:0]   s_o,
  output wire [BLOCKS-1:0]     nonfinite_o,
  output wire [BLOCKS-1:0]     range_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"

  localparam BLOCKS_F32 = 1 << weight_log2_blocks(
    `LOCKSTEP_TYPE_F32, PORT_BITS, LANES);

  genvar b;
  generate
    for (b = 0; b < BLOCKS; b = b + 1) begin : g_block
      // Blocks of F32 are longer, so that fewer fit.
      localparam F32 = b & (BLOCKS_F32 - 1);
      wire mine = b[6:0] < blocks_i;
      wire [5:0] count = last_i && b[6:0] == blocks_i - 7'd1 ? tail_i : 6'd32;

      reg [1023:0] x_q;
      reg [4:0] nonfinite_q;
      reg [3:0] valid_q;
      always @(posedge clk_i) valid_q <= {valid_q[2:0], valid_i && mine};

      always @(posedge clk_i)
        if (valid_i && mine) begin : g_convert
          reg [1023:0] x;
          reg [15:0] h;
          reg bad;
          integer i;
          bad = 1'b0;
          for (i = 0; i < 32; i = i + 1) begin
            h = chunk_i[512*b+16*i+:16];
            x[32*i+:32] = 32'd0;
            if (i[5:0] < count) begin
              x[32*i+:32] = f32_i ? chunk_i[1024*F32+32*i+:32] : bf16_i ? {h, 16'd0} :
                  weight_half(h);
              if (f32_i || bf16_i ? x[32*i+23+:8] == 8'hff : h[14:10] == 5'd31) bad = 1'b1;
            end
          end
          x_q <= x;
          nonfinite_q[0] <= bad;
        end
      always @(posedge clk_i) nonfinite_q[4:1] <= nonfinite_q[3:0];

      wire unused_valid;
      wire [511:0] m;
      wire [4:0] s;
      wire range;
      reg [511:0] m_q;
      reg [4:0] s_q;
      reg range_q;
      bfp_quant #(
        .BITS(16)
      ) u_quant (
        .clk_i(clk_i),
        .rst_ni(rst_ni),
        .valid_i(valid_q[0]),
        .x_i(x_q),
        .valid_o(unused_valid),
        .m_o(m),
        .s_o(s),
        .range_o(range)
      );
      always @(posedge clk_i)
        if (valid_q[3]) begin
          m_q <= m;
          s_q <= s;
          range_q <= range;
        end
      assign m_o[512*b+:512] = m_q;
      assign s_o[5*b+:5] = s_q;
      assign range_o[b] = range_q;
      assign nonfinite_o[b] = nonfinite_q[4];
    end
  endgenerate

endmodule

`default_nettype wire
