// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// A row of weights as binary32, value(w) of docs/numerics.md section 3: embedding rows and norm
// gains. Takes single blocks from the beat FIFO, gives VLANES elements a cycle; the last group of
// the row is filled up with +0. Valid/ready at both ends, full throughput.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module float_stream #(
  parameter VLANES = `LOCKSTEP_DEFAULT_VLANES  // 4 or 8
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,
  input  wire                 start_i,  // a new row, of type_i
  input  wire [7:0]           type_i,
  // Blocks: take_i a cycle before the block is in block_i, and only if ready_o; tail_i
  // elements if it is the last
  output wire                 ready_o,
  input  wire                 take_i,
  input  wire                 last_i,  // a cycle after take_i, as tail_i
  input  wire [5:0]           tail_i,
  input  wire [1023:0]        block_i,
  // Elements
  output wire                 fs_valid_o,
  input  wire                 fs_ready_i,
  output wire [32*VLANES-1:0] fs_data_o,
  // Instead of elements that are no numbers
  output wire                 nonfinite_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"
  `include "float/fp_fn.vh"

  localparam LOG_V = $clog2(VLANES);

  generate
    if (VLANES != 4 && VLANES != 8) begin : g_check
      float_stream_VLANES_must_be_4_or_8 u_error ();
    end
  endgenerate

  reg q4_q, q8_q, f32_q;
  always @(posedge clk_i)
    if (start_i) begin
      q4_q <= type_i == `LOCKSTEP_TYPE_Q4_0;
      q8_q <= type_i == `LOCKSTEP_TYPE_Q8_0;
      f32_q <= type_i == `LOCKSTEP_TYPE_F32;
    end

  // w * g * 2^(t-24) of a quantised element, exactly: 18 bits at most.
  function [31:0] scaled(input signed [7:0] w, input [15:0] d);
    reg [10:0] g;
    reg [4:0] t, zeros;
    reg [7:0] magnitude;
    reg [31:0] product;
    begin
      g = {d[14:10] != 0, d[9:0]};
      t = d[14:10] == 0 ? 5'd0 : d[14:10] - 5'd1;
      magnitude = w[7] ? -w : w;
      product = {24'd0, magnitude} * {21'd0, g};
      zeros = fp_lzc32(product);
      product = product << zeros;
      // The leading one has weight 2^(31 - zeros + t - 24).
      scaled = !product[31] ? 32'd0 :
          {w[7] ^ d[15], 8'd134 + {3'd0, t} - {3'd0, zeros}, product[30:8]};
    end
  endfunction

  reg busy_q;  // block_i holds a block that is not yet out
  reg [4-LOG_V+1:0] group_q;
  wire [5:0] count = last_i ? tail_i : 6'd32;
  wire [5:0] first = {1'b0, group_q[4-LOG_V:0], {LOG_V{1'b0}}};
  wire block_end = first + VLANES[5:0] >= count;
  reg valid_q;
  wire advance = busy_q && (!valid_q || fs_ready_i);
  assign ready_o = !busy_q || (advance && block_end);

  always @(posedge clk_i)
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end else if (clear_i) begin
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (ready_o) busy_q <= take_i;
      if (advance) valid_q <= !bad;
      else if (fs_ready_i) valid_q <= 1'b0;
    end
  always @(posedge clk_i)
    if (take_i) group_q <= 0;
    else if (advance) group_q <= group_q + 1;

  // Elements of the group, and whether one is no number.
  reg [32*VLANES-1:0] x;
  reg bad;
  always @* begin : g_convert
    reg [5:0] e;
    reg [15:0] d, h;
    reg [31:0] f;
    reg [7:0] q;
    integer i;
    x = {(32 * VLANES) {1'b0}};
    bad = 1'b0;
    d = block_i[15:0];
    h = 16'd0;
    f = 32'd0;
    q = 8'd0;
    e = 6'd0;
    if (busy_q)
      for (i = 0; i < VLANES; i = i + 1) begin
        e = first + i[5:0];
        if (e < count) begin
          if (f32_q) begin
            f = block_i[{e[4:0], 5'd0}+:32];
            x[32*i+:32] = f[30:23] == 0 ? {f[31], 31'd0} : f;
            if (f[30:23] == 8'hff) bad = 1'b1;
          end else if (q4_q || q8_q) begin
            q = q8_q ? block_i[10'd16+{2'd0, e[4:0], 3'd0}+:8] :
                block_i[10'd16+{3'd0, e[3:0], 3'd0}+:8];
            if (q4_q) q = {4'd0, e[4] ? q[7:4] : q[3:0]} - 8'd8;
            x[32*i+:32] = scaled(q, d);
            if (d[14:10] == 5'd31) bad = 1'b1;
          end else begin
            h = block_i[{1'b0, e[4:0], 4'd0}+:16];
            x[32*i+:32] = weight_half(h);
            if (h[14:10] == 5'd31) bad = 1'b1;
          end
        end
      end
  end

  reg [32*VLANES-1:0] data_q;
  always @(posedge clk_i) if (advance) data_q <= x;

  assign fs_valid_o = valid_q;
  assign fs_data_o = data_q;
  assign nonfinite_o = advance && bad;

endmodule

`default_nettype wire
