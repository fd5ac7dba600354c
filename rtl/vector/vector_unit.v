// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The vector unit: the ops of unit VECTOR of docs/architecture.md, over the active slots, VLANES
// elements a cycle (ANGLES: one pair a cycle). A walk names a (slot, group) each cycle; its
// operands leave the vector SRAM one cycle later and enter the engine of the op; the place waits in
// a ring for the engine's result. dst may be the same vector as a or b, but must not overlap them
// otherwise; a of ROPE by halves, which goes back to it, and b of HEADNORM and WEIGH not at all.
//
// No back-pressure but that of the float stream: EMBED and POSITION take the row of each active
// slot, ROW, NORM and BIAS one row for all of them. After clear_i a start waits until the pipelines
// have run dry.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module vector_unit #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS  = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter VEC_WORDS = `LOCKSTEP_DEFAULT_VEC_WORDS,
  // Derived; not to be set.
  parameter SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter ADDR_BITS = $clog2(VEC_WORDS)
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  // The operation; the operands hold from start to done. Vector addresses in units of 32 words.
  input  wire                 start_i,
  input  wire [5:0]           op_i,
  input  wire [SLOTS-1:0]     slots_i,
  input  wire [15:0]          dst_i,
  input  wire [15:0]          a_i,
  input  wire [15:0]          b_i,
  input  wire [15:0]          n_i,          // elements
  input  wire [31:0]          imm_i,        // epsilon, factor or magnitude, binary32
  input  wire [6:0]           expert_i,     // whose element of b is WEIGH's
  output wire                 done_o,

  // Of ROUTE, see register EXPERTS; and what it chose last, a bit an expert of each slot.
  input  wire [7:0]           used_i,
  input  wire                 normalised_i,
  output wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_o,

  // Geometry: elements of a head, and how many of them turn, an even number.
  input  wire [8:0]           head_dim_i,
  input  wire [8:0]           n_rot_i,
  input  wire                 halves_i,     // pairs are halves
  input  wire [SLOTS*16-1:0]  slot_pos_i,
  input  wire                 bank_i,       // of the rotation buffer, for ANGLES and ROPE
  input  wire                 inc_we_i,     // increments of the pairs, 2^-48 turns a position
  input  wire                 inc_bank_i,
  input  wire [6:0]           inc_addr_i,
  input  wire [47:0]          inc_data_i,

  // Float stream, element i of a group in bits 32i+31:32i.
  input  wire                 fs_valid_i,
  output wire                 fs_ready_o,
  input  wire [VLANES*32-1:0] fs_data_i,

  // Blocks of QUANT, mantissa i in bits 16i+15:16i.
  output wire                 act_we_o,
  output wire [SLOT_BITS-1:0] act_slot_o,
  output wire [15:0]          act_block_o,
  output wire [511:0]         act_m_o,
  output wire [4:0]           act_s_o,

  // Vector SRAM; addresses of elements.
  output wire                 ra_en_o,
  output wire [SLOT_BITS-1:0] ra_slot_o,
  output wire [ADDR_BITS-1:0] ra_addr_o,
  input  wire [VLANES*32-1:0] ra_data_i,
  output wire                 rb_en_o,
  output wire [SLOT_BITS-1:0] rb_slot_o,
  output wire [ADDR_BITS-1:0] rb_addr_o,
  input  wire [VLANES*32-1:0] rb_data_i,
  output wire                 w_en_o,
  output wire [SLOT_BITS-1:0] w_slot_o,
  output wire [ADDR_BITS-1:0] w_addr_o,
  output wire [VLANES-1:0]    w_mask_o,
  output wire [VLANES*32-1:0] w_data_o,

  // Commit port.
  output wire                 cm_valid_o,
  output wire [SLOT_BITS-1:0] cm_slot_o,
  output wire [19:0]          cm_index_o,
  output wire [5:0]           cm_count_o,
  output wire [VLANES*32-1:0] cm_data_o,

  // OFFER: an element of all slots.
  output wire                 offer_valid_o,
  output wire [15:0]          offer_index_o,
  output wire [SLOTS*32-1:0]  offer_data_o,

  output wire                 err_o,
  output wire [7:0]           err_code_o,
  output wire [SLOT_BITS-1:0] err_slot_o,

  // For counters: an op is under way; this cycle finishes that many elements of it (ANGLES: pairs;
  // OFFER shows its own above).
  output wire                 ev_busy_o,
  output wire                 ev_valid_o,
  output wire [5:0]           ev_count_o
);

  localparam W          = VLANES * 32;
  localparam LANE_BITS  = $clog2(VLANES);
  localparam PHASE_BITS = 5 - LANE_BITS;        // of a group within a block

  generate
    if (VLANES != 4 && VLANES != 8) begin : g_check_lanes
      vector_unit_VLANES_must_be_4_or_8 u_error ();
    end
    if (ACT_BITS < 8 || ACT_BITS > 16) begin : g_check_bits
      vector_unit_ACT_BITS_must_be_8_to_16 u_error ();
    end
  endgenerate

  // The leaves have no clear: what they hold comes out, unheeded, while dry_q counts down. That
  // takes longer than the longest chain, NORM's.
  localparam [4:0] DRY = 5'd31;

  reg [4:0] dry_q;
  reg       waiting_q, running_q, done_q;
  wire      clear    = clear_i || dry_q != 5'd0;
  wire      begin_op = (start_i || waiting_q) && !clear;
  wire      issue_idle, summing, offering, head_start, picking, adding, fault, halt;
  wire      finish   = running_q && issue_idle && !summing && !offering && !head_start &&
                       !picking && !adding && !fault && !halt;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      dry_q     <= DRY;
      waiting_q <= 1'b0;
      running_q <= 1'b0;
      done_q    <= 1'b0;
    end else begin
      if (dry_q != 5'd0) dry_q <= dry_q - 5'd1;
      waiting_q <= (start_i || waiting_q) && clear;
      running_q <= begin_op || (running_q && !finish && !fault);
      done_q    <= finish;
    end
  end

  assign done_o    = done_q;
  assign ev_busy_o = running_q;

  wire is_geglu  = op_i == `LOCKSTEP_OP_GEGLU;
  wire is_gelu   = op_i == `LOCKSTEP_OP_GELU;
  wire is_scale  = op_i == `LOCKSTEP_OP_SCALE;
  wire is_sigmoid = op_i == `LOCKSTEP_OP_SIGMOID;
  wire is_weigh  = op_i == `LOCKSTEP_OP_WEIGH;
  wire is_route  = op_i == `LOCKSTEP_OP_ROUTE;
  wire is_center = op_i == `LOCKSTEP_OP_CENTER || op_i == `LOCKSTEP_OP_HEADCENTER;
  wire is_head   = op_i == `LOCKSTEP_OP_HEADNORM || op_i == `LOCKSTEP_OP_HEADNORM_OWN ||
                   op_i == `LOCKSTEP_OP_HEADCENTER;
  wire is_norm   = op_i == `LOCKSTEP_OP_NORM;
  wire is_twice  = is_norm || is_center || is_head;   // two walks

  wire                  scale_start, scaling;
  wire [SLOT_BITS-1:0]  slot, data_slot;
  wire [6:0]            pair;
  wire [6:0]            turn_pair;
  wire                  angle_issue, turn_issue, gain_issue, embed_issue;
  wire                  elem_data, rope_data, quant_data, scale_data, pick_data;
  wire                  offer_data, offer_ready;
  wire [PHASE_BITS-2:0] data_phase;
  wire [2*VLANES-1:0]   data_keep;
  wire                  data_rotate, data_lower, data_last, data_end;
  wire [6-LANE_BITS:0]  data_group;
  wire                  route_next;
  wire                  tag_pop, tag_last;
  wire [SLOT_BITS-1:0]  tag_slot;
  wire [15:0]           tag_place;
  wire [LANE_BITS:0]    tag_count;

  vec_issue #(
    .SLOTS    (SLOTS),
    .SLOT_BITS(SLOT_BITS),
    .VLANES   (VLANES),
    .ADDR_BITS(ADDR_BITS)
  ) u_issue (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .start_i(begin_op), .op_i(op_i), .slots_i(slots_i), .a_i(a_i), .b_i(b_i), .n_i(n_i),
    .head_dim_i(head_dim_i), .n_rot_i(n_rot_i), .halves_i(halves_i),
    .scale_start_i(scale_start), .scaling_i(scaling), .head_start_o(head_start), .halt_i(halt),
    .route_start_i(route_next), .picking_i(picking), .expert_i(expert_i),
    .idle_o(issue_idle), .offer_ready_i(offer_ready),
    .fs_valid_i(fs_valid_i), .fs_ready_o(fs_ready_o),
    .ra_en_o(ra_en_o), .ra_addr_o(ra_addr_o), .rb_en_o(rb_en_o), .rb_addr_o(rb_addr_o),
    .slot_o(slot), .pair_o(pair), .turn_pair_o(turn_pair),
    .angle_valid_o(angle_issue), .turn_valid_o(turn_issue),
    .gain_valid_o(gain_issue), .embed_valid_o(embed_issue),
    .elem_valid_o(elem_data), .rope_valid_o(rope_data),
    .quant_valid_o(quant_data), .scale_valid_o(scale_data), .pick_valid_o(pick_data),
    .offer_valid_o(offer_data),
    .data_slot_o(data_slot), .data_last_o(data_last), .data_phase_o(data_phase),
    .data_group_o(data_group), .data_end_o(data_end),
    .data_keep_o(data_keep), .data_rotate_o(data_rotate), .data_lower_o(data_lower),
    .tag_pop_i(tag_pop), .tag_last_o(tag_last), .tag_slot_o(tag_slot), .tag_place_o(tag_place),
    .tag_count_o(tag_count)
  );

  assign ra_slot_o = slot;
  assign rb_slot_o = slot;

  wire              elem_valid, rope_valid;
  wire [W-1:0]      elem_y, rope_y;
  wire [VLANES-1:0] elem_overflow, rope_overflow;
  wire [31:0]       norm_r, route_z, route_r;
  wire              p_valid;
  wire [W-1:0]      p;
  wire [VLANES-1:0] p_overflow;
  wire              weighing;

  vec_elementwise #(.VLANES(VLANES)) u_elementwise (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .gated_i(op_i == `LOCKSTEP_OP_SWIGLU || is_geglu || is_gelu || is_sigmoid),
    .gelu_i(is_geglu || is_gelu), .alone_i(is_gelu || is_scale || is_sigmoid || is_weigh),
    .sigmoid_i(is_sigmoid), .bias_i(op_i == `LOCKSTEP_OP_BIAS), .center_i(is_center),
    .norm_i(is_norm), .route_i(is_route), .weighing_i(is_route && weighing),
    .valid_i(elem_data), .scale_valid_i(scale_data), .a_i(ra_data_i), .b_i(rb_data_i),
    .r_i(is_scale ? imm_i : is_weigh ? rb_data_i[31:0] : is_route ? route_z : norm_r),
    .q_i(route_r),
    .gain_valid_i(gain_issue), .gain_i(fs_data_i),
    .p_valid_o(p_valid), .p_o(p), .p_overflow_o(p_overflow),
    .valid_o(elem_valid), .y_o(elem_y), .overflow_o(elem_overflow)
  );

  wire [VLANES-1:0] tag_keep, tag_chosen;

  vec_route #(
    .SLOTS    (SLOTS),
    .SLOT_BITS(SLOT_BITS),
    .VLANES   (VLANES)
  ) u_route (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .start_i(begin_op && is_route), .on_i(is_route), .used_i(used_i), .normalised_i(normalised_i),
    .idle_i(issue_idle), .next_o(route_next), .picking_o(picking), .summing_o(adding),
    .weighing_o(weighing),
    .valid_i(pick_data), .slot_i(data_slot), .group_i(data_group), .last_i(data_end),
    .keep_i(data_keep[VLANES-1:0]), .x_i(ra_data_i), .z_o(route_z), .r_o(route_r),
    .p_valid_i(p_valid), .tag_slot_i(tag_slot), .tag_group_i(tag_place[6:LANE_BITS]),
    .tag_last_i(tag_last), .tag_keep_i(tag_keep), .p_i(p), .tag_chosen_o(tag_chosen),
    .choice_o(choice_o)
  );

  reg [W-1:0] kept_y;
  integer i;
  always @* begin
    kept_y = elem_y;
    if (is_route)
      for (i = 0; i < VLANES; i = i + 1)
        if (!tag_chosen[i]) kept_y[32*i +: 32] = 32'd0;
  end

  wire         angle_valid;
  wire [W-1:0] cos, sin;

  vec_angles #(
    .SLOT_BITS(SLOT_BITS),
    .VLANES   (VLANES)
  ) u_angles (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .inc_we_i(inc_we_i), .inc_bank_i(inc_bank_i), .inc_addr_i(inc_addr_i),
    .inc_data_i(inc_data_i), .bank_i(bank_i), .magnitude_i(imm_i), .valid_i(angle_issue),
    .pair_i(pair), .pos_i(slot_pos_i[16*slot +: 16]),
    .valid_o(angle_valid), .slot_i(tag_slot), .done_pair_i(tag_place[6:0]),
    .read_en_i(turn_issue), .read_slot_i(slot), .read_pair_i(turn_pair),
    .cos_o(cos), .sin_o(sin)
  );

  vec_rope #(.VLANES(VLANES)) u_rope (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .halves_i(halves_i), .single_i(n_rot_i == VLANES[8:0]),
    .valid_i(rope_data), .rotate_i(data_rotate), .lower_i(data_lower),
    .x_i(ra_data_i), .far_i(rb_data_i), .cos_i(cos), .sin_i(sin),
    .valid_o(rope_valid), .y_o(rope_y), .overflow_o(rope_overflow)
  );

  wire         act_valid, act_range, blk_valid, blk_range;
  wire [511:0] blk_m;
  wire [4:0]   blk_s;

  vec_quant #(
    .VLANES  (VLANES),
    .ACT_BITS(ACT_BITS)
  ) u_quant (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .norm_i(is_twice), .valid_i(quant_data),
    .phase_i(data_phase), .keep_i(data_keep), .x_i({rb_data_i, ra_data_i}),
    .act_valid_o(act_valid), .act_m_o(act_m_o), .act_s_o(act_s_o), .act_range_o(act_range),
    .norm_valid_o(blk_valid), .norm_m_o(blk_m), .norm_s_o(blk_s), .norm_range_o(blk_range)
  );

  assign act_slot_o  = tag_slot;
  assign act_block_o = tag_place;

  wire                 divzero;
  wire [SLOT_BITS-1:0] divzero_slot;

  vec_norm #(
    .SLOTS    (SLOTS),
    .SLOT_BITS(SLOT_BITS)
  ) u_norm (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .start_i((begin_op && is_twice) || head_start), .center_i(is_center),
    .n_i(is_head ? {7'd0, head_dim_i} : n_i), .eps_i(imm_i),
    .blk_valid_i(blk_valid), .blk_last_i(tag_last), .blk_slot_i(tag_slot),
    .blk_m_i(blk_m), .blk_s_i(blk_s), .idle_i(issue_idle),
    .done_i(finish), .summing_o(summing), .scale_start_o(scale_start), .scaling_o(scaling),
    .slot_i(data_slot), .r_o(norm_r),
    .divzero_o(divzero), .divzero_slot_o(divzero_slot)
  );

  vec_offer #(
    .SLOTS    (SLOTS),
    .SLOT_BITS(SLOT_BITS),
    .VLANES   (VLANES)
  ) u_offer (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear), .start_i(begin_op),
    .valid_i(offer_data), .slot_i(data_slot), .last_i(data_last), .keep_i(data_keep[VLANES-1:0]),
    .data_i(ra_data_i), .ready_o(offer_ready), .busy_o(offering),
    .valid_o(offer_valid_o), .index_o(offer_index_o), .data_o(offer_data_o)
  );

  vec_commit #(
    .SLOT_BITS(SLOT_BITS),
    .VLANES   (VLANES),
    .ADDR_BITS(ADDR_BITS)
  ) u_commit (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear),
    .dst_i(dst_i), .n_i(n_i),
    .tag_last_i(tag_last), .tag_slot_i(tag_slot), .tag_place_i(tag_place),
    .tag_count_i(tag_count), .tag_pop_o(tag_pop),
    .elem_valid_i(elem_valid), .elem_y_i(kept_y), .elem_overflow_i(elem_overflow),
    .rope_valid_i(rope_valid), .rope_y_i(rope_y), .rope_overflow_i(rope_overflow),
    .embed_valid_i(embed_issue), .embed_data_i(fs_data_i),
    .angle_valid_i(angle_valid), .act_valid_i(act_valid), .act_range_i(act_range),
    .blk_valid_i(blk_valid), .blk_range_i(blk_range),
    .sum_valid_i(p_valid && adding), .sum_overflow_i(p_overflow), .keep_o(tag_keep),
    .divzero_i(divzero), .divzero_slot_i(divzero_slot), .act_we_o(act_we_o),
    .w_en_o(w_en_o), .w_slot_o(w_slot_o), .w_addr_o(w_addr_o), .w_mask_o(w_mask_o),
    .w_data_o(w_data_o),
    .cm_valid_o(cm_valid_o), .cm_slot_o(cm_slot_o), .cm_index_o(cm_index_o),
    .cm_count_o(cm_count_o), .cm_data_o(cm_data_o),
    .fault_o(fault), .halt_o(halt),
    .err_o(err_o), .err_code_o(err_code_o), .err_slot_o(err_slot_o),
    .ev_valid_o(ev_valid_o), .ev_count_o(ev_count_o)
  );

endmodule

`default_nettype wire
