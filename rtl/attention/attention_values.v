// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The softmax of a group whose scores are there, one position a cycle, and from the first weight on
// a V word a cycle of each V head, block by block over all positions. So a group stays wph * n + 11
// cycles, longer where attention_out still drains the block before.
`default_nettype none
`include "generated/defaults.vh"

module attention_values #(
  parameter ATTN_HEADS = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter ADDR_BITS  = 16,      // of a bank of the KV memory
  parameter INDEX_BITS = 10,
  parameter SLOT_BITS  = 2
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,
  input  wire [3:0]            blocks_i,        // of a head
  input  wire                  stop_i,          // the group is dropped

  // The group whose scores are there
  input  wire                  accept_i,
  output wire                  free_o,          // it may be accepted
  input  wire [SLOT_BITS-1:0]  slot_i,
  input  wire [ATTN_HEADS-1:0] mask_i,
  input  wire [7:0]            heads_i,
  input  wire [ATTN_HEADS-1:0] second_i,        // those with the second V head of a pair
  input  wire                  paired_i,        // words of a head are every other one
  input  wire                  first_i,
  input  wire [ADDR_BITS-1:0]  start_i,
  input  wire [INDEX_BITS-1:0] end_i,

  // Softmax
  output wire [ATTN_HEADS-1:0] soft_read_o,
  output reg  [INDEX_BITS-1:0] soft_index_o,
  input  wire                  weight_valid_i,
  output reg  [INDEX_BITS-1:0] weight_index_o,
  output wire [ATTN_HEADS-1:0] weight_sum_o,    // the sum of weights is complete
  input  wire                  rcp_valid_i,     // and so is its reciprocal
  output reg                   rcp_ready_o,
  output reg                   weighing_o,      // from the accept to the sum

  // V words
  output wire                  v_en_o,
  output wire                  v_pair_o,        // both heads
  output wire [ADDR_BITS-1:0]  v_addr_o,
  output wire [ATTN_HEADS-1:0] v_read_o,        // the weight of
  output wire [INDEX_BITS-1:0] v_index_o,       // this position
  output reg                   v_valid_o,       // a cycle later, with the words
  output reg                   v_first_o,
  output reg  [ATTN_HEADS-1:0] v_mask_o,
  output reg  [ATTN_HEADS-1:0] v_odd_o,         // who takes the odd word
  output reg  [7:0]            v_heads_o,
  output reg  [ATTN_HEADS-1:0] capture_o,       // the sums of a block are complete

  // A block for attention_out
  output wire                  claim_o,
  output reg  [SLOT_BITS-1:0]  slot_o,
  output reg  [7:0]            heads_o,
  output wire [2:0]            claim_block_o,
  output wire                  claim_last_o,
  output reg                   first_o,
  input  wire                  out_busy_i,
  output wire                  idle_o
);

  localparam [1:0] IDLE = 2'd0, WEIGHTS = 2'd1, VALUES = 2'd2;

  reg [1:0]            state_q;
  reg [ATTN_HEADS-1:0] mask_q, second_q;
  reg                  paired_q;
  reg [INDEX_BITS-1:0] end_q;
  reg [ADDR_BITS-1:0]  value_q;   // word of the first position, of the block in work
  reg [ADDR_BITS-1:0]  addr_q;
  reg [INDEX_BITS-1:0] pos_q;
  reg [2:0]            block_q;
  reg                  soft_q, sum_q, v_last_q;

  wire last_pos   = pos_q == end_q;
  wire last_block = {1'b0, block_q} == blocks_i - 4'd1;

  assign v_en_o        = state_q == VALUES && !(last_pos && out_busy_i);
  assign v_pair_o      = second_q != {ATTN_HEADS{1'b0}};
  assign v_addr_o      = addr_q;
  assign v_read_o      = v_en_o ? mask_q : {ATTN_HEADS{1'b0}};
  assign v_index_o     = pos_q;
  assign claim_o       = v_en_o && last_pos;
  assign claim_block_o = block_q;
  assign claim_last_o  = last_block;
  assign free_o        = state_q == IDLE || (claim_o && last_block);
  assign idle_o        = state_q == IDLE;
  assign soft_read_o   = soft_q ? mask_q : {ATTN_HEADS{1'b0}};
  assign weight_sum_o  = sum_q ? mask_q : {ATTN_HEADS{1'b0}};

  wire [INDEX_BITS-1:0] one       = 1;
  wire [ADDR_BITS-1:0]  step      = {{(ADDR_BITS-1){1'b0}}, 1'b1} << paired_q;
  wire [ADDR_BITS-1:0]  positions = {{(ADDR_BITS-4){1'b0}}, blocks_i};

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q     <= IDLE;
      soft_q      <= 1'b0;
      sum_q       <= 1'b0;
      rcp_ready_o <= 1'b0;
      weighing_o  <= 1'b0;
      v_valid_o   <= 1'b0;
      v_last_q    <= 1'b0;
      capture_o   <= {ATTN_HEADS{1'b0}};
    end else begin
      // Words on their way
      v_valid_o <= v_en_o;
      v_last_q  <= claim_o;
      capture_o <= v_last_q ? v_mask_o : {ATTN_HEADS{1'b0}};
      if (v_en_o) begin
        v_first_o <= pos_q == {INDEX_BITS{1'b0}};
        v_mask_o  <= mask_q;
        v_odd_o   <= second_q ^ {ATTN_HEADS{addr_q[0]}};
        v_heads_o <= heads_o;
      end

      case (state_q)
        WEIGHTS: if (weight_valid_i) state_q <= VALUES;
        VALUES: if (v_en_o) begin
          addr_q <= addr_q + (positions << paired_q);
          pos_q  <= pos_q + one;
          if (last_pos) begin
            pos_q   <= {INDEX_BITS{1'b0}};
            block_q <= block_q + 3'd1;
            value_q <= value_q + step;
            addr_q  <= value_q + step;
            if (last_block) state_q <= IDLE;
          end
        end
        default: ;
      endcase

      // Weights on their way
      if (soft_q) begin
        soft_index_o <= soft_index_o + one;
        if (soft_index_o == end_q) soft_q <= 1'b0;
      end
      if (weight_valid_i) weight_index_o <= weight_index_o + one;
      sum_q <= weight_valid_i && weight_index_o == end_q;
      if (sum_q) weighing_o <= 1'b0;
      if (sum_q) rcp_ready_o <= 1'b0;
      else if (rcp_valid_i) rcp_ready_o <= 1'b1;

      if (accept_i) begin
        state_q        <= WEIGHTS;
        slot_o         <= slot_i;
        mask_q         <= mask_i;
        second_q       <= second_i;
        paired_q       <= paired_i;
        heads_o        <= heads_i;
        first_o        <= first_i;
        end_q          <= end_i;
        value_q        <= start_i;
        addr_q         <= start_i;
        pos_q          <= {INDEX_BITS{1'b0}};
        block_q        <= 3'd0;
        soft_q         <= 1'b1;
        soft_index_o   <= {INDEX_BITS{1'b0}};
        weight_index_o <= {INDEX_BITS{1'b0}};
        weighing_o     <= 1'b1;
      end
      if (stop_i) begin
        state_q <= IDLE;
        soft_q  <= 1'b0;
      end
    end
  end

endmodule

`default_nettype wire
