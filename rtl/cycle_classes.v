// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Puts every cycle into exactly one class (enum CLASS of rtl/registers.txt) and counts each. All
// but IDLE are cycles while the engine is busy, so they add up to the counter CYCLES. snapshot_i
// copies all counters at once; value_o is the copy of the class that index_i names.
`include "registers.vh"
`default_nettype none

module cycle_classes (
  input  wire        clk_i,
  input  wire        slow_clk_i,  // may rest but for last_o, snapshot_i and one cycle more
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire        snapshot_i,

  input  wire        busy_i,
  input  wire [3:0]  state_i,     // enum STATE
  input  wire [5:0]  op_i,        // enum OP, while a unit works
  input  wire        stall_i,     // the dot array waits for weights

  output wire        last_o,      // something is counted now
  input  wire [3:0]  index_i,
  output wire [63:0] value_o
);

  wire is_weights = op_i == `LOCKSTEP_OP_MATVEC || op_i == `LOCKSTEP_OP_LOGITS;
  wire is_attend  = op_i == `LOCKSTEP_OP_KV || op_i == `LOCKSTEP_OP_ATTEND;

  reg [3:0] class_now;      // a stall is a cycle of MATVEC here
  always @* begin
    class_now = `LOCKSTEP_CLASS_CONTROL;
    if (!busy_i)
      class_now = `LOCKSTEP_CLASS_IDLE;
    else
      case (state_i)
        `LOCKSTEP_STATE_EXECUTE:
          if (is_weights)
            class_now = `LOCKSTEP_CLASS_MATVEC;
          else
            class_now = is_attend ? `LOCKSTEP_CLASS_ATTENTION : `LOCKSTEP_CLASS_VECTOR;
        `LOCKSTEP_STATE_SAMPLE:    class_now = `LOCKSTEP_CLASS_SAMPLE;
        `LOCKSTEP_STATE_PUSH:      class_now = `LOCKSTEP_CLASS_FIFO_WAIT;
        `LOCKSTEP_STATE_THROTTLED: class_now = `LOCKSTEP_CLASS_THROTTLED;
        `LOCKSTEP_STATE_VALIDATE:  class_now = `LOCKSTEP_CLASS_VALIDATE;
        default: ;
      endcase
  end

  wire stalled = stall_i && class_now == `LOCKSTEP_CLASS_MATVEC;

  // A run of cycles of one class is counted when it ends, or is copied; stalls are those of them in
  // which the dot array waited.
  reg [3:0]  class_q;
  reg [63:0] run_q, stalls_q;         // before this cycle, since they were counted last
  reg        snapshot_q;
  assign last_o = class_now != class_q || snapshot_i || clear_i;

  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      class_q    <= `LOCKSTEP_CLASS_IDLE;
      run_q      <= 64'd0;
      stalls_q   <= 64'd0;
      snapshot_q <= 1'b0;
    end else begin
      snapshot_q <= snapshot_i;
      if (last_o) begin
        class_q  <= class_now;
        run_q    <= {63'd0, !clear_i};
        stalls_q <= {63'd0, stalled && !clear_i};
      end else begin
        run_q <= run_q + 64'd1;
        if (stalled)
          stalls_q <= stalls_q + 64'd1;
      end
    end

  reg [63:0] count_q [0:15];
  reg [63:0] latched_q [0:15];
  assign value_o = latched_q[index_i];

  integer i;
  always @(posedge slow_clk_i or negedge rst_ni)
    if (!rst_ni) begin
      for (i = 0; i < 16; i = i + 1)
        count_q[i] <= 64'd0;
    end else if (clear_i) begin
      for (i = 0; i < 16; i = i + 1)
        count_q[i] <= 64'd0;
    end else if (last_o) begin
      count_q[class_q] <= count_q[class_q] + run_q - stalls_q;
      count_q[`LOCKSTEP_CLASS_WEIGHT_STALL] <= count_q[`LOCKSTEP_CLASS_WEIGHT_STALL] + stalls_q;
    end

  integer j;
  always @(posedge slow_clk_i or negedge rst_ni)
    if (!rst_ni) begin
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= 64'd0;
    end else if (clear_i) begin
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= 64'd0;
    end else if (snapshot_q) begin
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= count_q[j];
    end

endmodule

`default_nettype wire
