// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Holds the engine back. After an op that took d cycles it stays in its state THROTTLED for (pace
// - 1) * d cycles, rest_o high in the last of them; a pace that changes meanwhile counts from the
// next of these d portions on, and 1 ends the rest at once. Apart from that tokens are rationed:
// each that is put out costs token_cycles_i, one of which is paid every cycle, at most one token
// ahead, and wait_o asks for no new pass while more is owed than the last pass took.
`default_nettype none

module throttle (
  input  wire        clk_i,           // may rest while wake_o is low
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire [31:0] now_i,           // counts cycles
  output wire        wake_o,

  input  wire [7:0]  pace_i,          // 1: no pacing
  input  wire        op_start_i,
  input  wire        op_done_i,       // the last cycle of the op
  input  wire        resting_i,       // the engine is held
  output wire        pace_o,          // the op that ends now is to be followed by a rest
  output wire        rest_o,          // the last cycle of the rest

  input  wire        ration_i,        // tokens are rationed
  input  wire [31:0] token_cycles_i,
  input  wire        pass_i,          // a pass begins
  input  wire        token_i,         // a token is put out
  output wire        wait_o
);

  reg [31:0] begin_q;                 // when the op started
  reg [31:0] owed_q;                  // portions: cycles of the op
  reg [7:0]  portion_q;               // cycles of this portion that follow
  reg signed [33:0] debt_q;           // cycles
  reg [31:0] pass_q;                  // cycles of the last pass, counted while tokens are rationed
  reg        in_pass_q;

  localparam signed [33:0] MOST = 34'sh0ffffffff;
  wire signed [33:0] price = {2'b00, token_cycles_i};
  reg signed [33:0] debt;             // after this cycle
  always @* begin
    debt = debt_q;
    if (ration_i) begin
      debt = debt_q > -price ? debt_q - 34'sd1 : -price;
      if (token_i)
        debt = debt + price;
      if (debt > MOST)
        debt = MOST;
    end
  end

  assign wake_o = clear_i || op_start_i || (op_done_i && pace_o) || resting_i || ration_i;
  assign pace_o = pace_i > 8'd1;
  assign rest_o = pace_i <= 8'd1 || (owed_q <= 32'd1 && portion_q == 8'd0);
  assign wait_o = ration_i && debt_q > $signed({2'b00, pass_q});

  always @(posedge clk_i)
    if (!rst_ni || clear_i) debt_q <= 34'sd0;
    else begin
      if (op_start_i)
        begin_q <= now_i;
      if (op_done_i) begin
        owed_q    <= now_i - begin_q;
        portion_q <= pace_i - 8'd2;
      end else if (resting_i) begin
        portion_q <= portion_q == 8'd0 ? pace_i - 8'd2 : portion_q - 8'd1;
        if (portion_q == 8'd0)
          owed_q <= owed_q - 32'd1;
      end

      if (pass_i) begin
        pass_q    <= 32'd0;
        in_pass_q <= 1'b1;
      end else if (ration_i && in_pass_q && !token_i)
        pass_q <= pass_q + 32'd1;
      if (token_i)
        in_pass_q <= 1'b0;
      if (ration_i)
        debt_q <= debt;
    end

`ifdef FORMAL
`include "common/formal.vh"
  // Assumed: now_i counts cycles, in each of which the clock rises if wake_o was high in the one
  // before (clock_gate); ops begin and end in turns, begin when no rest is left, and take less than
  // 2^32 cycles (sequencer). The first 2^44 cycles of rationing.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  reg        in_op_q, resting_q;      // an op is under way; a rest is
  reg        live_q, woken_q, long_q; // the cycle before; the op has taken 2^32 cycles
  reg [31:0] now_q;
  reg [31:0] took_q, lasted_q;        // cycles since the op began; of the op that ended
  reg [31:0] turns_q;                 // of the rest so far: portions that are over,
  reg [7:0]  into_q, pace_q;          // and cycles of the one under way; the pace that it goes by
  reg signed [47:0] balance_q;        // what tokens cost less a cycle each, never cut off
  reg signed [33:0] ahead_q;          // the price of a token when one was last paid
  reg        cut_q;                   // more was owed than can be counted
  wire [31:0] passed = now_i - now_q;
  wire [32:0] took = {1'b0, took_q} + passed;
  wire        ends = into_q == pace_q - 8'd2;   // the portion
  always @(posedge clk_i) begin
    now_q   <= now_i;
    woken_q <= wake_o;
    live_q  <= rst_ni;
    if (!rst_ni || clear_i) begin
      {in_op_q, resting_q, cut_q, long_q} <= 4'd0;
      {balance_q, ahead_q} <= 0;
    end else begin
      if (op_start_i) {in_op_q, long_q, took_q} <= {2'b10, 32'd0};
      else if (in_op_q) {long_q, took_q} <= {long_q || took[32], took[31:0]};
      if (op_done_i) begin
        in_op_q   <= 1'b0;
        lasted_q  <= took[31:0];
        resting_q <= pace_o;
        {turns_q, into_q, pace_q} <= {40'd0, pace_i};
      end else if (resting_q) begin
        into_q <= ends ? 8'd0 : into_q + 8'd1;
        if (ends) {turns_q, pace_q} <= {turns_q + 32'd1, pace_i};
        if (rest_o || !resting_i) resting_q <= 1'b0;
      end
      cut_q <= cut_q || debt == MOST;
      if (ration_i) begin
        balance_q <= balance_q - 48'sd1 + (token_i ? {14'd0, price} : 48'sd0);
        ahead_q   <= price;
      end
    end
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) begin
      if (live_q) assume (passed != 0 && (!woken_q || passed == 32'd1));
      if (op_start_i) assume (!resting_q && !op_done_i);
      if (op_done_i) assume (in_op_q && !long_q && !took[32]);
      assume (balance_q < 48'sh100000000000 && balance_q > -48'sh100000000000);
    end
  end

  always `LOCKSTEP_CHECKED if (begun_q) begin
    // A rest has a portion for each cycle of the op, and each is pace - 1 cycles.
    if (resting_q && resting_i)
      rest: assert (rest_o == (pace_i <= 1 || (turns_q == lasted_q - 32'd1 && ends)));
    if (pace_i <= 1) no_pacing: assert (!pace_o && rest_o);
    // At most a token is paid ahead, and what is owed stays a number of 32 bits.
    debt_bounds: assert (debt_q <= MOST && debt_q >= -ahead_q);
    // Nothing that is owed is forgiven, unless it is more than can be counted.
    if (!cut_q) debt_whole: assert (debt_q >= balance_q);
    if (wait_o) debt_waits: assert (ration_i && debt_q > 0);
    // What induction rests on.
    if (in_op_q) assert (now_q - begin_q == took_q);
    if (resting_q) assert (pace_q > 1 && into_q <= pace_q - 8'd2 &&
                           portion_q == pace_q - 8'd2 - into_q);
    if (resting_q) assert (woken_q && turns_q < lasted_q && owed_q == lasted_q - turns_q);
    assert (ahead_q >= 0 && !(in_op_q && resting_q) && (live_q || !(in_op_q || resting_q)));

    cover (resting_q && rest_o && lasted_q == 2 && pace_q == 3 && turns_q == 1);
    cover (resting_q && turns_q == 1 && pace_q == 2 && into_q == 0 && lasted_q == 3);
    cover (wait_o && token_cycles_i == 5);
    cover (debt_q == -price && token_cycles_i == 2);
  end
`endif

endmodule

`default_nettype wire
