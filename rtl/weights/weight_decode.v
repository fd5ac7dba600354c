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
  `include "weights/weight_layout.vh"

  // The significand of a binary16, signed, and its exponent, less that of a subnormal.
  function [31:0] significand(input [15:0] d);
    significand = d[15] ? -{21'd0, d[14:10] != 0, d[9:0]} : {21'd0, d[14:10] != 0, d[9:0]};
  endfunction
  function [31:0] exponent(input [15:0] d);
    exponent = {27'd0, d[14:10] != 0 ? d[14:10] - 5'd1 : 5'd0};
  endfunction

  // MXFP4 counts in units of 2^-28 and 2^t, t of 0 to 31. With exponents above that the scale
  // grows; below, what 4 bits name is divided, to nearest, ties to even.
  function [127:0] mx_names(input [7:0] e);
    case (e)
      8'd99: mx_names = 128'hfafcfdfefeff00000604030202010000;
      8'd98: mx_names = 128'hfdfefeffff0000000302020101000000;
      8'd97: mx_names = 128'hfeffff00000000000201010000000000;
      8'd96: mx_names = 128'hff000000000000000100000000000000;
      default: mx_names = e < 8'd96 ? 128'd0 : WEIGHT_E2M1;
    endcase
  endfunction

  // With a block of 256, the part that a lane takes.
  function [31:0] part_of(input integer lane);
    part_of = LANES < 8 ? {29'd0, step_i} * LANES + lane : lane % 8;
  endfunction

  function [31:0] extended(input [7:0] x);
    extended = ({24'd0, x} ^ 32'h80) - 32'h80;
  endfunction

  localparam LANE_W = $clog2(LANES);
  localparam F32S = 1 << weight_log2_blocks(`LOCKSTEP_TYPE_F32, PORT_BITS, LANES);

  // What the lanes take: their words, and what stands above them in a block.
  reg [256*LANES-1:0] w;
  reg [63:0] more[0:LANES-1];
  task put(input integer lane, input [319:0] block);
    integer word;
    begin
      for (word = 0; word < 8; word = word + 1)
        w[32*(LANES*word+lane)+:32] = block[32*word+:32];
      more[lane] = block[319:256];
    end
  endtask

  reg [256*LANES-1:0] w_q, high_q;
  reg [32*LANES-1:0] g_q, t_q, sub_q, h_q, r_q;
  reg [LANES-1:0] nonfinite_q, range_q;
  reg [LANE_W-1:0] turn_q;
  always @(posedge clk_i)
    if (load_i) begin : g_load
      reg [255:0] low, above;  // of floats, their bytes
      reg [31:0] factor[0:LANES-1];
      reg [31:0] place[0:LANES-1];
      reg [256*LANES-1:0] high;
      reg [32*LANES-1:0] g, t, sub, h, r;
      reg [LANES-1:0] nonfinite, range;
      reg [135:0] mx;
      reg [7:0] e;
      integer l, k, f;
      // Ifs, not a case: synthesis is slow where one statement holds all these functions.
      if (type_i == `LOCKSTEP_TYPE_Q4_0)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q4_0(lane_q4_0(l)));
      if (type_i == `LOCKSTEP_TYPE_Q4_1)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q4_1(lane_q4_1(l)));
      if (type_i == `LOCKSTEP_TYPE_Q5_0)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q5_0(lane_q5_0(l)));
      if (type_i == `LOCKSTEP_TYPE_Q5_1)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q5_1(lane_q5_1(l)));
      if (type_i == `LOCKSTEP_TYPE_Q8_0)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q8_0(lane_q8_0(l)));
      if (type_i == `LOCKSTEP_TYPE_IQ4_NL)
        for (l = 0; l < LANES; l = l + 1) put(l, block_iq4_nl(lane_iq4_nl(l)));
      if (type_i == `LOCKSTEP_TYPE_IQ4_XS)
        for (l = 0; l < LANES; l = l + 1) put(l, block_iq4_xs(lane_iq4_xs(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_MXFP4)
        for (l = 0; l < LANES; l = l + 1) begin
          mx = lane_mxfp4(l);
          put(l, block_mxfp4(mx, mx_names(mx[7:0])));
        end
      if (type_i == `LOCKSTEP_TYPE_Q2_K)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q2_k(lane_q2_k(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_Q3_K)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q3_k(lane_q3_k(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_Q4_K)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q4_k(lane_q4_k(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_Q5_K)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q5_k(lane_q5_k(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_Q6_K)
        for (l = 0; l < LANES; l = l + 1) put(l, block_q6_k(lane_q6_k(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_TQ1_0)
        for (l = 0; l < LANES; l = l + 1) put(l, block_tq1_0(lane_tq1_0(l), part_of(l)));
      if (type_i == `LOCKSTEP_TYPE_TQ2_0)
        for (l = 0; l < LANES; l = l + 1) put(l, block_tq2_0(lane_tq2_0(l), part_of(l)));
      if (float_i) begin
        for (l = 0; l < LANES; l = l + 1) begin
          f = (l - {26'd0, turn_i}) & (f32_i ? F32S - 1 : FLOATS - 1);
          for (k = 0; k < 8; k = k + 1) begin
            low[32*k+:32] = {
              float_m_i[512*f+64*k+48+:8], float_m_i[512*f+64*k+32+:8],
              float_m_i[512*f+64*k+16+:8], float_m_i[512*f+64*k+:8]
            } ^ 32'h80808080;
            above[32*k+:32] = {
              float_m_i[512*f+64*k+56+:8], float_m_i[512*f+64*k+40+:8],
              float_m_i[512*f+64*k+24+:8], float_m_i[512*f+64*k+8+:8]
            };
            high[32*(LANES*k+l)+:32] = above[32*k+:32];
          end
          put(l, {27'd0, float_s_i[5*f+:5], 32'd0, low});
        end
        high_q <= high;
      end
      nonfinite = {LANES{1'b0}};
      range = {LANES{1'b0}};
      if (float_i)
        for (l = 0; l < LANES; l = l + 1) begin
          factor[l] = 32'd1;
          place[l] = {27'd0, more[l][36:32]};
        end
      else if (mx_i)
        for (l = 0; l < LANES; l = l + 1) begin
          e = more[l][39:32];
          factor[l] = e < 8'd132 ? 32'd1 : 32'd1 << (e[3:0] - 4'd3);  // e - 131
          place[l] = e < 8'd100 ? 32'd0 : e > 8'd131 ? 32'd31 : {24'd0, e} - 32'd100;
          nonfinite[l] = e == 8'd255;
          range[l] = e > 8'd142;
        end
      else
        for (l = 0; l < LANES; l = l + 1) begin
          factor[l] = significand(more[l][47:32]);
          place[l] = exponent(more[l][47:32]);
          nonfinite[l] = more[l][46:42] == 5'd31 || (min_i && more[l][62:58] == 5'd31);
        end
      for (l = 0; l < LANES; l = l + 1) begin
        g[32*l+:32] = factor[l];
        t[32*l+:32] = place[l];
        sub[32*l+:32] = more[l][31:0];
      end
      if (min_i) begin
        for (l = 0; l < LANES; l = l + 1) begin
          h[32*l+:32] = significand(more[l][63:48]);
          r[32*l+:32] = exponent(more[l][63:48]);
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
