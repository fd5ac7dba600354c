// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The op KV: for each active slot quantises the K vector (at a) and the V vector (at b), n_kv
// heads each, and writes the blocks to the KV memory at the slot's sequence and position. All K
// blocks come first, then all V blocks, at the same addresses; a head's last block may be short and
// is filled up with zeros. Takes 32/VLANES cycles a block and about 16 a slot. Every block is
// committed as 17 words: 16 of two mantissas each (the even one in the low half), then the shift.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module kv_write #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter VEC_WORDS  = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter ADDR_BITS  = 17,      // of a bank of the KV memory
  parameter SLOT_BITS  = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS = $clog2(VEC_WORDS)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  leaf_rst_ni,     // rst_ni, also low with clear_i
  input  wire                  clear_i,

  // Op; stable from start_i to done_o
  input  wire                  start_i,
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           a_i,             // units of 32 elements
  input  wire [15:0]           b_i,
  input  wire [7:0]            n_kv_i,
  input  wire [8:0]            head_dim_i,
  output wire                  done_o,
  output wire                  err_o,
  output reg  [7:0]            err_code_o,
  output wire [SLOT_BITS-1:0]  err_slot_o,

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire [ADDR_BITS-1:0]  addr_base_i,     // of head 0, position 0
  input  wire [ADDR_BITS-1:0]  addr_offset_i,   // from there to the slot's position
  input  wire [ADDR_BITS-1:0]  addr_stride_i,   // from head to head
  input  wire                  addr_full_i,

  // Vector SRAM, VLANES elements from an element on
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  // KV memory
  output wire                  kv_we_o,
  output wire                  kv_value_o,      // a V word
  output wire [ADDR_BITS-1:0]  kv_addr_o,
  output wire [516:0]          kv_data_o,

  // Commit: 17 words with the KV word's data
  output wire                  cm_valid_o,
  output wire [SLOT_BITS-1:0]  cm_slot_o,
  output reg  [19:0]           cm_index_o
);

  reg                 value_q;      // loading V
  reg [7:0]           head_q;       // being loaded
  reg [3:0]           out_block_q;  // block, head, K or V that the quantiser gives next
  reg [7:0]           out_head_q;
  reg                 out_value_q;
  reg [ADDR_BITS-1:0] pair_q;       // its pair at position 0
  reg [ADDR_BITS-1:0] first_q;      // the head at the slot's position
  reg [ADDR_BITS-1:0] kv_addr_q;
  reg                 done_q, err_q;
  reg                 failed_q;     // nothing more is written

  wire                 next_slot, over, placed, full, head_end, q_valid, q_range;
  wire [SLOT_BITS-1:0] slot;
  wire [3:0]           blocks;
  wire [511:0]         q_data;
  wire [4:0]           q_shift;
  wire                 last_head = head_q == n_kv_i - 8'd1;
  wire                 fail      = full || (q_valid && q_range && !failed_q);
  wire                 written   = q_valid && !q_range && !failed_q;
  wire                 out_end   = out_block_q == blocks - 4'd1;
  wire                 out_last  = out_head_q == n_kv_i - 8'd1;
  wire                 keys_end  = out_end && out_last;
  wire [ADDR_BITS-1:0] one       = 1;

  // Words of a pair lie in turn, those of a last head without another one behind the other.
  wire                 alone     = !out_head_q[0] && out_last;
  wire [7:0]           next_head = keys_end || placed ? 8'd0 : out_head_q + 8'd1;
  wire [ADDR_BITS-1:0] next_pair = keys_end || placed ? addr_base_i :
                                   pair_q + {addr_stride_i[ADDR_BITS-2:0], 1'b0};
  wire [ADDR_BITS-1:0] next_first = next_head[0] ? first_q + one :
                                    next_pair + (addr_offset_i << (next_head != n_kv_i - 8'd1));

  slot_fetch #(
    .SLOTS(SLOTS), .VLANES(VLANES), .VEC_WORDS(VEC_WORDS), .BITS(16), .HOLD(0)
  ) u_fetch (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_ni), .clear_i(clear_i),
    .start_i(start_i), .stop_i(fail), .slots_i(slots_i), .a_i(a_i), .head_dim_i(head_dim_i),
    .idle_o(), .next_slot_o(next_slot), .over_o(over), .slot_o(slot), .blocks_o(blocks),
    .addr_start_o(addr_start_o), .addr_slot_o(addr_slot_o), .addr_done_i(addr_done_i),
    .addr_full_i(addr_full_i), .placed_o(placed), .full_o(full),
    .head_o(head_end), .halt_i(last_head && value_q), .jump_i(last_head), .jump_to_i(b_i),
    .held_o(), .go_i(1'b0), .more_i(1'b0),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr_o), .ra_data_i(ra_data_i),
    .blk_valid_o(q_valid), .blk_data_o(q_data), .blk_shift_o(q_shift), .blk_range_o(q_range)
  );

  assign kv_we_o      = written;
  assign kv_value_o   = out_value_q;
  assign kv_addr_o    = kv_addr_q;
  assign kv_data_o    = {q_shift, q_data};
  assign cm_valid_o   = written;
  assign cm_slot_o    = slot;
  assign done_o       = done_q;
  assign err_o        = err_q;
  assign err_slot_o   = slot;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      done_q   <= 1'b0;
      err_q    <= 1'b0;
      failed_q <= 1'b0;
    end else begin
      done_q <= over;
      err_q  <= fail;
      if (fail) begin
        failed_q   <= 1'b1;
        err_code_o <= full ? `LOCKSTEP_ERROR_KV_FULL : `LOCKSTEP_ERROR_RANGE;
      end
      if (next_slot) begin
        value_q     <= 1'b0;
        head_q      <= 8'd0;
        out_block_q <= 4'd0;
        out_head_q  <= 8'd0;
        out_value_q <= 1'b0;
        cm_index_o  <= 20'd0;
      end
      if (head_end) begin
        head_q  <= last_head ? 8'd0 : head_q + 8'd1;
        value_q <= value_q || last_head;
      end
      if (written) begin
        cm_index_o  <= cm_index_o + 20'd17;
        out_block_q <= out_end ? 4'd0 : out_block_q + 4'd1;
        if (out_end) out_head_q <= next_head;
        if (keys_end) out_value_q <= 1'b1;
        kv_addr_q   <= kv_addr_q + (one << !alone);
      end
      if (placed || (written && out_end)) begin
        if (!next_head[0]) pair_q <= next_pair;
        first_q   <= next_first;
        kv_addr_q <= next_first;
      end
    end
  end

endmodule

`default_nettype wire
