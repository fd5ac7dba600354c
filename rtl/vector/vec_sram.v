// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The vector SRAM: VEC_WORDS binary32 elements for each slot. A port takes a group, VLANES elements
// from any element on (element i of it in bits 32i+31:32i). Rows of VLANES elements lie by turns in
// two banks, so that a group which begins in one row and ends in the next has one of each; one that
// is a row leaves the other bank alone. Reads take one cycle; an element read while it is written
// has its old value.
//
// Writes come from the vector client, a group of one slot, or from the dot array, the same element
// of every slot in mv_mask_i at once, or two; never from both in one cycle.
`default_nettype none
`include "generated/defaults.vh"

module vec_sram #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES,
  parameter VEC_WORDS = `LOCKSTEP_DEFAULT_VEC_WORDS,
  // Derived; not to be set.
  parameter SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter ADDR_BITS = $clog2(VEC_WORDS)
) (
  input  wire                 clk_i,

  // Read ports; addresses of elements. The data holds until the port's next read.
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
  input  wire [ADDR_BITS-1:0] mv_addr_i,
  input  wire [SLOTS*64-1:0]  mv_data_i
);

  localparam W         = VLANES * 32;
  localparam LANE_BITS = $clog2(VLANES);
  localparam BANK_BITS = ADDR_BITS - LANE_BITS - 1;   // of a row in its bank
  localparam BANKS     = 2 * SLOTS;                   // bank 2s + 1 has the odd rows of slot s

  // What VLANES elements are, of those of two rows, from element `by` on.
  function [W-1:0] turn(input [W-1:0] row, input [W-1:0] next, input [LANE_BITS-1:0] by);
    reg [2*W-1:0] both;
    begin
      both = {next, row} >> {by, 5'd0};
      turn = both[W-1:0];
    end
  endfunction

  // An address: which row in its bank, in which bank, and from which of its elements on.
  wire [BANK_BITS-1:0] ra_row = ra_addr_i[ADDR_BITS-1:LANE_BITS+1];
  wire [BANK_BITS-1:0] rb_row = rb_addr_i[ADDR_BITS-1:LANE_BITS+1];
  wire                 ra_odd = ra_addr_i[LANE_BITS];
  wire                 rb_odd = rb_addr_i[LANE_BITS];
  wire [LANE_BITS-1:0] ra_by  = ra_addr_i[LANE_BITS-1:0];
  wire [LANE_BITS-1:0] rb_by  = rb_addr_i[LANE_BITS-1:0];

  // A write covers the row and what its mask leaves for the next.
  wire [ADDR_BITS-1:0] w_addr = mv_we_i ? mv_addr_i : w_addr_i;
  wire [BANK_BITS-1:0] w_row  = w_addr[ADDR_BITS-1:LANE_BITS+1];
  wire                 w_odd  = w_addr[LANE_BITS];
  wire [LANE_BITS-1:0] w_by   = w_addr[LANE_BITS-1:0];
  wire [VLANES-1:0]    w_mask = mv_we_i ? {{(VLANES-2){1'b0}}, mv_both_i, 1'b1} : w_mask_i;
  wire [2*VLANES-1:0]  w_both = {{VLANES{1'b0}}, w_mask} << w_by;

  reg [W-1:0] w_data;
  always @* begin
    w_data = w_data_i;
    if (w_en_i && w_by != {LANE_BITS{1'b0}}) w_data = turn(w_data_i, w_data_i, -w_by);
  end

  wire [BANKS*W-1:0] ra_banks;
  wire [BANKS*W-1:0] rb_banks;

  genvar s, h;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      localparam [SLOT_BITS-1:0] SLOT = s;
      wire mv_here = mv_we_i && mv_mask_i[s];

      for (h = 0; h < 2; h = h + 1) begin : g_half
        localparam [0:0]       ODD = h;
        localparam             B   = 2*s + h;
        wire [BANK_BITS-1:0]   ra_past = {{(BANK_BITS-1){1'b0}}, ra_odd && !ODD};
        wire [BANK_BITS-1:0]   rb_past = {{(BANK_BITS-1){1'b0}}, rb_odd && !ODD};
        wire [BANK_BITS-1:0]   w_past  = {{(BANK_BITS-1){1'b0}}, w_odd && !ODD};

        // The bank has the row at which a group begins, or the one behind it.
        wire [VLANES-1:0] w_lanes =
            w_odd == ODD ? w_both[VLANES-1:0] : w_both[2*VLANES-1:VLANES];

        vec_bank #(
          .LANES    (VLANES),
          .ADDR_BITS(BANK_BITS)
        ) u_bank (
          .clk_i    (clk_i),
          .ra_en_i  (ra_en_i && (ra_odd == ODD || ra_by != {LANE_BITS{1'b0}})),
          .ra_here_i(ra_slot_i == SLOT),
          .ra_addr_i(ra_row + ra_past),
          .ra_data_o(ra_banks[B*W +: W]),
          .rb_en_i  (rb_en_i && (rb_odd == ODD || rb_by != {LANE_BITS{1'b0}})),
          .rb_here_i(rb_slot_i == SLOT),
          .rb_addr_i(rb_row + rb_past),
          .rb_data_o(rb_banks[B*W +: W]),
          .w_en_i   ((mv_here || (w_en_i && w_slot_i == SLOT)) && w_lanes != {VLANES{1'b0}}),
          .w_addr_i (w_row + w_past),
          .w_mask_i (w_lanes),
          .w_data_i (mv_we_i ? {VLANES/2{mv_data_i[64*s +: 64]}} : w_data)
        );
      end
    end
  endgenerate

  // Which bank has the row, and from which of its elements on.
  reg [SLOT_BITS:0]   ra_bank_q, rb_bank_q;
  reg [LANE_BITS-1:0] ra_by_q, rb_by_q;
  always @(posedge clk_i) begin
    if (ra_en_i) ra_bank_q <= {ra_slot_i, ra_odd};
    if (rb_en_i) rb_bank_q <= {rb_slot_i, rb_odd};
    if (ra_en_i) ra_by_q <= ra_by;
    if (rb_en_i) rb_by_q <= rb_by;
  end

  wire [SLOT_BITS:0] ra_next = ra_bank_q ^ {{SLOT_BITS{1'b0}}, 1'b1};
  wire [SLOT_BITS:0] rb_next = rb_bank_q ^ {{SLOT_BITS{1'b0}}, 1'b1};

  reg [W-1:0] ra_data, rb_data;
  integer i;
  always @* begin
    ra_data = ra_banks[0 +: W];
    rb_data = rb_banks[0 +: W];
    for (i = 1; i < BANKS; i = i + 1) begin
      if (ra_bank_q == i[SLOT_BITS:0]) ra_data = ra_banks[i*W +: W];
      if (rb_bank_q == i[SLOT_BITS:0]) rb_data = rb_banks[i*W +: W];
    end
    if (ra_by_q != {LANE_BITS{1'b0}})
      for (i = 0; i < BANKS; i = i + 1)
        if (ra_next == i[SLOT_BITS:0]) ra_data = turn(ra_data, ra_banks[i*W +: W], ra_by_q);
    if (rb_by_q != {LANE_BITS{1'b0}})
      for (i = 0; i < BANKS; i = i + 1)
        if (rb_next == i[SLOT_BITS:0]) rb_data = turn(rb_data, rb_banks[i*W +: W], rb_by_q);
  end

  assign ra_data_o = ra_data;
  assign rb_data_o = rb_data;

endmodule

`default_nettype wire
