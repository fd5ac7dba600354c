// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Steps through the microcode of one pass. It resolves what unit CONTROL executes by itself and
// shows every other instruction with op_valid_o until op_next_i, the next one a cycle later: it is
// read while this one is left. done_o is high for one cycle at the end of the pass; after it, or
// after clear_i, the walker waits for start_i. The program has been validated: END is there and
// loops are well formed.
//
// Two walkers go through a pass, one of them ahead. At EXPERTS they meet: the first one waits, as
// which experts are chosen is known when the second one has come.
`default_nettype none
`include "generated/device.vh"

module walker (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         clear_i,

  input  wire         start_i,
  input  wire         want_any_i,    // some slot of the pass wants a token
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,
  output wire         busy_o,
  output wire         done_o,

  output wire [7:0]   pc_o,          // of the instruction shown
  output wire [7:0]   next_pc_o,     // of the one a cycle later: address of the store
  input  wire [127:0] instr_i,       // which gives it then

  output wire         op_valid_o,
  input  wire         op_next_i,
  output wire [15:0]  op_tensor_o,   // index with the layer's share
  output wire [7:0]   op_layer_o,
  output wire         op_local_o,    // a local layer
  output wire         op_wanting_o,  // behind WANT: only slots that want a token take part
  output wire [7:0]   op_expert_o,   // as member EXPERT of bundle JOB

  // EXPERTS.
  output wire         meets_o,       // it is shown
  input  wire         met_i,         // and so it is in the other walker
  input  wire [`LOCKSTEP_EXPERTS_MAX-1:0] experts_i   // which the slots chose, a bit each
);

  localparam [63:0] OPS_CONTROL = `LOCKSTEP_OPS_UNIT_CONTROL;
  localparam IDLE = 1'b0, SHOW = 1'b1;

  reg        state_q, state_d;
  reg [7:0]  pc_q, pc_d;
  reg [7:0]  loop_pc_q, loop_pc_d;   // first instruction of the loop
  reg [7:0]  layer_q, layer_d;
  reg [7:0]  turn_q, turn_d;         // layer modulo LOCAL.PERIOD
  reg [15:0] base_q, base_d;         // layer * TENSOR_STRIDE
  reg        wanting_q, wanting_d;
  reg [7:0]  expert_pc_q, expert_pc_d;   // first instruction of the expert loop
  reg [7:0]  expert_q, expert_d;         // {in the loop, the lowest of left_q}
  reg [`LOCKSTEP_EXPERTS_MAX-1:0] left_q, left_d;   // experts still to come, this one among them

  // As first_one, but a function: a simulator runs it at the two ops below alone, and not whenever
  // what it looks at changes.
  function [6:0] lowest(input [`LOCKSTEP_EXPERTS_MAX-1:0] experts);
    integer i;
    begin
      lowest = 7'd0;
      for (i = 127; i >= 0; i = i - 1)   // EXPERTS_MAX of them
        if (experts[i]) lowest = i[6:0];
    end
  endfunction

  wire [5:0] op = instr_i[`LOCKSTEP_UCODE0_OP];
  wire       is_control = OPS_CONTROL[op];
  wire       showing = state_q == SHOW;
  wire [7:0] next_layer = layer_q + 8'd1;
  wire [7:0] next_turn  = turn_q + 8'd1;
  wire [16:0] locals    = settings_i[`LOCKSTEP_SETTINGS_LOCAL];

  assign busy_o       = state_q != IDLE;
  assign done_o       = showing && (op == `LOCKSTEP_OP_END ||
                                    (op == `LOCKSTEP_OP_WANT && !want_any_i));
  assign pc_o         = pc_q;
  assign next_pc_o    = pc_d;
  assign op_valid_o   = showing && !is_control;
  assign op_tensor_o  = instr_i[`LOCKSTEP_UCODE0_TENSOR] +
                        (instr_i[`LOCKSTEP_UCODE0_PER_LAYER] ? base_q : 16'd0);
  assign op_layer_o   = layer_q;
  assign op_local_o   = turn_q < locals[`LOCKSTEP_LOCAL_COUNT];   // which is 0 if PERIOD is
  assign op_wanting_o = wanting_q;
  assign op_expert_o  = expert_q;
  assign meets_o      = showing && op == `LOCKSTEP_OP_EXPERTS;

  wire waits = meets_o && !met_i;

  always @* begin
    state_d   = state_q;
    pc_d      = pc_q;
    loop_pc_d = loop_pc_q;
    layer_d   = layer_q;
    turn_d    = turn_q;
    base_d    = base_q;
    wanting_d = wanting_q;
    expert_pc_d = expert_pc_q;
    expert_d    = expert_q;
    left_d      = left_q;
    case (state_q)
      IDLE: if (start_i) begin
        state_d   = SHOW;
        pc_d      = 8'd0;
        layer_d   = 8'd0;
        turn_d    = 8'd0;
        base_d    = 16'd0;
        wanting_d = 1'b0;
        expert_d  = 8'd0;
      end
      SHOW: if (done_o)
        state_d = IDLE;
      else if ((is_control && !waits) || op_next_i) begin
        pc_d = pc_q + 8'd1;
        case (op)
          `LOCKSTEP_OP_LOOP: begin
            loop_pc_d = pc_q + 8'd1;
            layer_d   = 8'd0;
            turn_d    = 8'd0;
            base_d    = 16'd0;
          end
          `LOCKSTEP_OP_NEXT: begin
            layer_d = next_layer;
            turn_d  = next_turn == locals[`LOCKSTEP_LOCAL_PERIOD] ? 8'd0 : next_turn;
            base_d  = base_q + settings_i[`LOCKSTEP_SETTINGS_TENSOR_STRIDE];
            if (next_layer < settings_i[`LOCKSTEP_SETTINGS_N_LAYERS])
              pc_d = loop_pc_q;
          end
          `LOCKSTEP_OP_WANT: wanting_d = 1'b1;
          `LOCKSTEP_OP_EXPERTS: begin
            expert_pc_d = pc_q + 8'd1;
            left_d      = experts_i;
            expert_d    = {1'b1, lowest(experts_i)};
          end
          `LOCKSTEP_OP_NEXT_EXPERT: begin
            left_d   = left_q & (left_q - 1'b1);
            expert_d = left_d != 0 ? {1'b1, lowest(left_d)} : 8'd0;
            if (left_d != 0)
              pc_d = expert_pc_q;
          end
          default: ;
        endcase
      end
    endcase
    if (clear_i)
      state_d = IDLE;
  end

  always @(posedge clk_i)
    if (!rst_ni) begin
      state_q <= IDLE;
      pc_q    <= 8'd0;   // commits tell these two between programs, too
      layer_q <= 8'd0;
    end else begin
      state_q <= state_d;
      pc_q    <= pc_d;
      layer_q <= layer_d;
    end

  always @(posedge clk_i) begin
    loop_pc_q <= loop_pc_d;
    turn_q    <= turn_d;
    base_q    <= base_d;
    wanting_q <= wanting_d;
    expert_pc_q <= expert_pc_d;
    expert_q    <= expert_d;
    left_q      <= left_d;
  end

  wire unused = &{1'b0, instr_i[127:32], instr_i[15:7], locals};

endmodule

`default_nettype wire
