// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The programming model (docs/registers.md): AXI4-Lite slave, both token FIFOs, the lists that the
// firmware reads, the counters and all registers but those of rtl/telemetry/telemetry.v, which sits
// beside.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module csr #(
  parameter LANES        = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS        = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS    = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter VLANES       = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS     = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS   = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter KV_WORDS     = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS    = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS         = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS    = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS      = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX  = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter TOKEN_FIFO   = `LOCKSTEP_DEFAULT_TOKEN_FIFO,
  parameter BEATS        = `LOCKSTEP_DEFAULT_BEATS,
  parameter TELEMETRY    = `LOCKSTEP_DEFAULT_TELEMETRY
) (
  input  wire        clk_i,
  input  wire        rst_ni,

  input  wire        s_axil_awvalid_i,
  output wire        s_axil_awready_o,
  input  wire [15:0] s_axil_awaddr_i,
  input  wire        s_axil_wvalid_i,
  output wire        s_axil_wready_o,
  input  wire [31:0] s_axil_wdata_i,
  input  wire [3:0]  s_axil_wstrb_i,
  output wire        s_axil_bvalid_o,
  input  wire        s_axil_bready_i,
  output wire [1:0]  s_axil_bresp_o,
  input  wire        s_axil_arvalid_i,
  output wire        s_axil_arready_o,
  input  wire [15:0] s_axil_araddr_i,
  output wire        s_axil_rvalid_o,
  input  wire        s_axil_rready_i,
  output wire [31:0] s_axil_rdata_o,
  output wire [1:0]  s_axil_rresp_o,
  output wire        irq_o,

  // Settings.
  output wire [7:0]  n_layers_o,
  output wire [7:0]  n_heads_o,
  output wire [7:0]  n_kv_heads_o,
  output wire [8:0]  head_dim_o,
  output wire [8:0]  n_rot_o,
  output wire [15:0] context_o,
  output wire [4:0]  n_seqs_o,
  output wire [31:0] attn_scale_o,
  output wire [15:0] stride_o,
  output wire [19:0] vocab_o,
  output wire [31:0] budget_o,
  output wire [15:0] start_pos_o,
  output wire [6:0]  topk_o,
  output wire [7:0]  pass_slots_o,
  output wire [31:0] port_timeout_o,
  output wire [83:0] eog_o,

  // Control and status.
  output wire        run_o,
  output wire        validate_o,   // pulse
  output wire        clear_o,   // pulse: soft reset
  output wire        changed_o,   // pulse: program, tensors or geometry written
  input  wire        busy_i,
  input  wire        model_ready_i,
  input  wire [3:0]  state_i,
  input  wire        idle_i,   // pulse
  input  wire        error_i,
  input  wire        error_now_i,   // pulse
  input  wire [7:0]  error_code_i,
  input  wire [7:0]  error_pc_i,
  input  wire [7:0]  error_layer_i,
  input  wire [3:0]  error_slot_i,
  input  wire [15:0] error_tensor_i,

  // Tokens and lists.
  output wire        in_push_o,   // a word goes into token-in, with
  output wire        in_push_last_o,   // its LAST
  output wire [31:0] in_word_o,   // the oldest word
  output wire        in_empty_o,
  output wire [12:0] in_level_o,
  input  wire        in_pop_i,
  output wire        out_full_o,
  input  wire        out_push_i,
  input  wire [31:0] out_word_i,
  input  wire        listed_i,   // a list waits for a choice
  input  wire        list_we_i,
  input  wire [3:0]  list_seq_i,
  input  wire [5:0]  list_rank_i,
  input  wire [51:0] list_entry_i,   // {id, logit}

  // Stores and loader.
  output wire        ucode_we_o,
  output wire [15:0] ucode_addr_o,
  output wire        tensor_we_o,
  output wire [15:0] tensor_addr_o,
  output wire        rope_we_o,   // rotation increments
  output wire [6:0]  rope_pair_o,
  output wire [47:0] rope_inc_o,
  output wire [31:0] store_data_o,
  output wire        load_valid_o,
  output wire [1:0]  load_cmd_o,
  output wire [31:0] load_data_o,
  input  wire        load_ready_i,
  input  wire [39:0] load_addr_i,
  input  wire        load_busy_i,
  input  wire        load_pending_i,
  input  wire [31:0] load_crc_i,

  // Events.
  input  wire        ev_prefill_i,   // the pass holds a PROMPT token
  input  wire [19:0] ev_macs_i,   // multiply-accumulates in this cycle
  input  wire        ev_beat_i,   // beat taken from the weight port
  input  wire        ev_stall_i,   // dot array waited for weights
  input  wire        ev_pass_i,   // pass begun
  input  wire [7:0]  ev_kv_reads_i,   // words in this cycle
  input  wire [7:0]  ev_kv_writes_i,

  // Register bus to rtl/telemetry/telemetry.v; wmask has the bits of the bytes that are written.
  output wire        bus_valid_o,
  output wire        bus_access_o,     // pulse: a register is read or written
  output wire        bus_we_o,         // pulse
  output wire [15:0] bus_addr_o,
  output wire [31:0] bus_wdata_o,
  output wire [31:0] bus_wmask_o,
  input  wire        telemetry_hit_i,
  input  wire [31:0] telemetry_rdata_i,
  input  wire        throttled_i,
  output wire        snapshot_o        // pulse: counters are latched
);

  // Register bus, and what each group of registers answers.
  wire        bus_write, bus_ready, bus_error;
  wire [31:0] bus_rdata;
  wire [3:0]  bus_wstrb;
  wire        status_hit, status_error, settings_hit, settings_error, counters_hit;
  wire        windows_hit, windows_ready, windows_error;
  wire [31:0] status_rdata, settings_rdata, counters_rdata, windows_rdata;
  wire        settings_changed, windows_changed;
  wire        locked = run_o || busy_i;

  assign bus_ready    = windows_ready;
  assign bus_access_o = bus_valid_o && bus_ready;
  assign bus_we_o     = bus_access_o && bus_write;
  assign bus_wmask_o  = {{8{bus_wstrb[3]}}, {8{bus_wstrb[2]}},
                         {8{bus_wstrb[1]}}, {8{bus_wstrb[0]}}};
  assign bus_error = !(status_hit || settings_hit || counters_hit || windows_hit ||
                       telemetry_hit_i) ||
                     (bus_write && (status_error || settings_error || windows_error));
  assign bus_rdata = status_rdata | settings_rdata | windows_rdata |
                     telemetry_rdata_i | counters_rdata;
  assign changed_o = settings_changed || windows_changed;

  axil_slave u_bus (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .s_axil_awvalid_i (s_axil_awvalid_i),
    .s_axil_awready_o (s_axil_awready_o),
    .s_axil_awaddr_i  (s_axil_awaddr_i),
    .s_axil_wvalid_i  (s_axil_wvalid_i),
    .s_axil_wready_o  (s_axil_wready_o),
    .s_axil_wdata_i   (s_axil_wdata_i),
    .s_axil_wstrb_i   (s_axil_wstrb_i),
    .s_axil_bvalid_o  (s_axil_bvalid_o),
    .s_axil_bready_i  (s_axil_bready_i),
    .s_axil_bresp_o   (s_axil_bresp_o),
    .s_axil_arvalid_i (s_axil_arvalid_i),
    .s_axil_arready_o (s_axil_arready_o),
    .s_axil_araddr_i  (s_axil_araddr_i),
    .s_axil_rvalid_o  (s_axil_rvalid_o),
    .s_axil_rready_i  (s_axil_rready_i),
    .s_axil_rdata_o   (s_axil_rdata_o),
    .s_axil_rresp_o   (s_axil_rresp_o),
    .bus_valid_o      (bus_valid_o),
    .bus_write_o      (bus_write),
    .bus_addr_o       (bus_addr_o),
    .bus_wdata_o      (bus_wdata_o),
    .bus_wstrb_o      (bus_wstrb),
    .bus_ready_i      (bus_ready),
    .bus_rdata_i      (bus_rdata),
    .bus_error_i      (bus_error)
  );

  wire        asked_snapshot, pass_snapshot, list_valid;
  wire [3:0]  list_seq;
  wire [5:0]  list_index;
  wire [51:0] list_entry;
  wire        in_write, in_full, in_overflow, out_pop, out_empty, out_underflow;
  wire        unused_in, unused_out;
  wire [31:0] out_word;
  wire [12:0] out_level;
  reg         eog_q;   // the last token put out was an end of generation

  csr_status #(
    .LANES        (LANES),
    .SLOTS        (SLOTS),
    .PORT_BITS    (PORT_BITS),
    .VLANES       (VLANES),
    .ACT_BITS     (ACT_BITS),
    .ATTN_HEADS   (ATTN_HEADS),
    .KV_WORDS     (KV_WORDS),
    .VEC_WORDS    (VEC_WORDS),
    .SEQS         (SEQS),
    .UCODE_OPS    (UCODE_OPS),
    .TENSORS      (TENSORS),
    .CONTEXT_MAX  (CONTEXT_MAX),
    .TOKEN_FIFO   (TOKEN_FIFO),
    .BEATS        (BEATS),
    .TELEMETRY    (TELEMETRY)
  ) u_status (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .addr_i          (bus_addr_o),
    .valid_i         (bus_valid_o),
    .write_i         (bus_write),
    .wdata_i         (bus_wdata_o[3:0]),
    .wmask_i         (bus_wmask_o),
    .hit_o           (status_hit),
    .error_o         (status_error),
    .rdata_o         (status_rdata),
    .irq_o           (irq_o),
    .run_o           (run_o),
    .validate_o      (validate_o),
    .clear_o         (clear_o),
    .snapshot_o      (asked_snapshot),
    .busy_i          (busy_i),
    .throttled_i     (throttled_i),
    .model_ready_i   (model_ready_i),
    .eog_i           (eog_q),
    .listed_i        (listed_i),
    .loading_i       (load_busy_i),
    .state_i         (state_i),
    .idle_i          (idle_i),
    .error_i         (error_i),
    .error_now_i     (error_now_i),
    .error_code_i    (error_code_i),
    .error_pc_i      (error_pc_i),
    .error_layer_i   (error_layer_i),
    .error_slot_i    (error_slot_i),
    .error_tensor_i  (error_tensor_i),
    .list_valid_i    (list_valid),
    .list_entry_i    (list_entry),
    .in_push_o       (in_write),
    .in_level_i      (in_level_o),
    .in_full_i       (in_full),
    .in_empty_i      (in_empty_o),
    .in_overflow_i   (in_overflow),
    .out_pop_o       (out_pop),
    .out_word_i      (out_word),
    .out_level_i     (out_level),
    .out_full_i      (out_full_o),
    .out_empty_i     (out_empty),
    .out_underflow_i (out_underflow)
  );

  csr_settings u_settings (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .valid_i        (bus_valid_o),
    .addr_i         (bus_addr_o),
    .write_i        (bus_we_o),
    .wdata_i        (bus_wdata_o),
    .wmask_i        (bus_wmask_o),
    .locked_i       (locked),
    .hit_o          (settings_hit),
    .error_o        (settings_error),
    .rdata_o        (settings_rdata),
    .changed_o      (settings_changed),
    .n_layers_o     (n_layers_o),
    .n_heads_o      (n_heads_o),
    .n_kv_heads_o   (n_kv_heads_o),
    .head_dim_o     (head_dim_o),
    .n_rot_o        (n_rot_o),
    .context_o      (context_o),
    .n_seqs_o       (n_seqs_o),
    .attn_scale_o   (attn_scale_o),
    .stride_o       (stride_o),
    .vocab_o        (vocab_o),
    .budget_o       (budget_o),
    .start_pos_o    (start_pos_o),
    .topk_o         (topk_o),
    .pass_slots_o   (pass_slots_o),
    .port_timeout_o (port_timeout_o),
    .eog_o          (eog_o),
    .pass_snapshot_o (pass_snapshot),
    .list_seq_o     (list_seq),
    .list_index_o   (list_index)
  );

  // A pass ends when its last token has been put out: then all it does has been counted.
  reg  choosing_q;
  wire choosing     = state_i == `LOCKSTEP_STATE_SAMPLE || state_i == `LOCKSTEP_STATE_PUSH;
  assign snapshot_o = asked_snapshot || (pass_snapshot && choosing_q && !choosing);
  always @(posedge clk_i)
    if (!rst_ni)
      choosing_q <= 1'b0;
    else
      choosing_q <= choosing && !clear_o;

  csr_windows #(
    .UCODE_OPS (UCODE_OPS),
    .TENSORS   (TENSORS)
  ) u_windows (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .addr_i         (bus_addr_o),
    .valid_i        (bus_valid_o),
    .write_i        (bus_write),
    .wdata_i        (bus_wdata_o),
    .wmask_i        (bus_wmask_o),
    .locked_i       (locked),
    .hit_o          (windows_hit),
    .ready_o        (windows_ready),
    .error_o        (windows_error),
    .rdata_o        (windows_rdata),
    .changed_o      (windows_changed),
    .ucode_we_o     (ucode_we_o),
    .ucode_addr_o   (ucode_addr_o),
    .tensor_we_o    (tensor_we_o),
    .tensor_addr_o  (tensor_addr_o),
    .rope_we_o      (rope_we_o),
    .rope_pair_o    (rope_pair_o),
    .rope_inc_o     (rope_inc_o),
    .data_o         (store_data_o),
    .load_valid_o   (load_valid_o),
    .load_cmd_o     (load_cmd_o),
    .load_data_o    (load_data_o),
    .load_ready_i   (load_ready_i),
    .load_addr_i    (load_addr_i),
    .load_busy_i    (load_busy_i),
    .load_pending_i (load_pending_i),
    .load_crc_i     (load_crc_i)
  );

  counters u_counters (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_o),
    .valid_i     (bus_valid_o),
    .addr_i      (bus_addr_o),
    .hit_o       (counters_hit),
    .rdata_o     (counters_rdata),
    .snapshot_i  (snapshot_o),
    .busy_i      (busy_i),
    .prefill_i   (ev_prefill_i),
    .macs_i      (ev_macs_i),
    .beat_i      (ev_beat_i),
    .stall_i     (ev_stall_i),
    .pass_i      (ev_pass_i),
    .token_in_i  (in_pop_i),
    .token_out_i (out_push_i),
    .kv_reads_i  (ev_kv_reads_i),
    .kv_writes_i (ev_kv_writes_i)
  );

  // A word that token-in has no room for is not counted.
  assign in_push_o      = in_write && !in_full;
  assign in_push_last_o = bus_wdata_o[`LOCKSTEP_IN_LAST];

  sync_fifo #(.WIDTH(32), .DEPTH(TOKEN_FIFO)) u_token_in (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_o),
    .push_i      (in_write),
    .data_i      (bus_wdata_o),
    .pop_i       (in_pop_i),
    .data_o      (in_word_o),
    .level_o     (in_level_o),
    .full_o      (in_full),
    .empty_o     (in_empty_o),
    .overflow_o  (in_overflow),
    .underflow_o (unused_in)
  );

  sync_fifo #(.WIDTH(32), .DEPTH(TOKEN_FIFO)) u_token_out (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_o),
    .push_i      (out_push_i),
    .data_i      (out_word_i),
    .pop_i       (out_pop),
    .data_o      (out_word),
    .level_o     (out_level),
    .full_o      (out_full_o),
    .empty_o     (out_empty),
    .overflow_o  (unused_out),
    .underflow_o (out_underflow)
  );

  list_store #(.SEQS(SEQS)) u_lists (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clear_i    (clear_o),
    .we_i       (list_we_i),
    .seq_i      (list_seq_i),
    .rank_i     (list_rank_i),
    .entry_i    (list_entry_i),
    .rd_seq_i   (list_seq),
    .rd_rank_i  (list_index),
    .rd_valid_o (list_valid),
    .rd_entry_o (list_entry)
  );

  always @(posedge clk_i)
    if (!rst_ni)
      eog_q <= 1'b0;
    else if (clear_o)
      eog_q <= 1'b0;
    else if (out_push_i)
      eog_q <= out_word_i[`LOCKSTEP_OUT_EOG];

  wire unused = &{1'b0, unused_in, unused_out};

endmodule

`default_nettype wire
