// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The token-loop engine: pass former, microcode and what walks over it, the sequencer that starts
// one unit at a time, and the choice of tokens.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module engine #(
  parameter SLOTS       = `LOCKSTEP_DEFAULT_SLOTS,
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS   = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS   = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS     = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX
) (
  input  wire                               clk_i,
  input  wire                               rst_ni,
  input  wire                               clear_i,        // soft reset
  input  wire [`LOCKSTEP_SETTINGS_W-1:0]    settings_i,

  // Control and status.
  input  wire                               run_i,
  input  wire                               validate_i,     // pulse
  input  wire                               changed_i,      // pulse: what was validated was written
  output wire [`LOCKSTEP_ENGINE_W-1:0]      engine_o,
  output wire [3:0]                         state_o,        // enum STATE
  output wire                               idle_o,         // pulse
  output wire                               error_now_o,    // pulse
  output wire [`LOCKSTEP_PLACE_W-1:0]       error_place_o,

  // Tokens and lists.
  input  wire [`LOCKSTEP_IN_FIFO_W-1:0]     in_fifo_i,
  output wire                               in_pop_o,
  output wire [`LOCKSTEP_OUT_FIFO_W-1:0]    out_fifo_o,
  input  wire                               out_full_i,
  output wire [`LOCKSTEP_LIST_W-1:0]        list_o,

  // Stores.
  input  wire [`LOCKSTEP_STORE_W-1:0]       store_i,
  input  wire                               load_err_i,     // the loader failed

  // Units: the job stays from op_start_o to op_done_i.
  output wire                               op_start_o,
  output wire [`LOCKSTEP_JOB_W-1:0]         job_o,
  output wire [SLOTS-1:0]                   op_slots_o,
  input  wire                               op_done_i,
  input  wire [`LOCKSTEP_FAULT_W-1:0]       fault_i,
  output wire [SLOTS*16-1:0]                slot_pos_o,
  output wire [SLOTS*4-1:0]                 slot_seq_o,
  output wire [SLOTS*20-1:0]                slot_token_o,
  input  wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_i,   // of ROUTE, a bit an expert

  // Weight port.
  output wire                               fetch_valid_o,
  input  wire                               fetch_ready_i,
  output wire [`LOCKSTEP_FETCH_W-1:0]       fetch_o,
  input  wire [`LOCKSTEP_PORT_FAULT_W-1:0]  port_fault_i,

  // Results of LOGITS and OFFER.
  input  wire                               logit_valid_i,
  input  wire                               logit_both_i,
  input  wire [19:0]                        logit_row_i,
  input  wire [SLOTS*64-1:0]                logit_data_i,

  // Commits of the engine itself: PASS (token, position, sequence) and SAMPLE (id, logit).
  output wire [`LOCKSTEP_NOTE_W-1:0]        note_o,

  // Throttle, see rtl/telemetry/throttle.v.
  input  wire                               pace_i,
  input  wire                               rest_i,
  input  wire                               wait_i,
  input  wire                               hot_i,

  output wire                               ev_pass_o,
  output wire                               ev_prefill_o
);

  // While a unit works the engine waits, and sleeps: it wakes for what ends the op or is an error,
  // for logits, for what the host writes, and while there is something to fetch that the weight
  // port takes.
  wire clk, fetch_busy, fetch_waits;
  clock_gate #(.HOLD(1)) u_clock (
    .clk_i(clk_i), .rst_ni(rst_ni), .clk_o(clk),
    .wake_i(state_o != `LOCKSTEP_STATE_EXECUTE || op_done_i || clear_i ||
            fault_i[`LOCKSTEP_FAULT_VALID] || port_fault_i[`LOCKSTEP_PORT_FAULT_VALID] ||
            load_err_i || validate_i || changed_i || in_fifo_i[`LOCKSTEP_IN_FIFO_PUSH] ||
            logit_valid_i ||
            (fetch_busy && !fetch_waits && (fetch_ready_i || !fetch_valid_o)))
  );

  // The pass.
  wire               form_ready, form_start, form_done, form_err;
  wire [7:0]         form_err_code;
  wire [3:0]         form_err_slot;
  wire [SLOTS-1:0]   slots, want, draft;
  wire               pass_valid;
  wire [3:0]         pass_slot;
  wire [95:0]        pass_data;
  wire [3:0]         go_slot;
  wire               go_spent, go_full, go_valid, go_on, go_list;
  wire [19:0]        go_token;
  wire               halt, listed;

  pass_former #(
    .SLOTS (SLOTS),
    .SEQS  (SEQS)
  ) u_former (
    .clk_i          (clk),
    .rst_ni         (rst_ni),
    .clear_i        (clear_i),
    .settings_i     (settings_i),
    .in_fifo_i      (in_fifo_i),
    .in_pop_o       (in_pop_o),
    .ready_o        (form_ready),
    .start_i        (form_start),
    .done_o         (form_done),
    .err_o          (form_err),
    .err_code_o     (form_err_code),
    .err_slot_o     (form_err_slot),
    .prefill_o      (ev_prefill_o),
    .slots_o        (slots),
    .want_o         (want),
    .draft_o        (draft),
    .slot_pos_o     (slot_pos_o),
    .slot_seq_o     (slot_seq_o),
    .slot_token_o   (slot_token_o),
    .cm_valid_o     (pass_valid),
    .cm_slot_o      (pass_slot),
    .cm_data_o      (pass_data),
    .go_slot_i      (go_slot),
    .go_spent_o     (go_spent),
    .go_full_o      (go_full),
    .go_valid_i     (go_valid),
    .go_on_i        (go_on),
    .go_token_i     (go_token),
    .go_list_i      (go_list),
    .listed_o       (listed)
  );

  wire pass_start, check_start, check_done, walk_valid, walk_next, walk_done;
  wire [`LOCKSTEP_PLACE_W-1:0] check_place;

  microcode #(
    .SLOTS        (SLOTS),
    .KV_WORDS     (KV_WORDS),
    .VEC_WORDS    (VEC_WORDS),
    .SEQS         (SEQS),
    .UCODE_OPS    (UCODE_OPS),
    .TENSORS      (TENSORS),
    .CONTEXT_MAX  (CONTEXT_MAX)
  ) u_microcode (
    .clk_i         (clk),
    .rst_ni        (rst_ni),
    .clear_i       (clear_i),
    .settings_i    (settings_i),
    .store_i       (store_i),
    .check_start_i (check_start),
    .check_done_o  (check_done),
    .check_place_o (check_place),
    .pass_start_i  (pass_start),
    .halt_i        (halt),
    .slots_i       (slots),
    .want_i        (want),
    .slot_token_i  (slot_token_o),
    .slot_pos_i    (slot_pos_o),
    .choice_i      (choice_i),
    .walk_done_o   (walk_done),
    .op_valid_o    (walk_valid),
    .op_next_i     (walk_next),
    .job_o         (job_o),
    .op_slots_o    (op_slots_o),
    .fetch_busy_o  (fetch_busy),
    .fetch_waits_o (fetch_waits),
    .fetch_valid_o (fetch_valid_o),
    .fetch_ready_i (fetch_ready_i),
    .fetch_o       (fetch_o)
  );

  // These are watched by name: sim/device/probes.vlt, waves/.
  wire [5:0]  op         = job_o[`LOCKSTEP_JOB_OP];
  wire [7:0]  op_pc      = job_o[`LOCKSTEP_JOB_PC];
  wire [7:0]  op_layer   = job_o[`LOCKSTEP_JOB_LAYER];
  wire [15:0] op_tensor  = job_o[`LOCKSTEP_JOB_TENSOR];
  wire [7:0]  op_type    = job_o[`LOCKSTEP_JOB_TYPE];
  wire [7:0]  error_code = error_place_o[`LOCKSTEP_PLACE_CODE];

  wire emit_start, emit_done, emit_pushing, busy, model_ready, error;

  assign engine_o[`LOCKSTEP_ENGINE_BUSY]        = busy;
  assign engine_o[`LOCKSTEP_ENGINE_MODEL_READY] = model_ready;
  assign engine_o[`LOCKSTEP_ENGINE_ERROR]       = error;
  assign engine_o[`LOCKSTEP_ENGINE_LISTED]      = listed;

  sequencer u_sequencer (
    .clk_i           (clk),
    .rst_ni          (rst_ni),
    .clear_i         (clear_i),
    .run_i           (run_i),
    .validate_i      (validate_i),
    .changed_i       (changed_i),
    .busy_o          (busy),
    .model_ready_o   (model_ready),
    .state_o         (state_o),
    .idle_o          (idle_o),
    .error_o         (error),
    .error_now_o     (error_now_o),
    .error_place_o   (error_place_o),
    .check_start_o   (check_start),
    .check_done_i    (check_done),
    .check_place_i   (check_place),
    .form_ready_i    (form_ready),
    .form_start_o    (form_start),
    .form_done_i     (form_done),
    .form_err_i      (form_err),
    .form_err_code_i (form_err_code),
    .form_err_slot_i (form_err_slot),
    .pass_start_o    (pass_start),
    .halt_o          (halt),
    .fetch_busy_i    (fetch_busy),
    .walk_done_i     (walk_done),
    .walk_valid_i    (walk_valid),
    .walk_next_o     (walk_next),
    .walk_pc_i       (op_pc),
    .walk_layer_i    (op_layer),
    .walk_tensor_i   (op_tensor),
    .emit_start_o    (emit_start),
    .emit_done_i     (emit_done),
    .emit_pushing_i  (emit_pushing),
    .pace_i          (pace_i),
    .rest_i          (rest_i),
    .wait_i          (wait_i),
    .hot_i           (hot_i),
    .op_start_o      (op_start_o),
    .op_done_i       (op_done_i),
    .fault_i         (fault_i),
    .port_fault_i    (port_fault_i),
    .load_err_i      (load_err_i)
  );

  wire        sample_valid;
  wire [3:0]  sample_slot;
  wire [19:0] sample_index;
  wire [63:0] sample_data;

  token_choice #(
    .SLOTS (SLOTS)
  ) u_choice (
    .clk_i          (clk),
    .rst_ni         (rst_ni),
    .halt_i         (halt),
    .settings_i     (settings_i),
    .pass_start_i   (pass_start),
    .op_slots_i     (op_slots_o),
    .logit_valid_i  (logit_valid_i),
    .logit_both_i   (logit_both_i),
    .logit_row_i    (logit_row_i),
    .logit_data_i   (logit_data_i),
    .emit_start_i   (emit_start),
    .emit_done_o    (emit_done),
    .emit_pushing_o (emit_pushing),
    .want_i         (want),
    .draft_i        (draft),
    .slot_token_i   (slot_token_o),
    .chosen_i       (in_fifo_i[`LOCKSTEP_IN_FIFO_CHOSEN]),
    .choice_i       (in_fifo_i[`LOCKSTEP_IN_FIFO_CHOICE]),
    .slot_seq_i     (slot_seq_o),
    .out_full_i     (out_full_i),
    .out_fifo_o     (out_fifo_o),
    .list_o         (list_o),
    .cm_valid_o     (sample_valid),
    .cm_slot_o      (sample_slot),
    .cm_index_o     (sample_index),
    .cm_data_o      (sample_data),
    .go_slot_o      (go_slot),
    .go_spent_i     (go_spent),
    .go_full_i      (go_full),
    .go_valid_o     (go_valid),
    .go_on_o        (go_on),
    .go_list_o      (go_list),
    .go_token_o     (go_token)
  );

  assign note_o[`LOCKSTEP_NOTE_VALID] = pass_valid || sample_valid;
  assign note_o[`LOCKSTEP_NOTE_OP]    = pass_valid ? `LOCKSTEP_OP_PASS : `LOCKSTEP_OP_SAMPLE;
  assign note_o[`LOCKSTEP_NOTE_SLOT]  = pass_valid ? pass_slot : sample_slot;
  assign note_o[`LOCKSTEP_NOTE_INDEX] = pass_valid ? 20'd0 : sample_index;
  assign note_o[`LOCKSTEP_NOTE_COUNT] = pass_valid ? 6'd3 : 6'd2;
  assign note_o[`LOCKSTEP_NOTE_DATA]  = pass_valid ? pass_data : {32'd0, sample_data};

  assign ev_pass_o = pass_start;

  wire unused = &{1'b0, op, op_type, error_code};

endmodule

`default_nettype wire
