// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The dot array: takes a chunk of weight blocks a cycle, multiplies it with the activations of
// every active slot, and gives a binary32 a row and slot. The weights move to the lanes; the
// activations stay. So that blocks of two rows can stand in lanes side by side, the first blocks of
// the activations lie a second time behind the last one.
//
// A chunk's lanes load a cycle after it came (floats: 5 later, behind float_blocks); the
// result of a row leaves 8 cycles after its last load, at most two rows a cycle, no back-pressure.
// Errors keep their place in the stream: the rows before the one that fails come out first, or with
// it.
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
  // Activations in: block act_block_i of act_blocks_i
  input  wire                act_we_i,
  input  wire [2:0]          act_slot_i,
  input  wire [11:0]         act_block_i,
  input  wire [12:0]         act_blocks_i,
  input  wire [511:0]        act_m_i,
  input  wire [4:0]          act_s_i,
  // Chunks (see aligner.v), from a cycle after start_i on
  input  wire                start_i,
  input  wire [7:0]          type_i,
  input  wire [SLOTS-1:0]    slots_i,
  input  wire                chunk_valid_i,
  input  wire [6:0]          chunk_blocks_i,
  input  wire [6:0]          chunk_split_i,
  input  wire [5:0]          chunk_base_i,
  input  wire [5:0]          chunk_turn_i,
  input  wire [11:0]         chunk_word_i,
  input  wire [2:0]          chunk_step_i,
  input  wire                chunk_last_i,
  input  wire [5:0]          chunk_tail_i,
  input  wire [CHUNK-1:0]    chunk_i,
  // Results, binary32: of a row, and of the next
  output wire                res_valid_o,
  output wire [32*SLOTS-1:0] res_data_o,
  output wire                second_valid_o,
  output wire [32*SLOTS-1:0] second_data_o,
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
  localparam PLACE_W = LANE_W + (WORDS > 1 ? $clog2(WORDS) : 1);
  localparam LONGEST_JOINED = weight_longest_joined(BLOCKS, LANES);
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
    .valid_i(chunk_valid_i && float_q),
    .f32_i(f32_q),
    .bf16_i(bf16_q),
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
  reg [194:0] late_q;
  wire [38:0] chunk_info = {
    chunk_last_i, chunk_word_i, chunk_base_i, chunk_turn_i, chunk_split_i, chunk_blocks_i
  };
  always @(posedge clk_i)
    if (!rst_ni) late_valid_q <= 5'd0;
    else
      late_valid_q <= clear_i ? 5'd0 : {late_valid_q[3:0], chunk_valid_i && float_q};
  always @(posedge clk_i) late_q <= {late_q[155:0], chunk_info};

  wire load = float_q ? late_valid_q[4] : chunk_valid_i;
  wire last;
  wire [11:0] word;
  wire [5:0] base, turn;
  wire [6:0] blocks, split;
  assign {last, word, base, turn, split, blocks} = float_q ? late_q[194:156] : chunk_info;

  // Which blocks of the chunk belong to its first row, and to its second; in which lanes.
  function [LANES-1:0] lowest(input [6:0] n);
    lowest = ~({LANES{1'b1}} << n);
  endfunction
  function [LANES-1:0] moved(input [LANES-1:0] blocks_of, input [5:0] by);
    reg [2*LANES-1:0] twice;
    begin
      twice = {blocks_of, blocks_of} << by;
      moved = twice[2*LANES-1:LANES];
    end
  endfunction
  wire two = split != 0;
  wire [LANES-1:0] first_blocks = lowest(two ? split : blocks);
  wire [LANES-1:0] second_blocks = lowest(blocks) & ~first_blocks;

  // Stages: load, dot, scale, add, merge, rounding.
  reg dot_q, scale_q, add_q, merge_q, merge_second_q;
  reg [LANES-1:0] dot_lanes_q, scale_lanes_q, add_lanes_q;
  reg [LANES-1:0] dot_second_q, scale_second_q, add_second_q;
  reg dot_two_q, scale_two_q, add_two_q, dot_last_q, scale_last_q, add_last_q;
  reg add_first_q, add_goes_on_q;
  reg [3:0] row_valid_q, second_valid_q;  // of rows that are being rounded, [3]: the result is due
  reg [1:0] scale_err_q, add_err_q, row_err_q;
  reg [1:0] scale_second_err_q, add_second_err_q;
  reg [9:0] merge_err_q, second_err_q;  // a stage 2 bits

  reg act_we_q, act_again_q;
  reg [2:0] act_slot_q;
  reg [12:0] act_place_q, act_again_place_q;
  reg [511:0] act_m_q;
  reg [4:0] act_s_q;
  always @(posedge clk_i)
    if (!rst_ni) act_we_q <= 1'b0;
    else act_we_q <= act_we_i;
  always @(posedge clk_i)
    if (act_we_i) begin
      act_m_q <= act_m_i;
      act_slot_q <= act_slot_i;
      act_place_q <= {1'b0, act_block_i};
      act_again_place_q <= {1'b0, act_block_i} + act_blocks_i;
      // The two places are in different lanes; a row of whole words needs no second one.
      act_again_q <= act_block_i < LANES[11:0] && act_blocks_i[LANE_W-1:0] != 0 &&
          act_blocks_i <= LONGEST_JOINED[12:0];
      act_s_q <= act_s_i;
    end

  // A row that is too long wraps around.
  wire [12+LANE_W-1:0] place = {word, base[LANE_W-1:0]};

  // A word is read with the first chunk that it serves; the lanes of one that turns lie in two.
  // What was read last stays: rows of one word read it once a matrix.
  reg held_q;
  reg [PLACE_W-1:0] held_place_q;
  wire serves = load && (base == 6'd0 || turn != 6'd0);
  wire act_read = serves && !(held_q && held_place_q == place[PLACE_W-1:0]);
  always @(posedge clk_i)
    if (!rst_ni) held_q <= 1'b0;
    else held_q <= !start_i && (held_q || serves);
  always @(posedge clk_i) if (serves) held_place_q <= place[PLACE_W-1:0];
  wire unused_address = &{act_place_q, act_again_place_q, place};

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
    .dot_i(dot_q),
    .type_i(type_q),
    .float_i(float_q),
    .mx_i(mx_q),
    .min_i(min_q),
    .f32_i(f32_q),
    .step_i(chunk_step_i),
    .turn_i(turn),
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

  // What is wrong with the first bad block of each row of the chunk at the dot stage.
  function [1:0] wrong(input [LANES-1:0] nonfinite, input [LANES-1:0] range);
    reg [LANES-1:0] bad;
    begin
      bad = nonfinite | range;
      wrong = bad == 0 ? 2'd0 : (bad & -bad & nonfinite) != 0 ? NONFINITE : RANGE;
    end
  endfunction
  reg [LANES-1:0] dot_first_blocks_q, dot_second_blocks_q;
  reg [1:0] float_err_q, float_second_err_q;
  wire [1:0] dot_err = float_q ? float_err_q :
      wrong(scale_nonfinite & dot_first_blocks_q, scale_range & dot_first_blocks_q);
  wire [1:0] dot_second_err = float_q ? float_second_err_q :
      wrong(scale_nonfinite & dot_second_blocks_q, scale_range & dot_second_blocks_q);
  always @(posedge clk_i)
    if (load) begin : g_float_errors
      reg [LANES-1:0] nonfinite, range;
      nonfinite = {LANES{1'b0}};
      range = {LANES{1'b0}};
      nonfinite[FLOATS-1:0] = float_nonfinite;
      range[FLOATS-1:0] = float_range;
      float_err_q <= wrong(nonfinite & first_blocks, range & first_blocks);
      float_second_err_q <= wrong(nonfinite & second_blocks, range & second_blocks);
    end

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      {dot_q, scale_q, add_q, merge_q, merge_second_q} <= 5'd0;
      row_valid_q <= 4'd0;
      second_valid_q <= 4'd0;
      add_first_q <= 1'b1;
      add_goes_on_q <= 1'b0;
    end else begin
      dot_q <= load;
      scale_q <= dot_q;
      add_q <= scale_q;
      merge_q <= add_q && (add_two_q || add_last_q);
      merge_second_q <= add_q && add_two_q && add_last_q;
      row_valid_q <= {row_valid_q[2:0], merge_q};
      second_valid_q <= {second_valid_q[2:0], merge_second_q};
      if (add_q) begin
        add_first_q <= add_last_q;
        add_goes_on_q <= add_two_q && !add_last_q;
      end
    end
  // The first error of a row stays with it.
  wire [1:0] row_err = !add_first_q && row_err_q != 0 ? row_err_q : add_err_q;
  always @(posedge clk_i) begin
    if (load) begin
      dot_lanes_q <= moved(first_blocks, base);
      dot_second_q <= moved(second_blocks, base);
      dot_first_blocks_q <= first_blocks;
      dot_second_blocks_q <= second_blocks;
      dot_two_q <= two;
      dot_last_q <= last;
    end
    scale_lanes_q <= dot_lanes_q;
    add_lanes_q <= scale_lanes_q;
    scale_second_q <= dot_second_q;
    add_second_q <= scale_second_q;
    {scale_two_q, scale_last_q} <= {dot_two_q, dot_last_q};
    {add_two_q, add_last_q} <= {scale_two_q, scale_last_q};
    scale_err_q <= dot_err;
    add_err_q <= scale_err_q;
    scale_second_err_q <= dot_second_err;
    add_second_err_q <= scale_second_err_q;
    if (add_q) row_err_q <= add_two_q ? add_second_err_q : row_err;
    merge_err_q <= {merge_err_q[7:0], row_err};
    second_err_q <= {second_err_q[7:0], add_second_err_q};
  end

  wire [9:0] act_exponent = 10'd12 + ACT_BITS[9:0];
  wire [9:0] exponent = -(act_exponent + (float_q || mx_q ? 10'd28 : 10'd24));
  wire [SLOTS-1:0] overflow, second_overflow;
  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      wire [512*LANES-1:0] m;
      wire [32*LANES-1:0] m_s;
      act_sram #(
        .LANES(LANES),
        .WORDS(WORDS),
        .PLACE_W(PLACE_W)
      ) u_act (
        .clk_i(clk_i),
        .we_i(act_we_q && act_slot_q == s[2:0]),
        .place_i(act_place_q[PLACE_W-1:0]),
        .again_i(act_we_q && act_slot_q == s[2:0] && act_again_q),
        .again_place_i(act_again_place_q[PLACE_W-1:0]),
        .m_i(act_m_q),
        .s_i(act_s_q),
        .re_i(slots_q[s] && act_read),
        .first_i(place[PLACE_W-1:0]),
        .m_o(m),
        .s_o(m_s)
      );

      wire [31:0] y, second_y;
      wire over, second_over;
      dot_slot #(
        .LANES (LANES),
        .BLOCKS(BLOCKS)
      ) u_dot (
        .clk_i(clk_i),
        .rst_ni(rst_ni),
        .dot_i(slots_q[s] && dot_q),
        .scale_i(slots_q[s] && scale_q),
        .add_i(slots_q[s] && add_q),
        .first_i(add_first_q),
        .second_goes_on_i(add_goes_on_q),
        .lanes_i(add_lanes_q),
        .two_i(add_two_q),
        .second_lanes_i(add_second_q),
        .merge_i(slots_q[s] && merge_q),
        .merge_second_i(slots_q[s] && merge_second_q),
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
        .overflow_o(over),
        .second_y_o(second_y),
        .second_overflow_o(second_over)
      );
      assign res_data_o[32*s+:32] = slots_q[s] ? y : 32'd0;
      assign second_data_o[32*s+:32] = slots_q[s] ? second_y : 32'd0;
      assign overflow[s] = slots_q[s] && over;
      assign second_overflow[s] = slots_q[s] && second_over;
    end
  endgenerate

  // The code of a row that fails, 0 if it does not.
  function [7:0] code(input [1:0] err, input over);
    code = err == NONFINITE ? `LOCKSTEP_ERROR_NONFINITE : err == RANGE ? `LOCKSTEP_ERROR_RANGE :
        over ? `LOCKSTEP_ERROR_OVERFLOW : 8'd0;
  endfunction
  wire [7:0] row_code = row_valid_q[3] ? code(merge_err_q[9:8], overflow != 0) : 8'd0;
  wire [7:0] second_code =
      second_valid_q[3] ? code(second_err_q[9:8], second_overflow != 0) : 8'd0;
  assign res_valid_o = row_valid_q[3] && row_code == 0;
  assign second_valid_o = second_valid_q[3] && row_code == 0 && second_code == 0;
  assign err_o = row_code != 0 || second_code != 0;
  assign err_code_o = row_code != 0 ? row_code : second_code;

endmodule

`default_nettype wire
