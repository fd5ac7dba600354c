// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Goes through the slots and query heads of the op ATTEND and prepares one group after the
// other: up to ATTN_HEADS query heads of one slot that share a K and V head, or use the two of a
// pair if those of the first, as many again, fit. It quantises their queries into the heads'
// buffers, one bank ahead of the group being computed, and offers the group. A group taken
// (grp_take_i) leaves its bank when the next one is taken. Head h uses the K and V head
// floor(h * n_kv / n_heads): the fraction is carried along.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module attention_query #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS   = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter VEC_WORDS  = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter ADDR_BITS  = 17,
  parameter SLOT_BITS  = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS = $clog2(VEC_WORDS)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  leaf_rst_ni,
  input  wire                  clear_i,

  // Op
  input  wire                  start_i,
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           a_i,             // units of 32 elements
  input  wire [7:0]            n_heads_i,
  input  wire [7:0]            n_kv_i,
  input  wire [8:0]            head_dim_i,

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire [ADDR_BITS-1:0]  addr_base_i,
  input  wire [ADDR_BITS-1:0]  addr_stride_i,
  input  wire                  addr_full_i,

  // Vector SRAM, VLANES elements from an element on
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  // Query buffers of the heads
  output wire [ATTN_HEADS-1:0] q_we_o,
  output reg                   q_bank_o,
  output reg  [2:0]            q_block_o,
  output wire [511:0]          q_data_o,
  output wire [4:0]            q_shift_o,

  // The next group, in bank q_bank_o
  output wire                  grp_valid_o,
  input  wire                  grp_take_i,
  output wire [SLOT_BITS-1:0]  grp_slot_o,
  output wire [7:0]            grp_heads_o,     // 1..ATTN_HEADS
  output wire [ATTN_HEADS-1:0] grp_second_o,    // those that use the second head of a pair
  output wire [ADDR_BITS-1:0]  grp_base_o,      // KV word at position 0, of the first one
  output wire                  grp_paired_o,    // its words are every other one
  output wire                  grp_first_o,     // first of its slot
  output wire [7:0]            grp_error_o,     // error code or 0
  output wire                  empty_o          // nothing in work, nothing to come
);

  localparam [ATTN_HEADS-1:0] HEAD0 = 1;
  localparam [7:0] LAST_HEAD = ATTN_HEADS[7:0] - 8'd1;
  localparam [7:0] HALF      = ATTN_HEADS[7:0] / 8'd2;

  reg [7:0]            head_q;       // query heads of the slot asked for so far
  reg [7:0]            fraction_q;   // head_q * n_kv mod n_heads
  reg [7:0]            kv_q;         // its K and V head
  reg [7:0]            heads_q;      // of the group, asked for so far
  reg [7:0]            grp_kv_q;     // first K and V head of the group
  reg [ATTN_HEADS-1:0] second_q;
  reg                  pair_end_q;   // the next group has another pair
  reg                  first_q;
  reg [ADDR_BITS-1:0]  base_q;       // of the pair
  reg [7:0]            error_q;
  reg [ATTN_HEADS-1:0] out_head_q;   // one-hot: whose block the quantiser gives next

  wire       next_slot, placed, full, head_end, q_valid, q_range;
  wire [3:0] blocks;
  wire       last_head  = head_q + 8'd1 == n_heads_i;
  wire [8:0] fraction   = {1'b0, fraction_q} + {1'b0, n_kv_i};
  wire       wrap       = fraction >= {1'b0, n_heads_i};
  wire       full_group = heads_q == LAST_HEAD;
  wire       kv_end     = wrap && (kv_q[0] || heads_q + 8'd1 > HALF);

  slot_fetch #(
    .SLOTS(SLOTS), .VLANES(VLANES), .VEC_WORDS(VEC_WORDS), .BITS(ACT_BITS), .HOLD(1)
  ) u_fetch (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_ni), .clear_i(clear_i),
    .start_i(start_i), .stop_i(1'b0), .slots_i(slots_i), .a_i(a_i), .head_dim_i(head_dim_i),
    .idle_o(empty_o), .next_slot_o(next_slot), .over_o(), .slot_o(grp_slot_o), .blocks_o(blocks),
    .addr_start_o(addr_start_o), .addr_slot_o(addr_slot_o), .addr_done_i(addr_done_i),
    .addr_full_i(addr_full_i), .placed_o(placed), .full_o(full),
    .head_o(head_end), .halt_i(kv_end || last_head || full_group), .jump_i(1'b0),
    .jump_to_i(16'd0), .held_o(grp_valid_o), .go_i(grp_take_i), .more_i(head_q != n_heads_i),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr_o), .ra_data_i(ra_data_i),
    .blk_valid_o(q_valid), .blk_data_o(q_data_o), .blk_shift_o(q_shift_o), .blk_range_o(q_range)
  );

  assign q_we_o      = q_valid ? out_head_q : {ATTN_HEADS{1'b0}};
  assign grp_heads_o = heads_q;
  assign grp_second_o = second_q;
  assign grp_base_o   = base_q + {{(ADDR_BITS-1){1'b0}}, grp_kv_q[0]};
  assign grp_paired_o = grp_kv_q[0] || grp_kv_q != n_kv_i - 8'd1;
  assign grp_first_o = first_q;
  assign grp_error_o = error_q;

  always @(posedge clk_i) begin
    if (!rst_ni) q_bank_o <= 1'b0;
    else if (!clear_i) begin
      if (q_valid) begin
        q_block_o <= q_block_o + 3'd1;
        if ({1'b0, q_block_o} == blocks - 4'd1) begin
          q_block_o  <= 3'd0;
          out_head_q <= out_head_q << 1;
        end
        if (q_range) error_q <= `LOCKSTEP_ERROR_RANGE;
      end
      if (next_slot) begin
        head_q     <= 8'd0;
        fraction_q <= 8'd0;
        kv_q       <= 8'd0;
        heads_q    <= 8'd0;
        grp_kv_q   <= 8'd0;
        second_q   <= {ATTN_HEADS{1'b0}};
        pair_end_q <= 1'b0;
        first_q    <= 1'b1;
        error_q    <= 8'd0;
        out_head_q <= HEAD0;
        q_block_o  <= 3'd0;
      end
      if (placed) base_q <= addr_base_i;
      if (full) error_q <= `LOCKSTEP_ERROR_KV_FULL;
      if (head_end) begin
        head_q     <= head_q + 8'd1;
        heads_q    <= heads_q + 8'd1;
        fraction_q <= wrap ? fraction[7:0] - n_heads_i : fraction[7:0];
        if (wrap) kv_q <= kv_q + 8'd1;
        if (kv_q != grp_kv_q) second_q <= second_q | (HEAD0 << heads_q);
        pair_end_q <= wrap && kv_q[0];
      end
      if (grp_valid_o && grp_take_i) begin
        heads_q    <= 8'd0;
        grp_kv_q   <= kv_q;
        second_q   <= {ATTN_HEADS{1'b0}};
        first_q    <= 1'b0;
        q_bank_o   <= !q_bank_o;
        q_block_o  <= 3'd0;
        out_head_q <= HEAD0;
        if (pair_end_q) base_q <= base_q + {addr_stride_i[ADDR_BITS-2:0], 1'b0};
      end
    end
  end

endmodule

`default_nettype wire
