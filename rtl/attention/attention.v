// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The op ATTEND: for each active slot and group of query heads, which use one K and V head or the
// two of a pair, a K word of each a cycle of the n positions that are seen, the softmax, a V word
// of each a cycle, block by block over all positions. Four stages hand groups on. Positions are
// counted from the first that is seen.
//
//     attention_query     group n+2 is read and quantised
//     attention_keys      group n+1: |--- wph * n ---|  9 more, 27 with a cap
//     attention_values    group n:   11 |--- wph * n ---|
//     attention_out       group n, block by block, on into the next one
//
// So a group takes wph * n + 11 cycles, with a cap wph * n + n + 39, unless its results (heads * 32
// / VLANES + 10 cycles a block) take longer, and an op as much again, and 40 to 160 more, to read
// the first queries and write the last results. An error is reported when all results of the groups
// before have been written.
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
  parameter ADDR_BITS   = 16,     // of a bank of the KV memory
  parameter SLOT_BITS   = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS  = $clog2(VEC_WORDS)
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
  output reg  [SLOT_BITS-1:0]  err_slot_o,

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire [ADDR_BITS-1:0]  addr_base_i,     // of head 0, position 0
  input  wire [ADDR_BITS-1:0]  addr_stride_i,   // from head to head
  input  wire [ADDR_BITS-1:0]  addr_first_i,    // from position 0 to the first that is seen
  input  wire [15:0]           addr_span_i,     // from that to the slot's position
  input  wire                  addr_full_i,

  // Vector SRAM, VLANES elements from an element on
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,
  output wire                  w_en_o,          // also commits
  output wire [SLOT_BITS-1:0]  w_slot_o,
  output wire [VADDR_BITS-1:0] w_addr_o,
  output wire [5:0]            w_count_o,       // of which exist
  output wire [32*VLANES-1:0]  w_data_o,
  output wire [19:0]           cm_index_o,

  // KV memory
  output wire                  k_en_o,
  output wire                  k_pair_o,        // the word and the next
  output wire [ADDR_BITS-1:0]  k_addr_o,
  input  wire [516:0]          k_even_i,
  input  wire [516:0]          k_odd_i,
  output wire                  v_en_o,
  output wire                  v_pair_o,
  output wire [ADDR_BITS-1:0]  v_addr_o,
  input  wire [516:0]          v_even_i,
  input  wire [516:0]          v_odd_i,

  output wire [15:0]           macs_o           // multiplications of this cycle
);

  localparam INDEX_BITS = $clog2(CONTEXT_MAX);
  localparam [1:0] RUNS = 2'd0, FAILED = 2'd1, REPORT = 2'd2, DEAD = 2'd3;

  wire [3:0] blocks = head_dim_i[8:5] + {3'd0, head_dim_i[4:0] != 5'd0};
  wire       capped = cap_i != 32'd0;

  reg  [1:0] state_q;
  reg        active_q;  // between start and done
  wire       stop, value_error, accept;

  // The group on offer
  wire [ATTN_HEADS-1:0] query_we;
  wire                  query_bank;
  wire [2:0]            query_block;
  wire [511:0]          query_data;
  wire [4:0]            query_shift;
  wire                  grp_valid, grp_first, grp_paired, query_empty, take;
  wire [SLOT_BITS-1:0]  grp_slot;
  wire [7:0]            grp_heads, grp_error;
  wire [ATTN_HEADS-1:0] grp_second;
  wire [ADDR_BITS-1:0]  grp_base;
  wire [ADDR_BITS-1:0]  grp_start = grp_base + (addr_first_i << grp_paired);

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
    .grp_second_o(grp_second), .grp_base_o(grp_base), .grp_paired_o(grp_paired),
    .grp_first_o(grp_first), .grp_error_o(grp_error), .empty_o(query_empty)
  );

  // Its scores
  wire                  keys_ready, keys_idle, keys_first, keys_paired;
  wire [SLOT_BITS-1:0]  keys_slot;
  wire [ATTN_HEADS-1:0] keys_mask, keys_second, k_mask, k_odd;
  wire [7:0]            keys_heads, k_heads;
  wire [ADDR_BITS-1:0]  keys_start;
  wire [INDEX_BITS-1:0] keys_end, score_index;
  wire                  k_valid, k_first, k_last, weighing;
  wire [3:0]            k_query;
  wire [ATTN_HEADS-1:0] score_valid, score_overflow;

  attention_keys #(
    .ATTN_HEADS(ATTN_HEADS), .ADDR_BITS(ADDR_BITS), .INDEX_BITS(INDEX_BITS),
    .SLOT_BITS(SLOT_BITS)
  ) u_keys (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i), .blocks_i(blocks), .capped_i(capped),
    .stop_i(stop), .failed_i(state_q != RUNS),
    .grp_valid_i(grp_valid), .take_o(take), .grp_slot_i(grp_slot), .grp_heads_i(grp_heads),
    .grp_second_i(grp_second), .grp_paired_i(grp_paired), .grp_first_i(grp_first),
    .grp_bank_i(query_bank), .grp_start_i(grp_start), .grp_end_i(addr_span_i[INDEX_BITS-1:0]),
    .k_en_o(k_en_o), .k_pair_o(k_pair_o), .k_addr_o(k_addr_o), .k_valid_o(k_valid),
    .k_first_o(k_first), .k_last_o(k_last), .k_query_o(k_query), .k_mask_o(k_mask),
    .k_odd_o(k_odd), .k_heads_o(k_heads),
    .score_valid_i(score_valid[0]), .score_index_o(score_index),
    .weighing_i(weighing), .ready_o(keys_ready), .accept_i(accept), .slot_o(keys_slot),
    .mask_o(keys_mask), .heads_o(keys_heads), .second_o(keys_second), .paired_o(keys_paired),
    .first_o(keys_first), .start_o(keys_start), .end_o(keys_end), .idle_o(keys_idle)
  );

  // Its weights and weighted sums
  wire                  values_free, values_idle, values_first;
  wire [SLOT_BITS-1:0]  values_slot;
  wire [7:0]            values_heads, v_heads;
  wire [ATTN_HEADS-1:0] soft_read, weight_sum, v_read, v_mask, v_odd, capture;
  wire [INDEX_BITS-1:0] soft_index, weight_index, v_index;
  wire                  v_valid, v_first, rcp_ready, claim, claim_last, out_busy;
  wire [2:0]            claim_block;
  wire [ATTN_HEADS-1:0] weight_valid, rcp_valid, weight_overflow, divzero;

  attention_values #(
    .ATTN_HEADS(ATTN_HEADS), .ADDR_BITS(ADDR_BITS), .INDEX_BITS(INDEX_BITS),
    .SLOT_BITS(SLOT_BITS)
  ) u_values (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i), .blocks_i(blocks), .stop_i(value_error),
    .accept_i(accept), .free_o(values_free), .slot_i(keys_slot), .mask_i(keys_mask),
    .heads_i(keys_heads), .second_i(keys_second), .paired_i(keys_paired), .first_i(keys_first),
    .start_i(keys_start), .end_i(keys_end),
    .soft_read_o(soft_read), .soft_index_o(soft_index), .weight_valid_i(weight_valid[0]),
    .weight_index_o(weight_index), .weight_sum_o(weight_sum), .rcp_valid_i(rcp_valid[0]),
    .rcp_ready_o(rcp_ready), .weighing_o(weighing),
    .v_en_o(v_en_o), .v_pair_o(v_pair_o), .v_addr_o(v_addr_o), .v_read_o(v_read),
    .v_index_o(v_index), .v_valid_o(v_valid), .v_first_o(v_first), .v_mask_o(v_mask),
    .v_odd_o(v_odd), .v_heads_o(v_heads),
    .capture_o(capture), .claim_o(claim), .slot_o(values_slot), .heads_o(values_heads),
    .claim_block_o(claim_block), .claim_last_o(claim_last), .first_o(values_first),
    .out_busy_i(out_busy), .idle_o(values_idle)
  );

  // Heads run in step: the first one speaks for all.
  wire                            drain_start;
  wire [ATTN_HEADS-1:0]           drain_en;
  wire [2:0]                      drain_row;
  wire [ATTN_HEADS*80*VLANES-1:0] drain_sum;
  wire [ATTN_HEADS*32-1:0]        drain_rcp;
  wire                            out_idle, out_overflow;

  genvar h;
  generate
    for (h = 0; h < ATTN_HEADS; h = h + 1) begin : g_head
      attention_head #(
        .VLANES(VLANES), .ACT_BITS(ACT_BITS), .CONTEXT_MAX(CONTEXT_MAX)
      ) u_head (
        .clk_i(clk_i), .leaf_rst_ni(leaf_rst_ni), .scale_i(scale_i),
        .capped_i(capped), .cap_i(cap_i), .cap_slope_i(cap_slope_i),
        .q_we_i(query_we[h]), .q_addr_i({query_bank, query_block}),
        .q_data_i({query_shift, query_data}),
        .k_even_i(k_even_i), .k_odd_i(k_odd_i), .k_take_odd_i(k_odd[h]),
        .k_valid_i(k_valid && k_mask[h]), .k_addr_i(k_query),
        .k_first_i(k_first), .k_last_i(k_last),
        .score_valid_o(score_valid[h]), .score_index_i(score_index),
        .soft_read_i(soft_read[h]), .soft_index_i(soft_index),
        .weight_valid_o(weight_valid[h]), .weight_index_i(weight_index),
        .weight_sum_i(weight_sum[h]), .rcp_valid_o(rcp_valid[h]),
        .v_even_i(v_even_i), .v_odd_i(v_odd_i), .v_take_odd_i(v_odd[h]),
        .v_read_i(v_read[h]), .v_index_i(v_index),
        .v_valid_i(v_valid && v_mask[h]), .v_first_i(v_first), .capture_i(capture[h]),
        .drain_start_i(drain_start), .drain_en_i(drain_en[h]), .drain_row_i(drain_row),
        .drain_sum_o(drain_sum[80*VLANES*h +: 80*VLANES]), .drain_rcp_o(drain_rcp[32*h +: 32]),
        .score_overflow_o(score_overflow[h]), .weight_overflow_o(weight_overflow[h]),
        .divzero_o(divzero[h])
      );
    end
  endgenerate

  attention_out #(
    .VLANES(VLANES), .ATTN_HEADS(ATTN_HEADS), .VEC_WORDS(VEC_WORDS), .SLOT_BITS(SLOT_BITS)
  ) u_out (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_ni), .clear_i(clear_i),
    .dst_i(dst_i), .head_dim_i(head_dim_i),
    .claim_i(claim), .claim_slot_i(values_slot), .claim_heads_i(values_heads),
    .claim_block_i(claim_block), .claim_last_i(claim_last), .claim_first_i(values_first),
    .captured_i(capture[0]), .rcp_ready_i(rcp_ready), .busy_o(out_busy), .idle_o(out_idle),
    .drain_start_o(drain_start), .drain_en_o(drain_en), .drain_row_o(drain_row),
    .drain_sum_i(drain_sum), .drain_rcp_i(drain_rcp),
    .w_en_o(w_en_o), .w_slot_o(w_slot_o), .w_addr_o(w_addr_o), .w_count_o(w_count_o),
    .w_data_o(w_data_o), .cm_index_o(cm_index_o), .overflow_o(out_overflow)
  );

  // Errors. One of an earlier group, though later, goes first: nothing of a later one counts.
  wire key_error   = !keys_idle && score_overflow != 0;
  wire take_error  = take && grp_error != 8'd0;
  wire reported    = state_q == REPORT || state_q == DEAD;

  assign value_error = weight_overflow != 0 || divzero != 0 || out_overflow;

  assign accept = keys_ready && values_free && !key_error;
  assign stop   = key_error || take_error || value_error;
  assign err_o  = state_q == REPORT;
  assign macs_o = {3'd0, k_valid ? k_heads : 8'd0, 5'd0} + {3'd0, v_valid ? v_heads : 8'd0, 5'd0};

  wire over = active_q && keys_idle && values_idle && query_empty && out_idle &&
              state_q == RUNS;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      state_q  <= RUNS;
      active_q <= 1'b0;
      done_o   <= 1'b0;
    end else begin
      done_o <= over;
      if (start_i) active_q <= 1'b1;
      else if (over) active_q <= 1'b0;

      if (value_error && !reported) begin
        state_q    <= FAILED;
        err_slot_o <= values_slot;
        err_code_o <= divzero != 0 ? `LOCKSTEP_ERROR_DIVZERO : `LOCKSTEP_ERROR_OVERFLOW;
      end else if (stop && state_q == RUNS) begin
        state_q    <= FAILED;
        err_slot_o <= key_error ? keys_slot : grp_slot;
        err_code_o <= key_error ? `LOCKSTEP_ERROR_OVERFLOW : grp_error;
      end else if (state_q == FAILED && values_idle && out_idle) begin
        state_q <= REPORT;
      end else if (state_q == REPORT) begin
        state_q <= DEAD;
      end
    end
  end

  // Positions beyond CONTEXT_MAX are KV_FULL.
  wire unused = &{1'b0, score_valid, weight_valid, rcp_valid, addr_span_i};

endmodule

`default_nettype wire
