// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Everything that computes: weight path, vector unit, attention unit and the vector SRAM that they
// share. An op starts one unit; vector SRAM ports follow the running op, the results of the dot
// array go to the vector SRAM (MATVEC) or out to the sampler (LOGITS).
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module datapath #(
  parameter LANES       = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS       = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS   = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHANNELS    = `LOCKSTEP_DEFAULT_CHANNELS,
  parameter VLANES      = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS    = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS  = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS   = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter BEATS       = `LOCKSTEP_DEFAULT_BEATS,
  // Derived; not to be set.
  parameter SLOT_BITS   = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter KV_BITS     = $clog2(KV_WORDS)
) (
  input  wire                              clk_i,
  input  wire                              rst_ni,
  input  wire                              clear_i,
  input  wire [`LOCKSTEP_SETTINGS_W-1:0]   settings_i,
  input  wire [`LOCKSTEP_ROPE_INC_W-1:0]   rope_i,

  // The op: start for one cycle, the job stays until done.
  input  wire                              op_start_i,
  input  wire [`LOCKSTEP_JOB_W-1:0]        job_i,
  input  wire [SLOTS-1:0]                  op_slots_i,
  output wire                              op_done_o,
  output wire [`LOCKSTEP_FAULT_W-1:0]      fault_o,
  input  wire [SLOTS*16-1:0]               slot_pos_i,
  input  wire [SLOTS*4-1:0]                slot_seq_i,
  output wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_o,   // of ROUTE, a bit an expert

  // Weights: what to fetch, and the AXI4 read manager: the burst that every channel is asked for,
  // and bits of each; the members of m_read_i are as many times as wide.
  input  wire                              fetch_valid_i,
  output wire                              fetch_ready_o,
  input  wire [`LOCKSTEP_FETCH_W-1:0]      fetch_i,
  output wire [`LOCKSTEP_PORT_FAULT_W-1:0] port_fault_o,
  output wire [`LOCKSTEP_READ_OUT_W-1:0]   m_read_o,
  output wire [CHANNELS-1:0]               m_arvalid_o,
  output wire [CHANNELS-1:0]               m_rready_o,
  input  wire [CHANNELS*`LOCKSTEP_READ_IN_W-1:0] m_read_i,
  input  wire [PORT_BITS-1:0]              m_rdata_i,

  // Logits, of an even row and the next a cycle, to the sampler: of LOGITS, or one row a cycle,
  // beginning at token imm, of OFFER.
  output wire                              logit_valid_o,
  output wire                              logit_both_o,
  output wire [19:0]                       logit_row_o,
  output wire [SLOTS*64-1:0]               logit_data_o,

  // Commits of the engine itself, to be merged; the commit port (rtl/common/commit_port.v); events.
  input  wire [`LOCKSTEP_NOTE_W-1:0]       note_i,
  output wire [`LOCKSTEP_COMMIT_W-1:0]     commit_o,
  output wire [17*32-1:0]                  commit_data_o,
  output wire [`LOCKSTEP_EVENTS_W-1:0]     events_o,

  // Back door to the KV SRAM, between ops.
  input  wire                              kv_dbg_en_i,
  input  wire                              kv_dbg_we_i,
  input  wire [KV_BITS-1:0]                kv_dbg_addr_i,
  input  wire [516:0]                      kv_dbg_wdata_i,
  output wire [516:0]                      kv_dbg_rdata_o
);

  localparam W         = VLANES * 32;
  localparam ADDR_BITS = $clog2(VEC_WORDS);

  localparam [63:0] OPS_DOT = `LOCKSTEP_OPS_UNIT_DOT, OPS_ATTENTION = `LOCKSTEP_OPS_UNIT_ATTENTION,
                    OPS_SAMPLER = `LOCKSTEP_OPS_SAMPLER, OPS_TENSOR = `LOCKSTEP_OPS_TENSOR;

  `include "generated/device_fn.vh"

  wire [5:0]  op       = job_i[`LOCKSTEP_JOB_OP];
  wire [7:0]  op_type  = job_i[`LOCKSTEP_JOB_TYPE];
  wire [15:0] op_n     = job_i[`LOCKSTEP_JOB_N];
  wire [15:0] op_dst   = job_i[`LOCKSTEP_JOB_DST];
  wire [16:0] locals   = settings_i[`LOCKSTEP_SETTINGS_LOCAL];
  wire [8:0]  head_dim = settings_i[`LOCKSTEP_SETTINGS_HEAD_DIM];
  wire [16:0] experts  = settings_i[`LOCKSTEP_SETTINGS_EXPERTS];
  wire [7:0]  expert   = job_i[`LOCKSTEP_JOB_EXPERT];

  wire is_weights = OPS_DOT[op];
  wire is_logits  = OPS_SAMPLER[op];
  wire is_attend  = OPS_ATTENTION[op];
  wire is_rows    = OPS_TENSOR[op] && !is_weights;   // of floats: one a slot, or one

  reg [3:0] slot_count;
  integer i;
  always @* begin
    slot_count = 4'd0;
    for (i = 0; i < SLOTS; i = i + 1) slot_count = slot_count + {3'd0, op_slots_i[i]};
  end

  // ---- Rows of floats
  wire         fs_start, fs_valid, fs_ready;
  wire [W-1:0] fs_data;

  row_request #(
    .VLANES(VLANES)
  ) u_rows (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i), .start_i(op_start_i && is_rows), .op_i(op),
    .n_i(op_n), .slots_i(slot_count), .taken_i(fs_valid && fs_ready), .row_o(fs_start)
  );

  // ---- Clocks: vector and attention unit sleep while they have no op.
  reg  vu_busy_q, at_busy_q;
  wire vu_start = op_start_i && !is_weights && !is_attend;
  wire at_start = op_start_i && is_attend;
  wire vu_clk, at_clk, vu_done, at_done;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      vu_busy_q <= 1'b0;
      at_busy_q <= 1'b0;
    end else begin
      vu_busy_q <= !clear_i && (vu_start || (vu_busy_q && !vu_done));
      at_busy_q <= !clear_i && (at_start || (at_busy_q && !at_done));
    end
  end

  clock_gate #(.HOLD(40)) u_vector_clock (   // its pipelines are dry after 31 cycles
    .clk_i(clk_i), .rst_ni(rst_ni), .clk_o(vu_clk),
    .wake_i(vu_start || vu_busy_q || rope_i[`LOCKSTEP_ROPE_INC_WE] || clear_i)
  );
  clock_gate u_attention_clock (
    .clk_i(clk_i), .rst_ni(rst_ni), .clk_o(at_clk),
    .wake_i(at_start || at_busy_q || kv_dbg_en_i || clear_i)
  );

  // ---- Weight path
  wire                act_we;
  wire [SLOT_BITS-1:0] act_slot;
  wire [15:0]         act_block;
  wire [12:0]         act_blocks = {2'd0, op_n[15:5]} + {12'd0, |op_n[4:0]};
  wire [511:0]        act_m;
  wire [4:0]          act_s;
  wire                mv_done, res_valid;
  wire [19:0]         res_row;
  wire                res_both;
  wire [SLOTS*64-1:0] res_data;
  wire                wp_macs, ev_beat, ev_burst, ev_stall;
  wire [6:0]          wp_blocks;
  wire [CHANNELS-1:0]   arready, rvalid, rlast;
  wire [2*CHANNELS-1:0] rresp;
  wire [4*CHANNELS-1:0] rid;
  assign {arready, rvalid, rlast, rresp, rid} = m_read_i;

  weight_path #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .CHANNELS(CHANNELS), .VLANES(VLANES),
    .ACT_BITS(ACT_BITS), .VEC_WORDS(VEC_WORDS), .BEATS(BEATS)
  ) u_weights (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .timeout_i(settings_i[`LOCKSTEP_SETTINGS_PORT_TIMEOUT]),
    .fetch_valid_i(fetch_valid_i), .fetch_ready_o(fetch_ready_o),
    .fetch_addr_i(fetch_i[`LOCKSTEP_FETCH_ADDR]), .fetch_bytes_i(fetch_i[`LOCKSTEP_FETCH_BYTES]),
    .fetch_tag_i(fetch_i[`LOCKSTEP_FETCH_TAG]),
    .mv_start_i(op_start_i && is_weights), .mv_type_i(op_type),
    .mv_rows_i(job_i[`LOCKSTEP_JOB_ROWS]), .mv_cols_i(job_i[`LOCKSTEP_JOB_COLS]),
    .mv_slots_i(op_slots_i), .mv_done_o(mv_done), .res_valid_o(res_valid), .res_both_o(res_both),
    .res_row_o(res_row), .res_data_o(res_data),
    .act_we_i(act_we), .act_slot_i({{(3-SLOT_BITS){1'b0}}, act_slot}),
    .act_block_i(act_block[11:0]), .act_blocks_i(act_blocks), .act_m_i(act_m), .act_s_i(act_s),
    .fs_start_i(fs_start), .fs_type_i(op_type), .fs_count_i({2'b00, op_n}), .fs_valid_o(fs_valid),
    .fs_ready_i(fs_ready), .fs_data_o(fs_data),
    .m_axi_arid_o(m_read_o[`LOCKSTEP_READ_OUT_ID]),
    .m_axi_araddr_o(m_read_o[`LOCKSTEP_READ_OUT_ADDR]),
    .m_axi_arlen_o(m_read_o[`LOCKSTEP_READ_OUT_LEN]),
    .m_axi_arsize_o(m_read_o[`LOCKSTEP_READ_OUT_SIZE]),
    .m_axi_arburst_o(m_read_o[`LOCKSTEP_READ_OUT_BURST]),
    .m_axi_arvalid_o(m_arvalid_o), .m_axi_arready_i(arready), .m_axi_rid_i(rid),
    .m_axi_rdata_i(m_rdata_i), .m_axi_rresp_i(rresp), .m_axi_rlast_i(rlast),
    .m_axi_rvalid_i(rvalid), .m_axi_rready_o(m_rready_o),
    .err_o(port_fault_o[`LOCKSTEP_PORT_FAULT_VALID]),
    .err_code_o(port_fault_o[`LOCKSTEP_PORT_FAULT_CODE]),
    .err_tag_o(port_fault_o[`LOCKSTEP_PORT_FAULT_TAG]),
    .beat_o(ev_beat), .burst_o(ev_burst), .macs_valid_o(wp_macs), .macs_blocks_o(wp_blocks),
    .stall_o(ev_stall)
  );

  // ---- Vector unit
  wire                 vu_err, ev_vector;
  wire [5:0]           vector_count;
  wire [7:0]           vu_err_code;
  wire [SLOT_BITS-1:0] vu_err_slot;
  wire                 vra_en, vrb_en, vw_en;
  wire [SLOT_BITS-1:0] vra_slot, vrb_slot, vw_slot;
  wire [ADDR_BITS-1:0] vra_addr, vrb_addr, vw_addr;
  wire [VLANES-1:0]    vw_mask;
  wire [W-1:0]         vw_data, ra_data, rb_data;
  wire                 offer_valid;
  wire [15:0]          offer_index;
  wire [SLOTS*32-1:0]  offer_data;
  wire                 vcm_valid;
  wire [SLOT_BITS-1:0] vcm_slot;
  wire [19:0]          vcm_index;
  wire [5:0]           vcm_count;
  wire [W-1:0]         vcm_data;

  vector_unit #(
    .SLOTS(SLOTS), .VLANES(VLANES), .ACT_BITS(ACT_BITS), .VEC_WORDS(VEC_WORDS)
  ) u_vector (
    .clk_i(vu_clk), .rst_ni(rst_ni), .clear_i(clear_i), .start_i(vu_start), .op_i(op),
    .slots_i(op_slots_i), .dst_i(op_dst), .a_i(job_i[`LOCKSTEP_JOB_A]),
    .b_i(job_i[`LOCKSTEP_JOB_B]), .n_i(op_n), .imm_i(job_i[`LOCKSTEP_JOB_IMM]), .done_o(vu_done),
    .expert_i(expert[6:0]), .used_i(experts[`LOCKSTEP_EXPERTS_USED]),
    .normalised_i(experts[`LOCKSTEP_EXPERTS_NORMALISED]), .choice_o(choice_o),
    .head_dim_i(head_dim), .n_rot_i(settings_i[`LOCKSTEP_SETTINGS_N_ROT]),
    .halves_i(settings_i[`LOCKSTEP_SETTINGS_ROPE_MODE]), .slot_pos_i(slot_pos_i),
    .bank_i(op == `LOCKSTEP_OP_ANGLES ? job_i[`LOCKSTEP_JOB_BANK] :
            job_i[`LOCKSTEP_JOB_LOCAL] && locals[`LOCKSTEP_LOCAL_ROPE]),
    .inc_bank_i(rope_i[`LOCKSTEP_ROPE_INC_BANK]), .inc_we_i(rope_i[`LOCKSTEP_ROPE_INC_WE]),
    .inc_addr_i(rope_i[`LOCKSTEP_ROPE_INC_PAIR]),
    .inc_data_i(rope_i[`LOCKSTEP_ROPE_INC_INC]),
    .fs_valid_i(fs_valid), .fs_ready_o(fs_ready), .fs_data_i(fs_data), .act_we_o(act_we),
    .act_slot_o(act_slot), .act_block_o(act_block), .act_m_o(act_m), .act_s_o(act_s),
    .ra_en_o(vra_en), .ra_slot_o(vra_slot), .ra_addr_o(vra_addr), .ra_data_i(ra_data),
    .rb_en_o(vrb_en), .rb_slot_o(vrb_slot), .rb_addr_o(vrb_addr), .rb_data_i(rb_data),
    .w_en_o(vw_en), .w_slot_o(vw_slot), .w_addr_o(vw_addr), .w_mask_o(vw_mask), .w_data_o(vw_data),
    .cm_valid_o(vcm_valid), .cm_slot_o(vcm_slot), .cm_index_o(vcm_index), .cm_count_o(vcm_count),
    .cm_data_o(vcm_data),
    .offer_valid_o(offer_valid), .offer_index_o(offer_index), .offer_data_o(offer_data),
    .err_o(vu_err), .err_code_o(vu_err_code), .err_slot_o(vu_err_slot), .ev_busy_o(),
    .ev_valid_o(ev_vector), .ev_count_o(vector_count)
  );

  // ---- Logits
  wire [31:0] op_imm  = job_i[`LOCKSTEP_JOB_IMM];
  wire [19:0] row     = offer_valid ? {4'd0, offer_index} : res_row;
  assign logit_valid_o = (res_valid && is_logits) || offer_valid;
  assign logit_row_o   = offer_valid ? op_imm[19:0] + row : row;
  assign logit_both_o  = !offer_valid && res_both;
  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_logits
      assign logit_data_o[64*s +: 64] =
          offer_valid ? {32'd0, offer_data[32*s +: 32]} : res_data[64*s +: 64];
    end
  endgenerate

  // ---- Attention
  wire                 at_err, ev_kv_write;
  wire [2:0]           ev_kv_read;
  wire [15:0]          at_macs;
  wire [7:0]           at_err_code;
  wire [SLOT_BITS-1:0] at_err_slot;
  wire                 ara_en, aw_en;
  wire [SLOT_BITS-1:0] ara_slot, aw_slot;
  wire [ADDR_BITS-1:0] ara_addr, aw_addr;
  wire [VLANES-1:0]    aw_mask;
  wire [W-1:0]         aw_data;
  wire                 acm_valid;
  wire [SLOT_BITS-1:0] acm_slot;
  wire [19:0]          acm_index;
  wire [5:0]           acm_count;
  wire [17*32-1:0]     acm_data;

  attention_unit #(
    .SLOTS(SLOTS), .SEQS(SEQS), .VLANES(VLANES), .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS),
    .KV_WORDS(KV_WORDS), .CONTEXT_MAX(CONTEXT_MAX), .VEC_WORDS(VEC_WORDS)
  ) u_attention (
    .clk_i(at_clk), .rst_ni(rst_ni), .clear_i(clear_i), .start_i(at_start), .op_i(op),
    .slots_i(op_slots_i), .dst_i(op_dst), .a_i(job_i[`LOCKSTEP_JOB_A]),
    .b_i(job_i[`LOCKSTEP_JOB_B]), .layer_i(job_i[`LOCKSTEP_JOB_LAYER]), .done_o(at_done),
    .err_o(at_err), .err_code_o(at_err_code), .err_slot_o(at_err_slot),
    .n_layers_i(settings_i[`LOCKSTEP_SETTINGS_N_LAYERS]),
    .n_heads_i(settings_i[`LOCKSTEP_SETTINGS_N_HEADS]),
    .n_kv_i(settings_i[`LOCKSTEP_SETTINGS_N_KV_HEADS]), .head_dim_i(head_dim),
    .context_i(settings_i[`LOCKSTEP_SETTINGS_CONTEXT]),
    .scale_i(settings_i[`LOCKSTEP_SETTINGS_ATTN_SCALE]),
    .window_i(job_i[`LOCKSTEP_JOB_LOCAL] ? settings_i[`LOCKSTEP_SETTINGS_ATTN_WINDOW] : 16'd0),
    .cap_i(settings_i[`LOCKSTEP_SETTINGS_ATTN_CAP]),
    .cap_slope_i(settings_i[`LOCKSTEP_SETTINGS_ATTN_CAP_SLOPE]), .slot_pos_i(slot_pos_i),
    .slot_seq_i(slot_seq_i),
    .ra_en_o(ara_en), .ra_slot_o(ara_slot), .ra_addr_o(ara_addr), .ra_data_i(ra_data),
    .w_en_o(aw_en), .w_slot_o(aw_slot), .w_addr_o(aw_addr), .w_mask_o(aw_mask), .w_data_o(aw_data),
    .cm_valid_o(acm_valid), .cm_slot_o(acm_slot), .cm_index_o(acm_index), .cm_count_o(acm_count),
    .cm_data_o(acm_data),
    .dbg_en_i(kv_dbg_en_i), .dbg_we_i(kv_dbg_we_i), .dbg_addr_i(kv_dbg_addr_i),
    .dbg_wdata_i(kv_dbg_wdata_i), .dbg_rdata_o(kv_dbg_rdata_o),
    .ev_kv_read_o(ev_kv_read), .ev_kv_write_o(ev_kv_write), .ev_macs_o(at_macs)
  );

  // ---- Vector SRAM: its ports follow the op.
  wire [ADDR_BITS-1:0] mv_addr = {op_dst[ADDR_BITS-6:0], 5'd0} + res_row[ADDR_BITS-1:0];

  vec_sram #(.SLOTS(SLOTS), .VLANES(VLANES), .VEC_WORDS(VEC_WORDS)) u_sram (
    .clk_i(clk_i),
    .ra_en_i(is_attend ? ara_en : vra_en), .ra_slot_i(is_attend ? ara_slot : vra_slot),
    .ra_addr_i(is_attend ? ara_addr : vra_addr), .ra_data_o(ra_data),
    .rb_en_i(vrb_en), .rb_slot_i(vrb_slot), .rb_addr_i(vrb_addr), .rb_data_o(rb_data),
    .w_en_i(is_attend ? aw_en : vw_en), .w_slot_i(is_attend ? aw_slot : vw_slot),
    .w_addr_i(is_attend ? aw_addr : vw_addr), .w_mask_i(is_attend ? aw_mask : vw_mask),
    .w_data_i(is_attend ? aw_data : vw_data),
    .mv_we_i(res_valid && !is_logits), .mv_mask_i(op_slots_i), .mv_both_i(res_both),
    .mv_addr_i(mv_addr), .mv_data_i(res_data)
  );

  // ---- Events. Blocks of weights are counted in slots and, for the decoder, in halfwords. The
  // clocks of the units stop with their op, so what they show counts only in it.
  wire [31:0] beat      = PORT_BITS / 128;
  wire [15:0] blocks    = wp_macs ? {9'd0, wp_blocks} : 16'd0;
  wire [4:0]  dot_event = device_type_event(op_type);
  wire [11:0] halves    = device_type_halfs(op_type);
  assign events_o[`LOCKSTEP_EVENTS_DOT_EVENT] = dot_event;
  assign events_o[`LOCKSTEP_EVENTS_DOTS]      = blocks * {12'd0, slot_count};
  assign events_o[`LOCKSTEP_EVENTS_HALVES]    = blocks * {4'd0, halves};
  assign events_o[`LOCKSTEP_EVENTS_ROWS]      = !res_valid ? 16'd0 :
                                                {12'd0, slot_count} << res_both;
  assign events_o[`LOCKSTEP_EVENTS_WORDS]     = ev_beat ? beat[15:0] : 16'd0;
  assign events_o[`LOCKSTEP_EVENTS_ELEMENTS]  = logit_valid_o ?
                                                {12'd0, slot_count} << logit_both_o :
                                                !(ev_vector && vu_busy_q) ? 16'd0 :
                                                op == `LOCKSTEP_OP_QUANT ? 16'd1 :
                                                                           {10'd0, vector_count};
  assign events_o[`LOCKSTEP_EVENTS_ATTEND]    = at_busy_q ? at_macs >> 5 : 16'd0;
  assign events_o[`LOCKSTEP_EVENTS_KV_READS]  = {13'd0, ev_kv_read};
  assign events_o[`LOCKSTEP_EVENTS_KV_WRITES] = {15'd0, ev_kv_write};
  assign events_o[`LOCKSTEP_EVENTS_BEAT]      = ev_beat;
  assign events_o[`LOCKSTEP_EVENTS_STALL]     = ev_stall;
  assign events_o[`LOCKSTEP_EVENTS_BURST]     = ev_burst;

  assign op_done_o = mv_done || vu_done || at_done;
  assign fault_o[`LOCKSTEP_FAULT_VALID] = vu_err || at_err;
  assign fault_o[`LOCKSTEP_FAULT_CODE]  = vu_err ? vu_err_code : at_err_code;
  assign fault_o[`LOCKSTEP_FAULT_SLOT]  = {{(4-SLOT_BITS){1'b0}},
                                           vu_err ? vu_err_slot : at_err_slot};

  commit_port #(
    .SLOTS(SLOTS), .VLANES(VLANES)
  ) u_commit (
    .clk_i(clk_i), .rst_ni(rst_ni), .op_i(op), .pc_i(job_i[`LOCKSTEP_JOB_PC]),
    .layer_i(job_i[`LOCKSTEP_JOB_LAYER]),
    .row_valid_i(res_valid || offer_valid), .row_both_i(logit_both_o), .row_i(row),
    .row_slots_i(op_slots_i), .row_data_i(logit_data_o),
    .vec_valid_i(vcm_valid), .vec_slot_i(vcm_slot), .vec_index_i(vcm_index),
    .vec_count_i(vcm_count), .vec_data_i(vcm_data),
    .att_valid_i(acm_valid), .att_slot_i(acm_slot), .att_index_i(acm_index),
    .att_count_i(acm_count), .att_data_i(acm_data),
    .note_i(note_i), .commit_o(commit_o), .commit_data_o(commit_data_o)
  );

endmodule

`default_nettype wire
