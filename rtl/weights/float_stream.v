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
  // Blocks, of 32 elements at least: take_i a cycle before the block is in chunk_i, and only if
  // ready_o; a float block has tail_i elements if it is the last
  output wire                 ready_o,
  input  wire                 take_i,
  input  wire                 last_i,  // a cycle after take_i, as tail_i
  input  wire [5:0]           tail_i,
  input  wire [8*`LOCKSTEP_BLOCK_BYTES-1:0] chunk_i,
  // Elements
  output wire                 fs_valid_o,
  input  wire                 fs_ready_i,
  output wire [32*VLANES-1:0] fs_data_o,
  // Instead of elements that are no numbers, or too large for one
  output wire                 nonfinite_o,
  output wire                 overflow_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"
  localparam LANES = 1, PORT_BITS = 128, MX_ROUNDED = 0;
  `include "generated/lane_block.vh"
  `include "weights/weight_bytes.vh"
  `include "float/fp_fn.vh"

  localparam LOG_V = $clog2(VLANES);

  generate
    if (VLANES != 4 && VLANES != 8) begin : g_check
      float_stream_VLANES_must_be_4_or_8 u_error ();
    end
  endgenerate

  localparam [63:0] TYPES_FLOAT = `LOCKSTEP_TYPES_FLOAT, TYPES_MIN = `LOCKSTEP_TYPES_MIN;

  reg f32_q, bf16_q, float_q, min_q, mx_q, long_q;
  reg [7:0] type_q;
  reg [2:0] align_q;
  always @(posedge clk_i)
    if (start_i) begin
      f32_q <= type_i == `LOCKSTEP_TYPE_F32;
      bf16_q <= type_i == `LOCKSTEP_TYPE_BF16;
      float_q <= TYPES_FLOAT[type_i[5:0]];
      min_q <= TYPES_MIN[type_i[5:0]];
      mx_q <= type_i == `LOCKSTEP_TYPE_MXFP4;
      long_q <= device_type_log2(type_i) == 4'd8;
      type_q <= type_i;
      align_q <= weight_align(type_i);
    end

  // {overflow, binary32} of n * 2^k: round32.
  function [32:0] rounded(input signed [63:0] n, input signed [11:0] k);
    reg [63:0] sig;
    reg [31:0] top;
    reg [5:0] zeros;
    begin
      sig = n < 0 ? -n : n;
      zeros[5] = sig[63:32] == 0;
      top = zeros[5] ? sig[31:0] : sig[63:32];
      zeros[4:0] = fp_lzc32(top);
      sig = sig << zeros;
      rounded = fp_round(n < 0, k + 12'd190 - {6'd0, zeros}, {sig[63:33], sig[32:0] != 0});
    end
  endfunction

  reg busy_q;  // chunk_i holds a block that is not yet out
  reg [7-LOG_V:0] group_q;
  wire [8:0] count = long_q ? 9'd256 : last_i ? {3'd0, tail_i} : 9'd32;
  wire [8:0] first = {1'b0, group_q, {LOG_V{1'b0}}};
  wire block_end = first + VLANES[8:0] >= count;
  reg valid_q;
  wire advance = busy_q && (!valid_q || fs_ready_i);
  assign ready_o = !busy_q || (advance && block_end);

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end else begin
      if (ready_o) busy_q <= take_i;
      if (advance) valid_q <= !bad && !over;
      else if (fs_ready_i) valid_q <= 1'b0;
    end
  always @(posedge clk_i)
    if (take_i) group_q <= 0;
    else if (advance) group_q <= group_q + 1;

  // Elements of the group, and whether one is no number or too large. All of a group lie in the
  // same half of a part, so that they share scale and minimum.
  reg [32*VLANES-1:0] group;
  reg bad, over;
  wire [31:0] step = {29'd0, first[7:5]};  // the part
  wire [7:0] kind = type_q;
  always @* begin : g_convert
    reg [255:0] w;  // see weight_layout.vh
    reg [31:0] sub, half, x;
    reg [127:0] names;
    reg [15:0] d, m, h;
    reg signed [7:0] n;
    reg signed [63:0] scale, least;
    reg [32:0] y;
    integer i, k, l, p;
    group = {(32 * VLANES) {1'b0}};
    bad = 1'b0;
    over = 1'b0;
    w = 256'd0;
    sub = 32'd0;
    half = 32'd0;
    x = 32'd0;
    names = 128'd0;
    k = 0;
    l = 0;
    p = 0;
    d = 16'd0;
    m = 16'd0;
    h = 16'd0;
    n = 8'd0;
    scale = 64'd1;
    least = 64'd0;
    y = 33'd0;
    if (busy_q && float_q)
      for (i = 0; i < VLANES; i = i + 1) begin
        if (first + i[8:0] < count) begin
          h = chunk_i[{2'd0, first[4:0], 4'd0}+16*i[10:0]+:16];
          group[32*i+:32] = f32_q ? chunk_i[{1'b0, first[4:0], 5'd0}+32*i[10:0]+:32] :
              bf16_q ? {h, 16'd0} : weight_half(h);
          if (f32_q || bf16_q) begin
            if (group[32*i+23+:8] == 8'hff) bad = 1'b1;
            if (group[32*i+23+:8] == 8'd0) group[32*i+:31] = 31'd0;
          end else if (h[14:10] == 5'd31) bad = 1'b1;
        end
      end
    else if (busy_q) begin
      `include "weights/weight_layout.vh"
      d = half[15:0];
      m = min_q ? half[31:16] : 16'd0;
      if (!mx_q) begin
        scale = {53'd0, d[14:10] != 0, d[9:0]} << (d[14:10] != 0 ? d[14:10] - 5'd1 : 5'd0);
        if (d[15]) scale = -scale;
        h = {{8{sub[7]}}, sub[7:0]};
        if (first[4]) h = {{8{sub[15]}}, sub[15:8]};
        scale = scale * $signed({{48{h[15]}}, h});
        least = {53'd0, m[14:10] != 0, m[9:0]} << (m[14:10] != 0 ? m[14:10] - 5'd1 : 5'd0);
        if (m[15]) least = -least;
        h = {{8{sub[23]}}, sub[23:16]};
        if (first[4]) h = {{8{sub[31]}}, sub[31:24]};
        least = least * $signed({{48{h[15]}}, h});
      end
      bad = mx_q ? d[7:0] == 8'd255 : d[14:10] == 5'd31 || m[14:10] == 5'd31;
      for (i = 0; i < VLANES; i = i + 1) begin
        n = $signed(w[{first[4:0], 3'd0}+8*i[7:0]+:8]) >>> align_q;
        y = rounded(scale * $signed({{56{n[7]}}, n}) + least,
                    mx_q ? {4'd0, d[7:0]} - 12'd128 : -12'd24);
        group[32*i+:32] = y[31:0];
        if (y[32] && !bad) over = 1'b1;
      end
    end
  end

  reg [32*VLANES-1:0] data_q;
  always @(posedge clk_i) if (advance) data_q <= group;

  assign fs_valid_o = valid_q;
  assign fs_data_o = data_q;
  assign nonfinite_o = advance && bad;
  assign overflow_o = advance && over;

endmodule

`default_nettype wire
