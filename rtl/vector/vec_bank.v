// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Half the vector memory of one slot: two read ports and one write port with a mask over the lanes.
// A read takes one cycle; a word read in the cycle in which it is written has its old value.
// Without reset, so that it maps to a memory macro; an output holds until the next read. A read is
// of this slot if ra_here_i or rb_here_i says so.
`default_nettype none

module vec_bank #(
  parameter LANES     = 8,
  parameter ADDR_BITS = 11
) (
  input  wire                 clk_i,

  input  wire                 ra_en_i,
  input  wire                 ra_here_i,
  input  wire [ADDR_BITS-1:0] ra_addr_i,
  output wire [LANES*32-1:0]  ra_data_o,

  input  wire                 rb_en_i,
  input  wire                 rb_here_i,
  input  wire [ADDR_BITS-1:0] rb_addr_i,
  output wire [LANES*32-1:0]  rb_data_o,

  input  wire                 w_en_i,
  input  wire [ADDR_BITS-1:0] w_addr_i,
  input  wire [LANES-1:0]     w_mask_i,
  input  wire [LANES*32-1:0]  w_data_i
);

  reg [LANES*32-1:0] mem_q [0:(1 << ADDR_BITS)-1];
  reg [LANES*32-1:0] ra_data_q;
  reg [LANES*32-1:0] rb_data_q;

  assign ra_data_o = ra_data_q;
  assign rb_data_o = rb_data_q;

  // A masked write is written as read, modify, write: one assignment of a word is several times
  // cheaper to simulate than one of each lane, and synthesis makes byte enables of it.
  integer lane;
  always @(posedge clk_i) begin
    if (ra_en_i)
      if (ra_here_i) ra_data_q <= mem_q[ra_addr_i];
    if (rb_en_i)
      if (rb_here_i) rb_data_q <= mem_q[rb_addr_i];
    if (w_en_i) begin : g_write
      reg [LANES*32-1:0] word;
      word = mem_q[w_addr_i];
      for (lane = 0; lane < LANES; lane = lane + 1) begin
        if (w_mask_i[lane]) word[32*lane +: 32] = w_data_i[32*lane +: 32];
      end
      mem_q[w_addr_i] <= word;
    end
  end

endmodule

`default_nettype wire
