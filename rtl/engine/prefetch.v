// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Asks the weight port for every tensor of a pass, ahead of the ops that use it: one fetch for
// each, of an expert its matrix alone, and for an op that takes rows of tokens or positions one for
// each active slot, in ascending order. The fetches come in the order in which the ops consume
// them; back-pressure is all that holds this walker back, and EXPERTS, until the choice is known. A
// fetch takes about six cycles to find.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module prefetch #(
  parameter SLOTS = `LOCKSTEP_DEFAULT_SLOTS
) (
  input  wire                clk_i,
  input  wire                rst_ni,
  input  wire                clear_i,

  input  wire                start_i,
  input  wire [SLOTS-1:0]    slots_i,         // active slots
  input  wire [SLOTS-1:0]    want_i,          // those that want a token
  input  wire [SLOTS*20-1:0] slot_token_i,
  input  wire [SLOTS*16-1:0] slot_pos_i,
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,
  output wire                busy_o,

  output wire                meets_o,         // EXPERTS, see rtl/engine/walker.v
  input  wire                met_i,
  input  wire [`LOCKSTEP_EXPERTS_MAX-1:0] experts_i,

  output wire [7:0]          next_pc_o,       // microcode, data one cycle later
  input  wire [127:0]        instr_i,
  output wire [15:0]         tensor_o,        // tensor table, data one cycle later
  input  wire [127:0]        entry_i,

  output wire                fetch_valid_o,
  input  wire                fetch_ready_i,
  output wire [`LOCKSTEP_FETCH_W-1:0] fetch_o
);

  `include "generated/device_fn.vh"

  localparam [63:0] OPS_TENSOR = `LOCKSTEP_OPS_TENSOR, OPS_TOKEN = `LOCKSTEP_OPS_TOKEN,
                    OPS_POSITION = `LOCKSTEP_OPS_POSITION;
  localparam [2:0] IDLE = 3'd0, TABLE = 3'd1, SIZE = 3'd2, SELECT = 3'd3, PRODUCT = 3'd4,
                   PLACE = 3'd5, EMIT = 3'd6;

  wire        op_valid, op_wanting, walking, walk_done;
  wire [15:0] op_tensor;
  wire [7:0]  pc, op_layer, op_expert;
  reg         op_next;

  walker u_walker (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .start_i      (start_i),
    .want_any_i   (|want_i),
    .settings_i   (settings_i),
    .busy_o       (walking),
    .done_o       (walk_done),
    .pc_o         (pc),
    .next_pc_o    (next_pc_o),
    .instr_i      (instr_i),
    .op_valid_o   (op_valid),
    .op_next_i    (op_next),
    .op_tensor_o  (op_tensor),
    .op_layer_o   (op_layer),
    .op_local_o   (),
    .op_wanting_o (op_wanting),
    .op_expert_o  (op_expert),
    .meets_o      (meets_o),
    .met_i        (met_i),
    .experts_i    (experts_i)
  );

  wire [5:0] op      = instr_i[`LOCKSTEP_UCODE0_OP];
  wire       by_slot = OPS_TOKEN[op] || OPS_POSITION[op];   // a row for each slot
  wire       by_expert = instr_i[`LOCKSTEP_UCODE0_EXPERT];

  wire [31:0] entry1 = entry_i[63:32];
  wire [7:0]  kind   = entry1[`LOCKSTEP_TENSOR1_TYPE];

  reg [2:0]       state_q, state_d;
  reg [SLOTS-1:0] left_q, left_d;      // slots whose row is still to be fetched
  reg [19:0]      row_bytes_q, row_bytes_d;
  reg [19:0]      factor_q, factor_d;  // rows of the tensor; or the token, or the position
  reg [39:0]      product_q, product_d;
  reg [39:0]      offset_q, offset_d;  // of the row, or of the expert's matrix

  localparam SLOT_BITS = SLOTS > 1 ? $clog2(SLOTS) : 1;
  wire [SLOT_BITS-1:0] first;
  wire [SLOTS-1:0]     others = left_q & (left_q - 1'b1);
  first_one #(.WIDTH(SLOTS)) u_first (.bits_i(left_q), .index_o(first));

  wire [39:0] start_addr = {entry1[`LOCKSTEP_TENSOR1_ADDR_HI], entry_i[31:0]};

  assign busy_o        = walking || state_q != IDLE;
  assign tensor_o      = op_tensor;
  assign fetch_valid_o = state_q == EMIT;
  assign fetch_o[`LOCKSTEP_FETCH_ADDR]  = by_slot || by_expert ? start_addr + offset_q : start_addr;
  assign fetch_o[`LOCKSTEP_FETCH_BYTES] = by_slot ? {20'd0, row_bytes_q} : product_q;
  assign fetch_o[`LOCKSTEP_FETCH_TAG]   = {pc, op_layer, op_tensor};

  always @* begin
    state_d     = state_q;
    left_d      = left_q;
    row_bytes_d = row_bytes_q;
    factor_d    = factor_q;
    product_d   = product_q;
    offset_d    = offset_q;
    op_next     = 1'b0;
    case (state_q)
      IDLE: if (op_valid) begin
        if (OPS_TENSOR[op]) begin
          state_d = TABLE;
          left_d  = op_wanting ? want_i : slots_i;
        end else
          op_next = 1'b1;
      end
      TABLE: state_d = SIZE;
      SIZE: begin
        row_bytes_d = device_row_bytes(kind, entry_i[96 +: 18]);
        state_d     = SELECT;
      end
      SELECT: begin
        factor_d = OPS_TOKEN[op]    ? slot_token_i[20*first +: 20] :
                   OPS_POSITION[op] ? {4'd0, slot_pos_i[16*first +: 16]} : entry_i[64 +: 20];
        state_d  = PRODUCT;
      end
      PRODUCT: begin
        product_d = {20'd0, factor_q} * {20'd0, row_bytes_q};
        offset_d  = product_d;
        state_d   = by_expert ? PLACE : EMIT;
      end
      PLACE: begin
        offset_d = {33'd0, op_expert[6:0]} * product_q;
        state_d  = EMIT;
      end
      EMIT: if (fetch_ready_i) begin
        left_d = others;
        if (by_slot && left_d != 0)
          state_d = SELECT;
        else begin
          state_d = IDLE;
          op_next = 1'b1;
        end
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
    left_q      <= left_d;
    row_bytes_q <= row_bytes_d;
    factor_q    <= factor_d;
    product_q   <= product_d;
    offset_q    <= offset_d;
  end

  wire unused = &{1'b0, entry_i, walk_done, op_expert[7]};

endmodule

`default_nettype wire
