// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Chooses the slots of a pass and keeps the state of every sequence: position, whether it
// generates, its budget and next token. Generating sequences come first, in turn where there are
// more than slots; words of token-in follow in order. A word waits, and those behind it, while
// its sequence generates, and for the next pass if its sequence has sampled or would restart
// within this one. A draft must follow a slot of its sequence, which then wants a token, too.
// Once tokens are chosen, a sequence stands behind the last slot that gave one. Each slot is
// announced on the commit port as it is filled (PASS: token, position, sequence). A slot or a
// sequence looked at takes one cycle.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module pass_former #(
  parameter SLOTS = `LOCKSTEP_DEFAULT_SLOTS,  // 1..16
  parameter SEQS  = `LOCKSTEP_DEFAULT_SEQS   // 2..16
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  input  wire                clear_i,

  // Settings.
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,

  // Token-in.
  input  wire [`LOCKSTEP_IN_FIFO_W-1:0]  in_fifo_i,
  output wire                in_pop_o,

  // Forming.
  output wire                ready_o,        // there is work for a pass
  input  wire                start_i,
  output wire                done_o,
  output wire                err_o,
  output reg  [7:0]          err_code_o,
  output wire [3:0]          err_slot_o,
  output reg                 prefill_o,      // the pass holds a PROMPT token
  output reg  [SLOTS-1:0]    slots_o,
  output reg  [SLOTS-1:0]    want_o,
  output reg  [SLOTS-1:0]    draft_o,        // it holds a draft of what the slot before gives
  output reg  [SLOTS*16-1:0] slot_pos_o,
  output reg  [SLOTS*4-1:0]  slot_seq_o,
  output reg  [SLOTS*20-1:0] slot_token_o,
  output wire                cm_valid_o,
  output wire [3:0]          cm_slot_o,
  output wire [95:0]         cm_data_o,

  // What sampling needs to know, and has decided, of the sequence of one slot.
  input  wire [3:0]          go_slot_i,
  output wire                go_spent_o,     // this token is the last of the budget
  output wire                go_full_o,      // no position is left
  input  wire                go_valid_i,
  input  wire                go_on_i,        // it generates on, from
  input  wire [19:0]         go_token_i,
  input  wire                go_list_i,      // it waits for the firmware's choice
  output wire                listed_o        // some sequence does
);

  wire [7:0]  pass_slots = settings_i[`LOCKSTEP_SETTINGS_PASS_SLOTS];
  wire [15:0] start_pos  = settings_i[`LOCKSTEP_SETTINGS_START_POS];   // of a FIRST token
  wire [15:0] positions  = settings_i[`LOCKSTEP_SETTINGS_CONTEXT];
  wire [4:0]  n_seqs     = settings_i[`LOCKSTEP_SETTINGS_N_SEQS];
  wire [19:0] vocab      = settings_i[`LOCKSTEP_SETTINGS_VOCAB];
  wire [31:0] in_word    = in_fifo_i[`LOCKSTEP_IN_FIFO_WORD];
  wire [12:0] in_level   = in_fifo_i[`LOCKSTEP_IN_FIFO_LEVEL];
  wire        in_empty   = in_fifo_i[`LOCKSTEP_IN_FIFO_EMPTY];
  wire        last_goes_in = in_fifo_i[`LOCKSTEP_IN_FIFO_PUSH] &&
                             in_fifo_i[`LOCKSTEP_IN_FIFO_PUSH_LAST];

  localparam SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;
  localparam SEQ_BITS  = $clog2(SEQS);

  localparam [1:0] IDLE = 2'd0, GENERATE = 2'd1, TAKE = 2'd2;

  // State of the sequences, packed.
  reg [SEQS-1:0]    generating_q;
  reg [SEQS-1:0]    listed_q;
  reg [SEQS*16-1:0] pos_q;      // next position
  reg [SEQS*32-1:0] budget_q;   // tokens still to generate
  reg [SEQS*20-1:0] token_q;    // next token of a generating sequence

  reg [1:0]      state_q;
  reg [3:0]      seq_q;         // sequence looked at; stays from pass to pass, for fairness
  reg [4:0]      looked_q;
  reg [4:0]      filled_q;      // slots
  reg [SEQS-1:0] used_q;        // sequences in this pass
  reg [3:0]      newest_q;      // sequence of the slot filled last
  reg [SEQS-1:0] sampling_q;    // of those, the ones that want a token
  reg [12:0]     lasts_q;       // LAST words in token-in

  wire [4:0] most = pass_slots == 8'd0 ? 5'd1 :
                    {24'd0, pass_slots} > SLOTS ? SLOTS[4:0] : pass_slots[4:0];
  wire room = filled_q != most;

  // The word that token-in shows.
  wire [19:0] in_token = in_word[`LOCKSTEP_IN_TOKEN];
  wire [3:0]  in_seq   = in_word[`LOCKSTEP_IN_SEQ];
  wire        in_first = in_word[`LOCKSTEP_IN_FIRST];
  wire        in_last  = in_word[`LOCKSTEP_IN_LAST];
  wire        in_draft = in_word[`LOCKSTEP_IN_DRAFT];
  wire [15:0] in_pos   = in_first ? start_pos : pos_q[16*in_seq +: 16];
  wire [SEQ_BITS-1:0] in_index = in_seq[SEQ_BITS-1:0];
  wire        absent   = {1'b0, in_seq} >= n_seqs;
  // While there is room, every sequence that generates has a slot, and so is sampling.
  wire        waits    = sampling_q[in_index] || (in_first && used_q[in_index]);
  wire        look     = state_q == TAKE && room && !in_empty && (absent || !waits);

  always @* begin
    err_code_o = `LOCKSTEP_ERROR_NONE;
    if (absent)
      err_code_o = `LOCKSTEP_ERROR_SEQUENCE;
    else if (in_token >= vocab)
      err_code_o = `LOCKSTEP_ERROR_TOKEN;
    else if (in_pos >= positions)
      err_code_o = `LOCKSTEP_ERROR_KV_FULL;
    else if (in_draft && (in_first || filled_q == 5'd0 || in_seq != newest_q))
      err_code_o = `LOCKSTEP_ERROR_DRAFT;
  end

  wire from_seq  = state_q == GENERATE && room && looked_q != SEQS[4:0] &&
                   generating_q[seq_q[SEQ_BITS-1:0]];
  wire from_fifo = look && err_code_o == `LOCKSTEP_ERROR_NONE;
  wire fill      = from_seq || from_fifo;
  wire        fill_want  = from_seq || in_last;
  wire [3:0]  fill_seq   = from_seq ? seq_q : in_seq;
  wire [SEQ_BITS-1:0]  fill_index = fill_seq[SEQ_BITS-1:0];
  wire [3:0]  go_seq     = slot_seq_o[4*go_slot_i +: 4];
  wire [15:0] go_pos     = slot_pos_o[16*go_slot_i +: 16] + 16'd1;
  wire [SEQ_BITS-1:0]  go_index   = go_seq[SEQ_BITS-1:0];
  wire [SLOT_BITS-1:0] fill_slot  = filled_q[SLOT_BITS-1:0];
  wire [SLOT_BITS-1:0] prev_slot  = fill_slot - 1'b1;
  wire [15:0] fill_pos   = from_seq ? pos_q[16*seq_q +: 16] : in_pos;
  wire [19:0] fill_token = from_seq ? token_q[20*seq_q +: 20] : in_token;

  assign ready_o    = generating_q != 0 || lasts_q != 13'd0 || in_level >= {8'd0, most};
  assign in_pop_o   = from_fifo;
  assign err_o      = look && err_code_o != `LOCKSTEP_ERROR_NONE;
  assign err_slot_o = filled_q[3:0];
  assign done_o     = state_q == TAKE && !look;
  assign cm_valid_o = fill;
  assign cm_slot_o  = filled_q[3:0];
  assign cm_data_o  = {28'd0, fill_seq, 16'd0, fill_pos, 12'd0, fill_token};
  assign go_spent_o = budget_q[32*go_seq +: 32] <= 32'd1;
  assign go_full_o  = go_pos >= positions;
  assign listed_o   = listed_q != 0;

  // The pass.
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      state_q   <= IDLE;
      seq_q     <= 4'd0;
      prefill_o <= 1'b0;
      slots_o   <= 0;
    end else begin
      case (state_q)
        IDLE: if (start_i) begin
          state_q    <= generating_q != 0 ? GENERATE : TAKE;
          looked_q   <= 5'd0;
          filled_q   <= 5'd0;
          used_q     <= 0;
          sampling_q <= 0;
          prefill_o  <= 1'b0;
          slots_o    <= 0;
          want_o     <= 0;
          draft_o    <= 0;
        end
        GENERATE: if (!room || looked_q == SEQS[4:0])
          state_q <= TAKE;
        else begin
          looked_q <= looked_q + 5'd1;
          seq_q    <= {1'b0, seq_q} == SEQS[4:0] - 5'd1 ? 4'd0 : seq_q + 4'd1;
        end
        TAKE: if (!from_fifo)
          state_q <= IDLE;
        default: state_q <= IDLE;
      endcase
      if (fill) begin
        filled_q           <= filled_q + 5'd1;
        used_q[fill_index]   <= 1'b1;
        newest_q             <= fill_seq;
        if (fill_want)
          sampling_q[fill_index] <= 1'b1;
        if (from_fifo && in_word[`LOCKSTEP_IN_PROMPT])
          prefill_o <= 1'b1;
        slots_o[fill_slot]               <= 1'b1;
        want_o[fill_slot]                <= fill_want;
        draft_o[fill_slot]               <= from_fifo && in_draft;
        if (from_fifo && in_draft)
          want_o[prev_slot] <= 1'b1;
        slot_pos_o[16*fill_slot +: 16]   <= fill_pos;
        slot_seq_o[4*fill_slot +: 4]     <= fill_seq;
        slot_token_o[20*fill_slot +: 20] <= fill_token;
      end
    end

  // The sequences.
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      generating_q <= 0;
      listed_q     <= 0;
      pos_q        <= 0;
      lasts_q      <= 13'd0;
    end else begin
      lasts_q <= lasts_q + {12'd0, last_goes_in} - {12'd0, in_pop_o && in_last};
      if (fill) begin
        pos_q[16*fill_seq +: 16] <= fill_pos + 16'd1;
        listed_q[fill_index]       <= 1'b0;
        if (from_fifo && in_last)
          budget_q[32*fill_seq +: 32] <= settings_i[`LOCKSTEP_SETTINGS_BUDGET];
      end
      if (go_valid_i) begin
        generating_q[go_index]      <= go_on_i;
        listed_q[go_index]          <= go_list_i;
        pos_q[16*go_seq +: 16]      <= go_pos;
        token_q[20*go_seq +: 20]    <= go_token_i;
        budget_q[32*go_seq +: 32]   <= budget_q[32*go_seq +: 32] - 32'd1;
      end
    end

  wire unused = &{1'b0, in_word};

endmodule

`default_nettype wire
