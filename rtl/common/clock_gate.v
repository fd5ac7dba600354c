// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The clock of a unit that mostly waits: it runs from the cycle in which wake_i rises until HOLD
// cycles after wake_i fell, long enough for every pipeline of the unit to run dry. The enable
// stands in a latch that is open while the clock is low, so the gated clock has no glitches; in
// silicon this is the library's gating cell. It saves the power of idle flip-flops, and the time
// that a simulator spends on them; a flip-flop of the falling edge in the latch's place would cost
// a simulator an event more in every cycle.
`default_nettype none

module clock_gate #(
  parameter HOLD = 63   // cycles, 1..255
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire wake_i,
  output wire clk_o
);

  generate
    if (HOLD < 1 || HOLD > 255) begin : g_check
      clock_gate_HOLD_must_be_1_to_255 u_error ();
    end
  endgenerate

  reg [7:0] hold_q;
  reg       enable_q;   // a latch

  always @(posedge clk_i) begin
    if (!rst_ni)             hold_q <= HOLD[7:0];
    else if (wake_i)         hold_q <= HOLD[7:0];
    else if (hold_q != 8'd0) hold_q <= hold_q - 8'd1;
  end

  always @* if (!clk_i) enable_q = wake_i || hold_q != 8'd0;

  assign clk_o = clk_i && enable_q;

`ifdef FORMAL
`ifdef YOSYS
  // Not for a simulation: time goes in steps in which the clock may rise, fall or stay. That wake_i
  // and rst_ni come from registers of clk_i is assumed: they change as the clock rises, and not
  // otherwise.
  (* gclk *) wire step;
  reg begun_q = 1'b0, awake_q = 1'b0;   // the first reset has been seen at a rising edge
  reg clk_q, clk_o_q, wake_q, rst_before_q;
  reg [7:0] since_q;                    // cycles since wake_i was high, HOLD at most
  wire rises = begun_q && clk_i && !clk_q;
  wire falls = begun_q && !clk_i && clk_q;

  always @(posedge step) begin
    begun_q <= 1'b1;
    clk_q   <= clk_i;
    clk_o_q <= clk_o;
    wake_q  <= wake_i;
    rst_before_q  <= rst_ni;
    if (rises) begin
      since_q <= !rst_before_q || wake_q ? 8'd0 : since_q == HOLD ? HOLD : since_q + 8'd1;
      if (!rst_before_q) awake_q <= 1'b1;
    end
  end

  reg low_q = 1'b0;                     // the clock has fallen since the reset
  always @(posedge step) if (awake_q && falls) low_q <= 1'b1;

  always @* begin
    if (!begun_q) assume (!clk_i);
    if (!awake_q) assume (!rst_ni);
    if (begun_q && !rises) assume (wake_i == wake_q && rst_ni == rst_before_q);
    if (awake_q && !rises) assert (hold_q == HOLD - since_q);   // what induction rests on
    if (awake_q || low_q) assert (begun_q && awake_q);
    if (low_q) begin
      if (!clk_q) settled: assert (enable_q == (wake_q || since_q != HOLD));
      // No glitch: it rises and falls with the clock alone.
      if (clk_o && !clk_o_q) glitch_1: assert (rises);
      if (!clk_o && clk_o_q) glitch_2: assert (falls);
      // An edge that ends a cycle with wake_i, or one of the HOLD cycles after, goes through, and
      // no other.
      if (rises) awake: assert (clk_o == (wake_q || since_q != HOLD));
    end
    cover (low_q && rises && !clk_o);
    cover (low_q && rises && clk_o && since_q == HOLD - 1 && !wake_q);
    cover (low_q && rises && clk_o && wake_q && since_q == HOLD);
  end
`endif
`endif

endmodule

`default_nettype wire
