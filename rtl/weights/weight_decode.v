// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The weight register of one lane: the 32 elements that it multiplies, as w_o (32 signed 16-bit
// fields) with their scales, and a minimum for each half of them. The integers of a quantised block
// lie at the top of their field, so that sign extension costs nothing: Q4_0 w_i * 2^12, Q8_0
// w_i * 2^8; block_dot takes the factor out again. MXFP4 w_i and floats m_i fill the field. Fields
// are in the order of weight_element (weight_fn.vh): two to a 32-bit word, as shifts of the file's
// words give them.
//
// Weights a cycle after load_i; the scales, multiplied by the sub-scales, one later, after dot_i.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module weight_decode #(
  parameter LANES     = `LOCKSTEP_DEFAULT_LANES,
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHUNK     = 3360,  // bits
  parameter LANE      = 0      // this one
) (
  input  wire               clk_i,
  // load_i: take a block of the type; with a block of 256 the LANES parts from step_i * LANES on
  // are the lanes'. dot_i a cycle later
  input  wire               load_i,
  input  wire               dot_i,
  input  wire [7:0]         type_i,
  input  wire               q4_i,      // the type, decoded: Q4_0
  input  wire               float_i,
  input  wire               mx_i,      // MXFP4
  input  wire               sub_i,     // has sub-scales
  input  wire               min_i,     // has minimums
  input  wire [2:0]         step_i,
  input  wire [CHUNK-1:0]   chunk_i,
  // A float block as block(x, 16), in order
  input  wire [511:0]       float_m_i,
  input  wire [4:0]         float_s_i,
  output wire [511:0]       w_o,
  output wire [4:0]         t_o,       // shift of the scales
  output wire [4:0]         r_o,       // shift of the minimums
  // Scales, of elements below 16 and from 16 on; 1 if there is none
  output wire signed [19:0] scale0_o,
  output wire signed [19:0] scale1_o,
  output wire signed [19:0] min0_o,    // v * h
  output wire signed [19:0] min1_o,
  // The scale is no number, or too large
  output wire               nonfinite_o,
  output wire               range_o
);
  // verilator inline_module

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"
  `include "weights/weight_layout.vh"
  `include "generated/lane_block.vh"

  // A weight of MXFP4, in units of 2^-28 and 2^t: F, shifted as far as t does not reach.
  function [15:0] mx_integer(input [7:0] f, input [7:0] e);
    reg [15:0] magnitude, rest, half;
    reg [3:0] shift;
    begin
      magnitude = {8'd0, f[7] ? -f : f};
      if (e >= 8'd132) begin
        shift = e[3:0] - 4'd3;  // e - 131, of an e up to 142
        magnitude = magnitude << shift;
      end else if (e < 8'd100) begin  // to nearest; from 2^-5 on all are 0
        shift = e < 8'd95 ? 4'd5 : 4'd4 - e[3:0];  // 100 - e
        half = 16'd1 << shift >> 1;
        rest = magnitude & ~(16'hffff << shift);
        magnitude = magnitude >> shift;
        if (rest > half || (rest == half && magnitude[0])) magnitude = magnitude + 16'd1;
      end
      mx_integer = f[7] ? -magnitude : magnitude;
    end
  endfunction

  wire [2:0] part = LANES < 8 ? step_i * LANES[2:0] + LANE[2:0] : LANE[2:0];

  reg [511:0] w_q;
  reg signed [11:0] g_q, h_q;
  reg [4:0] t_q, r_q;
  reg [15:0] sub_q, v_q;
  reg nonfinite_q, range_q;
  always @(posedge clk_i)
    if (load_i) begin : g_load
      reg [511:0] w;
      reg [319:0] block;
      reg [15:0] d, m;
      reg [7:0] e;
      integer k;
      block = 320'd0;
      d = chunk_i[PLACE_Q4_0+:16];
      m = 16'd0;
      e = 8'd0;
      if (q4_i)
        for (k = 0; k < 16; k = k + 1)
          w[32*k+:32] = chunk_i[PLACE_Q4_0+32*(k%4)+16+:32] << 4 * (k / 4) & 32'hf000f000 ^
              32'h80008000;
      else if (float_i) w = float_m_i;
      else begin
        block = weight_block(type_i, lane_block(type_i), part);
        d = block[303:288];
        if (min_i) m = block[319:304];
        e = d[7:0];
        if (mx_i)
          for (k = 0; k < 32; k = k + 1)
            w[16*k+:16] = mx_integer(block[8*weight_element(k)+:8], e);
        else
          for (k = 0; k < 16; k = k + 1)
            w[32*k+:32] = block[32*(k%4+(k/4%2==0?4:0))+:32] << (k < 8 ? 0 : 8) & 32'hff00ff00;
      end
      w_q <= w;
      g_q <= float_i || mx_i ? 12'd1 : d[15] ? -{1'b0, d[14:10] != 0, d[9:0]} :
          {1'b0, d[14:10] != 0, d[9:0]};
      t_q <= float_i ? float_s_i :
          mx_i ? (e < 8'd100 ? 5'd0 : e > 8'd131 ? 5'd31 : e[4:0] - 5'd4) :  // e - 100
          d[14:10] != 0 ? d[14:10] - 5'd1 : 5'd0;
      nonfinite_q <= mx_i ? e == 8'd255 : !float_i && (d[14:10] == 5'd31 || m[14:10] == 5'd31);
      range_q <= mx_i && e > 8'd142;
      if (sub_i) sub_q <= block[271:256];
      if (min_i) begin
        v_q <= block[287:272];
        h_q <= m[15] ? -{1'b0, m[14:10] != 0, m[9:0]} : {1'b0, m[14:10] != 0, m[9:0]};
        r_q <= m[14:10] != 0 ? m[14:10] - 5'd1 : 5'd0;
      end
    end

  reg signed [19:0] scale0_q, scale1_q, min0_q, min1_q;
  always @(posedge clk_i)
    if (dot_i) begin
      if (sub_i) begin
        scale0_q <= {{8{g_q[11]}}, g_q} * {{12{sub_q[7]}}, sub_q[7:0]};
        scale1_q <= {{8{g_q[11]}}, g_q} * {{12{sub_q[15]}}, sub_q[15:8]};
      end else scale0_q <= {{8{g_q[11]}}, g_q};
      if (min_i) begin
        min0_q <= {{8{h_q[11]}}, h_q} * {{12{v_q[7]}}, v_q[7:0]};
        min1_q <= {{8{h_q[11]}}, h_q} * {{12{v_q[15]}}, v_q[15:8]};
      end
    end

  assign w_o = w_q;
  assign t_o = t_q;
  assign r_o = r_q;
  assign scale0_o = scale0_q;
  assign scale1_o = scale1_q;
  assign min0_o = min0_q;
  assign min1_o = min1_q;
  assign nonfinite_o = nonfinite_q;
  assign range_o = range_q;

endmodule

`default_nettype wire
