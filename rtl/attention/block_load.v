// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Reads blocks of up to 32 binary32 words from the vector SRAM, VLANES words (a row) a cycle, one
// block straight behind the other. A short block is filled up with +0.
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
  input  wire [VADDR_BITS-1:0] req_addr_i,     // rows
  input  wire [3:0]            req_rows_i,     // 1..32/VLANES

  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  output reg                   blk_valid_o,
  output reg  [1023:0]         blk_data_o      // element i in bits 32i+31:32i
);

  localparam ROWS = 32 / VLANES;

  reg                  busy_q;
  reg [SLOT_BITS-1:0]  slot_q;
  reg [VADDR_BITS-1:0] addr_q;
  reg [3:0]            left_q;      // rows to read after this one
  reg [3:0]            row_q;       // row of the block being read
  reg                  data_q;      // a row arrives now
  reg                  data_last_q;
  reg [3:0]            data_row_q;

  assign req_ready_o = !busy_q || left_q == 4'd0;
  assign ra_en_o     = busy_q;
  assign ra_slot_o   = slot_q;
  assign ra_addr_o   = addr_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q      <= 1'b0;
      data_q      <= 1'b0;
      data_last_q <= 1'b0;
      blk_valid_o <= 1'b0;
      slot_q      <= {SLOT_BITS{1'b0}};
      addr_q      <= {VADDR_BITS{1'b0}};
      left_q      <= 4'd0;
      row_q       <= 4'd0;
      data_row_q  <= 4'd0;
    end else if (clear_i) begin
      busy_q      <= 1'b0;
      data_q      <= 1'b0;
      blk_valid_o <= 1'b0;
    end else begin
      if (req_ready_o) begin
        busy_q <= req_valid_i;
        slot_q <= req_slot_i;
        addr_q <= req_addr_i;
        left_q <= req_rows_i - 4'd1;
        row_q  <= 4'd0;
      end else begin
        addr_q <= addr_q + 1'b1;
        left_q <= left_q - 4'd1;
        row_q  <= row_q + 4'd1;
      end
      data_q      <= busy_q;
      data_last_q <= left_q == 4'd0;
      data_row_q  <= row_q;
      blk_valid_o <= data_q && data_last_q;
    end
  end

  // The first row of a block clears the others, for those that the block does not have.
  integer r;
  always @(posedge clk_i) begin
    if (data_q) begin
      for (r = 0; r < ROWS; r = r + 1) begin
        if (data_row_q == r[3:0]) blk_data_o[32*VLANES*r +: 32*VLANES] <= ra_data_i;
        else if (data_row_q == 4'd0) blk_data_o[32*VLANES*r +: 32*VLANES] <= {32*VLANES{1'b0}};
      end
    end
  end

endmodule

`default_nettype wire
