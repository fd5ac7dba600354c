// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The clock of a unit that mostly waits: it runs from the cycle in which wake_i rises until HOLD
// cycles after wake_i fell, long enough for every pipeline of the unit to run dry. The enable
// changes while the clock is low, so the gated clock has no glitches; in silicon this is the
// library's gating cell. It saves the power of idle flip-flops, and the time that a simulator
// spends on them.
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
  reg       enable_q;

  always @(posedge clk_i) begin
    if (!rst_ni)             hold_q <= HOLD[7:0];
    else if (wake_i)         hold_q <= HOLD[7:0];
    else if (hold_q != 8'd0) hold_q <= hold_q - 8'd1;
  end

  always @(negedge clk_i) enable_q <= wake_i || hold_q != 8'd0;

  assign clk_o = clk_i && enable_q;

endmodule

`default_nettype wire
