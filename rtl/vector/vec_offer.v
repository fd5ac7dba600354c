// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Hands a vector on element by element, one a cycle for all slots, as the dot array does its rows:
// the logits of OFFER. The slots' groups of the same elements are gathered, then shifted out; the
// next group may come as the last element goes.
`default_nettype none
`include "generated/defaults.vh"

module vec_offer #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SLOT_BITS = 2,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,
  input  wire                 start_i,      // of the vector

  // A group of a slot, in ascending order.
  input  wire                 valid_i,
  input  wire [SLOT_BITS-1:0] slot_i,
  input  wire                 last_i,       // there is no other slot
  input  wire [VLANES-1:0]    keep_i,       // elements that exist, from the first on
  input  wire [VLANES*32-1:0] data_i,
  output wire                 ready_o,      // one may be read that comes in the next cycle
  output wire                 busy_o,

  output wire                 valid_o,
  output wire [15:0]          index_o,      // of the element
  output wire [SLOTS*32-1:0]  data_o
);

  reg [VLANES-1:0] keep_q;
  reg [15:0]       index_q;

  assign valid_o = keep_q[0];
  assign index_o = index_q;
  assign busy_o  = valid_i || keep_q[0];
  assign ready_o = !(valid_i && last_i) && !keep_q[2];

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i)     keep_q <= {VLANES{1'b0}};
    else if (valid_i && last_i) keep_q <= keep_i;
    else                        keep_q <= keep_q >> 1;
    if (start_i)                index_q <= 16'd0;
    else if (keep_q[0])         index_q <= index_q + 16'd1;
  end

  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      reg [VLANES*32-1:0] data_q;
      assign data_o[32*s +: 32] = data_q[31:0];
      always @(posedge clk_i)
        if (valid_i && slot_i == s[SLOT_BITS-1:0]) data_q <= data_i;
        else if (keep_q[0])                        data_q <= data_q >> 32;
    end
  endgenerate

endmodule

`default_nettype wire
