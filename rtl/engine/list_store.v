// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The newest top-k list of every sequence, kept until its next one: written entry by entry, best
// first, read by the bus two cycles after the address. An entry is {id, logit}.
`default_nettype none
`include "generated/defaults.vh"

module list_store #(
  parameter SEQS = `LOCKSTEP_DEFAULT_SEQS   // 2..16
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,

  input  wire        we_i,
  input  wire [3:0]  seq_i,
  input  wire [5:0]  rank_i,
  input  wire [51:0] entry_i,

  input  wire [3:0]  rd_seq_i,
  input  wire [5:0]  rd_rank_i,
  output reg         rd_valid_o, // the list has that rank
  output reg  [51:0] rd_entry_o
);

  localparam BITS = $clog2(SEQS);

  reg [51:0]       entry_q [0:64*SEQS-1];
  reg [SEQS*7-1:0] count_q;

  wire absent = {1'b0, rd_seq_i} >= SEQS[4:0];

  always @(posedge clk_i) begin
    if (we_i)
      entry_q[{seq_i[BITS-1:0], rank_i}] <= entry_i;
    rd_entry_o <= entry_q[{rd_seq_i[BITS-1:0], rd_rank_i}];
  end

  always @(posedge clk_i)
    if (!rst_ni) begin
      count_q    <= 0;
      rd_valid_o <= 1'b0;
    end else begin
      rd_valid_o <= !absent && {1'b0, rd_rank_i} < count_q[7*rd_seq_i[BITS-1:0] +: 7];
      if (clear_i)
        count_q <= 0;
      else if (we_i)
        count_q[7*seq_i[BITS-1:0] +: 7] <= {1'b0, rank_i} + 7'd1;
    end

  wire unused = &{1'b0, seq_i, rd_seq_i};

endmodule

`default_nettype wire
