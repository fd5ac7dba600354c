// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The scores of a group: a K word a cycle of each of its K heads, over the positions that are seen,
// then until the last score is there; so a group stays wph * n + 9 cycles, 27 with a cap, and until
// attention_values accepts it. The next one comes in the same cycle; with a cap, which borrows
// units of the softmax, when the weights of the group accepted are done.
`default_nettype none
`include "generated/defaults.vh"

module attention_keys #(
  parameter ATTN_HEADS = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter ADDR_BITS  = 16,      // of a bank of the KV memory
  parameter INDEX_BITS = 10,
  parameter SLOT_BITS  = 2
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,
  input  wire [3:0]            blocks_i,        // of a head
  input  wire                  capped_i,
  input  wire                  stop_i,          // the group is dropped
  input  wire                  failed_i,        // none is taken any more

  // The group on offer
  input  wire                  grp_valid_i,
  output wire                  take_o,
  input  wire [SLOT_BITS-1:0]  grp_slot_i,
  input  wire [7:0]            grp_heads_i,
  input  wire [ATTN_HEADS-1:0] grp_second_i,    // those with the second K head of a pair
  input  wire                  grp_paired_i,    // words of a head are every other one
  input  wire                  grp_first_i,     // first of its slot
  input  wire                  grp_bank_i,      // of its queries
  input  wire [ADDR_BITS-1:0]  grp_start_i,     // word of the first position seen
  input  wire [INDEX_BITS-1:0] grp_end_i,       // last position, counted from that

  // K words and scores
  output wire                  k_en_o,
  output wire                  k_pair_o,        // both heads
  output wire [ADDR_BITS-1:0]  k_addr_o,
  output reg                   k_valid_o,       // a cycle later, with the words
  output reg                   k_first_o,       // first, last block of a position
  output reg                   k_last_o,
  output reg  [3:0]            k_query_o,       // query block to multiply with
  output reg  [ATTN_HEADS-1:0] k_mask_o,
  output reg  [ATTN_HEADS-1:0] k_odd_o,         // who takes the odd word
  output reg  [7:0]            k_heads_o,
  input  wire                  score_valid_i,
  output reg  [INDEX_BITS-1:0] score_index_o,

  // The group whose scores are there
  input  wire                  weighing_i,      // the softmax of the group before is in work
  output wire                  ready_o,
  input  wire                  accept_i,
  output reg  [SLOT_BITS-1:0]  slot_o,
  output reg  [ATTN_HEADS-1:0] mask_o,
  output reg  [7:0]            heads_o,
  output reg  [ATTN_HEADS-1:0] second_o,
  output reg                   paired_o,
  output reg                   first_o,
  output reg  [ADDR_BITS-1:0]  start_o,
  output reg  [INDEX_BITS-1:0] end_o,
  output wire                  idle_o
);

  localparam [1:0] IDLE = 2'd0, KEYS = 2'd1, SCORES = 2'd2, READY = 2'd3;

  reg [1:0]            state_q;
  reg [ADDR_BITS-1:0]  addr_q;
  reg [INDEX_BITS-1:0] pos_q;
  reg [2:0]            block_q;
  reg                  bank_q;

  wire last_block = {1'b0, block_q} == blocks_i - 4'd1;

  assign ready_o  = state_q == READY ||
                    (state_q == SCORES && score_valid_i && score_index_o == end_o);
  assign take_o   = grp_valid_i && !failed_i &&
                    (capped_i ? state_q == IDLE && !weighing_i : state_q == IDLE || accept_i);
  assign idle_o   = state_q == IDLE;
  assign k_en_o   = state_q == KEYS;
  assign k_pair_o = second_o != {ATTN_HEADS{1'b0}};
  assign k_addr_o = addr_q;

  wire [ATTN_HEADS-1:0] grp_mask;
  genvar h;
  generate
    for (h = 0; h < ATTN_HEADS; h = h + 1) begin : g_head
      assign grp_mask[h] = h < grp_heads_i;
    end
  endgenerate

  wire [INDEX_BITS-1:0] one  = 1;
  wire [ADDR_BITS-1:0]  step = {{(ADDR_BITS-1){1'b0}}, 1'b1} << paired_o;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q   <= IDLE;
      k_valid_o <= 1'b0;
    end else begin
      k_valid_o <= k_en_o;
      if (k_en_o) begin
        k_first_o <= block_q == 3'd0;
        k_last_o  <= last_block;
        k_query_o <= {bank_q, block_q};
        k_mask_o  <= mask_o;
        k_odd_o   <= second_o ^ {ATTN_HEADS{addr_q[0]}};
        k_heads_o <= heads_o;
      end
      if (score_valid_i) score_index_o <= score_index_o + one;

      case (state_q)
        KEYS: begin
          addr_q  <= addr_q + step;
          block_q <= last_block ? 3'd0 : block_q + 3'd1;
          if (last_block) begin
            pos_q <= pos_q + one;
            if (pos_q == end_o) state_q <= SCORES;
          end
        end
        SCORES:  if (ready_o) state_q <= READY;
        default: ;
      endcase
      if (accept_i) state_q <= IDLE;
      if (take_o) begin
        state_q       <= KEYS;
        slot_o        <= grp_slot_i;
        mask_o        <= grp_mask;
        heads_o       <= grp_heads_i;
        second_o      <= grp_second_i;
        paired_o      <= grp_paired_i;
        first_o       <= grp_first_i;
        bank_q        <= grp_bank_i;
        start_o       <= grp_start_i;
        end_o         <= grp_end_i;
        addr_q        <= grp_start_i;
        pos_q         <= {INDEX_BITS{1'b0}};
        block_q       <= 3'd0;
        score_index_o <= {INDEX_BITS{1'b0}};
      end
      if (stop_i) state_q <= IDLE;
    end
  end

endmodule

`default_nettype wire
