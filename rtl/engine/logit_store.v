// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// All logits of the slots that sample, for a host that chooses among more tokens than a list has:
// kept as the sampler gets them if keep_i was set as the pass began, read by sequence once its list
// is there, until the next pass. Of tokens below WORDS; one row or two a cycle, of all slots. The
// bus reads a logit two cycles after the address; what is not there is 0xffffffff, no number.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module logit_store #(
  parameter SLOTS = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SEQS  = `LOCKSTEP_DEFAULT_SEQS,         // 2..16
  parameter WORDS = `LOCKSTEP_DEFAULT_LOGIT_WORDS   // of a slot, even
) (
  input  wire                        clk_i,
  input  wire                        bus_clk_i,     // clk_i; rests while nobody reads
  input  wire                        rst_ni,
  input  wire                        clear_i,
  input  wire                        start_i,       // a pass begins
  input  wire                        keep_i,

  // As to the sampler.
  input  wire                        logit_valid_i,
  input  wire [SLOTS-1:0]            slots_i,
  input  wire                        logit_both_i,
  input  wire [19:0]                 logit_row_i,
  input  wire [SLOTS*64-1:0]         logit_data_i,

  input  wire [`LOCKSTEP_LIST_W-1:0] list_i,        // which sequence a slot is of

  input  wire [19:0]                 vocab_i,
  input  wire [3:0]                  rd_seq_i,
  input  wire [19:0]                 rd_token_i,
  output wire [31:0]                 rd_logit_o
);

  localparam ADDR_BITS = $clog2(WORDS / 2);
  localparam SEQ_BITS  = $clog2(SEQS);
  localparam [31:0] MOST = WORDS;

  reg              keep_q;
  reg [SEQS-1:0]   there_q;
  reg [SEQS*4-1:0] slot_q;    // of each sequence, where its logits are there

  wire [3:0] listed = list_i[`LOCKSTEP_LIST_SEQ];

  always @(posedge clk_i)
    if (!rst_ni) there_q <= {SEQS{1'b0}};
    else if (clear_i || start_i) begin
      keep_q  <= keep_i && !clear_i;
      there_q <= {SEQS{1'b0}};
    end else if (list_i[`LOCKSTEP_LIST_WE])
      there_q[listed[SEQ_BITS-1:0]] <= keep_q;

  always @(posedge clk_i)
    if (list_i[`LOCKSTEP_LIST_WE])
      slot_q[4*listed[SEQ_BITS-1:0] +: 4] <= list_i[`LOCKSTEP_LIST_SLOT];

  wire                 take  = logit_valid_i && keep_q && {12'd0, logit_row_i} < MOST;
  wire                 odd   = logit_row_i[0];    // alone: only even rows come with the next
  wire [ADDR_BITS-1:0] w_addr = logit_row_i[ADDR_BITS:1];
  wire [ADDR_BITS-1:0] r_addr = rd_token_i[ADDR_BITS:1];
  wire [SLOTS*32-1:0]  read;

  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      reg [31:0] even_q [0:(1 << ADDR_BITS)-1];
      reg [31:0] odd_q  [0:(1 << ADDR_BITS)-1];
      reg [31:0] read_q;
      assign read[32*s +: 32] = read_q;

      always @(posedge clk_i)
        if (take && slots_i[s]) begin
          if (!odd)
            even_q[w_addr] <= logit_data_i[64*s +: 32];
          if (odd || logit_both_i)
            odd_q[w_addr] <= odd ? logit_data_i[64*s +: 32] : logit_data_i[64*s+32 +: 32];
        end

      always @(posedge bus_clk_i)
        read_q <= rd_token_i[0] ? odd_q[r_addr] : even_q[r_addr];
    end
  endgenerate

  wire       absent = {1'b0, rd_seq_i} >= SEQS[4:0] || !there_q[rd_seq_i[SEQ_BITS-1:0]] ||
                      rd_token_i >= vocab_i || {12'd0, rd_token_i} >= MOST;
  wire [3:0] slot   = slot_q[4*rd_seq_i[SEQ_BITS-1:0] +: 4];
  assign rd_logit_o = absent ? 32'hffffffff : read[32*slot +: 32];

  wire unused = &{1'b0, listed, list_i};

endmodule

`default_nettype wire
