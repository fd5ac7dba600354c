// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The engine: forms a pass, walks its microcode, starts one unit at a time and waits for it, has
// tokens chosen at the end of the pass, and begins the next pass while there is work and
// CTRL.RUN. Validation runs between passes. The first error is latched with its place; from then
// on nothing starts until clear_i (soft reset). An op costs two cycles beyond its unit, and the
// rest that the throttle asks for.
`default_nettype none
`include "generated/device.vh"

module sequencer (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         clear_i,

  // Control and status.
  input  wire         run_i,
  input  wire         validate_i,      // pulse
  input  wire         changed_i,       // pulse: program, tensors or geometry written
  output wire         busy_o,
  output reg          model_ready_o,
  output wire [3:0]   state_o,
  output wire         idle_o,          // pulse: work ended and no other began
  output reg          error_o,
  output wire         error_now_o,     // pulse
  output reg  [`LOCKSTEP_PLACE_W-1:0] error_place_o,

  // Validator.
  output wire         check_start_o,
  input  wire         check_done_i,
  input  wire [`LOCKSTEP_PLACE_W-1:0] check_place_i,   // code 0: all is well

  // Pass former, walkers, token emitter.
  input  wire         form_ready_i,
  output wire         form_start_o,
  input  wire         form_done_i,
  input  wire         form_err_i,
  input  wire [7:0]   form_err_code_i,
  input  wire [3:0]   form_err_slot_i,
  output wire         pass_start_o,    // pulse: both walkers begin
  output wire         halt_o,          // stops both walkers
  input  wire         fetch_busy_i,
  input  wire         walk_done_i,
  input  wire         walk_valid_i,
  output wire         walk_next_o,
  input  wire [7:0]   walk_pc_i,
  input  wire [7:0]   walk_layer_i,
  input  wire [15:0]  walk_tensor_i,
  output wire         emit_start_o,
  input  wire         emit_done_i,
  input  wire         emit_pushing_i,

  // Throttle.
  input  wire         pace_i,          // a rest follows the op that ends now
  input  wire         rest_i,          // the last cycle of the rest
  input  wire         wait_i,          // no new pass yet
  input  wire         hot_i,           // no new op

  // Units.
  output wire         op_start_o,
  input  wire         op_done_i,
  input  wire [`LOCKSTEP_FAULT_W-1:0] fault_i,
  input  wire [`LOCKSTEP_PORT_FAULT_W-1:0] port_fault_i,
  input  wire         load_err_i
);

  // In detail; state_o folds them into the enum STATE.
  localparam [3:0] IDLE = 4'd0, FORM = 4'd1, BEGIN = 4'd2, WALK = 4'd3, START = 4'd4,
                   EXECUTE = 4'd5, SAMPLE = 4'd6, DRAIN = 4'd7, CHECK = 4'd8, ERROR = 4'd9,
                   REST = 4'd10;

  wire op_err   = fault_i[`LOCKSTEP_FAULT_VALID];
  wire port_err = port_fault_i[`LOCKSTEP_PORT_FAULT_VALID];

  reg [3:0] state_q, state_d;
  reg       check_pending_q;
  reg       walked_q;              // the walk ended while the last op was followed by a rest

  wire walked   = walk_done_i || walked_q;
  wire may_run  = run_i && model_ready_o && form_ready_i;
  wire checked  = state_q == CHECK && check_done_i;
  wire checking = check_start_o || (state_q == CHECK && !checked);
  wire check_ok = checked && check_place_i[`LOCKSTEP_PLACE_CODE] == `LOCKSTEP_ERROR_NONE;
  wire check_bad = checked && !check_ok;

  wire drained = state_q == DRAIN && !fetch_busy_i;
  wire held    = drained && wait_i && may_run;
  wire over    = checked || (drained && !held);

  // The heat stops the engine between ops, so that what is under way is finished.
  wire overheat = hot_i && ((state_q == WALK && walk_valid_i) || state_q == REST ||
                            ((state_q == IDLE || over) && may_run));

  assign error_now_o = !error_o &&
                       (port_err || op_err || form_err_i || check_bad || load_err_i ||
                        overheat);

  always @* begin
    state_d = state_q;
    case (state_q)
      FORM:    if (form_done_i) state_d = BEGIN;
      BEGIN:   state_d = WALK;
      WALK:    state_d = walked ? SAMPLE : walk_valid_i ? START : WALK;
      START:   state_d = EXECUTE;
      EXECUTE: if (op_done_i) state_d = pace_i ? REST : WALK;
      REST:    if (rest_i) state_d = WALK;
      SAMPLE:  if (emit_done_i) state_d = DRAIN;
      default: ;
    endcase
    if (state_q == IDLE || over)
      state_d = check_pending_q ? CHECK : may_run ? FORM : IDLE;
    if (error_now_o)
      state_d = ERROR;
    if (clear_i)
      state_d = IDLE;
  end

  wire entering = state_d != state_q;

  assign busy_o        = (state_q != IDLE && state_q != ERROR) || check_pending_q;
  assign idle_o        = over && state_d == IDLE && !clear_i;
  assign check_start_o = entering && state_d == CHECK;
  assign form_start_o  = state_d == FORM && (entering || over);
  assign pass_start_o  = state_q == BEGIN;
  assign halt_o        = clear_i || error_o;
  assign walk_next_o   = state_q == EXECUTE && op_done_i;
  assign op_start_o    = state_q == START && !halt_o && !error_now_o;
  assign emit_start_o  = state_q == WALK && walked && !error_now_o;

  reg [3:0] state_name;
  always @*
    case (state_q)
      IDLE:    state_name = `LOCKSTEP_STATE_IDLE;
      FORM:    state_name = `LOCKSTEP_STATE_FORM;
      EXECUTE: state_name = `LOCKSTEP_STATE_EXECUTE;
      SAMPLE:  state_name = emit_pushing_i ? `LOCKSTEP_STATE_PUSH : `LOCKSTEP_STATE_SAMPLE;
      CHECK:   state_name = `LOCKSTEP_STATE_VALIDATE;
      ERROR:   state_name = `LOCKSTEP_STATE_ERROR;
      REST:    state_name = `LOCKSTEP_STATE_THROTTLED;
      DRAIN:   state_name = held ? `LOCKSTEP_STATE_THROTTLED : `LOCKSTEP_STATE_FETCH;
      default: state_name = `LOCKSTEP_STATE_FETCH;
    endcase
  assign state_o = state_name;

  always @(posedge clk_i)
    if (!rst_ni) begin
      state_q         <= IDLE;
      check_pending_q <= 1'b0;
      walked_q        <= 1'b0;
      model_ready_o   <= 1'b0;
    end else begin
      state_q  <= state_d;
      walked_q <= state_q == REST && walked && !clear_i;
      // A check that has begun serves for what asks for one meanwhile: nothing can have changed.
      if (validate_i && (clear_i || !(error_o || error_now_o || checking)))
        check_pending_q <= 1'b1;
      else if (clear_i || check_start_o || error_now_o)
        check_pending_q <= 1'b0;
      if (validate_i || changed_i)
        model_ready_o <= 1'b0;
      else if (check_ok && !clear_i)
        model_ready_o <= 1'b1;
    end

  // As bundle PLACE: {slot, code, pc, layer, tensor}.
  wire [31:0] here = {walk_pc_i, walk_layer_i, walk_tensor_i};
  wire [`LOCKSTEP_PLACE_W-1:0] place =
    port_err   ? {4'd0, port_fault_i[`LOCKSTEP_PORT_FAULT_CODE],
                  port_fault_i[`LOCKSTEP_PORT_FAULT_TAG]} :
    op_err     ? {fault_i[`LOCKSTEP_FAULT_SLOT], fault_i[`LOCKSTEP_FAULT_CODE], here} :
    form_err_i ? {form_err_slot_i, form_err_code_i, 32'd0} :
    check_bad  ? check_place_i :
    load_err_i ? {4'd0, `LOCKSTEP_ERROR_LOADER, 32'd0} :
                 {4'd0, `LOCKSTEP_ERROR_OVERHEAT, walk_pc_i, walk_layer_i, 16'd0};

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      error_o       <= 1'b0;
      error_place_o <= 0;
    end else if (error_now_o) begin
      error_o       <= 1'b1;
      error_place_o <= place;
    end

`ifdef FORMAL
`include "common/formal.vh"
  // Assumed: units end what they were told to do, and nothing else (engine.v): a pass is formed
  // after form_start_o, an op after op_start_o, a pass is walked after pass_start_o, and nothing is
  // shown behind its end (walker).
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;

  reg         working_q;              // an op has begun and not ended
  reg         begun_check_q;          // so has a check
  reg         failed_q, cleared_q, erring_q, ready_q, changed_q, checked_q, fresh_q;
  reg         asked_q;
  reg [`LOCKSTEP_PLACE_W-1:0] place_q;
  wire        any_error = port_err || op_err || form_err_i || load_err_i;
  wire [7:0]  check_code = check_place_i[`LOCKSTEP_PLACE_CODE];
  wire        good_check = check_done_i && check_code == 0;
  always @(posedge clk_i) begin
    working_q <= rst_ni && !clear_i && !error_now_o && (op_start_o || (working_q && !op_done_i));
    begun_check_q <= rst_ni && !clear_i && !error_now_o &&
                     (check_start_o || (begun_check_q && !check_done_i));
    failed_q  <= rst_ni && error_o && !clear_i;
    erring_q  <= rst_ni && any_error && !clear_i;
    place_q   <= error_place_o;
    cleared_q <= clear_i || !rst_ni;
    ready_q   <= rst_ni && model_ready_o;
    changed_q <= validate_i || changed_i;
    asked_q   <= rst_ni && validate_i && !(error_o && !clear_i);
    checked_q <= good_check;
    fresh_q   <= rst_ni && error_now_o && !clear_i;
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) begin
      if (op_done_i && !error_o) assume (working_q && state_q == EXECUTE);
      if (check_done_i) assume (begun_check_q);
      if (walk_valid_i) assume (!walked);
      if (walk_done_i || walk_valid_i)
        assume (state_q == WALK || state_q == START || state_q == EXECUTE || state_q == REST ||
                state_q == SAMPLE || state_q == ERROR);
    end
  end

  always `LOCKSTEP_CHECKED if (begun_q) begin
    legal: assert (state_q <= REST);
    // An op starts when none is under way; what ends is what was started.
    if (op_start_o) one_op_1: assert (!working_q && state_q == START);
    if (working_q) one_op_2: assert (state_q == EXECUTE);
    // After an error nothing starts until the soft reset, whatever happens.
    if (error_o) begin
      stopped_1: assert (!op_start_o && !form_start_o && !check_start_o && !pass_start_o &&
                         !emit_start_o && (halt_o || clear_i));
      stopped_2: assert (state_q == ERROR && !error_now_o);
    end
    if (error_now_o) stopped_3: assert (!op_start_o && !emit_start_o && !error_o);
    if (failed_q) first_error: assert (error_o && error_place_o == place_q);
    if (fresh_q) told_1: assert (error_o);
    if (erring_q) told_2: assert (error_o);
    // It waits for a check only if one is under way; what asks for one is not forgotten.
    check_1: assert ((state_q == CHECK) == begun_check_q);
    if (asked_q && !error_o) check_2: assert (check_pending_q || begun_check_q);
    // A soft reset leads to rest from everywhere.
    if (cleared_q) soft_reset: assert (state_q == IDLE && !error_o);
    // The model is ready after a check without a fault, with nothing changed since.
    if (model_ready_o && !ready_q) ready_1: assert (checked_q && !changed_q);
    if (changed_q) ready_2: assert (!model_ready_o);
    if (form_start_o) ready_3: assert (model_ready_o && run_i);
    // No pass is formed in the heat, and a check that waits is made all the same.
    if (hot_i) heat_1: assert (!form_start_o);
    if (check_pending_q && state_q == IDLE && !any_error && !clear_i)
      heat_2: assert (check_start_o);
    // It stops the engine between ops and passes: what is under way is finished.
    if (error_now_o && !any_error && !check_bad)
      heat_3: assert (hot_i && !working_q && state_q != START && state_q != SAMPLE &&
                      (state_q != WALK || !walked));
    // It is busy unless it rests or has failed.
    busy_1: assert (busy_o || state_q == IDLE || error_o);
    if (error_o) busy_2: assert (!busy_o);
    // What induction rests on.
    assert (error_o == (state_q == ERROR));
    assert (!check_pending_q || (state_q != CHECK && !error_o && !model_ready_o));

    cover (op_start_o);
    cover (cleared_q && ready_q);
    cover (state_q == REST && walked);
    cover (asked_q && begun_check_q);
    cover (hot_i && check_start_o);
    cover (failed_q && validate_i && clear_i);
    cover (idle_o && model_ready_o);
  end
`endif

endmodule

`default_nettype wire
