// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// attention_unit with ports of the same width whatever its parameters, which it tells on
// par_*_o, so that one test program serves every configuration. The vector SRAM is the
// program's. fault_i plants a fault: bit 0 turns bit 20 of the first element of every row read,
// bit 1 writes rows whole that are short.
`default_nettype none

module attention_tb #(
  parameter VLANES      = 8,
  parameter ACT_BITS    = 16,
  parameter ATTN_HEADS  = 4,
  parameter KV_WORDS    = 16384,
  parameter CONTEXT_MAX = 256,
  parameter VEC_WORDS   = 4096
) (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         clear_i,
  input  wire [1:0]   fault_i,

  input  wire         start_i,
  input  wire [5:0]   op_i,
  input  wire [3:0]   slots_i,
  input  wire [15:0]  dst_i,
  input  wire [15:0]  a_i,
  input  wire [15:0]  b_i,
  input  wire [7:0]   layer_i,
  output wire         done_o,
  output wire         err_o,
  output wire [7:0]   err_code_o,
  output wire [1:0]   err_slot_o,

  input  wire [7:0]   n_layers_i,
  input  wire [7:0]   n_heads_i,
  input  wire [7:0]   n_kv_i,
  input  wire [8:0]   head_dim_i,
  input  wire [15:0]  context_i,
  input  wire [31:0]  scale_i,
  input  wire [15:0]  window_i,
  input  wire [31:0]  cap_i,
  input  wire [31:0]  cap_slope_i,
  input  wire [63:0]  slot_pos_i,
  input  wire [15:0]  slot_seq_i,

  output wire         ra_en_o,
  output wire [1:0]   ra_slot_o,
  output wire [31:0]  ra_addr_o,
  input  wire [255:0] ra_data_i,
  output wire         w_en_o,
  output wire [1:0]   w_slot_o,
  output wire [31:0]  w_addr_o,
  output wire [7:0]   w_mask_o,
  output wire [255:0] w_data_o,

  output wire         cm_valid_o,
  output wire [1:0]   cm_slot_o,
  output wire [19:0]  cm_index_o,
  output wire [5:0]   cm_count_o,
  output wire [543:0] cm_data_o,

  input  wire         dbg_en_i,
  input  wire         dbg_we_i,
  input  wire [31:0]  dbg_addr_i,
  input  wire [516:0] dbg_wdata_i,
  output wire [516:0] dbg_rdata_o,

  output wire [2:0]   ev_kv_read_o,
  output wire         ev_kv_write_o,
  output wire [15:0]  ev_macs_o,

  output wire [31:0]  par_vlanes_o,
  output wire [31:0]  par_act_bits_o,
  output wire [31:0]  par_heads_o,
  output wire [31:0]  par_kv_words_o,
  output wire [31:0]  par_context_o,
  output wire [31:0]  par_vec_words_o
);

  localparam VADDR_BITS = $clog2(VEC_WORDS);
  localparam ADDR_BITS  = $clog2(KV_WORDS);

  wire [VADDR_BITS-1:0] ra_addr, w_addr;
  wire [VLANES-1:0]     w_mask;
  wire [32*VLANES-1:0]  w_data;

  assign ra_addr_o = {{(32-VADDR_BITS){1'b0}}, ra_addr};
  assign w_addr_o  = {{(32-VADDR_BITS){1'b0}}, w_addr};

  genvar i;
  generate
    for (i = 0; i < 8; i = i + 1) begin : g_lane
      assign w_mask_o[i]           = i < VLANES ? w_mask[i % VLANES] || fault_i[1] : 1'b0;
      assign w_data_o[32*i +: 32]  = i < VLANES ? w_data[32*(i % VLANES) +: 32] : 32'd0;
    end
  endgenerate

  assign par_vlanes_o    = VLANES;
  assign par_act_bits_o  = ACT_BITS;
  assign par_heads_o     = ATTN_HEADS;
  assign par_kv_words_o  = KV_WORDS;
  assign par_context_o   = CONTEXT_MAX;
  assign par_vec_words_o = VEC_WORDS;

  attention_unit #(
    .SLOTS(4), .SEQS(4), .VLANES(VLANES), .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS),
    .KV_WORDS(KV_WORDS), .CONTEXT_MAX(CONTEXT_MAX), .VEC_WORDS(VEC_WORDS)
  ) u_unit (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .start_i(start_i), .op_i(op_i), .slots_i(slots_i), .dst_i(dst_i), .a_i(a_i), .b_i(b_i),
    .layer_i(layer_i), .done_o(done_o), .err_o(err_o), .err_code_o(err_code_o),
    .err_slot_o(err_slot_o),
    .n_layers_i(n_layers_i), .n_heads_i(n_heads_i), .n_kv_i(n_kv_i), .head_dim_i(head_dim_i),
    .context_i(context_i), .scale_i(scale_i), .window_i(window_i), .cap_i(cap_i),
    .cap_slope_i(cap_slope_i), .slot_pos_i(slot_pos_i), .slot_seq_i(slot_seq_i),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr),
    .ra_data_i(ra_data_i[32*VLANES-1:0] ^ {{(32*VLANES-21){1'b0}}, fault_i[0], 20'd0}),
    .w_en_o(w_en_o), .w_slot_o(w_slot_o), .w_addr_o(w_addr), .w_mask_o(w_mask),
    .w_data_o(w_data),
    .cm_valid_o(cm_valid_o), .cm_slot_o(cm_slot_o), .cm_index_o(cm_index_o),
    .cm_count_o(cm_count_o), .cm_data_o(cm_data_o),
    .dbg_en_i(dbg_en_i), .dbg_we_i(dbg_we_i), .dbg_addr_i(dbg_addr_i[ADDR_BITS-1:0]),
    .dbg_wdata_i(dbg_wdata_i), .dbg_rdata_o(dbg_rdata_o),
    .ev_kv_read_o(ev_kv_read_o), .ev_kv_write_o(ev_kv_write_o), .ev_macs_o(ev_macs_o)
  );

  wire unused = &{1'b0, dbg_addr_i, ra_data_i};

endmodule

`default_nettype wire
