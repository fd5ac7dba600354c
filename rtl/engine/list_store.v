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
    if (!rst_ni || clear_i)
      count_q <= 0;
    else if (we_i)
      count_q[7*seq_i[BITS-1:0] +: 7] <= {1'b0, rank_i} + 7'd1;

  always @(posedge clk_i)
    rd_valid_o <= !absent && {1'b0, rd_rank_i} < count_q[7*rd_seq_i[BITS-1:0] +: 7];

  wire unused = &{1'b0, seq_i, rd_seq_i};

`ifdef FORMAL
`include "common/formal.vh"
  // For any one place of any list. That the sampler writes a list from its first rank on, without a
  // gap, is assumed.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  (* anyconst *) wire [BITS-1:0] any;
  wire [BITS-1:0] seq = {1'b0, any} < SEQS ? any : 0;
  (* anyconst *) wire [5:0] rank;
  reg  [6:0]  length_q;               // of the newest list of `seq`
  reg         fresh_q;                // the place has been written for it
  reg  [51:0] entry_then_q;
  wire        own = we_i && seq_i[BITS-1:0] == seq;
  reg         asked_q, there_q;       // in the cycle before: this place, and it was in the list
  reg         nobody_q;               // likewise: of a sequence that is none
  reg  [51:0] then_q;
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q && own) assume (rank_i == 0 || rank_i == length_q);
  end
  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      length_q <= 7'd0;
      fresh_q  <= 1'b0;
    end else if (own) begin
      length_q <= {1'b0, rank_i} + 7'd1;
      fresh_q  <= rank_i == rank || (fresh_q && rank_i != 0);
      if (rank_i == rank) entry_then_q <= entry_i;
    end
    asked_q <= rst_ni && rd_seq_i == seq && rd_rank_i == rank;
    there_q <= rank < length_q;
    nobody_q <= rd_seq_i >= SEQS;
    then_q  <= entry_then_q;
  end

  wire [6:0] length = count_q[7*seq +: 7];
  always `LOCKSTEP_CHECKED if (begun_q) begin
    if (asked_q) length_told_1: assert (rd_valid_o == there_q);
    if (nobody_q) length_told_2: assert (!rd_valid_o);
    if (asked_q && rd_valid_o) newest: assert (rd_entry_o == then_q);
    // What induction rests on.
    assert (length == length_q && length_q <= 64);
    assert (fresh_q == (rank < length_q));
    if (fresh_q) assert (entry_q[{seq, rank}] == entry_then_q);

    cover (asked_q && rd_valid_o && rank == 2 && length_q == 1);
    cover (asked_q && !rd_valid_o && length_q == 2);
  end
`endif

endmodule

`default_nettype wire
