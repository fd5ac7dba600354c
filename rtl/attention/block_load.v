// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Reads blocks of up to 32 binary32 words from the vector SRAM, from any word on, VLANES words (a
// row) a cycle, one block straight behind the other. A short block is filled up with +0.
// A request is taken when valid and ready meet; its rows are read in the cycles that follow, and
// blk_valid_o comes two cycles after the last read. The block is there for that cycle only.
`default_nettype none
`include "generated/defaults.vh"

module block_load #(
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter SLOT_BITS  = 2,
  parameter VADDR_BITS = 11
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,

  input  wire                  req_valid_i,
  output wire                  req_ready_o,
  input  wire [SLOT_BITS-1:0]  req_slot_i,
  input  wire [VADDR_BITS-1:0] req_addr_i,     // of its first word
  input  wire [5:0]            req_count_i,    // words, 1..32

  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  output reg                   blk_valid_o,
  output reg  [1023:0]         blk_data_o      // element i in bits 32i+31:32i
);

  localparam ROWS     = 32 / VLANES;
  localparam LANE_LOG = $clog2(VLANES);

  reg                  busy_q;
  reg [SLOT_BITS-1:0]  slot_q;
  reg [VADDR_BITS-1:0] addr_q;
  reg [3:0]            left_q;      // rows to read after this one
  reg [LANE_LOG-1:0]   tail_q;      // words of the last row, 0: all
  reg [3:0]            row_q;       // row of the block being read
  reg                  data_q;      // a row arrives now
  reg                  data_last_q;
  reg [3:0]            data_row_q;
  reg [VLANES-1:0]     data_keep_q; // its words that are of the block

  wire [4:0] top  = req_count_i[4:0] - 5'd1;   // last word of the block
  wire       last   = left_q == 4'd0;

  assign req_ready_o = !busy_q || last;
  assign ra_en_o     = busy_q;
  assign ra_slot_o   = slot_q;
  assign ra_addr_o   = addr_q;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      busy_q      <= 1'b0;
      data_q      <= 1'b0;
      blk_valid_o <= 1'b0;
    end else begin
      if (req_ready_o) begin
        busy_q <= req_valid_i;
        slot_q <= req_slot_i;
        addr_q <= req_addr_i;
        left_q <= {{(LANE_LOG-1){1'b0}}, top[4:LANE_LOG]};
        tail_q <= req_count_i[LANE_LOG-1:0];
        row_q  <= 4'd0;
      end else begin
        addr_q <= addr_q + VLANES[VADDR_BITS-1:0];
        left_q <= left_q - 4'd1;
        row_q  <= row_q + 4'd1;
      end
      data_q      <= busy_q;
      data_last_q <= last;
      data_row_q  <= row_q;
      data_keep_q <= last && tail_q != 0 ? ~({VLANES{1'b1}} << tail_q) : {VLANES{1'b1}};
      blk_valid_o <= data_q && data_last_q;
    end
  end

  // The first row of a block clears the others, for those that the block does not have.
  integer l, r;
  always @(posedge clk_i) begin
    if (data_q) begin : g_row
      reg [32*VLANES-1:0] row;
      row = ra_data_i;
      for (l = 0; l < VLANES; l = l + 1)
        if (!data_keep_q[l]) row[32*l +: 32] = 32'd0;
      for (r = 0; r < ROWS; r = r + 1) begin
        if (data_row_q == r[3:0]) blk_data_o[32*VLANES*r +: 32*VLANES] <= row;
        else if (data_row_q == 4'd0) blk_data_o[32*VLANES*r +: 32*VLANES] <= {32*VLANES{1'b0}};
      end
    end
  end

endmodule

`default_nettype wire
