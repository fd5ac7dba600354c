// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The op ATTEND: for each active slot and group of query heads (attention_query) one K word a
// cycle of the n positions that are seen, the softmax, one V word a cycle, block by block over all
// positions. Positions are counted from the first that is seen.
//
//     query   group n+1 is read and quantised meanwhile
//     K       |--- wph * n ---|
//     scores      10 behind, 28 with a cap |
//     weights                              |--- n ---|      10 behind, V a cycle behind them
//     V                                          |--- wph * n ---|  next K
//     out                                              block by block, behind the next K
//
// So a group takes 2 * wph * n + 20 cycles, 38 with a cap, unless its results (heads * 32 / VLANES
// + 10 cycles a block) take longer, and an op 40 to 160 more, to read the first queries and write
// the last results. An error is reported when all results of the groups before have been written.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module attention #(
  parameter SLOTS       = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES      = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS    = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS  = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter VEC_WORDS   = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter ADDR_BITS   = 17,     // of the KV memory
  parameter SLOT_BITS   = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS  = $clog2(VEC_WORDS / VLANES)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  leaf_rst_ni,     // rst_ni, also low with clear_i
  input  wire                  clear_i,

  // Op; stable from start_i to done_o
  input  wire                  start_i,
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           dst_i,           // units of 32 elements
  input  wire [15:0]           a_i,
  input  wire [7:0]            n_heads_i,
  input  wire [7:0]            n_kv_i,
  input  wire [8:0]            head_dim_i,
  input  wire [31:0]           scale_i,
  input  wire [31:0]           cap_i,           // of the scores; 0: none
  input  wire [31:0]           cap_slope_i,
  output reg                   done_o,
  output wire                  err_o,
  output reg  [7:0]            err_code_o,
  output wire [SLOT_BITS-1:0]  err_slot_o,

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire [ADDR_BITS-1:0]  addr_base_i,     // K of head 0, position 0
  input  wire [ADDR_BITS-1:0]  addr_stride_i,   // from head to head
  input  wire [ADDR_BITS-1:0]  addr_value_i,    // from K to V
  input  wire [ADDR_BITS-1:0]  addr_first_i,    // from position 0 to the first that is seen
  input  wire [15:0]           addr_span_i,     // from that to the slot's position
  input  wire                  addr_full_i,

  // Vector SRAM, rows of VLANES elements
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,
  output wire                  w_en_o,          // also commits
  output wire [SLOT_BITS-1:0]  w_slot_o,
  output wire [VADDR_BITS-1:0] w_addr_o,
  output wire [32*VLANES-1:0]  w_data_o,
  output wire [19:0]           cm_index_o,

  // KV memory
  output wire                  kv_re_o,
  output wire [ADDR_BITS-1:0]  kv_addr_o,
  input  wire [516:0]          kv_data_i,

  output wire [15:0]           macs_o           // multiplications of this cycle
);

  localparam INDEX_BITS = $clog2(CONTEXT_MAX);
  localparam [2:0] IDLE = 3'd0, KEYS = 3'd1, SCORES = 3'd2, WEIGHTS = 3'd3, VALUES = 3'd4,
                   FAIL = 3'd5, ERROR = 3'd6, DEAD = 3'd7;

  wire [3:0] blocks = head_dim_i[8:5] + {3'd0, head_dim_i[4:0] != 5'd0};

  // The group on offer
  wire [ATTN_HEADS-1:0] query_we;
  wire                  query_bank;
  wire [2:0]            query_block;
  wire [511:0]          query_data;
  wire [4:0]            query_shift;
  wire                  grp_valid, grp_first, query_empty;
  wire [SLOT_BITS-1:0]  grp_slot;
  wire [7:0]            grp_heads, grp_error;
  wire [ADDR_BITS-1:0]  grp_base;
  wire                  take;
  wire [ADDR_BITS-1:0]  grp_start = grp_base + addr_first_i;
  wire                  capped    = cap_i != 32'd0;

  attention_query #(
    .SLOTS(SLOTS), .VLANES(VLANES), .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS),
    .VEC_WORDS(VEC_WORDS), .ADDR_BITS(ADDR_BITS)
  ) u_query (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_ni), .clear_i(clear_i),
    .start_i(start_i), .slots_i(slots_i), .a_i(a_i), .n_heads_i(n_heads_i), .n_kv_i(n_kv_i),
    .head_dim_i(head_dim_i),
    .addr_start_o(addr_start_o), .addr_slot_o(addr_slot_o), .addr_done_i(addr_done_i),
    .addr_base_i(addr_base_i), .addr_stride_i(addr_stride_i), .addr_full_i(addr_full_i),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr_o), .ra_data_i(ra_data_i),
    .q_we_o(query_we), .q_bank_o(query_bank), .q_block_o(query_block), .q_data_o(query_data),
    .q_shift_o(query_shift),
    .grp_valid_o(grp_valid), .grp_take_i(take), .grp_slot_o(grp_slot), .grp_heads_o(grp_heads),
    .grp_base_o(grp_base), .grp_first_o(grp_first), .grp_error_o(grp_error), .empty_o(query_empty)
  );

  // The group in work
  reg [2:0]            state_q;
  reg                  active_q;       // between start and done
  reg [SLOT_BITS-1:0]  slot_q;
  reg [ATTN_HEADS-1:0] mask_q;
  reg [7:0]            heads_q;
  reg [ADDR_BITS-1:0]  value_q;        // V word of the first position, of the block that comes
  reg [ADDR_BITS-1:0]  addr_q;
  reg [INDEX_BITS-1:0] end_q;          // last position
  reg                  first_q;
  reg                  bank_q;
  reg [2:0]            block_q;
  reg [INDEX_BITS-1:0] pos_q;          // of the word asked for
  reg [INDEX_BITS-1:0] score_q;        // position of the next score
  reg [INDEX_BITS-1:0] soft_q;         // of the score being read
  reg [INDEX_BITS-1:0] weight_q;       // of the next weight
  reg                  soft_run_q;
  reg                  weight_sum_q;
  reg                  rcp_ready_q;

  // What goes with the KV word that arrives now
  reg                  k_valid_q, k_first_q, k_last_q, v_valid_q, v_first_q, v_last_q;
  reg [2:0]            k_block_q;
  reg [ATTN_HEADS-1:0] word_mask_q, capture_q;
  reg [7:0]            word_heads_q;

  wire [ATTN_HEADS-1:0] score_valid, weight_valid, rcp_valid, overflow, divzero;
  wire                  out_busy, out_idle, out_overflow;
  wire                  last_pos   = pos_q == end_q;
  wire                  last_block = {1'b0, block_q} == blocks - 4'd1;
  wire                  k_read     = state_q == KEYS;
  wire                  v_read     = state_q == VALUES && !(last_pos && out_busy);
  wire                  group_end  = v_read && last_pos && last_block;
  wire                  drain_start;
  wire [ATTN_HEADS-1:0] drain_en;
  wire [2:0]            drain_row;
  wire [ATTN_HEADS*80*VLANES-1:0] drain_sum;
  wire [ATTN_HEADS*32-1:0]        drain_rcp;

  assign take       = grp_valid && (state_q == IDLE || group_end);
  assign kv_re_o    = k_read || v_read;
  assign kv_addr_o  = addr_q;
  assign macs_o     = k_valid_q || v_valid_q ? {3'd0, word_heads_q, 5'd0} : 16'd0;
  assign err_o      = state_q == ERROR;
  assign err_slot_o = slot_q;

  wire [ATTN_HEADS-1:0] grp_mask;
  genvar h;
  generate
    for (h = 0; h < ATTN_HEADS; h = h + 1) begin : g_head
      assign grp_mask[h] = h < grp_heads;
      attention_head #(
        .VLANES(VLANES), .ACT_BITS(ACT_BITS), .CONTEXT_MAX(CONTEXT_MAX)
      ) u_head (
        .clk_i(clk_i), .leaf_rst_ni(leaf_rst_ni), .scale_i(scale_i),
        .capped_i(capped), .cap_i(cap_i), .cap_slope_i(cap_slope_i),
        .q_we_i(query_we[h]), .q_addr_i({query_bank, query_block}),
        .q_data_i({query_shift, query_data}),
        .word_i(kv_data_i),
        .k_valid_i(k_valid_q && word_mask_q[h]), .k_addr_i({bank_q, k_block_q}),
        .k_first_i(k_first_q), .k_last_i(k_last_q),
        .v_read_i(v_read && mask_q[h]), .v_index_i(pos_q),
        .v_valid_i(v_valid_q && word_mask_q[h]), .v_first_i(v_first_q), .capture_i(capture_q[h]),
        .score_valid_o(score_valid[h]), .score_index_i(score_q),
        .soft_read_i(soft_run_q && mask_q[h]), .soft_index_i(soft_q),
        .weight_valid_o(weight_valid[h]), .weight_index_i(weight_q),
        .weight_sum_i(weight_sum_q && mask_q[h]), .rcp_valid_o(rcp_valid[h]),
        .drain_start_i(drain_start), .drain_en_i(drain_en[h]), .drain_row_i(drain_row),
        .drain_sum_o(drain_sum[80*VLANES*h +: 80*VLANES]), .drain_rcp_o(drain_rcp[32*h +: 32]),
        .overflow_o(overflow[h]), .divzero_o(divzero[h])
      );
    end
  endgenerate

  attention_out #(
    .VLANES(VLANES), .ATTN_HEADS(ATTN_HEADS), .VEC_WORDS(VEC_WORDS), .SLOT_BITS(SLOT_BITS)
  ) u_out (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_ni), .clear_i(clear_i),
    .dst_i(dst_i), .head_dim_i(head_dim_i),
    .claim_i(v_read && last_pos), .claim_slot_i(slot_q), .claim_heads_i(heads_q),
    .claim_block_i(block_q), .claim_last_i(last_block), .claim_first_i(first_q),
    .captured_i(capture_q[0]), .rcp_ready_i(rcp_ready_q), .busy_o(out_busy), .idle_o(out_idle),
    .drain_start_o(drain_start), .drain_en_o(drain_en), .drain_row_o(drain_row),
    .drain_sum_i(drain_sum), .drain_rcp_i(drain_rcp),
    .w_en_o(w_en_o), .w_slot_o(w_slot_o), .w_addr_o(w_addr_o), .w_data_o(w_data_o),
    .cm_index_o(cm_index_o), .overflow_o(out_overflow)
  );

  wire [INDEX_BITS-1:0] one = 1;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q      <= IDLE;
      active_q     <= 1'b0;
      done_o       <= 1'b0;
      err_code_o   <= 8'd0;
      slot_q       <= {SLOT_BITS{1'b0}};
      mask_q       <= {ATTN_HEADS{1'b0}};
      heads_q      <= 8'd0;
      value_q      <= {ADDR_BITS{1'b0}};
      addr_q       <= {ADDR_BITS{1'b0}};
      end_q        <= {INDEX_BITS{1'b0}};
      first_q      <= 1'b0;
      bank_q       <= 1'b0;
      block_q      <= 3'd0;
      pos_q        <= {INDEX_BITS{1'b0}};
      score_q      <= {INDEX_BITS{1'b0}};
      soft_q       <= {INDEX_BITS{1'b0}};
      weight_q     <= {INDEX_BITS{1'b0}};
      soft_run_q   <= 1'b0;
      weight_sum_q <= 1'b0;
      rcp_ready_q  <= 1'b0;
      k_valid_q    <= 1'b0;
      k_first_q    <= 1'b0;
      k_last_q     <= 1'b0;
      k_block_q    <= 3'd0;
      v_valid_q    <= 1'b0;
      v_first_q    <= 1'b0;
      v_last_q     <= 1'b0;
      word_mask_q  <= {ATTN_HEADS{1'b0}};
      word_heads_q <= 8'd0;
      capture_q    <= {ATTN_HEADS{1'b0}};
    end else if (clear_i) begin
      state_q      <= IDLE;
      active_q     <= 1'b0;
      done_o       <= 1'b0;
      soft_run_q   <= 1'b0;
      weight_sum_q <= 1'b0;
      rcp_ready_q  <= 1'b0;
      k_valid_q    <= 1'b0;
      v_valid_q    <= 1'b0;
      v_last_q     <= 1'b0;
      capture_q    <= {ATTN_HEADS{1'b0}};
    end else begin
      done_o <= active_q && state_q == IDLE && query_empty && out_idle;
      if (start_i) active_q <= 1'b1;
      else if (active_q && state_q == IDLE && query_empty && out_idle) active_q <= 1'b0;

      // Words on their way
      k_valid_q <= k_read;
      v_valid_q <= v_read;
      v_last_q  <= v_read && last_pos;
      capture_q <= v_last_q ? word_mask_q : {ATTN_HEADS{1'b0}};
      if (kv_re_o) begin
        k_block_q    <= block_q;
        k_first_q    <= block_q == 3'd0;
        k_last_q     <= last_block;
        v_first_q    <= pos_q == {INDEX_BITS{1'b0}};
        word_mask_q  <= mask_q;
        word_heads_q <= heads_q;
      end

      case (state_q)
        KEYS: begin
          addr_q  <= addr_q + 1'b1;
          block_q <= last_block ? 3'd0 : block_q + 3'd1;
          if (last_block) begin
            pos_q <= pos_q + one;
            if (last_pos) state_q <= SCORES;
          end
        end
        SCORES: if (score_valid[0] && score_q == end_q) begin
          state_q    <= WEIGHTS;
          soft_run_q <= 1'b1;
        end
        WEIGHTS: begin
          addr_q <= value_q;
          pos_q  <= {INDEX_BITS{1'b0}};
          if (weight_valid[0]) state_q <= VALUES;
        end
        VALUES: if (v_read) begin
          addr_q <= addr_q + {{(ADDR_BITS-4){1'b0}}, blocks};
          pos_q  <= pos_q + one;
          if (last_pos) begin
            pos_q   <= {INDEX_BITS{1'b0}};
            block_q <= block_q + 3'd1;
            value_q <= value_q + 1'b1;
            addr_q  <= value_q + 1'b1;
            if (last_block) state_q <= IDLE;
          end
        end
        FAIL:  if (out_idle) state_q <= ERROR;
        ERROR: state_q <= DEAD;
        default: state_q <= state_q;
      endcase

      // Scores and weights on their way
      if (score_valid[0]) score_q <= score_q + one;
      if (soft_run_q) begin
        soft_q <= soft_q + one;
        if (soft_q == end_q) soft_run_q <= 1'b0;
      end
      if (weight_valid[0]) weight_q <= weight_q + one;
      weight_sum_q <= weight_valid[0] && weight_q == end_q;
      if (weight_sum_q) rcp_ready_q <= 1'b0;
      else if (rcp_valid[0]) rcp_ready_q <= 1'b1;

      if (take) begin
        state_q  <= KEYS;
        slot_q   <= grp_slot;
        mask_q   <= grp_mask;
        heads_q  <= grp_heads;
        addr_q   <= grp_start;
        value_q  <= grp_start + addr_value_i;
        end_q    <= addr_span_i[INDEX_BITS-1:0];
        first_q  <= grp_first;
        bank_q   <= query_bank;
        block_q  <= 3'd0;
        pos_q    <= {INDEX_BITS{1'b0}};
        score_q  <= {INDEX_BITS{1'b0}};
        soft_q   <= {INDEX_BITS{1'b0}};
        weight_q <= {INDEX_BITS{1'b0}};
        if (grp_error != 8'd0) begin
          state_q    <= FAIL;
          err_code_o <= grp_error;
        end
      end
      if (state_q != FAIL && state_q != ERROR && state_q != DEAD &&
          (overflow != 0 || divzero != 0 || out_overflow)) begin
        state_q    <= FAIL;
        err_code_o <= divzero != 0 ? `LOCKSTEP_ERROR_DIVZERO : `LOCKSTEP_ERROR_OVERFLOW;
      end
    end
  end

  // Heads run in step: the first one speaks for all. Positions beyond CONTEXT_MAX are KV_FULL.
  wire unused = &{1'b0, score_valid, weight_valid, rcp_valid, addr_span_i};

endmodule

`default_nettype wire
