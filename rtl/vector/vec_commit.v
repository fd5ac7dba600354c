// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Where the results of the engines meet: writes them to the vector SRAM, announces them on the
// commit port, and turns the engines' complaints into the unit's error. Latency 1.
//
// A group with an error is neither written nor committed, nor is anything after it (halt_o) until
// clear_i. Only one engine has results at a time.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module vec_commit #(
  parameter SLOT_BITS = 2,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES,
  parameter ADDR_BITS = 12,
  // Derived; not to be set.
  parameter LANE_BITS = $clog2(VLANES)
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  // The operation, and the place of the oldest result that is owed, see vec_issue.
  input  wire [15:0]          dst_i,
  input  wire [15:0]          n_i,
  input  wire                 tag_last_i,
  input  wire [SLOT_BITS-1:0] tag_slot_i,
  input  wire [15:0]          tag_place_i,
  input  wire [LANE_BITS:0]   tag_count_i,
  output wire                 tag_pop_o,

  // Groups of elements.
  input  wire                 elem_valid_i,
  input  wire [VLANES*32-1:0] elem_y_i,
  input  wire [VLANES-1:0]    elem_overflow_i,
  input  wire                 rope_valid_i,
  input  wire [VLANES*32-1:0] rope_y_i,
  input  wire [VLANES-1:0]    rope_overflow_i,
  input  wire                 embed_valid_i,   // from the float stream, one cycle earlier
  input  wire [VLANES*32-1:0] embed_data_i,

  // Results that go elsewhere: pairs of ANGLES, blocks of QUANT and of NORM, groups of ROUTE's sum.
  input  wire                 angle_valid_i,
  input  wire                 act_valid_i,
  input  wire                 act_range_i,
  input  wire                 blk_valid_i,
  input  wire                 blk_range_i,
  input  wire                 sum_valid_i,
  input  wire [VLANES-1:0]    sum_overflow_i,
  output wire [VLANES-1:0]    keep_o,          // elements of the group that exist
  input  wire                 divzero_i,
  input  wire [SLOT_BITS-1:0] divzero_slot_i,
  output wire                 act_we_o,

  output wire                 w_en_o,
  output wire [SLOT_BITS-1:0] w_slot_o,
  output wire [ADDR_BITS-1:0] w_addr_o,
  output wire [VLANES-1:0]    w_mask_o,
  output wire [VLANES*32-1:0] w_data_o,

  output wire                 cm_valid_o,
  output wire [SLOT_BITS-1:0] cm_slot_o,
  output wire [19:0]          cm_index_o,
  output wire [5:0]           cm_count_o,
  output wire [VLANES*32-1:0] cm_data_o,

  output wire                 fault_o,         // an error in this cycle; err_o is one later
  output wire                 halt_o,
  output wire                 err_o,
  output wire [7:0]           err_code_o,
  output wire [SLOT_BITS-1:0] err_slot_o,

  // Elements (of ANGLES: pairs) finished.
  output wire                 ev_valid_o,
  output wire [5:0]           ev_count_o
);

  localparam W = VLANES * 32;

  reg                 embed_valid_q;
  reg [W-1:0]         embed_q;
  reg                 w_en_q, ev_valid_q, err_q, halt_q;
  reg [SLOT_BITS-1:0] w_slot_q, err_slot_q;
  reg [ADDR_BITS-1:0] w_addr_q;
  reg [VLANES-1:0]    w_mask_q;
  reg [W-1:0]         w_data_q;
  reg [15:0]          w_place_q;
  reg [5:0]           count_q;
  reg [7:0]           err_code_q;

  wire [VLANES-1:0] mask     = ~({VLANES{1'b1}} << tag_count_i);
  wire [5:0]        count    = {{(5-LANE_BITS){1'b0}}, tag_count_i};
  wire [5:0]        in_block = tag_last_i && n_i[4:0] != 5'd0 ? {1'b0, n_i[4:0]} : 6'd32;

  wire [VLANES-1:0] lanes_over = elem_valid_i ? elem_overflow_i :
                                 rope_valid_i ? rope_overflow_i :
                                 sum_valid_i ? sum_overflow_i : {VLANES{1'b0}};

  wire y_valid  = elem_valid_i || rope_valid_i || embed_valid_q;
  wire overflow = (lanes_over & mask) != {VLANES{1'b0}};
  wire range    = (act_valid_i && act_range_i) || (blk_valid_i && blk_range_i);
  wire live     = !clear_i && !halt_q;
  wire good     = live && !overflow && !range && !divzero_i;

  assign keep_o    = mask;
  assign tag_pop_o = y_valid || angle_valid_i || act_valid_i || blk_valid_i || sum_valid_i;
  assign act_we_o  = act_valid_i && good;
  assign fault_o   = live && (overflow || range || divzero_i);
  assign halt_o    = halt_q;

  // dst in units of 32 words.
  wire [20:0] address = {dst_i, 5'd0} + {5'd0, tag_place_i};

  always @(posedge clk_i) begin
    if (embed_valid_i) embed_q <= embed_data_i;
    if (y_valid) begin
      w_slot_q  <= tag_slot_i;
      w_addr_q  <= address[ADDR_BITS-1:0];
      w_mask_q  <= mask;
      w_place_q <= tag_place_i;
      w_data_q  <= elem_valid_i ? elem_y_i : rope_valid_i ? rope_y_i : embed_q;
    end
    if (tag_pop_o) count_q <= y_valid ? count : angle_valid_i ? 6'd1 : in_block;
    if (fault_o) begin
      err_code_q <= divzero_i ? `LOCKSTEP_ERROR_DIVZERO :
                    range ? `LOCKSTEP_ERROR_RANGE : `LOCKSTEP_ERROR_OVERFLOW;
      err_slot_q <= divzero_i ? divzero_slot_i : tag_slot_i;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      embed_valid_q <= 1'b0;
      w_en_q        <= 1'b0;
      ev_valid_q    <= 1'b0;
      err_q         <= 1'b0;
      halt_q        <= 1'b0;
    end else begin
      embed_valid_q <= embed_valid_i && !clear_i;
      w_en_q        <= y_valid && good;
      ev_valid_q    <= tag_pop_o && !blk_valid_i && !sum_valid_i && good;
      err_q         <= fault_o;
      halt_q        <= (halt_q || fault_o) && !clear_i;
    end
  end

  assign w_en_o     = w_en_q;
  assign w_slot_o   = w_slot_q;
  assign w_addr_o   = w_addr_q;
  assign w_mask_o   = w_mask_q;
  assign w_data_o   = w_data_q;
  assign cm_valid_o = w_en_q;
  assign cm_slot_o  = w_slot_q;
  assign cm_index_o = {4'd0, w_place_q};
  assign cm_count_o = count_q;
  assign cm_data_o  = w_data_q;
  assign err_o      = err_q;
  assign err_code_o = err_code_q;
  assign err_slot_o = err_slot_q;
  assign ev_valid_o = ev_valid_q;
  assign ev_count_o = count_q;

  wire unused = &{1'b0, address, n_i[15:5]};

endmodule

`default_nettype wire
