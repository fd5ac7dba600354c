// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The weight registers of all lanes: the 32 elements that each multiplies, as signed bytes, with
// their scales, and a minimum for each half of them. The bytes are 2^weight_align times the
// integers of the block. The 16-bit mantissas of floats are 256 times a high byte, plus a low byte,
// plus 128.
//
// Word k of a lane is elements 4k to 4k+3; word k of all lanes stand side by side, lane 0 first, so
// that simulators work on all lanes at once. Weights a cycle after load_i; the scales, multiplied
// by the sub-scales, one later, after dot_i.
//
// Lane l takes block l - turn_i mod P of the chunk, which the beat FIFO has turned; floats turn
// here.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module weight_decode #(
  parameter LANES     = `LOCKSTEP_DEFAULT_LANES,
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHUNK     = 3360,  // bits
  parameter FLOATS    = 4      // float blocks side by side
) (
  input  wire                  clk_i,
  // load_i: the lanes take blocks of the type, each more than once if P is less than LANES; of a
  // block of 256 the parts from step_i * LANES on. dot_i a cycle later
  input  wire                  load_i,
  input  wire                  dot_i,
  input  wire [7:0]            type_i,
  input  wire                  float_i,
  input  wire                  mx_i,      // MXFP4
  input  wire                  min_i,     // has minimums
  input  wire                  f32_i,
  input  wire [2:0]            step_i,
  input  wire [5:0]            turn_i,    // a multiple of 8 where blocks are of 256
  input  wire [CHUNK-1:0]      chunk_i,
  // Float blocks as block(x, 16)
  input  wire [512*FLOATS-1:0] float_m_i,
  input  wire [5*FLOATS-1:0]   float_s_i,
  output wire [256*LANES-1:0]  w_o,
  output wire [256*LANES-1:0]  high_o,    // the high bytes of floats
  // In 32 bits a lane: the shifts of the scales and of the minimums
  output wire [32*LANES-1:0]   t_o,
  output wire [32*LANES-1:0]   r_o,
  // Scales, of elements below 16 and from 16 on, and minimums v * h, signed; scales are 1 if there
  // is none
  output wire [32*LANES-1:0]   scale0_o,
  output wire [32*LANES-1:0]   scale1_o,
  output wire [32*LANES-1:0]   min0_o,
  output wire [32*LANES-1:0]   min1_o,
  // The scale of this block of the chunk is no number, or too large
  output wire [LANES-1:0]      nonfinite_o,
  output wire [LANES-1:0]      range_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"
  `include "generated/lane_block.vh"
  `include "weights/weight_bytes.vh"

  // The significand of a binary16, signed, and its exponent, less that of a subnormal.
  function [31:0] significand(input [15:0] d);
    significand = d[15] ? -{21'd0, d[14:10] != 0, d[9:0]} : {21'd0, d[14:10] != 0, d[9:0]};
  endfunction
  function [31:0] exponent(input [15:0] d);
    exponent = {27'd0, d[14:10] != 0 ? d[14:10] - 5'd1 : 5'd0};
  endfunction

  function [31:0] extended(input [7:0] x);
    extended = ({24'd0, x} ^ 32'h80) - 32'h80;
  endfunction

  localparam LANE_W = $clog2(LANES);
  localparam F32S = 1 << weight_log2_blocks(`LOCKSTEP_TYPE_F32, PORT_BITS, LANES);

  localparam MX_ROUNDED = 1;
  wire [7:0] kind = type_i;
  wire [31:0] step = {29'd0, step_i};
  reg [256*LANES-1:0] w_q, high_q;
  reg [32*LANES-1:0] g_q, t_q, sub_q, h_q, r_q;
  reg [LANES-1:0] nonfinite_q, range_q;
  reg [LANE_W-1:0] turn_q;
  always @(posedge clk_i) begin : g_load
    reg [256*LANES-1:0] w, high;
    reg [32*LANES-1:0] sub, half, g, t, h, r;
    reg [127:0] names;
    reg [31:0] x;
    reg [63:0] m;  // of floats
    reg [31:0] factor[0:LANES-1];
    reg [31:0] place[0:LANES-1];
    reg [LANES-1:0] nonfinite, range;
    reg [7:0] e;
    integer l, k, p, f;
    // Set outside the if, so that simulators need not keep them.
    x = 32'd0;
    p = 0;
    if (load_i) begin
      `include "weights/weight_layout.vh"
      if (float_i) begin
        for (k = 0; k < 8; k = k + 1)
          for (l = 0; l < LANES; l = l + 1) begin
            f = (l - {26'd0, turn_i}) & (f32_i ? F32S - 1 : FLOATS - 1);
            m = float_m_i[512*f+64*k+:64];
            w[32*(LANES*k+l)+:32] = {m[55:48], m[39:32], m[23:16], m[7:0]} ^ 32'h80808080;
            x = {m[63:56], m[47:40], m[31:24], m[15:8]};
            high[32*(LANES*k+l)+:32] = x;
          end
        for (l = 0; l < LANES; l = l + 1) begin
          f = (l - {26'd0, turn_i}) & (f32_i ? F32S - 1 : FLOATS - 1);
          sub[32*l+:32] = 32'd0;
          half[32*l+:32] = {27'd0, float_s_i[5*f+:5]};
        end
        high_q <= high;
      end
      nonfinite = {LANES{1'b0}};
      range = {LANES{1'b0}};
      if (float_i)
        for (l = 0; l < LANES; l = l + 1) begin
          factor[l] = 32'd1;
          place[l] = {27'd0, half[32*l+:5]};
        end
      else if (mx_i)
        for (l = 0; l < LANES; l = l + 1) begin
          e = half[32*l+:8];
          factor[l] = e < 8'd132 ? 32'd1 : 32'd1 << (e[3:0] - 4'd3);  // e - 131
          place[l] = e < 8'd100 ? 32'd0 : e > 8'd131 ? 32'd31 : {24'd0, e} - 32'd100;
          nonfinite[l] = e == 8'd255;
          range[l] = e > 8'd142;
        end
      else begin
        // Hardly any scale is no number: simulators look whether one is before they ask which.
        x = 32'd0;
        for (l = 0; l < LANES; l = l + 1) begin
          factor[l] = significand(half[32*l+:16]);
          place[l] = exponent(half[32*l+:16]);
          x = x | {31'd0, half[32*l+10+:5] == 5'd31} |
              {31'd0, min_i && half[32*l+26+:5] == 5'd31};
        end
        if (x != 0)
          for (l = 0; l < LANES; l = l + 1)
            nonfinite[l] = half[32*l+10+:5] == 5'd31 || (min_i && half[32*l+26+:5] == 5'd31);
      end
      for (l = 0; l < LANES; l = l + 1) begin
        g[32*l+:32] = factor[l];
        t[32*l+:32] = place[l];
      end
      if (min_i) begin
        for (l = 0; l < LANES; l = l + 1) begin
          h[32*l+:32] = significand(half[32*l+16+:16]);
          r[32*l+:32] = exponent(half[32*l+16+:16]);
        end
        h_q <= h;
        r_q <= r;
      end
      w_q <= w;
      g_q <= g;
      t_q <= t;
      sub_q <= sub;
      nonfinite_q <= nonfinite;
      range_q <= range;
      turn_q <= turn_i[LANE_W-1:0];
    end
  end

  reg [32*LANES-1:0] scale0_q, scale1_q, min0_q, min1_q;
  always @(posedge clk_i)
    if (dot_i) begin : g_scales
      reg [32*LANES-1:0] scale0, scale1, min0, min1;
      integer l;
      for (l = 0; l < LANES; l = l + 1) begin
        scale0[32*l+:32] = g_q[32*l+:32] * extended(sub_q[32*l+:8]);
        scale1[32*l+:32] = g_q[32*l+:32] * extended(sub_q[32*l+8+:8]);
      end
      scale0_q <= scale0;
      scale1_q <= scale1;
      if (min_i) begin
        for (l = 0; l < LANES; l = l + 1) begin
          min0[32*l+:32] = h_q[32*l+:32] * extended(sub_q[32*l+16+:8]);
          min1[32*l+:32] = h_q[32*l+:32] * extended(sub_q[32*l+24+:8]);
        end
        min0_q <= min0;
        min1_q <= min1;
      end
    end

  assign w_o = w_q;
  assign high_o = high_q;
  assign t_o = t_q;
  assign r_o = r_q;
  assign scale0_o = scale0_q;
  assign scale1_o = scale1_q;
  assign min0_o = min0_q;
  assign min1_o = min1_q;
  // In the order of the chunk.
  assign nonfinite_o = nonfinite_q >> turn_q | nonfinite_q << -turn_q;
  assign range_o = range_q >> turn_q | range_q << -turn_q;

endmodule

`default_nettype wire
