// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Issues the groups of a vector operation: walks over (slot, group), reads the operands from the
// vector SRAM, and tells the engine of the op one cycle later that they are there. The place of
// each result waits in a ring until the engine has it (tag_pop_i).
//
// A group a cycle; EMBED, POSITION, ROW, BIAS and the second walk of NORM go at the pace of the
// float stream. QUANT and the first walks, which have one operand, take two groups a cycle by both
// read ports, and fill the last block up with groups that are not read and have no elements to
// keep. The norms of heads take their two walks, over all slots, for one head after the other;
// ROUTE as many as vec_route asks for, of which those that pick owe no result. OFFER goes at the
// pace of vec_offer, and owes no results.
//
// A group may begin at any element. The norms of heads begin one with each head, ROPE with each
// part of a head, so that all elements of a group go the same way:
//
//     head of ROPE   | turns          | rest |     pairs of neighbours, or of VLANES elements
//                    | first | second | rest |     pairs by halves
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module vec_issue #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SLOT_BITS  = 2,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter ADDR_BITS  = 12,
  // Derived; not to be set.
  parameter LANE_BITS  = $clog2(VLANES),
  parameter PHASE_BITS = 5 - LANE_BITS
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,

  // The operation, see vector_unit. scaling_i: second walk of a norm; scale_start_i begins it,
  // head_start_o the first walk of the next head, where it goes by heads.
  input  wire                  start_i,
  input  wire [5:0]            op_i,
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           a_i,
  input  wire [15:0]           b_i,
  input  wire [15:0]           n_i,
  input  wire [8:0]            head_dim_i,
  input  wire [8:0]            n_rot_i,
  input  wire                  halves_i,
  input  wire                  scale_start_i,
  input  wire                  scaling_i,
  output wire                  head_start_o,
  input  wire                  route_start_i,  // another walk of ROUTE
  input  wire                  picking_i,      // it is one that picks
  input  wire [6:0]            expert_i,       // whose element of b is WEIGH's
  input  wire                  halt_i,         // issue nothing more
  output wire                  idle_o,         // nothing to issue, no result owed

  input  wire                  offer_ready_i,
  input  wire                  fs_valid_i,
  output wire                  fs_ready_o,

  output wire                  ra_en_o,
  output wire [ADDR_BITS-1:0]  ra_addr_o,
  output wire                  rb_en_o,
  output wire [ADDR_BITS-1:0]  rb_addr_o,

  // This cycle: what is issued.
  output wire [SLOT_BITS-1:0]  slot_o,
  output wire [6:0]            pair_o,         // of ANGLES
  output wire [6:0]            turn_pair_o,    // of ROPE: first pair of the group
  output wire                  angle_valid_o,
  output wire                  turn_valid_o,   // ROPE reads the rotation buffer
  output wire                  gain_valid_o,   // NORM and BIAS take a group of the shared row
  output wire                  embed_valid_o,  // EMBED, POSITION and ROW take theirs as they are

  // This cycle: what was issued in the last one, and is on the read ports now.
  output wire                  elem_valid_o,
  output wire                  rope_valid_o,
  output wire                  quant_valid_o,
  output wire                  scale_valid_o,
  output wire                  offer_valid_o,
  output wire                  pick_valid_o,
  output wire [SLOT_BITS-1:0]  data_slot_o,
  output wire                  data_last_o,    // the group's last slot, where slots take turns
  output wire [PHASE_BITS-2:0] data_phase_o,   // two groups within their block
  output wire [6-LANE_BITS:0]  data_group_o,   // of ROUTE
  output wire                  data_end_o,     // the last of its slot
  output wire [2*VLANES-1:0]   data_keep_o,    // elements that exist, of both ports
  output wire                  data_rotate_o,  // ROPE turns the group; and of halves, it is
  output wire                  data_lower_o,   // one of the lower half

  // Place of the oldest result that is owed: first element of a group, pair of ANGLES, block of
  // QUANT and of a first walk.
  input  wire                  tag_pop_i,
  output wire                  tag_last_o,     // the last of its slot
  output wire [SLOT_BITS-1:0]  tag_slot_o,
  output wire [15:0]           tag_place_o,
  output wire [LANE_BITS:0]    tag_count_o     // elements of the group
);

  wire is_angles = op_i == `LOCKSTEP_OP_ANGLES;
  wire is_row    = op_i == `LOCKSTEP_OP_ROW;
  wire is_embed  = op_i == `LOCKSTEP_OP_EMBED || op_i == `LOCKSTEP_OP_POSITION || is_row;
  wire is_norm   = op_i == `LOCKSTEP_OP_NORM;
  wire is_own    = op_i == `LOCKSTEP_OP_HEADNORM_OWN;
  wire is_center = op_i == `LOCKSTEP_OP_CENTER || op_i == `LOCKSTEP_OP_HEADCENTER;
  wire is_head   = op_i == `LOCKSTEP_OP_HEADNORM || op_i == `LOCKSTEP_OP_HEADCENTER || is_own;
  wire is_quant  = op_i == `LOCKSTEP_OP_QUANT;
  wire is_rope   = op_i == `LOCKSTEP_OP_ROPE;
  wire is_bias   = op_i == `LOCKSTEP_OP_BIAS;
  wire is_scale  = op_i == `LOCKSTEP_OP_SCALE;
  wire is_alone  = op_i == `LOCKSTEP_OP_GELU || op_i == `LOCKSTEP_OP_SIGMOID;
  wire is_route  = op_i == `LOCKSTEP_OP_ROUTE;
  wire is_weigh  = op_i == `LOCKSTEP_OP_WEIGH;
  wire is_offer  = op_i == `LOCKSTEP_OP_OFFER;
  wire binary    = op_i == `LOCKSTEP_OP_SWIGLU || op_i == `LOCKSTEP_OP_ADD ||
                   op_i == `LOCKSTEP_OP_GEGLU;

  wire [15:0] n        = is_head ? {7'd0, head_dim_i} : n_i;      // of a walk
  wire [16:0] n_up     = {1'b0, n} + 17'd31;
  wire [15:0] groups_n = {{LANE_BITS{1'b0}}, n[15:LANE_BITS]} +
                         {15'd0, n[LANE_BITS-1:0] != {LANE_BITS{1'b0}}};
  wire        twice    = is_norm || is_head || is_center;         // two walks
  wire        blocks   = is_quant || (twice && !scaling_i);       // groups fill whole blocks
  wire        shared   = is_row || is_bias || (is_norm && scaling_i);   // a row for all slots
  wire        streamed = is_embed || shared;                      // the float stream sets the pace
  wire        reads    = is_quant || twice || is_rope || is_bias || is_alone || is_scale ||
                         binary || is_route || is_weigh || is_offer;

  wire [15:0] groups = is_angles ? {8'd0, n_rot_i[8:1]} :
                       blocks ? {{(5-PHASE_BITS){1'b0}}, n_up[16:5], {(PHASE_BITS-1){1'b0}}} :
                       reads || is_embed ? groups_n : 16'd0;

  wire                 active, last_slot;
  wire [SLOT_BITS-1:0] slot;
  wire [15:0]          group;          // of blocks, two groups
  wire                 step = active && (!streamed || fs_valid_i) &&
                              (!is_offer || offer_ready_i) && !halt_i;

  assign fs_ready_o = active && streamed && (!shared || last_slot) && !halt_i;

  vec_walk #(
    .SLOTS    (SLOTS),
    .SLOT_BITS(SLOT_BITS)
  ) u_walk (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .start_i     (start_i || scale_start_i || head_start_o || route_start_i),
    .slots_i     (slots_i),
    .any_i       (groups != 16'd0),
    .interleave_i(shared || is_offer),
    .step_i      (step),
    .last_group_i(last_group),
    .active_o    (active),
    .slot_o      (slot),
    .group_o     (group),
    .last_slot_o (last_slot)
  );

  // Operands: read now, in the engines one cycle later.
  wire [PHASE_BITS-2:0] phase  = group[PHASE_BITS-2:0];
  wire [15:0]           first  = blocks ? {group[14:0], 1'b0} : group;
  wire [15:0]           second = first + 16'd1;
  wire                  whole  = n[LANE_BITS-1:0] == {LANE_BITS{1'b0}};
  wire [1:0]            past   = {2{blocks}} & {second >= groups_n, first >= groups_n};  // fill up
  wire [1:0]            short  = {second + 16'd1 == groups_n && !whole,
                                  second == groups_n && !whole};
  wire [VLANES-1:0]     tail   = ~({VLANES{1'b1}} << n[LANE_BITS-1:0]);

  // ROPE's way through the parts of a head.
  reg  [8:0] place_q;                             // of the group within its head
  wire [8:0] half     = {1'b0, n_rot_i[8:1]};
  wire       lower    = place_q < half;
  wire       turns    = place_q < n_rot_i;
  wire [8:0] part_end = halves_i && n_rot_i != VLANES[8:0] && lower ? half :
                        turns ? n_rot_i : head_dim_i;
  wire [8:0] left     = part_end - place_q;       // of the part
  wire       ends     = left <= VLANES[8:0];
  wire       head_end = ends && part_end == head_dim_i;

  // The head's first element, in the norms of heads.
  reg  [15:0] head_q;
  wire [15:0] next_head  = head_q + {7'd0, head_dim_i};
  wire        last_group = is_rope ? head_end && next_head == n_i : group == groups - 16'd1;

  assign ra_en_o   = step && reads && !past[0];
  assign rb_en_o   = step && (binary || is_weigh || (is_head && !is_center && scaling_i) ||
                              (is_rope && halves_i) || (blocks && !past[1]));

  // A head that is not the last is followed by another.
  assign head_start_o = is_head && scaling_i && idle_o && !halt_i && next_head != n_i;

  // A base, in units of 32 words, and an element make an address; ROPE by halves reads the other
  // elements of its pairs half the turned part away.
  wire [15:0] of_head = is_rope ? {7'd0, place_q} : {first[15-LANE_BITS:0], {LANE_BITS{1'b0}}};
  wire [15:0] element = head_q + of_head;
  wire [20:0] a_addr  = {a_i, 5'd0} + {5'd0, element};
  wire [15:0] of_b    = is_weigh ? {9'd0, expert_i} : is_own ? element : of_head;
  wire [20:0] b_addr  = {b_i, 5'd0} + {5'd0, of_b};
  wire [20:0] far_addr = lower ? a_addr + {12'd0, half} : a_addr - {12'd0, half};

  assign ra_addr_o = a_addr[ADDR_BITS-1:0];
  assign rb_addr_o = is_rope ? far_addr[ADDR_BITS-1:0] :
                     blocks ? a_addr[ADDR_BITS-1:0] + VLANES[ADDR_BITS-1:0] :
                              b_addr[ADDR_BITS-1:0];

  reg                  data_valid_q;
  reg [SLOT_BITS-1:0]  data_slot_q;
  reg [PHASE_BITS-2:0] data_phase_q;
  reg [2*VLANES-1:0]   data_keep_q;
  reg                  data_rotate_q, data_lower_q, data_last_q;
  reg                  data_end_q;
  reg [6-LANE_BITS:0]  data_group_q;

  always @(posedge clk_i) begin
    if (!rst_ni) data_valid_q <= 1'b0;
    else data_valid_q <= step && !clear_i;
  end

  always @(posedge clk_i) begin
    if (start_i) place_q <= 9'd0;
    else if (step && is_rope) place_q <= head_end ? 9'd0 : ends ? part_end : place_q + VLANES[8:0];
    if (start_i) head_q <= 16'd0;
    else if (head_start_o) head_q <= next_head;
    else if (step && is_rope && head_end) head_q <= last_group ? 16'd0 : next_head;
    if (step) begin
      data_slot_q   <= slot;
      data_phase_q  <= phase;
      data_group_q  <= group[6-LANE_BITS:0];
      data_end_q    <= last_group;
      data_keep_q   <= {past[1] ? {VLANES{1'b0}} : short[1] ? tail : {VLANES{1'b1}},
                        past[0] ? {VLANES{1'b0}} : short[0] ? tail : {VLANES{1'b1}}};
      data_rotate_q <= turns;
      data_lower_q  <= lower;
      data_last_q   <= last_slot;
    end
  end

  // Where the results go.
  wire                 tags_empty;
  wire [15:0]          place = blocks ? group >> (PHASE_BITS - 1) : is_angles ? group : element;
  wire [LANE_BITS:0]   count = is_rope ? (ends ? left[LANE_BITS:0] : VLANES[LANE_BITS:0]) :
                               short[0] ? {1'b0, n[LANE_BITS-1:0]} : VLANES[LANE_BITS:0];

  vec_ring #(.WIDTH(SLOT_BITS + LANE_BITS + 18)) u_tags (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (step && !is_offer && (!blocks || phase == {(PHASE_BITS-1){1'b1}}) &&
             !(is_route && picking_i)),
    .data_i ({last_group, slot, count, place}),
    .pop_i  (tag_pop_i),
    .data_o ({tag_last_o, tag_slot_o, tag_count_o, tag_place_o}),
    .empty_o(tags_empty)
  );

  assign idle_o = !active && tags_empty;

  assign slot_o        = slot;
  assign pair_o        = group[6:0];
  wire [8:0] first_pair = !halves_i ? {1'b0, place_q[8:1]} : lower ? place_q : place_q - half;
  assign turn_pair_o   = first_pair[6:0];
  assign angle_valid_o = step && is_angles;
  assign turn_valid_o  = step && is_rope;
  assign gain_valid_o  = step && shared && !is_row;
  assign embed_valid_o = step && is_embed;

  assign elem_valid_o  = data_valid_q &&
                         (is_alone || binary || is_bias || (is_center && scaling_i) ||
                          (is_route && !picking_i));
  assign rope_valid_o  = data_valid_q && is_rope;
  assign quant_valid_o = data_valid_q && blocks;
  assign scale_valid_o = data_valid_q &&
                         (is_scale || is_weigh ||
                          ((is_norm || is_head) && !is_center && scaling_i));
  assign offer_valid_o = data_valid_q && is_offer;
  assign pick_valid_o  = data_valid_q && is_route && picking_i;
  assign data_slot_o   = data_slot_q;
  assign data_last_o   = data_last_q;
  assign data_phase_o  = data_phase_q;
  assign data_group_o  = data_group_q;
  assign data_end_o    = data_end_q;
  assign data_keep_o   = data_keep_q;
  assign data_rotate_o = data_rotate_q;
  assign data_lower_o  = data_lower_q;

  wire unused = &{1'b0, n_up[4:0], a_addr, b_addr, far_addr, left, first_pair};

endmodule

`default_nettype wire
