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

endmodule

`default_nettype wire
