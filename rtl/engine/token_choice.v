// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// From logits to tokens: sampler and emitter. The one keeps the best of each slot, the other puts
// them out; how many are kept (TOPK) is taken with the pass.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module token_choice #(
  parameter SLOTS = `LOCKSTEP_DEFAULT_SLOTS
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            halt_i,          // the pass ends here
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,
  input  wire                            pass_start_i,

  // Logits of the op that runs.
  input  wire [SLOTS-1:0]                op_slots_i,
  input  wire                            logit_valid_i,
  input  wire                            logit_both_i,
  input  wire [19:0]                     logit_row_i,
  input  wire [SLOTS*64-1:0]             logit_data_i,

  // At the end of a pass a token of each slot that wants one.
  input  wire                            emit_start_i,
  output wire                            emit_done_o,
  output wire                            emit_pushing_o,
  input  wire [SLOTS-1:0]                want_i,
  input  wire [SLOTS-1:0]                draft_i,
  input  wire [SLOTS*20-1:0]             slot_token_i,
  input  wire [SLOTS*4-1:0]              slot_seq_i,
  input  wire                            chosen_i,        // the firmware has chosen
  input  wire [19:0]                     choice_i,
  input  wire                            out_full_i,
  output wire [`LOCKSTEP_OUT_FIFO_W-1:0] out_fifo_o,
  output wire [`LOCKSTEP_LIST_W-1:0]     list_o,

  // Commit of SAMPLE.
  output wire                            cm_valid_o,
  output wire [3:0]                      cm_slot_o,
  output wire [19:0]                     cm_index_o,
  output wire [63:0]                     cm_data_o,

  // How the sequence goes on, see rtl/engine/pass_former.v.
  output wire [3:0]                      go_slot_o,
  input  wire                            go_spent_i,
  input  wire                            go_full_i,
  output wire                            go_valid_o,
  output wire                            go_on_o,
  output wire                            go_list_o,
  output wire [19:0]                     go_token_o
);

  localparam [31:0] TOPK_LIMIT = `LOCKSTEP_RESET_TOPK_MAX;
  localparam [6:0]  TOPK_MAX   = TOPK_LIMIT[6:0];
  wire [6:0] topk = settings_i[`LOCKSTEP_SETTINGS_TOPK];
  wire [6:0] k    = topk == 7'd0 ? 7'd1 : topk > TOPK_MAX ? TOPK_MAX : topk;
  reg        list_q;
  reg  [6:0] k_q;
  always @(posedge clk_i)
    if (pass_start_i) begin
      list_q <= topk != 7'd0;
      k_q    <= k;
    end

  wire [3:0]  best_slot;
  wire [5:0]  best_rank;
  wire        best_valid;
  wire [19:0] best_id;
  wire [31:0] best_logit;

  sampler #(
    .SLOTS (SLOTS)
  ) u_sampler (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .start_i       (pass_start_i),
    .k_i           (k),
    .logit_valid_i (logit_valid_i),
    .slots_i       (op_slots_i),
    .logit_both_i  (logit_both_i),
    .logit_row_i   (logit_row_i),
    .logit_data_i  (logit_data_i),
    .rd_slot_i     (best_slot),
    .rd_rank_i     (best_rank),
    .rd_valid_o    (best_valid),
    .rd_id_o       (best_id),
    .rd_logit_o    (best_logit)
  );

  wire       list_we;
  wire [3:0] go_seq;

  token_emitter #(
    .SLOTS (SLOTS)
  ) u_emitter (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clear_i    (halt_i),
    .start_i    (emit_start_i),
    .done_o     (emit_done_o),
    .pushing_o  (emit_pushing_o),
    .want_i     (want_i),
    .draft_i    (draft_i),
    .slot_token_i (slot_token_i),
    .chosen_i   (chosen_i),
    .choice_i   (choice_i),
    .slot_seq_i (slot_seq_i),
    .list_i     (list_q),
    .k_i        (k_q),
    .settings_i (settings_i),
    .rd_slot_o  (best_slot),
    .rd_rank_o  (best_rank),
    .rd_valid_i (best_valid),
    .rd_id_i    (best_id),
    .rd_logit_i (best_logit),
    .cm_valid_o (cm_valid_o),
    .cm_slot_o  (cm_slot_o),
    .cm_index_o (cm_index_o),
    .cm_data_o  (cm_data_o),
    .list_we_o  (list_we),
    .go_slot_o  (go_slot_o),
    .go_seq_o   (go_seq),
    .go_spent_i (go_spent_i),
    .go_full_i  (go_full_i),
    .go_valid_o (go_valid_o),
    .go_on_o    (go_on_o),
    .go_list_o  (go_list_o),
    .go_token_o (go_token_o),
    .out_full_i (out_full_i),
    .out_fifo_o (out_fifo_o)
  );

  assign list_o[`LOCKSTEP_LIST_ENTRY] = {best_id, best_logit};
  assign list_o[`LOCKSTEP_LIST_SEQ]   = go_seq;
  assign list_o[`LOCKSTEP_LIST_RANK]  = best_rank;
  assign list_o[`LOCKSTEP_LIST_SLOT]  = best_slot;
  assign list_o[`LOCKSTEP_LIST_WE]    = list_we;

endmodule

`default_nettype wire
