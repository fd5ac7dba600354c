// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Lockstep: an accelerator for language models. Registers and token FIFOs on AXI4-Lite
// (docs/registers.md), weights on an AXI4 read port, a loader on the write half of the same port,
// and the commit port. docs/architecture.md draws it and tells of the parameters.
`default_nettype none

module lockstep #(
  parameter LANES       = 16,     // weight blocks of 32 that a cycle takes; 2..32, a power of two
  parameter SLOTS       = 4,      // tokens served by one pass over the weights, 1..8
  parameter PORT_BITS   = 2048,   // width of the weight port; 128..2048, a power of two
  parameter VLANES      = 8,      // binary32 lanes of the vector unit, 4 or 8
  parameter ACT_BITS    = 16,     // bits of the mantissa of a matrix input, 8..16
  parameter ATTN_HEADS  = 4,      // query heads of one group, served by one read of K and V
  parameter KV_WORDS    = 131072, // words of the KV SRAM: 32 elements of 16 bits and a shift each
  parameter VEC_WORDS   = 16384,  // binary32 words of the vector SRAM of a slot
  parameter SEQS        = 4,      // sequences, 2..16
  parameter UCODE_OPS   = 64,     // instructions of the microcode store
  parameter TENSORS     = 1024,   // entries of the tensor table
  parameter CONTEXT_MAX = 4096,   // most positions of a sequence: depth of the score buffers
  parameter TOKEN_FIFO  = 64,     // depth of the token FIFOs, a power of two
  parameter BEATS       = 64,     // depth of the beat FIFO behind the weight port, a power of two
  parameter TELEMETRY   = 1       // 0: without cycle classes, energy, heat and throttle
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  output wire                   irq_o,

  // AXI4-Lite subordinate.
  input  wire [15:0]            s_axil_awaddr_i,
  input  wire                   s_axil_awvalid_i,
  output wire                   s_axil_awready_o,
  input  wire [31:0]            s_axil_wdata_i,
  input  wire [3:0]             s_axil_wstrb_i,
  input  wire                   s_axil_wvalid_i,
  output wire                   s_axil_wready_o,
  output wire [1:0]             s_axil_bresp_o,
  output wire                   s_axil_bvalid_o,
  input  wire                   s_axil_bready_i,
  input  wire [15:0]            s_axil_araddr_i,
  input  wire                   s_axil_arvalid_i,
  output wire                   s_axil_arready_o,
  output wire [31:0]            s_axil_rdata_o,
  output wire [1:0]             s_axil_rresp_o,
  output wire                   s_axil_rvalid_o,
  input  wire                   s_axil_rready_i,

  // AXI4 manager: reads weights, writes what the loader brings.
  output wire [3:0]             m_axi_arid_o,
  output wire [39:0]            m_axi_araddr_o,
  output wire [7:0]             m_axi_arlen_o,
  output wire [2:0]             m_axi_arsize_o,
  output wire [1:0]             m_axi_arburst_o,
  output wire                   m_axi_arvalid_o,
  input  wire                   m_axi_arready_i,
  input  wire [3:0]             m_axi_rid_i,
  input  wire [PORT_BITS-1:0]   m_axi_rdata_i,
  input  wire [1:0]             m_axi_rresp_i,
  input  wire                   m_axi_rlast_i,
  input  wire                   m_axi_rvalid_i,
  output wire                   m_axi_rready_o,
  output wire [39:0]            m_axi_awaddr_o,
  output wire [7:0]             m_axi_awlen_o,
  output wire [2:0]             m_axi_awsize_o,
  output wire [1:0]             m_axi_awburst_o,
  output wire                   m_axi_awvalid_o,
  input  wire                   m_axi_awready_i,
  output wire [PORT_BITS-1:0]   m_axi_wdata_o,
  output wire [PORT_BITS/8-1:0] m_axi_wstrb_o,
  output wire                   m_axi_wlast_o,
  output wire                   m_axi_wvalid_o,
  input  wire                   m_axi_wready_i,
  input  wire [1:0]             m_axi_bresp_i,
  input  wire                   m_axi_bvalid_i,
  output wire                   m_axi_bready_o,

  // Commit port: rtl/common/commit_port.v.
  output wire                   commit_valid_o,
  output wire                   commit_by_slot_o,
  output wire [5:0]             commit_op_o,
  output wire [7:0]             commit_pc_o,
  output wire [7:0]             commit_layer_o,
  output wire [3:0]             commit_slot_o,
  output wire [7:0]             commit_mask_o,
  output wire [19:0]            commit_index_o,
  output wire [5:0]             commit_count_o,
  output wire [17*32-1:0]       commit_data_o,

  // Pulses for the harness: the walk of a pass begins; a unit starts; it is done.
  output wire                   pass_start_o,
  output wire                   op_start_o,
  output wire                   op_done_o,

  // Back door to the KV SRAM, to be used between ops: a word is 32 x 16-bit mantissas and a 5-bit
  // shift.
  input  wire                   kv_dbg_en_i,
  input  wire                   kv_dbg_we_i,
  input  wire [31:0]            kv_dbg_addr_i,
  input  wire [516:0]           kv_dbg_wdata_i,
  output wire [516:0]           kv_dbg_rdata_o,

  // Power windows: what each unit used in fJ, then temperatures in 2^-16 degrees C and pacing.
  output wire                   part_valid_o,
  output wire [2:0]             part_unit_o,
  output wire [63:0]            part_energy_o,
  output wire                   window_valid_o,
  output wire [31:0]            window_die_o,
  output wire [31:0]            window_package_o,
  output wire [7:0]             window_pace_o
);

  localparam KV_BITS = $clog2(KV_WORDS);

  wire                clear;
  wire [7:0]          n_layers, n_heads, n_kv;
  wire [8:0]          head_dim, n_rot;
  wire [15:0]         context_length;
  wire [31:0]         attn_scale, port_timeout;
  wire                rope_we;
  wire [6:0]          rope_pair;
  wire [47:0]         rope_inc;
  wire                op_start, op_done, op_err;

  assign op_start_o = op_start;
  assign op_done_o  = op_done;

  wire [5:0]          op;
  wire [7:0]          op_pc, op_layer, op_type, op_err_code;
  wire [SLOTS-1:0]    op_slots;
  wire [15:0]         op_dst, op_a, op_b, op_n;
  wire [31:0]         op_imm;
  wire [19:0]         op_rows;
  wire [17:0]         op_cols;
  wire [3:0]          op_err_slot, epoch;
  wire [SLOTS*16-1:0] slot_pos;
  wire [SLOTS*4-1:0]  slot_seq;
  wire                fetch_valid, fetch_ready, port_err;
  wire [39:0]         fetch_addr, fetch_bytes;
  wire [31:0]         fetch_tag, port_err_tag;
  wire [7:0]          port_err_code;
  wire                logit_valid;
  wire [19:0]         logit_row;
  wire [SLOTS*32-1:0] logit_data;
  wire                cm_valid;
  wire [5:0]          cm_op, cm_count;
  wire [3:0]          cm_slot;
  wire [19:0]         cm_index;
  wire [95:0]         cm_data;
  wire                ev_beat, ev_stall, ev_kv_read, ev_kv_write;
  wire [19:0]         ev_macs;
  wire                ev_burst;
  wire [1:0]          ev_width;
  wire [15:0]         ev_dots, ev_halves, ev_rows, ev_words, ev_elements, ev_attend;

  control #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .VLANES(VLANES), .ACT_BITS(ACT_BITS),
    .ATTN_HEADS(ATTN_HEADS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS), .SEQS(SEQS),
    .UCODE_OPS(UCODE_OPS), .TENSORS(TENSORS), .CONTEXT_MAX(CONTEXT_MAX), .TOKEN_FIFO(TOKEN_FIFO),
    .BEATS(BEATS), .TELEMETRY(TELEMETRY)
  ) u_control (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_o(clear),
    .s_axil_awvalid_i(s_axil_awvalid_i), .s_axil_awready_o(s_axil_awready_o),
    .s_axil_awaddr_i(s_axil_awaddr_i), .s_axil_wvalid_i(s_axil_wvalid_i),
    .s_axil_wready_o(s_axil_wready_o), .s_axil_wdata_i(s_axil_wdata_i),
    .s_axil_wstrb_i(s_axil_wstrb_i), .s_axil_bvalid_o(s_axil_bvalid_o),
    .s_axil_bready_i(s_axil_bready_i), .s_axil_bresp_o(s_axil_bresp_o),
    .s_axil_arvalid_i(s_axil_arvalid_i), .s_axil_arready_o(s_axil_arready_o),
    .s_axil_araddr_i(s_axil_araddr_i), .s_axil_rvalid_o(s_axil_rvalid_o),
    .s_axil_rready_i(s_axil_rready_i), .s_axil_rdata_o(s_axil_rdata_o),
    .s_axil_rresp_o(s_axil_rresp_o), .irq_o(irq_o),
    .n_layers_o(n_layers), .n_heads_o(n_heads), .n_kv_heads_o(n_kv), .head_dim_o(head_dim),
    .n_rot_o(n_rot), .context_o(context_length), .attn_scale_o(attn_scale),
    .port_timeout_o(port_timeout),
    .rope_we_o(rope_we), .rope_pair_o(rope_pair), .rope_inc_o(rope_inc),
    .pass_start_o(pass_start_o), .op_start_o(op_start), .op_o(op), .op_pc_o(op_pc),
    .op_layer_o(op_layer),
    .op_slots_o(op_slots), .op_dst_o(op_dst), .op_a_o(op_a), .op_b_o(op_b), .op_n_o(op_n),
    .op_imm_o(op_imm), .op_tensor_o(), .op_type_o(op_type), .op_rows_o(op_rows),
    .op_cols_o(op_cols), .op_done_i(op_done), .op_err_i(op_err), .op_err_code_i(op_err_code),
    .op_err_slot_i(op_err_slot), .slot_pos_o(slot_pos), .slot_seq_o(slot_seq),
    .slot_token_o(), .epoch_o(epoch),
    .fetch_valid_o(fetch_valid), .fetch_ready_i(fetch_ready), .fetch_addr_o(fetch_addr),
    .fetch_bytes_o(fetch_bytes), .fetch_tag_o(fetch_tag),
    .port_err_i(port_err), .port_err_code_i(port_err_code), .port_err_tag_i(port_err_tag),
    .res_valid_i(logit_valid), .res_row_i(logit_row), .res_data_i(logit_data),
    .cm_valid_o(cm_valid), .cm_op_o(cm_op), .cm_slot_o(cm_slot), .cm_index_o(cm_index),
    .cm_count_o(cm_count), .cm_data_o(cm_data),
    .m_axi_awvalid_o(m_axi_awvalid_o), .m_axi_awready_i(m_axi_awready_i),
    .m_axi_awaddr_o(m_axi_awaddr_o), .m_axi_awlen_o(m_axi_awlen_o),
    .m_axi_awsize_o(m_axi_awsize_o), .m_axi_awburst_o(m_axi_awburst_o),
    .m_axi_wvalid_o(m_axi_wvalid_o), .m_axi_wready_i(m_axi_wready_i),
    .m_axi_wdata_o(m_axi_wdata_o), .m_axi_wstrb_o(m_axi_wstrb_o), .m_axi_wlast_o(m_axi_wlast_o),
    .m_axi_bvalid_i(m_axi_bvalid_i), .m_axi_bready_o(m_axi_bready_o),
    .m_axi_bresp_i(m_axi_bresp_i),
    .ev_macs_i(ev_macs), .ev_beat_i(ev_beat), .ev_stall_i(ev_stall),
    .ev_kv_reads_i({7'd0, ev_kv_read}), .ev_kv_writes_i({7'd0, ev_kv_write}),
    .ev_width_i(ev_width), .ev_dots_i(ev_dots), .ev_halves_i(ev_halves), .ev_rows_i(ev_rows),
    .ev_words_i(ev_words), .ev_burst_i(ev_burst), .ev_elements_i(ev_elements),
    .ev_attend_i(ev_attend),
    .part_valid_o(part_valid_o), .part_unit_o(part_unit_o), .part_energy_o(part_energy_o),
    .window_valid_o(window_valid_o),
    .window_die_o(window_die_o), .window_package_o(window_package_o),
    .window_pace_o(window_pace_o)
  );

  datapath #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .VLANES(VLANES), .ACT_BITS(ACT_BITS),
    .ATTN_HEADS(ATTN_HEADS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS), .SEQS(SEQS),
    .CONTEXT_MAX(CONTEXT_MAX), .BEATS(BEATS)
  ) u_datapath (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear), .epoch_i(epoch), .timeout_i(port_timeout),
    .op_start_i(op_start), .op_i(op), .op_pc_i(op_pc), .op_layer_i(op_layer),
    .op_slots_i(op_slots), .op_dst_i(op_dst), .op_a_i(op_a), .op_b_i(op_b), .op_n_i(op_n),
    .op_imm_i(op_imm), .op_type_i(op_type), .op_rows_i(op_rows), .op_cols_i(op_cols),
    .op_done_o(op_done), .op_err_o(op_err), .op_err_code_o(op_err_code),
    .op_err_slot_o(op_err_slot), .slot_pos_i(slot_pos), .slot_seq_i(slot_seq),
    .n_layers_i(n_layers), .n_heads_i(n_heads), .n_kv_i(n_kv), .head_dim_i(head_dim),
    .n_rot_i(n_rot), .context_i(context_length), .scale_i(attn_scale),
    .inc_we_i(rope_we), .inc_addr_i(rope_pair), .inc_data_i(rope_inc),
    .fetch_valid_i(fetch_valid), .fetch_ready_o(fetch_ready), .fetch_addr_i(fetch_addr),
    .fetch_bytes_i(fetch_bytes), .fetch_tag_i(fetch_tag),
    .port_err_o(port_err), .port_err_code_o(port_err_code), .port_err_tag_o(port_err_tag),
    .m_axi_arid_o(m_axi_arid_o), .m_axi_araddr_o(m_axi_araddr_o), .m_axi_arlen_o(m_axi_arlen_o),
    .m_axi_arsize_o(m_axi_arsize_o), .m_axi_arburst_o(m_axi_arburst_o),
    .m_axi_arvalid_o(m_axi_arvalid_o), .m_axi_arready_i(m_axi_arready_i),
    .m_axi_rid_i(m_axi_rid_i), .m_axi_rdata_i(m_axi_rdata_i), .m_axi_rresp_i(m_axi_rresp_i),
    .m_axi_rlast_i(m_axi_rlast_i), .m_axi_rvalid_i(m_axi_rvalid_i),
    .m_axi_rready_o(m_axi_rready_o),
    .logit_valid_o(logit_valid), .logit_row_o(logit_row), .logit_data_o(logit_data),
    .cm_valid_i(cm_valid), .cm_op_i(cm_op), .cm_slot_i(cm_slot), .cm_index_i(cm_index),
    .cm_count_i(cm_count), .cm_data_i(cm_data),
    .commit_valid_o(commit_valid_o), .commit_by_slot_o(commit_by_slot_o),
    .commit_op_o(commit_op_o), .commit_pc_o(commit_pc_o), .commit_layer_o(commit_layer_o),
    .commit_slot_o(commit_slot_o), .commit_mask_o(commit_mask_o),
    .commit_index_o(commit_index_o), .commit_count_o(commit_count_o),
    .commit_data_o(commit_data_o),
    .kv_dbg_en_i(kv_dbg_en_i), .kv_dbg_we_i(kv_dbg_we_i),
    .kv_dbg_addr_i(kv_dbg_addr_i[KV_BITS-1:0]), .kv_dbg_wdata_i(kv_dbg_wdata_i),
    .kv_dbg_rdata_o(kv_dbg_rdata_o),
    .ev_beat_o(ev_beat), .ev_stall_o(ev_stall), .ev_macs_o(ev_macs),
    .ev_kv_read_o(ev_kv_read), .ev_kv_write_o(ev_kv_write),
    .ev_width_o(ev_width), .ev_dots_o(ev_dots), .ev_halves_o(ev_halves), .ev_rows_o(ev_rows),
    .ev_words_o(ev_words), .ev_burst_o(ev_burst), .ev_elements_o(ev_elements),
    .ev_attend_o(ev_attend)
  );

endmodule

`default_nettype wire
