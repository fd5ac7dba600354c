// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// KV memory and the two ops that use it: KV (kv_write) and ATTEND (attention), which share the
// address unit, the read port of the vector SRAM and the commit port. Conventions of start,
// done, errors, vector SRAM and commit: docs/architecture.md, "How units talk". The debug port
// (kv_sram) is for the harness, between ops.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module attention_unit #(
  parameter SLOTS       = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter VLANES      = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS    = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS  = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter VEC_WORDS   = `LOCKSTEP_DEFAULT_VEC_WORDS,
  // Derived; not to be set.
  parameter SLOT_BITS   = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS  = $clog2(VEC_WORDS),
  parameter ADDR_BITS   = $clog2(KV_WORDS),
  parameter BANK_BITS   = ADDR_BITS - 1
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  clear_i,

  // Op; stable from start_i to done_o
  input  wire                  start_i,
  input  wire [5:0]            op_i,            // KV or ATTEND
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           dst_i,           // units of 32 elements
  input  wire [15:0]           a_i,
  input  wire [15:0]           b_i,
  input  wire [7:0]            layer_i,
  output wire                  done_o,
  output wire                  err_o,
  output wire [7:0]            err_code_o,
  output wire [SLOT_BITS-1:0]  err_slot_o,

  // Geometry of the model, and the slots
  input  wire [7:0]            n_layers_i,
  input  wire [7:0]            n_heads_i,
  input  wire [7:0]            n_kv_i,
  input  wire [8:0]            head_dim_i,      // at most 256
  input  wire [15:0]           context_i,
  input  wire [31:0]           scale_i,         // binary32
  input  wire [15:0]           window_i,        // positions that ATTEND sees; 0: all
  input  wire [31:0]           cap_i,           // of the scores, binary32; 0: none
  input  wire [31:0]           cap_slope_i,     // 2 / cap
  input  wire [SLOTS*16-1:0]   slot_pos_i,
  input  wire [SLOTS*4-1:0]    slot_seq_i,

  // Vector SRAM, VLANES elements from an element on
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,
  output wire                  w_en_o,
  output wire [SLOT_BITS-1:0]  w_slot_o,
  output wire [VADDR_BITS-1:0] w_addr_o,
  output wire [VLANES-1:0]     w_mask_o,
  output wire [32*VLANES-1:0]  w_data_o,

  // Commit
  output reg                   cm_valid_o,
  output reg  [SLOT_BITS-1:0]  cm_slot_o,
  output reg  [19:0]           cm_index_o,
  output reg  [5:0]            cm_count_o,
  output reg  [17*32-1:0]      cm_data_o,

  // Debug port of the KV memory; data a cycle after the address
  input  wire                  dbg_en_i,
  input  wire                  dbg_we_i,
  input  wire [ADDR_BITS-1:0]  dbg_addr_i,
  input  wire [516:0]          dbg_wdata_i,
  output wire [516:0]          dbg_rdata_o,

  // Events of this cycle
  output wire [2:0]            ev_kv_read_o,    // KV words
  output wire                  ev_kv_write_o,
  output wire [15:0]           ev_macs_o        // multiplications of scores and weighted sums
);

  generate
    if (VLANES != 4 && VLANES != 8) begin : g_check_lanes
      attention_unit_VLANES_must_be_4_or_8 u_error ();
    end
    if (ATTN_HEADS < 1 || ATTN_HEADS > 128) begin : g_check_heads
      attention_unit_ATTN_HEADS_must_be_1_to_128 u_error ();
    end
    if (CONTEXT_MAX < 2 || CONTEXT_MAX > 65536) begin : g_check_context
      attention_unit_CONTEXT_MAX_must_be_2_to_65536 u_error ();
    end
    if (KV_WORDS < 64 || KV_WORDS % 4 != 0) begin : g_check_words
      attention_unit_KV_WORDS_must_be_64_or_more_and_divide_by_4 u_error ();
    end
  endgenerate

  // Clears what is on its way in the pipelines, which have no clear of their own.
  wire leaf_rst_n = rst_ni && !clear_i;

  wire attend = op_i == `LOCKSTEP_OP_ATTEND;

  // Address unit
  wire                 kv_addr_start, at_addr_start, addr_done, addr_full;
  wire [SLOT_BITS-1:0] kv_addr_slot, at_addr_slot;
  wire [SLOT_BITS-1:0] addr_slot = attend ? at_addr_slot : kv_addr_slot;
  wire [39:0]          base, head_stride, pos_offset, first_offset;
  wire [15:0]          span;

  kv_address #(
    .SEQS(SEQS), .KV_WORDS(KV_WORDS), .CONTEXT_MAX(CONTEXT_MAX)
  ) u_address (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .start_i(kv_addr_start || at_addr_start), .seq_i(slot_seq_i[4*addr_slot +: 4]),
    .pos_i(slot_pos_i[16*addr_slot +: 16]), .layer_i(layer_i),
    .n_layers_i(n_layers_i), .n_kv_i(n_kv_i), .head_dim_i(head_dim_i), .context_i(context_i),
    .window_i(window_i), .span_o(span), .first_offset_o(first_offset), .done_o(addr_done),
    .base_o(base), .head_stride_o(head_stride), .pos_offset_o(pos_offset), .full_o(addr_full)
  );

  // The two ops
  wire                  kv_done, kv_err, at_done, at_err, kv_ra_en, at_ra_en, kv_cm;
  wire [7:0]            kv_err_code, at_err_code;
  wire [SLOT_BITS-1:0]  kv_err_slot, at_err_slot, kv_ra_slot, at_ra_slot, kv_cm_slot;
  wire [VADDR_BITS-1:0] kv_ra_addr, at_ra_addr;
  wire [19:0]           kv_cm_index, at_cm_index;
  wire [5:0]            w_count;
  wire [BANK_BITS-1:0]  w_addr, k_addr, v_addr;
  wire [516:0]          w_data, k_even, k_odd, v_even, v_odd;
  wire                  w_value, k_en, k_pair, v_en, v_pair;

  kv_write #(
    .SLOTS(SLOTS), .VLANES(VLANES), .VEC_WORDS(VEC_WORDS), .ADDR_BITS(BANK_BITS)
  ) u_write (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_n), .clear_i(clear_i),
    .start_i(start_i && op_i == `LOCKSTEP_OP_KV), .slots_i(slots_i), .a_i(a_i), .b_i(b_i),
    .n_kv_i(n_kv_i), .head_dim_i(head_dim_i),
    .done_o(kv_done), .err_o(kv_err), .err_code_o(kv_err_code), .err_slot_o(kv_err_slot),
    .addr_start_o(kv_addr_start), .addr_slot_o(kv_addr_slot), .addr_done_i(addr_done),
    .addr_base_i(base[BANK_BITS-1:0]), .addr_offset_i(pos_offset[BANK_BITS-1:0]),
    .addr_stride_i(head_stride[BANK_BITS-1:0]), .addr_full_i(addr_full),
    .ra_en_o(kv_ra_en), .ra_slot_o(kv_ra_slot), .ra_addr_o(kv_ra_addr), .ra_data_i(ra_data_i),
    .kv_we_o(ev_kv_write_o), .kv_value_o(w_value), .kv_addr_o(w_addr), .kv_data_o(w_data),
    .cm_valid_o(kv_cm), .cm_slot_o(kv_cm_slot), .cm_index_o(kv_cm_index)
  );

  attention #(
    .SLOTS(SLOTS), .VLANES(VLANES), .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS),
    .CONTEXT_MAX(CONTEXT_MAX), .VEC_WORDS(VEC_WORDS), .ADDR_BITS(BANK_BITS)
  ) u_attention (
    .clk_i(clk_i), .rst_ni(rst_ni), .leaf_rst_ni(leaf_rst_n), .clear_i(clear_i),
    .start_i(start_i && attend), .slots_i(slots_i), .dst_i(dst_i), .a_i(a_i),
    .n_heads_i(n_heads_i), .n_kv_i(n_kv_i), .head_dim_i(head_dim_i), .scale_i(scale_i),
    .cap_i(cap_i), .cap_slope_i(cap_slope_i),
    .done_o(at_done), .err_o(at_err), .err_code_o(at_err_code), .err_slot_o(at_err_slot),
    .addr_start_o(at_addr_start), .addr_slot_o(at_addr_slot), .addr_done_i(addr_done),
    .addr_base_i(base[BANK_BITS-1:0]), .addr_stride_i(head_stride[BANK_BITS-1:0]),
    .addr_first_i(first_offset[BANK_BITS-1:0]),
    .addr_span_i(span), .addr_full_i(addr_full),
    .ra_en_o(at_ra_en), .ra_slot_o(at_ra_slot), .ra_addr_o(at_ra_addr), .ra_data_i(ra_data_i),
    .w_en_o(w_en_o), .w_slot_o(w_slot_o), .w_addr_o(w_addr_o), .w_count_o(w_count),
    .w_data_o(w_data_o), .cm_index_o(at_cm_index),
    .k_en_o(k_en), .k_pair_o(k_pair), .k_addr_o(k_addr), .k_even_i(k_even), .k_odd_i(k_odd),
    .v_en_o(v_en), .v_pair_o(v_pair), .v_addr_o(v_addr), .v_even_i(v_even), .v_odd_i(v_odd),
    .macs_o(ev_macs_o)
  );

  kv_sram #(.KV_WORDS(KV_WORDS)) u_sram (
    .clk_i(clk_i), .w_en_i(ev_kv_write_o), .w_value_i(w_value), .w_addr_i(w_addr),
    .w_data_i(w_data),
    .k_en_i(k_en), .k_pair_i(k_pair), .k_addr_i(k_addr), .k_even_o(k_even), .k_odd_o(k_odd),
    .v_en_i(v_en), .v_pair_i(v_pair), .v_addr_i(v_addr), .v_even_o(v_even), .v_odd_o(v_odd),
    .dbg_en_i(dbg_en_i), .dbg_we_i(dbg_we_i), .dbg_addr_i(dbg_addr_i), .dbg_wdata_i(dbg_wdata_i),
    .dbg_rdata_o(dbg_rdata_o)
  );

  assign ev_kv_read_o = {2'd0, k_en} + {2'd0, k_en && k_pair} + {2'd0, v_en} +
                        {2'd0, v_en && v_pair};

  assign done_o     = kv_done || at_done;
  assign err_o      = kv_err || at_err;
  assign err_code_o = kv_err ? kv_err_code : at_err_code;
  assign err_slot_o = kv_err ? kv_err_slot : at_err_slot;
  assign ra_en_o    = kv_ra_en || at_ra_en;
  assign ra_slot_o  = attend ? at_ra_slot : kv_ra_slot;
  assign ra_addr_o  = attend ? at_ra_addr : kv_ra_addr;
  assign w_mask_o   = ~({VLANES{1'b1}} << w_count);

  // Commit: a cycle behind the write
  always @(posedge clk_i) begin
    if (!rst_ni) cm_valid_o <= 1'b0;
    else cm_valid_o <= (kv_cm || w_en_o) && !clear_i;
  end

  always @(posedge clk_i) begin
    if (kv_cm) begin
      cm_slot_o  <= kv_cm_slot;
      cm_index_o <= kv_cm_index;
      cm_count_o <= 6'd17;
      cm_data_o  <= {27'd0, w_data};
    end
    if (w_en_o) begin
      cm_slot_o  <= w_slot_o;
      cm_index_o <= at_cm_index;
      cm_count_o <= w_count;
      cm_data_o[32*VLANES-1:0] <= w_data_o;
    end
  end

  wire unused = &{1'b0, base, head_stride, pos_offset, first_offset};

endmodule

`default_nettype wire
