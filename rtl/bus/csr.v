// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The programming model (docs/registers.md): AXI4-Lite slave, token FIFOs, the lists that the
// firmware reads, the counters and all registers but those of rtl/telemetry/telemetry.v, which sits
// beside.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module csr #(
  parameter LANES        = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS        = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS    = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHANNELS     = `LOCKSTEP_DEFAULT_CHANNELS,
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
  parameter LOGIT_WORDS  = `LOCKSTEP_DEFAULT_LOGIT_WORDS,
  parameter TELEMETRY    = `LOCKSTEP_DEFAULT_TELEMETRY
) (
  input  wire        clk_i,
  input  wire        bus_clk_i,   // clk_i; rests while nothing but the counters changes
  input  wire        rst_ni,

  input  wire [`LOCKSTEP_AXIL_IN_W-1:0]  axil_i,
  output wire [`LOCKSTEP_AXIL_OUT_W-1:0] axil_o,
  output wire                            irq_o,

  // Settings, control and status.
  output wire [`LOCKSTEP_SETTINGS_W-1:0] settings_o,
  output wire                            run_o,
  output wire                            validate_o,     // pulse
  output wire                            clear_o,        // pulse: soft reset
  output wire                            changed_o,      // pulse: what was validated was written
  input  wire [`LOCKSTEP_ENGINE_W-1:0]   engine_i,
  input  wire [3:0]                      state_i,        // enum STATE
  input  wire                            idle_i,         // pulse
  input  wire                            error_now_i,    // pulse
  input  wire [`LOCKSTEP_PLACE_W-1:0]    error_place_i,

  // Tokens and lists.
  output wire [`LOCKSTEP_IN_FIFO_W-1:0]  in_fifo_o,
  input  wire                            in_pop_i,
  input  wire [`LOCKSTEP_OUT_FIFO_W-1:0] out_fifo_i,
  output wire                            out_full_o,
  input  wire [`LOCKSTEP_LIST_W-1:0]     list_i,
  output wire [19:0]                     logit_addr_o,   // rtl/engine/logit_store.v
  input  wire [31:0]                     logit_i,

  // Stores and loader.
  output wire [`LOCKSTEP_STORE_W-1:0]    store_o,
  output wire [`LOCKSTEP_ROPE_INC_W-1:0] rope_o,
  output wire [`LOCKSTEP_LOAD_W-1:0]     load_o,
  input  wire                            load_ready_i,
  input  wire                            load_late_i,
  input  wire [`LOCKSTEP_LOADER_W-1:0]   loader_i,

  // Events.
  input  wire                            ev_pass_i,      // a pass begins
  input  wire                            ev_prefill_i,   // it holds a PROMPT token
  input  wire [`LOCKSTEP_EVENTS_W-1:0]   events_i,

  // rtl/telemetry/telemetry.v.
  output wire [`LOCKSTEP_BUS_W-1:0]      bus_o,
  input  wire                            telemetry_hit_i,
  input  wire [31:0]                     telemetry_rdata_i,
  input  wire                            throttled_i,
  output wire                            snapshot_o      // pulse: counters are latched
);

  // Register bus, and what each group of registers answers.
  wire        bus_valid, bus_write, bus_ready, bus_error;
  wire [15:0] bus_addr;
  wire [31:0] bus_wdata, bus_rdata;
  wire [3:0]  bus_wstrb;
  wire        status_hit, status_error, settings_hit, settings_error, counters_hit;
  wire        windows_hit, windows_ready, windows_error;
  wire [31:0] status_rdata, settings_rdata, counters_rdata, windows_rdata;
  wire        settings_changed, windows_changed;
  wire        busy   = engine_i[`LOCKSTEP_ENGINE_BUSY];
  wire        locked = run_o || busy;

  assign bus_ready    = windows_ready;
  wire        bus_access = bus_valid && bus_ready;
  wire        bus_we     = bus_access && bus_write;
  wire [31:0] bus_wmask  = {{8{bus_wstrb[3]}}, {8{bus_wstrb[2]}},
                            {8{bus_wstrb[1]}}, {8{bus_wstrb[0]}}};
  assign bus_o[`LOCKSTEP_BUS_VALID]  = bus_valid;
  assign bus_o[`LOCKSTEP_BUS_ACCESS] = bus_access;
  assign bus_o[`LOCKSTEP_BUS_WE]     = bus_we;
  assign bus_o[`LOCKSTEP_BUS_ADDR]   = bus_addr;
  assign bus_o[`LOCKSTEP_BUS_WDATA]  = bus_wdata;
  assign bus_o[`LOCKSTEP_BUS_WMASK]  = bus_wmask;
  assign bus_error = !(status_hit || settings_hit || counters_hit || windows_hit ||
                       telemetry_hit_i) ||
                     (bus_write && (status_error || settings_error || windows_error));
  assign bus_rdata = status_rdata | settings_rdata | windows_rdata |
                     telemetry_rdata_i | counters_rdata;
  assign changed_o = settings_changed || windows_changed;

  axil_slave u_bus (
    .clk_i            (bus_clk_i),
    .rst_ni           (rst_ni),
    .s_axil_awvalid_i (axil_i[`LOCKSTEP_AXIL_IN_AWVALID]),
    .s_axil_awready_o (axil_o[`LOCKSTEP_AXIL_OUT_AWREADY]),
    .s_axil_awaddr_i  (axil_i[`LOCKSTEP_AXIL_IN_AWADDR]),
    .s_axil_wvalid_i  (axil_i[`LOCKSTEP_AXIL_IN_WVALID]),
    .s_axil_wready_o  (axil_o[`LOCKSTEP_AXIL_OUT_WREADY]),
    .s_axil_wdata_i   (axil_i[`LOCKSTEP_AXIL_IN_WDATA]),
    .s_axil_wstrb_i   (axil_i[`LOCKSTEP_AXIL_IN_WSTRB]),
    .s_axil_bvalid_o  (axil_o[`LOCKSTEP_AXIL_OUT_BVALID]),
    .s_axil_bready_i  (axil_i[`LOCKSTEP_AXIL_IN_BREADY]),
    .s_axil_bresp_o   (axil_o[`LOCKSTEP_AXIL_OUT_BRESP]),
    .s_axil_arvalid_i (axil_i[`LOCKSTEP_AXIL_IN_ARVALID]),
    .s_axil_arready_o (axil_o[`LOCKSTEP_AXIL_OUT_ARREADY]),
    .s_axil_araddr_i  (axil_i[`LOCKSTEP_AXIL_IN_ARADDR]),
    .s_axil_rvalid_o  (axil_o[`LOCKSTEP_AXIL_OUT_RVALID]),
    .s_axil_rready_i  (axil_i[`LOCKSTEP_AXIL_IN_RREADY]),
    .s_axil_rdata_o   (axil_o[`LOCKSTEP_AXIL_OUT_RDATA]),
    .s_axil_rresp_o   (axil_o[`LOCKSTEP_AXIL_OUT_RRESP]),
    .bus_valid_o      (bus_valid),
    .bus_write_o      (bus_write),
    .bus_addr_o       (bus_addr),
    .bus_wdata_o      (bus_wdata),
    .bus_wstrb_o      (bus_wstrb),
    .bus_ready_i      (bus_ready),
    .bus_rdata_i      (bus_rdata),
    .bus_error_i      (bus_error)
  );

  wire        asked_snapshot, list_valid;
  wire [51:0] list_entry;
  wire        in_write, in_chosen, in_full, in_overflow, out_pop, out_empty, out_underflow, out_eog;
  wire        in_empty = in_fifo_o[`LOCKSTEP_IN_FIFO_EMPTY];
  wire [12:0] in_level = in_fifo_o[`LOCKSTEP_IN_FIFO_LEVEL];
  wire [31:0] out_word;
  wire [12:0] out_level;

  csr_status #(
    .LANES        (LANES),
    .SLOTS        (SLOTS),
    .PORT_BITS    (PORT_BITS),
    .CHANNELS     (CHANNELS),
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
    .LOGIT_WORDS  (LOGIT_WORDS),
    .TELEMETRY    (TELEMETRY)
  ) u_status (
    .clk_i           (bus_clk_i),
    .rst_ni          (rst_ni),
    .addr_i          (bus_addr),
    .valid_i         (bus_valid),
    .write_i         (bus_write),
    .wdata_i         (bus_wdata[3:0]),
    .wmask_i         (bus_wmask),
    .hit_o           (status_hit),
    .error_o         (status_error),
    .rdata_o         (status_rdata),
    .irq_o           (irq_o),
    .run_o           (run_o),
    .validate_o      (validate_o),
    .clear_o         (clear_o),
    .snapshot_o      (asked_snapshot),
    .engine_i        (engine_i),
    .error_place_i   (error_place_i),
    .throttled_i     (throttled_i),
    .eog_i           (out_eog),
    .loading_i       (loader_i[`LOCKSTEP_LOADER_BUSY]),
    .state_i         (state_i),
    .idle_i          (idle_i),
    .error_now_i     (error_now_i),
    .list_valid_i    (list_valid),
    .list_entry_i    (list_entry),
    .in_push_o       (in_write),
    .chosen_o        (in_chosen),
    .in_level_i      (in_level),
    .in_full_i       (in_full),
    .in_empty_i      (in_empty),
    .in_overflow_i   (in_overflow),
    .out_pop_o       (out_pop),
    .out_word_i      (out_word),
    .out_level_i     (out_level),
    .out_full_i      (out_full_o),
    .out_empty_i     (out_empty),
    .out_underflow_i (out_underflow)
  );

  csr_settings u_settings (
    .clk_i          (bus_clk_i),
    .rst_ni         (rst_ni),
    .valid_i        (bus_valid),
    .addr_i         (bus_addr),
    .write_i        (bus_we),
    .wdata_i        (bus_wdata),
    .wmask_i        (bus_wmask),
    .locked_i       (locked),
    .hit_o          (settings_hit),
    .error_o        (settings_error),
    .rdata_o        (settings_rdata),
    .changed_o      (settings_changed),
    .settings_o     (settings_o)
  );

  // A pass ends when its last token has been put out: then all it does has been counted.
  reg  choosing_q;
  wire choosing     = state_i == `LOCKSTEP_STATE_SAMPLE || state_i == `LOCKSTEP_STATE_PUSH;
  assign snapshot_o = asked_snapshot || (settings_o[`LOCKSTEP_SETTINGS_SNAPSHOT_AT] &&
                                         choosing_q && !choosing);
  always @(posedge clk_i) choosing_q <= choosing && !clear_o;

  csr_windows #(
    .UCODE_OPS (UCODE_OPS),
    .TENSORS   (TENSORS)
  ) u_windows (
    .clk_i          (bus_clk_i),
    .rst_ni         (rst_ni),
    .addr_i         (bus_addr),
    .valid_i        (bus_valid),
    .write_i        (bus_write),
    .wdata_i        (bus_wdata),
    .wmask_i        (bus_wmask),
    .locked_i       (locked),
    .hit_o          (windows_hit),
    .ready_o        (windows_ready),
    .error_o        (windows_error),
    .rdata_o        (windows_rdata),
    .changed_o      (windows_changed),
    .logit_addr_o   (logit_addr_o),
    .logit_i        (logit_i),
    .store_o        (store_o),
    .rope_o         (rope_o),
    .load_o         (load_o),
    .load_ready_i   (load_ready_i),
    .load_late_i    (load_late_i),
    .loader_i       (loader_i)
  );

  wire        out_push = out_fifo_i[`LOCKSTEP_OUT_FIFO_PUSH];
  wire [31:0] in_word  = in_fifo_o[`LOCKSTEP_IN_FIFO_WORD];
  wire [31:0] put_word = out_fifo_i[`LOCKSTEP_OUT_FIFO_WORD];

  counters u_counters (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_o),
    .valid_i     (bus_valid),
    .addr_i      (bus_addr),
    .hit_o       (counters_hit),
    .rdata_o     (counters_rdata),
    .snapshot_i  (snapshot_o),
    .busy_i      (busy),
    .prefill_i   (ev_prefill_i),
    .pass_i      (ev_pass_i),
    .token_in_i  (in_pop_i),
    .draft_in_i  (in_pop_i && in_word[`LOCKSTEP_IN_DRAFT]),
    .token_out_i (out_push),
    .draft_out_i (out_push && put_word[`LOCKSTEP_OUT_DRAFT]),
    .events_i    (events_i)
  );

  token_fifos #(
    .TOKEN_FIFO (TOKEN_FIFO)
  ) u_tokens (
    .clk_i           (bus_clk_i),
    .rst_ni          (rst_ni),
    .clear_i         (clear_o),
    .in_push_i       (in_write),
    .chosen_i        (in_chosen),
    .in_word_i       (bus_wdata),
    .in_pop_i        (in_pop_i),
    .in_fifo_o       (in_fifo_o),
    .in_full_o       (in_full),
    .in_overflow_o   (in_overflow),
    .out_fifo_i      (out_fifo_i),
    .out_pop_i       (out_pop),
    .out_word_o      (out_word),
    .out_level_o     (out_level),
    .out_full_o      (out_full_o),
    .out_empty_o     (out_empty),
    .out_underflow_o (out_underflow),
    .out_eog_o       (out_eog)
  );

  list_store #(.SEQS(SEQS)) u_lists (
    .clk_i      (bus_clk_i),
    .rst_ni     (rst_ni),
    .clear_i    (clear_o),
    .we_i       (list_i[`LOCKSTEP_LIST_WE]),
    .seq_i      (list_i[`LOCKSTEP_LIST_SEQ]),
    .rank_i     (list_i[`LOCKSTEP_LIST_RANK]),
    .entry_i    (list_i[`LOCKSTEP_LIST_ENTRY]),
    .rd_seq_i   (settings_o[`LOCKSTEP_SETTINGS_LIST_SEQ]),
    .rd_rank_i  (settings_o[`LOCKSTEP_SETTINGS_LIST_INDEX]),
    .rd_valid_o (list_valid),
    .rd_entry_o (list_entry)
  );

endmodule

`default_nettype wire
