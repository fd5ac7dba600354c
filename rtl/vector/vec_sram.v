// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The vector SRAM: VEC_WORDS binary32 elements for each slot, one bank a slot, in words of VLANES
// elements (element i of a word in bits 32i+31:32i). Reads take one cycle; a word read while it is
// written has its old value.
//
// Writes come from the vector client, a word of one slot, or from the dot array, the same element
// of every slot in mv_mask_i at once, or two; never from both in one cycle.
`default_nettype none
`include "generated/defaults.vh"

module vec_sram #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES,
  parameter VEC_WORDS = `LOCKSTEP_DEFAULT_VEC_WORDS,
  // Derived; not to be set.
  parameter SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter ELEM_BITS = $clog2(VEC_WORDS),
  parameter ADDR_BITS = $clog2(VEC_WORDS / VLANES)
) (
  input  wire                 clk_i,

  // Read ports; addresses of words. The data holds until the port's next read.
  input  wire                 ra_en_i,
  input  wire [SLOT_BITS-1:0] ra_slot_i,
  input  wire [ADDR_BITS-1:0] ra_addr_i,
  output wire [VLANES*32-1:0] ra_data_o,
  input  wire                 rb_en_i,
  input  wire [SLOT_BITS-1:0] rb_slot_i,
  input  wire [ADDR_BITS-1:0] rb_addr_i,
  output wire [VLANES*32-1:0] rb_data_o,

  // Write port; elements with a mask bit of 0 stay.
  input  wire                 w_en_i,
  input  wire [SLOT_BITS-1:0] w_slot_i,
  input  wire [ADDR_BITS-1:0] w_addr_i,
  input  wire [VLANES-1:0]    w_mask_i,
  input  wire [VLANES*32-1:0] w_data_i,

  // Results of the dot array; address of an even element, slot s in bits 64s+31:64s, and if
  // mv_both_i of the next in the 32 bits above.
  input  wire                 mv_we_i,
  input  wire [SLOTS-1:0]     mv_mask_i,
  input  wire                 mv_both_i,
  input  wire [ELEM_BITS-1:0] mv_addr_i,
  input  wire [SLOTS*64-1:0]  mv_data_i
);

  localparam LANE_BITS = ELEM_BITS - ADDR_BITS;

  wire [VLANES-1:0]    mv_lanes =
      {{(VLANES-2){1'b0}}, mv_both_i, 1'b1} << mv_addr_i[LANE_BITS-1:0];
  wire [ADDR_BITS-1:0] w_addr  = mv_we_i ? mv_addr_i[ELEM_BITS-1:LANE_BITS] : w_addr_i;
  wire [VLANES-1:0]    w_mask  = mv_we_i ? mv_lanes : w_mask_i;

  reg [SLOT_BITS-1:0] ra_slot_q;
  reg [SLOT_BITS-1:0] rb_slot_q;
  always @(posedge clk_i) begin
    if (ra_en_i) ra_slot_q <= ra_slot_i;
    if (rb_en_i) rb_slot_q <= rb_slot_i;
  end

  wire [SLOTS*VLANES*32-1:0] ra_banks;
  wire [SLOTS*VLANES*32-1:0] rb_banks;

  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      localparam [SLOT_BITS-1:0] SLOT = s;

      vec_bank #(
        .LANES    (VLANES),
        .ADDR_BITS(ADDR_BITS)
      ) u_bank (
        .clk_i    (clk_i),
        .ra_en_i  (ra_en_i),
        .ra_here_i(ra_slot_i == SLOT),
        .ra_addr_i(ra_addr_i),
        .ra_data_o(ra_banks[s*VLANES*32 +: VLANES*32]),
        .rb_en_i  (rb_en_i),
        .rb_here_i(rb_slot_i == SLOT),
        .rb_addr_i(rb_addr_i),
        .rb_data_o(rb_banks[s*VLANES*32 +: VLANES*32]),
        .w_en_i   (mv_we_i ? mv_mask_i[s] : (w_en_i && w_slot_i == SLOT)),
        .w_addr_i (w_addr),
        .w_mask_i (w_mask),
        .w_data_i (mv_we_i ? {VLANES/2{mv_data_i[64*s +: 64]}} : w_data_i)
      );
    end
  endgenerate

  reg [VLANES*32-1:0] ra_data, rb_data;
  integer i;
  always @* begin
    ra_data = ra_banks[0 +: VLANES*32];
    rb_data = rb_banks[0 +: VLANES*32];
    for (i = 1; i < SLOTS; i = i + 1) begin
      if (ra_slot_q == i[SLOT_BITS-1:0]) ra_data = ra_banks[i*VLANES*32 +: VLANES*32];
      if (rb_slot_q == i[SLOT_BITS-1:0]) rb_data = rb_banks[i*VLANES*32 +: VLANES*32];
    end
  end

  assign ra_data_o = ra_data;
  assign rb_data_o = rb_data;

endmodule

`default_nettype wire
