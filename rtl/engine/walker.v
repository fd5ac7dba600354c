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

`ifdef FORMAL
`include "common/formal.vh"
  // Assumed: of the program what the validator has accepted (nested, whole); that it and the
  // geometry stay during a pass (csr_settings: locked_i); that what is not shown is not left
  // (prefetch, sequencer), and that some expert is chosen (vec_route).
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;

  wire [7:0]  n_layers = settings_i[`LOCKSTEP_SETTINGS_N_LAYERS];
  wire [15:0] stride   = settings_i[`LOCKSTEP_SETTINGS_TENSOR_STRIDE];
  wire [7:0]  period   = locals[`LOCKSTEP_LOCAL_PERIOD];
  wire [7:0]  count    = locals[`LOCKSTEP_LOCAL_COUNT];
  wire [15:0] tensor   = instr_i[`LOCKSTEP_UCODE0_TENSOR];
  wire        per_layer = instr_i[`LOCKSTEP_UCODE0_PER_LAYER];

  // What has been walked through: how deep in loops, where they begin, the layer; which experts
  // are chosen, and which have had their turn.
  reg [1:0]   nest_q;
  reg [7:0]   loop_at_q, experts_at_q, the_layer_q;
  reg [127:0] chosen_q, given_q;
  reg [15:0]  share_q;   // layer times stride
  reg [7:0]   turns_q;   // layer modulo period
  reg         want_q;
  wire [6:0]  expert = op_expert_o[6:0];
  wire        leaves = busy_o && !done_o && !clear_i &&
                       (op == `LOCKSTEP_OP_EXPERTS ? met_i : is_control || op_next_i);
  wire        again  = op == `LOCKSTEP_OP_NEXT && {1'b0, the_layer_q} + 9'd1 < n_layers;
  wire        more   = op == `LOCKSTEP_OP_NEXT_EXPERT &&
                       (chosen_q & ~given_q & ~(128'd1 << expert)) != 0;
  // Any one instruction, whether it has been left in this layer and turn; and any one expert.
  (* anyconst *) wire [7:0] at;
  (* anyconst *) wire [6:0] one;
  reg seen_q;
  always @(posedge clk_i)
    if (start_i && !busy_o)
      {nest_q, loop_at_q, experts_at_q, the_layer_q, want_q, seen_q, share_q, turns_q} <= 0;
    else if (leaves) begin
      seen_q <= again ? at < loop_at_q : more ? at < experts_at_q : seen_q || pc_o == at;
      case (op)
        `LOCKSTEP_OP_LOOP:
          {nest_q, loop_at_q, the_layer_q, experts_at_q, share_q, turns_q} <=
            {2'd1, pc_o + 8'd1, 40'd0};
        `LOCKSTEP_OP_NEXT: begin
          {nest_q, the_layer_q, experts_at_q} <= {1'b0, again, the_layer_q + 8'd1, 8'd0};
          share_q <= share_q + stride;
          turns_q <= turns_q == period - 8'd1 ? 8'd0 : turns_q + 8'd1;
        end
        `LOCKSTEP_OP_WANT: want_q <= 1'b1;
        `LOCKSTEP_OP_EXPERTS: {nest_q, experts_at_q, chosen_q, given_q} <=
          {2'd2, pc_o + 8'd1, experts_i, 128'd0};
        `LOCKSTEP_OP_NEXT_EXPERT: begin
          nest_q <= {more, !more};
          given_q <= given_q | 128'd1 << expert;
        end
        default: ;
      endcase
    end

  // The cycle before.
  wire [7:0]  turn = nest_q == 2'd2 ? {1'b0, expert} : experts_at_q != 0 ? 8'd128 : 8'd0;
  wire [39:0] measure = {loop_at_q, the_layer_q, experts_at_q, turn, pc_o};
  reg         showed_q, left_then_q, started_q, ended_q, met_q, out_q;
  reg [7:0]   next_pc_q, pc_then_q, then_q;
  reg [39:0]  measure_q;
  reg [127:0] instr_q;
  wire [40:0] geometry = {n_layers, stride, locals};
  reg  [40:0] geometry_q;
  always @(posedge clk_i) begin
    showed_q    <= rst_ni && busy_o;
    left_then_q <= rst_ni && leaves;
    started_q   <= rst_ni && start_i && !busy_o && !clear_i;
    ended_q     <= !rst_ni || done_o || clear_i;
    met_q       <= meets_o && !met_i;
    out_q       <= rst_ni && leaves && op == `LOCKSTEP_OP_NEXT_EXPERT && !more;
    next_pc_q   <= next_pc_o;
    pc_then_q   <= pc_o;
    then_q      <= again ? loop_at_q : more ? experts_at_q : pc_o + 8'd1;
    measure_q   <= measure;
    instr_q     <= instr_i;
    geometry_q  <= geometry;
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) begin
      if (op_next_i) assume (op_valid_o);
      if (showed_q && busy_o) assume (geometry == geometry_q);
      if (showed_q && busy_o && !left_then_q) assume (instr_i == instr_q);
      if (start_i || busy_o) assume (n_layers != 0 && count <= period);
      if (meets_o && met_i) assume (experts_i != 0);
      if (busy_o)
        case (op)
          `LOCKSTEP_OP_LOOP, `LOCKSTEP_OP_END: assume (nest_q == 2'd0);
          `LOCKSTEP_OP_NEXT, `LOCKSTEP_OP_EXPERTS: assume (nest_q == 2'd1);
          `LOCKSTEP_OP_NEXT_EXPERT: assume (nest_q == 2'd2);
          default: ;
        endcase
      if (pc_o == 8'd255) assume (op == `LOCKSTEP_OP_END);
    end
  end

  integer j;
  always `LOCKSTEP_CHECKED if (begun_q) begin
    // It rests until it is told to start, and from the end of the pass or a soft reset on.
    if (started_q) starts: assert (busy_o && pc_o == 8'd0);
    if (ended_q) rests_1: assert (!busy_o);
    if (!started_q && !showed_q) rests_2: assert (!busy_o);
    if (!busy_o) rests_3: assert (!op_valid_o && !done_o && !meets_o);
    if (showed_q && !ended_q) stays_1: assert (busy_o);
    if (showed_q && busy_o && !left_then_q) stays_2: assert (measure == measure_q);
    if (met_q && showed_q && busy_o) stays_3: assert (meets_o && pc_o == pc_then_q);
    store: assert (ended_q || pc_o == next_pc_q);
    if (busy_o) begin
      // One instruction after the other, back to where the loop begins; each once a layer and turn.
      if (left_then_q) order: assert (pc_o == then_q);
      whole: assert (seen_q == (at < pc_o));
      // There are but so many steps to the end.
      if (left_then_q) progress: assert (measure > measure_q);
      shown: assert (op_valid_o == !OPS_CONTROL[op] &&
                     done_o == (op == `LOCKSTEP_OP_END ||
                                (op == `LOCKSTEP_OP_WANT && !want_any_i)));
      // Every layer has its turn, with its tensors.
      layers_1: assert (op_layer_o == the_layer_q && (nest_q == 2'd0 || the_layer_q < n_layers));
      if (nest_q == 2'd0) layers_2: assert (the_layer_q == (loop_at_q != 0 ? n_layers : 8'd0));
      tensors: assert (op_tensor_o == tensor + (per_layer ? share_q : 16'd0));
      kinds: assert (op_local_o == (period != 0 && turns_q < count));
      wanting: assert (op_wanting_o == want_q);
      // Those experts that are chosen, each once, in ascending order.
      if (nest_q != 2'd2) begin
        experts_1: assert (op_expert_o == 8'd0);
      end else begin
        experts_2: assert (op_expert_o[7] && chosen_q[expert] && !given_q[expert]);
        if (chosen_q[one]) experts_3: assert (given_q[one] == (one < expert));
      end
      if (out_q) experts_4: assert (given_q == chosen_q);

      // What induction rests on.
      assert (loop_at_q <= pc_o && experts_at_q <= pc_o && nest_q != 2'd3);
      assert (nest_q == 2'd0 || (loop_pc_q == loop_at_q && loop_at_q != 0));
      assert (layer_q == the_layer_q && base_q == share_q);
      assert (turn_q == turns_q);
      if (nest_q == 2'd2) begin
        assert (expert_pc_q == experts_at_q && loop_at_q <= experts_at_q);
        assert (left_q == (chosen_q & ~given_q) && (given_q & ~chosen_q) == 0 && left_q[expert]);
        for (j = 0; j < 128; j = j + 1) assert (!left_q[j] || j[6:0] >= expert);
      end
    end

    cover (done_o && the_layer_q == 8'd2 && want_q);
    cover (out_q && given_q[one] && one != expert);
    cover (op_valid_o && op_local_o && the_layer_q == 8'd2 && count == 8'd1);
    cover (met_q && leaves);
    cover (ended_q && showed_q && nest_q == 2'd2);
  end
`endif

endmodule

`default_nettype wire
