// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The dot array: takes a chunk of weight blocks a cycle, multiplies it with the activations of
// every active slot, and gives a binary32 a row and slot. The weights move to the lanes; the
// activations stay.
//
// A chunk's lanes load a cycle after it came (floats: 5 later, behind float_blocks); the
// result of a row leaves 8 cycles after its last load, at most one row a cycle, no back-pressure.
// Errors keep their place in the stream: the rows before the one that fails come out first.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module dot_array #(
  parameter LANES     = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter ACT_BITS  = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter BLOCKS    = 512,  // activation blocks of a slot
  parameter CHUNK     = 3360  // bits
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  input  wire                clear_i,
  // Activations in; block b lies in lane b mod LANES
  input  wire                act_we_i,
  input  wire [2:0]          act_slot_i,
  input  wire [11:0]         act_block_i,
  input  wire [511:0]        act_m_i,
  input  wire [4:0]          act_s_i,
  // Chunks (see aligner.v), from a cycle after start_i on
  input  wire                start_i,
  input  wire [7:0]          type_i,
  input  wire [SLOTS-1:0]    slots_i,
  input  wire                chunk_valid_i,
  input  wire [5:0]          chunk_blocks_i,
  input  wire [4:0]          chunk_base_i,
  input  wire [11:0]         chunk_word_i,
  input  wire [2:0]          chunk_step_i,
  input  wire                chunk_last_i,
  input  wire [5:0]          chunk_tail_i,
  input  wire [CHUNK-1:0]    chunk_i,
  // Results, binary32
  output wire                res_valid_o,
  output wire [32*SLOTS-1:0] res_data_o,
  // Instead of a result
  output wire                err_o,
  output wire [7:0]          err_code_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"

  // Float blocks side by side; those of F32 are fewer.
  localparam FLOATS = 1 << weight_log2_blocks(`LOCKSTEP_TYPE_F16, PORT_BITS, LANES);
  localparam LANE_W = $clog2(LANES);
  localparam WORDS = (BLOCKS + LANES - 1) / LANES;  // activation blocks of a lane
  localparam WORD_W = WORDS > 1 ? $clog2(WORDS) : 1;
  localparam [1:0] NONFINITE = 2'd1;
  localparam [1:0] RANGE = 2'd2;

  localparam [63:0] TYPES_FLOAT = `LOCKSTEP_TYPES_FLOAT, TYPES_MIN = `LOCKSTEP_TYPES_MIN;

  // The type, decoded, and the slots: all that follows then hangs on registers.
  reg f32_q, bf16_q, float_q, mx_q, sub_q, min_q;
  reg [7:0] type_q;
  reg [2:0] align_q;
  reg [SLOTS-1:0] slots_q;
  always @(posedge clk_i)
    if (start_i) begin
      f32_q <= type_i == `LOCKSTEP_TYPE_F32;
      bf16_q <= type_i == `LOCKSTEP_TYPE_BF16;
      mx_q <= type_i == `LOCKSTEP_TYPE_MXFP4;
      float_q <= TYPES_FLOAT[type_i[5:0]];
      min_q <= TYPES_MIN[type_i[5:0]];
      sub_q <= device_type_log2(type_i) == 4'd8;
      type_q <= type_i;
      align_q <= weight_align(type_i);
      slots_q <= slots_i;
    end

  // FLOAT blocks take 5 cycles more; so does what goes with them.
  wire [512*FLOATS-1:0] float_m;
  wire [5*FLOATS-1:0] float_s;
  wire [FLOATS-1:0] float_nonfinite, float_range;
  wire float_clk;
  clock_gate #(.HOLD(8)) u_float_clock (
    .clk_i(clk_i), .rst_ni(rst_ni), .wake_i((chunk_valid_i && float_q) || clear_i),
    .clk_o(float_clk)
  );
  float_blocks #(
    .LANES(LANES),
    .PORT_BITS(PORT_BITS),
    .CHUNK(CHUNK),
    .BLOCKS(FLOATS)
  ) u_floats (
    .clk_i(float_clk),
    .rst_ni(rst_ni),
    .clear_i(clear_i),
    .valid_i(chunk_valid_i && float_q),
    .f32_i(f32_q),
    .bf16_i(bf16_q),
    .base_i(chunk_base_i),
    .blocks_i(chunk_blocks_i),
    .last_i(chunk_last_i),
    .tail_i(chunk_tail_i),
    .chunk_i(chunk_i),
    .m_o(float_m),
    .s_o(float_s),
    .nonfinite_o(float_nonfinite),
    .range_o(float_range)
  );

  reg [4:0] late_valid_q;
  reg [119:0] late_q;
  wire [23:0] chunk_info = {chunk_last_i, chunk_word_i, chunk_base_i, chunk_blocks_i};
  always @(posedge clk_i)
    if (!rst_ni) late_valid_q <= 5'd0;
    else
      late_valid_q <= clear_i ? 5'd0 : {late_valid_q[3:0], chunk_valid_i && float_q};
  always @(posedge clk_i) late_q <= {late_q[95:0], chunk_info};

  wire load = float_q ? late_valid_q[4] : chunk_valid_i;
  wire last;
  wire [11:0] word;
  wire [4:0] base;
  wire [5:0] blocks;
  assign {last, word, base, blocks} = float_q ? late_q[119:96] : chunk_info;

  // Stages: load, dot, scale, add (masks of lanes), merge, rounding.
  reg [LANES-1:0] load_lanes, dot_q, scale_q, add_q;
  reg dot_last_q, scale_last_q, add_last_q, merge_q, add_first_q;
  reg [3:0] row_valid_q;  // of the rows that are being rounded, [3]: the result is there
  reg [1:0] scale_err_q, add_err_q, row_err_q;
  reg [1:0] merge_err_q[0:3];

  always @* begin : g_lanes
    integer l;
    for (l = 0; l < LANES; l = l + 1)
      load_lanes[l] = load && l[5:0] >= {1'b0, base} && l[5:0] - {1'b0, base} < blocks;
  end

  reg act_we_q;
  reg [2:0] act_slot_q;
  reg [11:0] act_block_q;
  reg [511:0] act_m_q;
  reg [4:0] act_s_q;
  always @(posedge clk_i)
    if (!rst_ni) act_we_q <= 1'b0;
    else act_we_q <= act_we_i;
  always @(posedge clk_i)
    if (act_we_i) begin
      act_m_q <= act_m_i;
      act_slot_q <= act_slot_i;
      act_block_q <= act_block_i;
      act_s_q <= act_s_i;
    end

  // A row that is too long wraps around.
  wire unused_address = &{act_block_q, word};

  wire [256*LANES-1:0] w, high;
  wire [32*LANES-1:0] t, r, scale0, scale1, min0, min1;
  wire [LANES-1:0] scale_nonfinite, scale_range;
  weight_decode #(
    .LANES(LANES),
    .PORT_BITS(PORT_BITS),
    .CHUNK(CHUNK),
    .FLOATS(FLOATS)
  ) u_decode (
    .clk_i(clk_i),
    .load_i(load),
    .dot_i(dot_q != 0),
    .type_i(type_q),
    .float_i(float_q),
    .mx_i(mx_q),
    .min_i(min_q),
    .step_i(chunk_step_i),
    .chunk_i(chunk_i),
    .float_m_i(float_m),
    .float_s_i(float_s),
    .w_o(w),
    .high_o(high),
    .t_o(t),
    .r_o(r),
    .scale0_o(scale0),
    .scale1_o(scale1),
    .min0_o(min0),
    .min1_o(min1),
    .nonfinite_o(scale_nonfinite),
    .range_o(scale_range)
  );

  // What is wrong with the first bad block of the chunk at the dot stage.
  reg [1:0] float_err_q;
  wire [LANES-1:0] bad = (scale_nonfinite | scale_range) & dot_q;
  wire [1:0] dot_err = float_q ? float_err_q : bad == 0 ? 2'd0 :
      (bad & -bad & scale_nonfinite) != 0 ? NONFINITE : RANGE;
  always @(posedge clk_i)
    if (load) begin : g_float_errors
      integer b;
      float_err_q <= 2'd0;
      for (b = FLOATS - 1; b >= 0; b = b - 1)
        if (b[5:0] - ({1'b0, base} & (FLOATS[5:0] - 6'd1)) < blocks) begin
          if (float_nonfinite[b]) float_err_q <= NONFINITE;
          else if (float_range[b]) float_err_q <= RANGE;
        end
    end

  always @(posedge clk_i)
    if (!rst_ni) begin
      {dot_q, scale_q, add_q} <= {(3 * LANES) {1'b0}};
      merge_q <= 1'b0;
      row_valid_q <= 4'd0;
      add_first_q <= 1'b1;
    end else if (clear_i) begin
      {dot_q, scale_q, add_q} <= {(3 * LANES) {1'b0}};
      merge_q <= 1'b0;
      row_valid_q <= 4'd0;
      add_first_q <= 1'b1;
    end else begin
      dot_q <= load_lanes;
      scale_q <= dot_q;
      add_q <= scale_q;
      merge_q <= add_q != 0 && add_last_q;
      row_valid_q <= {row_valid_q[2:0], merge_q};
      if (add_q != 0) add_first_q <= add_last_q;
    end
  // The first error of a row stays with it.
  wire [1:0] row_err = !add_first_q && row_err_q != 0 ? row_err_q : add_err_q;
  always @(posedge clk_i) begin
    dot_last_q <= last;
    scale_last_q <= dot_last_q;
    add_last_q <= scale_last_q;
    scale_err_q <= dot_err;
    add_err_q <= scale_err_q;
    if (add_q != 0) row_err_q <= row_err;
    merge_err_q[0] <= row_err_q;
    merge_err_q[1] <= merge_err_q[0];
    merge_err_q[2] <= merge_err_q[1];
    merge_err_q[3] <= merge_err_q[2];
  end

  wire [9:0] act_exponent = 10'd12 + ACT_BITS[9:0];
  wire [9:0] exponent = -(act_exponent + (float_q || mx_q ? 10'd28 : 10'd24));
  wire [SLOTS-1:0] overflow;
  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      // A word is read with the first chunk that it serves.
      wire [512*LANES-1:0] m;
      wire [32*LANES-1:0] m_s;
      act_sram #(
        .LANES(LANES),
        .WORDS(WORDS),
        .ADDRW(WORD_W)
      ) u_act (
        .clk_i(clk_i),
        .we_i(act_we_q && act_slot_q == s[2:0]),
        .waddr_i(act_block_q[LANE_W+:WORD_W]),
        .lane_i(act_block_q[LANE_W-1:0]),
        .m_i(act_m_q),
        .s_i(act_s_q),
        .re_i(slots_q[s] && load && base == 5'd0),
        .raddr_i(word[WORD_W-1:0]),
        .m_o(m),
        .s_o(m_s)
      );

      wire [31:0] y;
      wire over;
      dot_slot #(
        .LANES (LANES),
        .BLOCKS(BLOCKS)
      ) u_dot (
        .clk_i(clk_i),
        .rst_ni(rst_ni),
        .dot_i(slots_q[s] && dot_q != 0),
        .scale_i(slots_q[s] && scale_q != 0),
        .add_i(slots_q[s] && add_q != 0),
        .first_i(add_first_q),
        .lanes_i(add_q),
        .merge_i(slots_q[s] && merge_q),
        .min_i(min_q),
        .float_i(float_q),
        .wide_i(sub_q),
        .align_i(align_q),
        .t_i(t),
        .r_i(r),
        .s_i(m_s),
        .w_i(w),
        .high_i(high),
        .m_i(m),
        .scale0_i(scale0),
        .scale1_i(scale1),
        .min0_i(min0),
        .min1_i(min1),
        .exponent_i(exponent),
        .y_o(y),
        .overflow_o(over)
      );
      assign res_data_o[32*s+:32] = slots_q[s] ? y : 32'd0;
      assign overflow[s] = slots_q[s] && over;
    end
  endgenerate

  wire row_valid = row_valid_q[3];
  wire [1:0] result_err = merge_err_q[3];
  assign res_valid_o = row_valid && result_err == 0 && overflow == 0;
  assign err_o = row_valid && !res_valid_o;
  assign err_code_o = result_err == NONFINITE ? `LOCKSTEP_ERROR_NONFINITE :
      result_err == RANGE ? `LOCKSTEP_ERROR_RANGE : `LOCKSTEP_ERROR_OVERFLOW;

endmodule

`default_nettype wire
