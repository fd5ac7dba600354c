// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Steps through the groups of a vector for every active slot: one (slot, group) a step, slots in
// ascending order. With interleave_i the slots are the inner loop, so that all of them meet the
// same element of a stream; else each slot is finished before the next.
//
// start_i loads the walk; active_o is high from the next cycle to the last step. A walk without
// slots or groups is never active. Which group is a slot's last, the user tells.
`default_nettype none
`include "generated/defaults.vh"

module vec_walk #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SLOT_BITS = 2
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  // The walk; the operands hold until it ends.
  input  wire                 start_i,
  input  wire [SLOTS-1:0]     slots_i,
  input  wire                 any_i,         // there are groups
  input  wire                 interleave_i,

  // The present place; step_i goes on to the next.
  input  wire                 step_i,
  input  wire                 last_group_i,
  output wire                 active_o,
  output wire [SLOT_BITS-1:0] slot_o,
  output wire [15:0]          group_o,
  output wire                 last_slot_o
);

  reg                 active_q;
  reg [SLOTS-1:0]     left_q;    // slots still to come, the present one among them
  reg [SLOT_BITS-1:0] slot_q;    // the lowest of left_q
  reg [15:0]          group_q;

  wire [SLOTS-1:0]     others = left_q & (left_q - 1'b1);
  wire [SLOTS-1:0]     next   = start_i || last_slot_o ? slots_i : others;
  wire [SLOT_BITS-1:0] lowest;

  first_one #(.WIDTH(SLOTS)) u_lowest (.bits_i(next), .index_o(lowest));

  assign active_o     = active_q;
  assign slot_o       = slot_q;
  assign group_o      = group_q;
  assign last_slot_o  = others == {SLOTS{1'b0}};

  wire next_slot  = interleave_i || last_group_i;
  wire next_group = !interleave_i || last_slot_o;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      active_q <= 1'b0;
    end else if (start_i) begin
      active_q <= slots_i != {SLOTS{1'b0}} && any_i;
      left_q   <= slots_i;
      slot_q   <= lowest;
      group_q  <= 16'd0;
    end else if (active_q && step_i) begin
      if (last_group_i && last_slot_o) active_q <= 1'b0;
      if (next_slot) begin
        left_q <= next;
        slot_q <= lowest;
      end
      if (next_group) group_q <= last_group_i ? 16'd0 : group_q + 16'd1;
    end
  end

endmodule

`default_nettype wire
