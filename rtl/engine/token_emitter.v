// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// After a pass: reads the sampler's list of every slot that wants a token, announces what it
// takes on the commit port (SAMPLE: pairs of id and logit, best first), keeps the list of a
// sequence for the firmware if it is to choose, decides whether the sequence goes on, and puts
// one word into token-out, waiting for room. One list entry a cycle.
//
// A slot with a draft has its turn only if the token that came of the slot before is the draft;
// otherwise it is passed over, with all drafts behind it, as if it had not been there. Where the
// firmware chooses among several, that token is its CHOICE, which the draft waits for.
`default_nettype none
`include "generated/device.vh"
`include "generated/defaults.vh"

module token_emitter #(
  parameter SLOTS = `LOCKSTEP_DEFAULT_SLOTS   // 1..16
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               clear_i,

  input  wire               start_i,
  output wire               done_o,
  output wire               pushing_o,     // waits for token-out, or for the choice
  input  wire [SLOTS-1:0]   want_i,
  input  wire [SLOTS-1:0]   draft_i,
  input  wire [SLOTS*20-1:0] slot_token_i,
  input  wire [SLOTS*4-1:0] slot_seq_i,
  input  wire               list_i,        // the firmware chooses
  input  wire [6:0]         k_i,           // entries to take, 1..64
  input  wire               chosen_i,      // the firmware has chosen
  input  wire [19:0]        choice_i,
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,

  output wire [3:0]         rd_slot_o,     // the sampler's lists
  output wire [5:0]         rd_rank_o,
  input  wire               rd_valid_i,
  input  wire [19:0]        rd_id_i,
  input  wire [31:0]        rd_logit_i,

  output wire               cm_valid_o,
  output wire [3:0]         cm_slot_o,
  output wire [19:0]        cm_index_o,    // words
  output wire [63:0]        cm_data_o,

  output wire               list_we_o,     // entry rd_rank_o of the list of go_seq_o

  output wire [3:0]         go_slot_o,     // to the sequence of the slot
  output wire [3:0]         go_seq_o,
  input  wire               go_spent_i,
  input  wire               go_full_i,
  output wire               go_valid_o,
  output wire               go_on_o,
  output wire               go_list_o,
  output wire [19:0]        go_token_o,

  input  wire               out_full_i,    // token-out
  output wire [`LOCKSTEP_OUT_FIFO_W-1:0] out_fifo_o
);

  localparam [1:0] IDLE = 2'd0, SELECT = 2'd1, TAKE = 2'd2, PUSH = 2'd3;

  reg [1:0]  state_q, state_d;
  reg [4:0]  slot_q, slot_d;
  reg [6:0]  rank_q, rank_d;
  reg [19:0] best_q, best_d;     // of the slot; behind it, the token that came of it
  reg        drop_q, drop_d;     // drafts are passed over
  reg        asks_q, asks_d;     // the firmware has not chosen yet

  localparam SLOT_BITS  = SLOTS > 1 ? $clog2(SLOTS) : 1;
  localparam DRAFT_BITS = $clog2(SLOTS + 1);

  wire [3:0] slot   = slot_q[3:0];
  wire       taking = state_q == TAKE && rank_q != k_i && rd_valid_i;
  wire       pushed = state_q == PUSH && !out_full_i;

  wire [SLOTS:0] drafts = {1'b0, draft_i};
  wire       draft  = state_q == SELECT && drafts[slot_q[DRAFT_BITS-1:0]];
  wire       asks   = draft && asks_q && !drop_q;
  wire       wrong  = draft && (drop_q || best_q != slot_token_i[20*slot +: 20]);

  localparam ENDS = 8;
  wire [ENDS*21-1:0] ends = {
    settings_i[`LOCKSTEP_SETTINGS_EOG7], settings_i[`LOCKSTEP_SETTINGS_EOG6],
    settings_i[`LOCKSTEP_SETTINGS_EOG5], settings_i[`LOCKSTEP_SETTINGS_EOG4],
    settings_i[`LOCKSTEP_SETTINGS_EOG3], settings_i[`LOCKSTEP_SETTINGS_EOG2],
    settings_i[`LOCKSTEP_SETTINGS_EOG1], settings_i[`LOCKSTEP_SETTINGS_EOG0]
  };
  reg        eog, last;
  integer i;
  always @* begin
    eog  = 1'b0;
    last = 1'b0;
    if (state_q == PUSH) begin
      for (i = 0; i < ENDS; i = i + 1)
        if (ends[21*i +: 21] == {1'b1, best_q})
          eog = !list_i;
      last = go_full_i || (go_spent_i && !list_i);
    end
  end

  assign done_o       = state_q == SELECT && slot_q == SLOTS[4:0];
  assign pushing_o    = state_q == PUSH || asks;
  assign rd_slot_o    = slot;
  assign rd_rank_o    = rank_q[5:0];
  assign cm_valid_o   = taking;
  assign cm_slot_o    = slot;
  assign cm_index_o   = {12'd0, rank_q, 1'b0};
  assign cm_data_o    = {rd_logit_i, 12'd0, rd_id_i};
  assign list_we_o    = taking && list_i;
  assign go_slot_o    = slot;
  assign go_seq_o     = slot_seq_i[4*slot +: 4];
  assign go_valid_o   = pushed;
  assign go_on_o      = !list_i && !eog && !last;
  assign go_list_o    = list_i;
  assign go_token_o   = best_q;
  reg [31:0] word;
  always @* begin
    word = 32'd0;
    word[`LOCKSTEP_OUT_TOKEN] = best_q;
    word[`LOCKSTEP_OUT_SEQ]   = go_seq_o;
    word[`LOCKSTEP_OUT_DRAFT] = drafts[slot_q[DRAFT_BITS-1:0]];
    word[`LOCKSTEP_OUT_LIST]  = list_i;
    word[`LOCKSTEP_OUT_LAST]  = last;
    word[`LOCKSTEP_OUT_EOG]   = eog;
  end
  assign out_fifo_o[`LOCKSTEP_OUT_FIFO_WORD] = word;
  assign out_fifo_o[`LOCKSTEP_OUT_FIFO_PUSH] = pushed;


  always @* begin
    state_d = state_q;
    slot_d  = slot_q;
    rank_d  = rank_q;
    best_d  = best_q;
    drop_d  = drop_q;
    asks_d  = asks_q;
    case (state_q)
      IDLE: if (start_i) begin
        state_d = SELECT;
        slot_d  = 5'd0;
      end
      SELECT: begin
        rank_d = 7'd0;
        if (done_o)
          state_d = IDLE;
        else if (asks) begin
          if (chosen_i) begin
            asks_d = 1'b0;
            best_d = choice_i;
          end
        end else begin
          drop_d = wrong;
          if (want_i[slot[SLOT_BITS-1:0]] && !wrong)
            state_d = TAKE;
          else
            slot_d = slot_q + 5'd1;
        end
      end
      TAKE: if (taking) begin
        rank_d = rank_q + 7'd1;
        if (rank_q == 7'd0)
          best_d = rd_id_i;
      end else
        state_d = PUSH;
      PUSH: if (!out_full_i) begin
        state_d = SELECT;
        slot_d  = slot_q + 5'd1;
        drop_d  = !list_i && !go_on_o;
        asks_d  = list_i && k_i != 7'd1;
      end
      default: state_d = IDLE;
    endcase
    if (clear_i)
      state_d = IDLE;
  end

  always @(posedge clk_i)
    if (!rst_ni) state_q <= IDLE;
    else         state_q <= state_d;

  always @(posedge clk_i) begin
    slot_q  <= slot_d;
    rank_q  <= rank_d;
    best_q  <= best_d;
    drop_q  <= drop_d;
    asks_q  <= asks_d;
  end

endmodule

`default_nettype wire
