// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The control half of the device: registers behind AXI4-Lite (docs/registers.md), the engine, the
// loader and the telemetry. The top joins it with the units of the datapath. Every unit is cleared
// by clear_o.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module control #(
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
  parameter UCODE_OPS   = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS     = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter TOKEN_FIFO  = `LOCKSTEP_DEFAULT_TOKEN_FIFO,
  parameter BEATS       = `LOCKSTEP_DEFAULT_BEATS,
  parameter LOGIT_WORDS = `LOCKSTEP_DEFAULT_LOGIT_WORDS,
  parameter TELEMETRY   = `LOCKSTEP_DEFAULT_TELEMETRY
) (
  input  wire                              clk_i,
  input  wire                              rst_ni,
  output wire                              clear_o,         // soft reset

  input  wire [`LOCKSTEP_AXIL_IN_W-1:0]    axil_i,
  output wire [`LOCKSTEP_AXIL_OUT_W-1:0]   axil_o,
  output wire                              irq_o,

  // Settings that units need, and increments of the rotation.
  output wire [`LOCKSTEP_SETTINGS_W-1:0]   settings_o,
  output wire [`LOCKSTEP_ROPE_INC_W-1:0]   rope_o,

  // Units: the job stays from op_start_o to op_done_i.
  output wire                              pass_start_o,    // pulse: the walk of a pass begins
  output wire                              op_start_o,
  output wire [`LOCKSTEP_JOB_W-1:0]        job_o,
  output wire [SLOTS-1:0]                  op_slots_o,
  input  wire                              op_done_i,
  input  wire [`LOCKSTEP_FAULT_W-1:0]      fault_i,
  output wire [SLOTS*16-1:0]               slot_pos_o,
  output wire [SLOTS*4-1:0]                slot_seq_o,
  output wire [SLOTS*20-1:0]               slot_token_o,
  input  wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_i,   // of ROUTE, a bit an expert

  // Weight port.
  output wire                              fetch_valid_o,
  input  wire                              fetch_ready_i,
  output wire [`LOCKSTEP_FETCH_W-1:0]      fetch_o,
  input  wire [`LOCKSTEP_PORT_FAULT_W-1:0] port_fault_i,

  // Results of LOGITS and OFFER.
  input  wire                              logit_valid_i,
  input  wire                              logit_both_i,
  input  wire [19:0]                       logit_row_i,
  input  wire [SLOTS*64-1:0]               logit_data_i,

  // Commits of the engine itself, events, power windows.
  output wire [`LOCKSTEP_NOTE_W-1:0]       note_o,
  input  wire [`LOCKSTEP_EVENTS_W-1:0]     events_i,
  output wire [`LOCKSTEP_POWER_W-1:0]      power_o,

  // Loader, AXI4 write manager: the burst, the same for every channel, and bits of each; the
  // members of m_write_i are as many times as wide.
  output wire [`LOCKSTEP_WRITE_OUT_W-1:0]  m_write_o,
  output wire [PORT_BITS/CHANNELS-1:0]     m_wdata_o,
  output wire [PORT_BITS/CHANNELS/8-1:0]   m_wstrb_o,
  output wire [CHANNELS-1:0]               m_awvalid_o,
  output wire [CHANNELS-1:0]               m_wvalid_o,
  output wire [CHANNELS-1:0]               m_bready_o,
  input  wire [CHANNELS*`LOCKSTEP_WRITE_IN_W-1:0] m_write_i
);

  wire        run, validate, changed, idle, error_now, in_pop, out_full, load_ready, load_late,
              load_err, ev_prefill, pace, rest, hold, hot, telemetry_hit, throttled, snapshot;
  wire [3:0]  state;
  wire [31:0] telemetry_rdata, logit;
  wire [19:0] logit_addr;
  wire [`LOCKSTEP_ENGINE_W-1:0]   engine;
  wire [`LOCKSTEP_PLACE_W-1:0]    error_place;
  wire [`LOCKSTEP_IN_FIFO_W-1:0]  in_fifo;
  wire [`LOCKSTEP_OUT_FIFO_W-1:0] out_fifo;
  wire [`LOCKSTEP_LIST_W-1:0]     list;
  wire [`LOCKSTEP_STORE_W-1:0]    store;
  wire [`LOCKSTEP_LOAD_W-1:0]     load;
  wire [`LOCKSTEP_LOADER_W-1:0]   loader_state;
  wire [`LOCKSTEP_BUS_W-1:0]      bus;

  // Registers, FIFOs, lists and loader sleep. They wake for an access, which the bus shows until
  // its answer has been taken; for what the engine puts into a FIFO or a list, takes out or
  // reports; for a soft reset and for what the loader has begun. What follows from that comes a
  // cycle later: the interrupt for token-out, the list entry that is read, the end of the loader's
  // error.
  wire bus_clk;
  wire bus_rests = axil_o[`LOCKSTEP_AXIL_OUT_AWREADY] && axil_o[`LOCKSTEP_AXIL_OUT_WREADY] &&
                   axil_o[`LOCKSTEP_AXIL_OUT_ARREADY] && !axil_o[`LOCKSTEP_AXIL_OUT_BVALID] &&
                   !axil_o[`LOCKSTEP_AXIL_OUT_RVALID] && !clear_o && !in_pop &&
                   !out_fifo[`LOCKSTEP_OUT_FIFO_PUSH] && !list[`LOCKSTEP_LIST_WE] && !idle &&
                   !error_now && !loader_state[`LOCKSTEP_LOADER_BUSY];
  clock_gate #(.HOLD(1)) u_bus_clock (
    .clk_i(clk_i), .rst_ni(rst_ni), .clk_o(bus_clk),
    .wake_i(!bus_rests || axil_i[`LOCKSTEP_AXIL_IN_AWVALID] || axil_i[`LOCKSTEP_AXIL_IN_WVALID] ||
            axil_i[`LOCKSTEP_AXIL_IN_ARVALID])
  );

  csr #(
    .LANES(LANES), .SLOTS(SLOTS), .PORT_BITS(PORT_BITS), .CHANNELS(CHANNELS), .VLANES(VLANES),
    .ACT_BITS(ACT_BITS), .ATTN_HEADS(ATTN_HEADS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS),
    .SEQS(SEQS), .UCODE_OPS(UCODE_OPS), .TENSORS(TENSORS), .CONTEXT_MAX(CONTEXT_MAX),
    .TOKEN_FIFO(TOKEN_FIFO), .BEATS(BEATS), .LOGIT_WORDS(LOGIT_WORDS), .TELEMETRY(TELEMETRY)
  ) u_csr (
    .clk_i(clk_i), .bus_clk_i(bus_clk), .rst_ni(rst_ni),
    .axil_i(axil_i), .axil_o(axil_o), .irq_o(irq_o), .settings_o(settings_o),
    .run_o(run), .validate_o(validate), .clear_o(clear_o), .changed_o(changed), .engine_i(engine),
    .state_i(state), .idle_i(idle), .error_now_i(error_now), .error_place_i(error_place),
    .in_fifo_o(in_fifo), .in_pop_i(in_pop), .out_fifo_i(out_fifo), .out_full_o(out_full),
    .list_i(list), .logit_addr_o(logit_addr), .logit_i(logit),
    .store_o(store), .rope_o(rope_o), .load_o(load), .load_ready_i(load_ready),
    .load_late_i(load_late), .loader_i(loader_state),
    .ev_pass_i(pass_start_o), .ev_prefill_i(ev_prefill), .events_i(events_i),
    .bus_o(bus), .telemetry_hit_i(telemetry_hit), .telemetry_rdata_i(telemetry_rdata),
    .throttled_i(throttled), .snapshot_o(snapshot)
  );

  engine #(
    .SLOTS(SLOTS), .KV_WORDS(KV_WORDS), .VEC_WORDS(VEC_WORDS), .SEQS(SEQS),
    .UCODE_OPS(UCODE_OPS), .TENSORS(TENSORS), .CONTEXT_MAX(CONTEXT_MAX)
  ) u_engine (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_o), .settings_i(settings_o),
    .run_i(run), .validate_i(validate), .changed_i(changed), .engine_o(engine), .state_o(state),
    .idle_o(idle), .error_now_o(error_now), .error_place_o(error_place),
    .in_fifo_i(in_fifo), .in_pop_o(in_pop), .out_fifo_o(out_fifo), .out_full_i(out_full),
    .list_o(list), .store_i(store), .load_err_i(load_err),
    .op_start_o(op_start_o), .job_o(job_o), .op_slots_o(op_slots_o), .op_done_i(op_done_i),
    .fault_i(fault_i), .slot_pos_o(slot_pos_o), .slot_seq_o(slot_seq_o),
    .slot_token_o(slot_token_o), .choice_i(choice_i),
    .fetch_valid_o(fetch_valid_o), .fetch_ready_i(fetch_ready_i), .fetch_o(fetch_o),
    .port_fault_i(port_fault_i), .logit_valid_i(logit_valid_i),
    .logit_both_i(logit_both_i), .logit_row_i(logit_row_i),
    .logit_data_i(logit_data_i), .note_o(note_o),
    .pace_i(pace), .rest_i(rest), .wait_i(hold), .hot_i(hot), .ev_pass_o(pass_start_o),
    .ev_prefill_o(ev_prefill)
  );

  logit_store #(
    .SLOTS(SLOTS), .SEQS(SEQS), .WORDS(LOGIT_WORDS)
  ) u_logits (
    .clk_i(clk_i), .bus_clk_i(bus_clk), .rst_ni(rst_ni), .clear_i(clear_o),
    .start_i(pass_start_o), .keep_i(settings_o[`LOCKSTEP_SETTINGS_LOGITS]),
    .logit_valid_i(logit_valid_i), .slots_i(op_slots_o), .logit_both_i(logit_both_i),
    .logit_row_i(logit_row_i), .logit_data_i(logit_data_i), .list_i(list),
    .vocab_i(settings_o[`LOCKSTEP_SETTINGS_VOCAB]),
    .rd_seq_i(settings_o[`LOCKSTEP_SETTINGS_LIST_SEQ]), .rd_token_i(logit_addr), .rd_logit_o(logit)
  );

  wire [31:0] in_word = in_fifo[`LOCKSTEP_IN_FIFO_WORD];

  generate
    if (TELEMETRY != 0) begin : g_telemetry
      telemetry u_telemetry (
        .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_o), .bus_i(bus), .hit_o(telemetry_hit),
        .rdata_o(telemetry_rdata), .snapshot_i(snapshot),
        .busy_i(engine[`LOCKSTEP_ENGINE_BUSY]), .state_i(state), .op_start_i(op_start_o),
        .op_done_i(op_done_i), .job_i(job_o), .pass_i(pass_start_o),
        .token_i(out_fifo[`LOCKSTEP_OUT_FIFO_PUSH]),
        .prompt_i(in_pop && in_word[`LOCKSTEP_IN_FIRST]), .events_i(events_i),
        .throttled_o(throttled), .pace_o(pace), .rest_o(rest), .wait_o(hold), .hot_o(hot),
        .power_o(power_o)
      );
    end else begin : g_no_telemetry
      assign {telemetry_hit, telemetry_rdata, throttled, pace, hold, hot} = 37'd0;
      assign rest    = 1'b1;
      assign power_o[`LOCKSTEP_POWER_PACE]        = 8'd1;   // none
      assign power_o[`LOCKSTEP_POWER_DIE]         = 32'd0;
      assign power_o[`LOCKSTEP_POWER_PACKAGE]     = 32'd0;
      assign power_o[`LOCKSTEP_POWER_PART_ENERGY] = 64'd0;
      assign power_o[`LOCKSTEP_POWER_PART_UNIT]   = 3'd0;
      assign {power_o[`LOCKSTEP_POWER_PART_VALID], power_o[`LOCKSTEP_POWER_WINDOW_VALID]} = 2'd0;
      wire unused = &{1'b0, bus, snapshot, in_word, events_i};
    end
  endgenerate

  wire [CHANNELS-1:0]   awready, wready, bvalid;
  wire [2*CHANNELS-1:0] bresp;
  assign {wready, awready, bvalid, bresp} = m_write_i;

  loader #(
    .PORT_BITS(PORT_BITS), .CHANNELS(CHANNELS)
  ) u_loader (
    .clk_i(bus_clk), .rst_ni(rst_ni), .clear_i(clear_o),
    .timeout_i(settings_o[`LOCKSTEP_SETTINGS_PORT_TIMEOUT]),
    .load_i(load), .load_ready_o(load_ready), .load_late_o(load_late), .loader_o(loader_state),
    .err_o(load_err),
    .m_axi_awvalid_o(m_awvalid_o), .m_axi_awready_i(awready),
    .m_axi_awaddr_o(m_write_o[`LOCKSTEP_WRITE_OUT_ADDR]),
    .m_axi_awlen_o(m_write_o[`LOCKSTEP_WRITE_OUT_LEN]),
    .m_axi_awsize_o(m_write_o[`LOCKSTEP_WRITE_OUT_SIZE]),
    .m_axi_awburst_o(m_write_o[`LOCKSTEP_WRITE_OUT_BURST]),
    .m_axi_wvalid_o(m_wvalid_o), .m_axi_wready_i(wready), .m_axi_wdata_o(m_wdata_o),
    .m_axi_wstrb_o(m_wstrb_o), .m_axi_wlast_o(m_write_o[`LOCKSTEP_WRITE_OUT_LAST]),
    .m_axi_bvalid_i(bvalid), .m_axi_bready_o(m_bready_o), .m_axi_bresp_i(bresp)
  );

endmodule

`default_nettype wire
