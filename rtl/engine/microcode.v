// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The program and all that reads it: microcode store and tensor table, their validator, and in a
// pass two walkers, one that shows an op at a time and one that fetches its weights ahead.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module microcode #(
  parameter SLOTS       = `LOCKSTEP_DEFAULT_SLOTS,
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS   = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS   = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS     = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            clear_i,        // soft reset
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,
  input  wire [`LOCKSTEP_STORE_W-1:0]    store_i,

  // Validation, see rtl/engine/validator.v.
  input  wire                            check_start_i,
  output wire                            check_done_o,
  output wire [`LOCKSTEP_PLACE_W-1:0]    check_place_o,

  // A pass over these slots, of which some want a token.
  input  wire                            pass_start_i,
  input  wire                            halt_i,
  input  wire [SLOTS-1:0]                slots_i,
  input  wire [SLOTS-1:0]                want_i,
  input  wire [SLOTS*20-1:0]             slot_token_i,
  input  wire [SLOTS*16-1:0]             slot_pos_i,
  input  wire [SLOTS*`LOCKSTEP_EXPERTS_MAX-1:0] choice_i,   // of the last ROUTE, a bit an expert
  output wire                            walk_done_o,

  // The op shown, with those that take part in it.
  output wire                            op_valid_o,
  input  wire                            op_next_i,
  output wire [`LOCKSTEP_JOB_W-1:0]      job_o,
  output wire [SLOTS-1:0]                op_slots_o,

  // Weights of the ops to come.
  output wire                            fetch_busy_o,
  output wire                            fetch_waits_o,  // for the op shown to come to EXPERTS
  output wire                            fetch_valid_o,
  input  wire                            fetch_ready_i,
  output wire [`LOCKSTEP_FETCH_W-1:0]    fetch_o
);

  // Reader A of the stores executes or validates, reader B fetches ahead.
  wire [7:0]   walk_pc, walk_next_pc, walk_layer, fetch_next_pc;
  wire [15:0]  walk_tensor, fetch_tensor;
  wire [127:0] instr, entry, fetch_instr, fetch_entry;
  wire         checking, walk_local, walk_wanting, walk_meets, fetch_meets;
  wire [7:0]   walk_expert;

  // Slots that take part, in an expert loop those that chose the expert; and which are chosen.
  wire [SLOTS-1:0] active = walk_wanting ? want_i : slots_i;
  reg  [SLOTS-1:0] members;
  reg  [`LOCKSTEP_EXPERTS_MAX-1:0] experts;
  integer i;
  always @* begin
    members = active;
    experts = 0;
    for (i = 0; i < SLOTS; i = i + 1) begin
      if (walk_meets && active[i])
        experts = experts | choice_i[`LOCKSTEP_EXPERTS_MAX*i +: `LOCKSTEP_EXPERTS_MAX];
      if (walk_expert[7] && !choice_i[`LOCKSTEP_EXPERTS_MAX*i + {25'd0, walk_expert[6:0]}])
        members[i] = 1'b0;
    end
  end

  entry_store #(
    .ENTRIES (UCODE_OPS)
  ) u_ucode (
    .clk_i     (clk_i),
    .we_i      (store_i[`LOCKSTEP_STORE_UCODE_WE]),
    .waddr_i   (store_i[`LOCKSTEP_STORE_UCODE_ADDR]),
    .wdata_i   (store_i[`LOCKSTEP_STORE_DATA]),
    .a_index_i ({8'd0, checking ? check_place_o[`LOCKSTEP_PLACE_PC] : walk_next_pc}),
    .a_entry_o (instr),
    .b_index_i ({8'd0, fetch_next_pc}),
    .b_entry_o (fetch_instr)
  );

  entry_store #(
    .ENTRIES (TENSORS)
  ) u_tensors (
    .clk_i     (clk_i),
    .we_i      (store_i[`LOCKSTEP_STORE_TENSOR_WE]),
    .waddr_i   (store_i[`LOCKSTEP_STORE_TENSOR_ADDR]),
    .wdata_i   (store_i[`LOCKSTEP_STORE_DATA]),
    .a_index_i (checking ? check_place_o[`LOCKSTEP_PLACE_TENSOR] : walk_tensor),
    .a_entry_o (entry),
    .b_index_i (fetch_tensor),
    .b_entry_o (fetch_entry)
  );

  validator #(
    .KV_WORDS     (KV_WORDS),
    .VEC_WORDS    (VEC_WORDS),
    .SEQS         (SEQS),
    .UCODE_OPS    (UCODE_OPS),
    .TENSORS      (TENSORS),
    .CONTEXT_MAX  (CONTEXT_MAX)
  ) u_validator (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .clear_i    (clear_i),
    .start_i    (check_start_i),
    .busy_o     (checking),
    .done_o     (check_done_o),
    .place_o    (check_place_o),
    .instr_i    (instr),
    .entry_i    (entry),
    .settings_i (settings_i)
  );

  walker u_walker (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (halt_i),
    .start_i      (pass_start_i),
    .want_any_i   (|want_i),
    .settings_i   (settings_i),
    .busy_o       (),
    .done_o       (walk_done_o),
    .pc_o         (walk_pc),
    .next_pc_o    (walk_next_pc),
    .instr_i      (instr),
    .op_valid_o   (op_valid_o),
    .op_next_i    (op_next_i),
    .op_tensor_o  (walk_tensor),
    .op_layer_o   (walk_layer),
    .op_local_o   (walk_local),
    .op_wanting_o (walk_wanting),
    .op_expert_o  (walk_expert),
    .meets_o      (walk_meets),
    .met_i        (fetch_meets),
    .experts_i    (experts)
  );

  prefetch #(
    .SLOTS (SLOTS)
  ) u_prefetch (
    .clk_i         (clk_i),
    .rst_ni        (rst_ni),
    .clear_i       (halt_i),
    .start_i       (pass_start_i),
    .slots_i       (slots_i),
    .want_i        (want_i),
    .slot_token_i  (slot_token_i),
    .slot_pos_i    (slot_pos_i),
    .settings_i    (settings_i),
    .busy_o        (fetch_busy_o),
    .meets_o       (fetch_meets),
    .met_i         (walk_meets),
    .experts_i     (experts),
    .next_pc_o     (fetch_next_pc),
    .instr_i       (fetch_instr),
    .tensor_o      (fetch_tensor),
    .entry_i       (fetch_entry),
    .fetch_valid_o (fetch_valid_o),
    .fetch_ready_i (fetch_ready_i),
    .fetch_o       (fetch_o)
  );

  wire [31:0] instr1 = instr[63:32], instr2 = instr[95:64], entry1 = entry[63:32];
  assign job_o[`LOCKSTEP_JOB_OP]     = instr[`LOCKSTEP_UCODE0_OP];
  assign job_o[`LOCKSTEP_JOB_PC]     = walk_pc;
  assign job_o[`LOCKSTEP_JOB_LAYER]  = walk_layer;
  assign job_o[`LOCKSTEP_JOB_DST]    = instr1[`LOCKSTEP_UCODE1_DST];
  assign job_o[`LOCKSTEP_JOB_A]      = instr1[`LOCKSTEP_UCODE1_A];
  assign job_o[`LOCKSTEP_JOB_B]      = instr2[`LOCKSTEP_UCODE2_B];
  assign job_o[`LOCKSTEP_JOB_N]      = instr2[`LOCKSTEP_UCODE2_N];
  assign job_o[`LOCKSTEP_JOB_IMM]    = instr[127:96];
  assign job_o[`LOCKSTEP_JOB_TENSOR] = walk_tensor;
  assign job_o[`LOCKSTEP_JOB_TYPE]   = entry1[`LOCKSTEP_TENSOR1_TYPE];
  assign job_o[`LOCKSTEP_JOB_ROWS]   = entry[83:64];
  assign job_o[`LOCKSTEP_JOB_COLS]   = entry[113:96];
  assign job_o[`LOCKSTEP_JOB_LOCAL]  = walk_local;
  assign job_o[`LOCKSTEP_JOB_BANK]   = instr[`LOCKSTEP_UCODE0_BANK];
  assign job_o[`LOCKSTEP_JOB_EXPERT] = walk_expert;
  assign op_slots_o    = members;
  assign fetch_waits_o = fetch_meets && !walk_meets;

  wire unused = &{1'b0, instr, entry};

endmodule

`default_nettype wire
