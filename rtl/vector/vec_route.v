// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// What ROUTE takes beside vec_elementwise (docs/numerics.md, section 5). It walks over the slots
// USED + 2 times. Each of the first walks picks of every slot the greatest element that is left, of
// equal ones the first; what the first one picks is z. Then vec_elementwise computes
//
//     p = exp(x - z)       whose sum, of all elements or of the chosen, gives r = rcp(sum),
//     y = p * r            in the last walk; +0 where the element is not chosen.
//
// The choice stays until the next ROUTE. A group a cycle; no back-pressure.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module vec_route #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SLOT_BITS  = 2,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  // Derived; not to be set.
  parameter LANE_BITS  = $clog2(VLANES),
  parameter GROUP_BITS = 7 - LANE_BITS     // of a group of EXPERTS_MAX elements
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,

  // The operation. idle_i: the walk is over, and no result is owed; next_o begins another one.
  input  wire                  start_i,
  input  wire                  on_i,          // it is ROUTE: what is said of a tag is looked at
  input  wire [7:0]            used_i,        // elements to choose, at least 1
  input  wire                  normalised_i,  // of the chosen alone is the sum
  input  wire                  idle_i,
  output wire                  next_o,
  output wire                  picking_o,     // one of the first walks
  output wire                  summing_o,     // the one behind them
  output wire                  weighing_o,    // the last one, until the next op

  // A group that is picked from; and of slot_i z, and r.
  input  wire                  valid_i,
  input  wire [SLOT_BITS-1:0]  slot_i,
  input  wire [GROUP_BITS-1:0] group_i,
  input  wire                  last_i,        // of its slot
  input  wire [VLANES-1:0]     keep_i,        // elements that exist
  input  wire [VLANES*32-1:0]  x_i,
  output wire [31:0]           z_o,
  output wire [31:0]           r_o,

  // The oldest result that is owed, and its p, of the walk for the sum.
  input  wire                  p_valid_i,
  input  wire [SLOT_BITS-1:0]  tag_slot_i,
  input  wire [GROUP_BITS-1:0] tag_group_i,
  input  wire                  tag_last_i,
  input  wire [VLANES-1:0]     tag_keep_i,
  input  wire [VLANES*32-1:0]  p_i,
  output wire [VLANES-1:0]     tag_chosen_o,  // its elements that are chosen

  output wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_o   // a bit an element
);

  `include "float/fp_order.vh"

  localparam EXPERTS = {24'd0, `LOCKSTEP_EXPERTS_MAX};   // choice bits of a slot
  localparam [1:0] IDLE = 2'd0, PICK = 2'd1, SUM = 2'd2, WEIGH = 2'd3;

  reg [1:0] state_q;
  reg [7:0] left_q;               // walks for picks, this one among them
  reg       first_q;              // it is the first of them
  reg [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_q;

  wire sums_none;                 // no sum is on its way to r
  wire over = idle_i && !valid_i;

  assign next_o     = (state_q == PICK && over) || (state_q == SUM && over && sums_none);
  assign picking_o  = state_q == PICK;
  assign summing_o  = state_q == SUM;
  assign weighing_o = state_q == WEIGH;
  assign choice_o   = choice_q;

  always @(posedge clk_i) begin
    if (!rst_ni) state_q <= IDLE;
    else if (clear_i) state_q <= IDLE;
    else if (start_i) state_q <= PICK;
    else if (next_o) state_q <= state_q == SUM ? WEIGH : left_q == 8'd1 ? SUM : PICK;
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      left_q  <= used_i;
      first_q <= 1'b1;
    end else if (next_o) begin
      left_q  <= left_q - 8'd1;
      first_q <= 1'b0;
    end
  end

  // The best of a group; of equal ones the lower stays.
  reg [VLANES-1:0]    taken;
  reg                 best_any;
  reg [31:0]          best_key;
  reg [LANE_BITS-1:0] best_lane;
  integer i;
  always @* begin
    taken     = {VLANES{1'b0}};
    best_any  = 1'b0;
    best_key  = 32'd0;
    best_lane = {LANE_BITS{1'b0}};
    if (valid_i) taken = choice_q[EXPERTS*slot_i + VLANES*group_i +: VLANES];
    if (valid_i)                      // nothing is compared in between
      for (i = 0; i < VLANES; i = i + 1)
        if (keep_i[i] && !taken[i] && (!best_any || fp_key(x_i[32*i +: 32]) > best_key)) begin
          best_any  = 1'b1;
          best_key  = fp_key(x_i[32*i +: 32]);
          best_lane = i[LANE_BITS-1:0];
        end
  end

  // The best of the slot, a cycle later.
  reg                            group_q, group_any_q, group_last_q, any_q;
  reg [31:0]                     group_key_q, key_q;
  reg [SLOT_BITS-1:0]            group_slot_q;
  reg [GROUP_BITS+LANE_BITS-1:0] group_index_q, index_q;
  reg [SLOTS*32-1:0]             z_q;   // as keys

  wire better = group_any_q && (!any_q || group_key_q > key_q);
  wire [GROUP_BITS+LANE_BITS-1:0] index = better ? group_index_q : index_q;

  always @(posedge clk_i) begin
    if (!rst_ni) group_q <= 1'b0;
    else group_q <= valid_i && !clear_i;
  end

  always @(posedge clk_i) begin
    if (valid_i) begin
      group_any_q   <= best_any;
      group_key_q   <= best_key;
      group_index_q <= {group_i, best_lane};
      group_last_q  <= last_i;
      group_slot_q  <= slot_i;
    end
    if (start_i) begin
      any_q    <= 1'b0;
      choice_q <= {SLOTS*`LOCKSTEP_EXPERTS_MAX{1'b0}};
    end else if (group_q) begin
      any_q   <= (any_q || group_any_q) && !group_last_q;
      index_q <= index;
      if (better) key_q <= group_key_q;
      if (group_last_q) begin
        choice_q[EXPERTS*group_slot_q + {25'd0, index}] <= 1'b1;
        if (first_q) z_q[32*group_slot_q +: 32] <= better ? group_key_q : key_q;
      end
    end
  end

  // The number that a key stands for; +0 for any zero.
  wire [31:0] z_key = z_q[32*slot_i +: 32];
  assign z_o = z_key[31] ? {1'b0, z_key[30:0]} : ~z_key;

  // The sum of the slot, its rounding and its reciprocal.
  reg [VLANES-1:0] tag_chosen;
  always @* begin
    tag_chosen = {VLANES{1'b0}};
    if (on_i) tag_chosen = choice_q[EXPERTS*tag_slot_i + VLANES*tag_group_i +: VLANES];
  end
  assign tag_chosen_o = tag_chosen;

  wire              p_valid = p_valid_i && summing_o;
  wire [VLANES-1:0] fixed_valid;
  wire [25*VLANES-1:0] fixed;
  reg  [VLANES-1:0] adds_q;
  reg               adds_last_q, sum_first_q, sum_valid_q;
  reg  [31:0]       sum_q;

  genvar g;
  generate
    for (g = 0; g < VLANES; g = g + 1) begin : g_lane
      fp_to_fixed #(
        .BITS(24)
      ) u_fixed (
        .clk_i  (clk_i),
        .rst_ni (rst_ni),
        .valid_i(p_valid),
        .x_i    (p_i[32*g +: 32]),
        .valid_o(fixed_valid[g]),
        .w_o    (fixed[25*g +: 25])
      );
    end
  endgenerate

  integer k;
  always @(posedge clk_i) begin
    if (p_valid) begin
      adds_q      <= normalised_i ? tag_chosen_o : tag_keep_i;
      adds_last_q <= tag_last_i;
    end
    if (fixed_valid[0]) begin : g_add
      reg [31:0] total;
      total = sum_first_q ? 32'd0 : sum_q;
      for (k = 0; k < VLANES; k = k + 1)
        if (adds_q[k]) total = total + {7'd0, fixed[25*k +: 25]};
      sum_q <= total;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      sum_first_q <= 1'b1;
      sum_valid_q <= 1'b0;
    end else begin
      if (fixed_valid[0]) sum_first_q <= adds_last_q;
      sum_valid_q <= fixed_valid[0] && adds_last_q;
    end
  end

  wire                 round_valid, rcp_valid, unused_overflow, unused_error;
  wire [31:0]          round_y, rcp_y;
  wire [SLOT_BITS-1:0] rcp_slot;
  reg  [SLOTS*32-1:0]  r_q;

  round32 #(.W(33)) u_round (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .valid_i   (sum_valid_q),
    .n_i       ({1'b0, sum_q}),
    .k_i       (-10'sd24),
    .valid_o   (round_valid),
    .y_o       (round_y),
    .overflow_o(unused_overflow)
  );

  fp_recip u_rcp (   // of 1 at least: the greatest element's p is
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(round_valid),
    .sqrt_i (1'b0),
    .x_i    (round_y),
    .valid_o(rcp_valid),
    .y_o    (rcp_y),
    .error_o(unused_error)
  );

  vec_ring #(.WIDTH(SLOT_BITS)) u_slot (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (p_valid && tag_last_i),
    .data_i (tag_slot_i),
    .pop_i  (rcp_valid),
    .data_o (rcp_slot),
    .empty_o(sums_none)
  );

  always @(posedge clk_i) if (rcp_valid) r_q[32*rcp_slot +: 32] <= rcp_y;

  assign r_o = r_q[32*slot_i +: 32];

  wire unused = &{1'b0, fixed_valid};

endmodule

`default_nettype wire
