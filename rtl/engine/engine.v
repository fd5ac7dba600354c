// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The token-loop engine: stores and their validator, pass former, the two walkers, the sequencer
// that starts one unit at a time, sampler and token emitter.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module engine #(
  parameter SLOTS        = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES       = `LOCKSTEP_DEFAULT_VLANES,
  parameter KV_WORDS     = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS    = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS         = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS    = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS      = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX  = `LOCKSTEP_DEFAULT_CONTEXT_MAX
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  input  wire                clear_i,        // soft reset

  // Settings.
  input  wire [7:0]          n_layers_i,
  input  wire [7:0]          n_heads_i,
  input  wire [7:0]          n_kv_heads_i,
  input  wire [8:0]          head_dim_i,
  input  wire [8:0]          n_rot_i,
  input  wire [15:0]         context_i,
  input  wire [4:0]          n_seqs_i,
  input  wire [15:0]         stride_i,
  input  wire [19:0]         vocab_i,
  input  wire [31:0]         budget_i,
  input  wire [15:0]         start_pos_i,
  input  wire [6:0]          topk_i,
  input  wire [7:0]          pass_slots_i,
  input  wire [83:0]         eog_i,

  // Control and status.
  input  wire                run_i,
  input  wire                validate_i,   // pulse
  input  wire                changed_i,   // pulse: program, tensors or geometry written
  output wire                busy_o,
  output wire                model_ready_o,
  output wire [3:0]          state_o,
  output wire                idle_o,   // pulse
  output wire                error_o,
  output wire                error_now_o,   // pulse
  output wire [7:0]          error_code_o,
  output wire [7:0]          error_pc_o,
  output wire [7:0]          error_layer_o,
  output wire [3:0]          error_slot_o,
  output wire [15:0]         error_tensor_o,

  // Tokens and lists.
  input  wire                in_push_i,   // a word goes into token-in, with
  input  wire                in_push_last_i,   // its LAST
  input  wire [31:0]         in_word_i,   // the oldest word
  input  wire                in_empty_i,
  input  wire [12:0]         in_level_i,
  output wire                in_pop_o,
  input  wire                out_full_i,
  output wire                out_push_o,
  output wire [31:0]         out_word_o,
  output wire                listed_o,   // a list waits for a choice
  output wire                list_we_o,
  output wire [3:0]          list_seq_o,
  output wire [5:0]          list_rank_o,
  output wire [51:0]         list_entry_o,   // {id, logit}

  // Stores.
  input  wire                ucode_we_i,
  input  wire [15:0]         ucode_addr_i,
  input  wire                tensor_we_i,
  input  wire [15:0]         tensor_addr_i,
  input  wire [31:0]         store_data_i,
  input  wire                load_err_i,   // the loader failed

  // Units: operands stay from op_start_o to op_done_i.
  output wire                op_start_o,
  output wire [5:0]          op_o,
  output wire [7:0]          op_pc_o,
  output wire [7:0]          op_layer_o,
  output wire [SLOTS-1:0]    op_slots_o,
  output wire [15:0]         op_dst_o,       // vector addresses, in units of 32 words
  output wire [15:0]         op_a_o,
  output wire [15:0]         op_b_o,
  output wire [15:0]         op_n_o,         // elements
  output wire [31:0]         op_imm_o,
  output wire [15:0]         op_tensor_o,    // descriptor, where the op has one:
  output wire [7:0]          op_type_o,
  output wire [19:0]         op_rows_o,
  output wire [17:0]         op_cols_o,
  input  wire                op_done_i,
  input  wire                op_err_i,
  input  wire [7:0]          op_err_code_i,
  input  wire [3:0]          op_err_slot_i,
  output wire [SLOTS*16-1:0] slot_pos_o,
  output wire [SLOTS*4-1:0]  slot_seq_o,
  output wire [SLOTS*20-1:0] slot_token_o,
  output wire [3:0]          epoch_o,

  // Weight port.
  output wire                fetch_valid_o,
  input  wire                fetch_ready_i,
  output wire [39:0]         fetch_addr_o,   // bytes
  output wire [39:0]         fetch_bytes_o,
  output wire [31:0]         fetch_tag_o,    // tensor 15:0, layer 23:16, pc 31:24
  input  wire                port_err_i,
  input  wire [7:0]          port_err_code_i,
  input  wire [31:0]         port_err_tag_i,

  // Results of LOGITS.
  input  wire                res_valid_i,
  input  wire [19:0]         res_row_i,
  input  wire [SLOTS*32-1:0] res_data_i,

  // Commits of the engine itself: PASS (token, position, sequence) and SAMPLE (id, logit).
  output wire                cm_valid_o,
  output wire [5:0]          cm_op_o,
  output wire [3:0]          cm_slot_o,
  output wire [19:0]         cm_index_o,
  output wire [5:0]          cm_count_o,     // words
  output wire [95:0]         cm_data_o,

  // Throttle, see rtl/telemetry/throttle.v.
  input  wire                pace_i,
  input  wire                rest_i,
  input  wire                wait_i,
  input  wire                hot_i,

  output wire                ev_pass_o,
  output wire                ev_prefill_o
);

  // Microcode store and tensor table: reader A executes or validates, reader B fetches ahead.
  wire [7:0]   walk_pc, check_pc, fetch_pc;
  wire [15:0]  walk_tensor, check_tensor, fetch_tensor;
  wire [127:0] instr, entry, fetch_instr, fetch_entry;
  wire         checking;

  entry_store #(
    .ENTRIES (UCODE_OPS)
  ) u_ucode (
    .clk_i     (clk_i),
    .we_i      (ucode_we_i),
    .waddr_i   (ucode_addr_i),
    .wdata_i   (store_data_i),
    .a_index_i ({8'd0, checking ? check_pc : walk_pc}),
    .a_entry_o (instr),
    .b_index_i ({8'd0, fetch_pc}),
    .b_entry_o (fetch_instr)
  );

  entry_store #(
    .ENTRIES (TENSORS)
  ) u_tensors (
    .clk_i     (clk_i),
    .we_i      (tensor_we_i),
    .waddr_i   (tensor_addr_i),
    .wdata_i   (store_data_i),
    .a_index_i (checking ? check_tensor : walk_tensor),
    .a_entry_o (entry),
    .b_index_i (fetch_tensor),
    .b_entry_o (fetch_entry)
  );

  wire       check_start, check_done;
  wire [7:0] check_code, check_layer;

  validator #(
    .VLANES       (VLANES),
    .KV_WORDS     (KV_WORDS),
    .VEC_WORDS    (VEC_WORDS),
    .SEQS         (SEQS),
    .UCODE_OPS    (UCODE_OPS),
    .TENSORS      (TENSORS),
    .CONTEXT_MAX  (CONTEXT_MAX)
  ) u_validator (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .start_i      (check_start),
    .busy_o       (checking),
    .done_o       (check_done),
    .code_o       (check_code),
    .pc_o         (check_pc),
    .layer_o      (check_layer),
    .tensor_o     (check_tensor),
    .instr_i      (instr),
    .entry_i      (entry),
    .n_layers_i   (n_layers_i),
    .n_heads_i    (n_heads_i),
    .n_kv_heads_i (n_kv_heads_i),
    .head_dim_i   (head_dim_i),
    .n_rot_i      (n_rot_i),
    .context_i    (context_i),
    .n_seqs_i     (n_seqs_i),
    .stride_i     (stride_i),
    .vocab_i      (vocab_i)
  );

  // The pass.
  wire               form_ready, form_start, form_done, form_err;
  wire [7:0]         form_err_code;
  wire [3:0]         form_err_slot;
  wire [SLOTS-1:0]   slots, want;
  wire               pass_valid;
  wire [3:0]         pass_slot;
  wire [95:0]        pass_data;
  wire [3:0]         go_seq;
  wire               go_spent, go_full, go_valid, go_on, go_list;
  wire [19:0]        go_token;
  wire               halt;

  pass_former #(
    .SLOTS (SLOTS),
    .SEQS  (SEQS)
  ) u_former (
    .clk_i          (clk_i),
    .rst_ni         (rst_ni),
    .clear_i        (clear_i),
    .pass_slots_i   (pass_slots_i),
    .budget_i       (budget_i),
    .start_pos_i    (start_pos_i),
    .context_i      (context_i),
    .n_seqs_i       (n_seqs_i),
    .vocab_i        (vocab_i),
    .in_push_i      (in_push_i),
    .in_push_last_i (in_push_last_i),
    .in_word_i      (in_word_i),
    .in_empty_i     (in_empty_i),
    .in_level_i     (in_level_i),
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
    .slot_pos_o     (slot_pos_o),
    .slot_seq_o     (slot_seq_o),
    .slot_token_o   (slot_token_o),
    .cm_valid_o     (pass_valid),
    .cm_slot_o      (pass_slot),
    .cm_data_o      (pass_data),
    .go_seq_i       (go_seq),
    .go_spent_o     (go_spent),
    .go_full_o      (go_full),
    .go_valid_i     (go_valid),
    .go_on_i        (go_on),
    .go_token_i     (go_token),
    .go_list_i      (go_list),
    .listed_o       (listed_o)
  );

  wire        pass_start, walk_valid, walk_next, walk_done, walk_busy, walk_wanting, fetch_busy;
  wire [7:0]  walk_layer;

  walker u_walker (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (halt),
    .start_i      (pass_start),
    .want_any_i   (|want),
    .n_layers_i   (n_layers_i),
    .stride_i     (stride_i),
    .busy_o       (walk_busy),
    .done_o       (walk_done),
    .pc_o         (walk_pc),
    .instr_i      (instr),
    .op_valid_o   (walk_valid),
    .op_next_i    (walk_next),
    .op_tensor_o  (walk_tensor),
    .op_layer_o   (walk_layer),
    .op_wanting_o (walk_wanting)
  );

  prefetch #(
    .SLOTS (SLOTS)
  ) u_prefetch (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clear_i       (halt),
    .start_i       (pass_start),
    .slots_i       (slots),
    .want_i        (want),
    .slot_token_i  (slot_token_o),
    .n_layers_i    (n_layers_i),
    .stride_i      (stride_i),
    .busy_o        (fetch_busy),
    .pc_o          (fetch_pc),
    .instr_i       (fetch_instr),
    .tensor_o      (fetch_tensor),
    .entry_i       (fetch_entry),
    .fetch_valid_o (fetch_valid_o),
    .fetch_ready_i (fetch_ready_i),
    .fetch_addr_o  (fetch_addr_o),
    .fetch_bytes_o (fetch_bytes_o),
    .fetch_tag_o   (fetch_tag_o)
  );

  wire emit_start, emit_done, emit_pushing;

  sequencer u_sequencer (
    .clk_i           (clk_i),
    .rst_ni          (rst_ni),
    .clear_i         (clear_i),
    .run_i           (run_i),
    .validate_i      (validate_i),
    .changed_i       (changed_i),
    .busy_o          (busy_o),
    .model_ready_o   (model_ready_o),
    .state_o         (state_o),
    .idle_o          (idle_o),
    .epoch_o         (epoch_o),
    .error_o         (error_o),
    .error_now_o     (error_now_o),
    .error_code_o    (error_code_o),
    .error_pc_o      (error_pc_o),
    .error_layer_o   (error_layer_o),
    .error_slot_o    (error_slot_o),
    .error_tensor_o  (error_tensor_o),
    .check_start_o   (check_start),
    .check_done_i    (check_done),
    .check_code_i    (check_code),
    .check_pc_i      (check_pc),
    .check_layer_i   (check_layer),
    .check_tensor_i  (check_tensor),
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
    .walk_pc_i       (walk_pc),
    .walk_layer_i    (walk_layer),
    .walk_tensor_i   (walk_tensor),
    .emit_start_o    (emit_start),
    .emit_done_i     (emit_done),
    .emit_pushing_i  (emit_pushing),
    .pace_i          (pace_i),
    .rest_i          (rest_i),
    .wait_i          (wait_i),
    .hot_i           (hot_i),
    .op_start_o      (op_start_o),
    .op_done_i       (op_done_i),
    .op_err_i        (op_err_i),
    .op_err_code_i   (op_err_code_i),
    .op_err_slot_i   (op_err_slot_i),
    .port_err_i      (port_err_i),
    .port_err_code_i (port_err_code_i),
    .port_err_tag_i  (port_err_tag_i),
    .load_err_i      (load_err_i)
  );

  assign op_o        = instr[`LOCKSTEP_UCODE0_OP];
  assign op_pc_o     = walk_pc;
  assign op_layer_o  = walk_layer;
  assign op_slots_o  = walk_wanting ? want : slots;
  assign op_dst_o    = instr[47:32];
  assign op_a_o      = instr[63:48];
  assign op_b_o      = instr[79:64];
  assign op_n_o      = instr[95:80];
  assign op_imm_o    = instr[127:96];
  assign op_tensor_o = walk_tensor;
  assign op_type_o   = entry[47:40];
  assign op_rows_o   = entry[83:64];
  assign op_cols_o   = entry[113:96];

  // Sampling. TOPK is taken with the pass.
  localparam [31:0] TOPK_LIMIT = `LOCKSTEP_RESET_TOPK_MAX;
  localparam [6:0]  TOPK_MAX   = TOPK_LIMIT[6:0];
  reg        list_q;
  reg  [6:0] k_q;
  always @(posedge clk_i)
    if (!rst_ni) begin
      list_q <= 1'b0;
      k_q    <= 7'd1;
    end else if (pass_start) begin
      list_q <= topk_i != 7'd0;
      k_q    <= topk_i == 7'd0 ? 7'd1 : topk_i > TOPK_MAX ? TOPK_MAX : topk_i;
    end

  wire [3:0]  best_slot;
  wire        best_valid;
  wire [19:0] best_id;
  wire [31:0] best_logit;

  sampler #(
    .SLOTS (SLOTS)
  ) u_sampler (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .start_i     (op_start_o && op_o == `LOCKSTEP_OP_LOGITS),
    .slots_i     (op_slots_o),
    .k_i         (k_q),
    .res_valid_i (res_valid_i && op_o == `LOCKSTEP_OP_LOGITS),
    .res_row_i   (res_row_i),
    .res_data_i  (res_data_i),
    .rd_slot_i   (best_slot),
    .rd_rank_i   (list_rank_o),
    .rd_valid_o  (best_valid),
    .rd_id_o     (best_id),
    .rd_logit_o  (best_logit)
  );

  wire        sample_valid;
  wire [3:0]  sample_slot;
  wire [19:0] sample_index;
  wire [63:0] sample_data;

  token_emitter #(
    .SLOTS (SLOTS)
  ) u_emitter (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clear_i    (halt),
    .start_i    (emit_start),
    .done_o     (emit_done),
    .pushing_o  (emit_pushing),
    .want_i     (want),
    .slot_seq_i (slot_seq_o),
    .list_i     (list_q),
    .k_i        (k_q),
    .eog_i      (eog_i),
    .rd_slot_o  (best_slot),
    .rd_rank_o  (list_rank_o),
    .rd_valid_i (best_valid),
    .rd_id_i    (best_id),
    .rd_logit_i (best_logit),
    .cm_valid_o (sample_valid),
    .cm_slot_o  (sample_slot),
    .cm_index_o (sample_index),
    .cm_data_o  (sample_data),
    .list_we_o  (list_we_o),
    .go_seq_o   (go_seq),
    .go_spent_i (go_spent),
    .go_full_i  (go_full),
    .go_valid_o (go_valid),
    .go_on_o    (go_on),
    .go_list_o  (go_list),
    .go_token_o (go_token),
    .out_full_i (out_full_i),
    .out_push_o (out_push_o),
    .out_word_o (out_word_o)
  );

  assign list_seq_o   = go_seq;
  assign list_entry_o = {best_id, best_logit};

  assign cm_valid_o = pass_valid || sample_valid;
  assign cm_op_o    = pass_valid ? `LOCKSTEP_OP_PASS : `LOCKSTEP_OP_SAMPLE;
  assign cm_slot_o  = pass_valid ? pass_slot : sample_slot;
  assign cm_index_o = pass_valid ? 20'd0 : sample_index;
  assign cm_count_o = pass_valid ? 6'd3 : 6'd2;
  assign cm_data_o  = pass_valid ? pass_data : {32'd0, sample_data};

  assign ev_pass_o = pass_start;

  wire unused = &{1'b0, walk_busy, n_heads_i, instr, entry};

endmodule

`default_nettype wire
