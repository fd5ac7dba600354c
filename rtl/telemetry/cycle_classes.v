// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Puts every cycle into exactly one class (enum CLASS of device.txt) and counts each, a batch of
// cycles of one class at a time (rtl/telemetry/event_batch.v). All but IDLE are cycles while the
// engine is busy, so they add up to the counter CYCLES. snapshot_i copies all counters at once;
// value_o is the copy of the class that index_i names.
`default_nettype none
`include "generated/device.vh"

module cycle_classes (
  input  wire        clk_i,       // may rest but for batch_i, clear_i and snapshot_i
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire        snapshot_i,

  // This cycle.
  input  wire        busy_i,
  input  wire [3:0]  state_i,     // enum STATE
  input  wire [5:0]  op_i,        // enum OP, while a unit works
  input  wire        stall_i,     // the dot array waits for weights
  output wire [3:0]  class_o,     // a stall is a cycle of MATVEC here
  output wire        stall_o,

  // A batch of cycles.
  input  wire        batch_i,
  input  wire [3:0]  class_i,
  input  wire [15:0] cycles_i,
  input  wire [15:0] stalls_i,    // of them

  input  wire [3:0]  index_i,
  output wire [63:0] value_o
);

  `include "generated/device_fn.vh"

  reg [3:0] class_now;
  always @* begin
    class_now = `LOCKSTEP_CLASS_CONTROL;
    if (!busy_i)
      class_now = `LOCKSTEP_CLASS_IDLE;
    else
      case (state_i)
        `LOCKSTEP_STATE_EXECUTE:   class_now = device_op_class(op_i);
        `LOCKSTEP_STATE_SAMPLE:    class_now = `LOCKSTEP_CLASS_SAMPLE;
        `LOCKSTEP_STATE_PUSH:      class_now = `LOCKSTEP_CLASS_FIFO_WAIT;
        `LOCKSTEP_STATE_THROTTLED: class_now = `LOCKSTEP_CLASS_THROTTLED;
        `LOCKSTEP_STATE_VALIDATE:  class_now = `LOCKSTEP_CLASS_VALIDATE;
        default: ;
      endcase
  end

  assign class_o = class_now;
  assign stall_o = stall_i && class_now == `LOCKSTEP_CLASS_MATVEC;

  reg [63:0] count_q [0:15];
  reg [63:0] latched_q [0:15];
  assign value_o = latched_q[index_i];

  integer i;
  always @(posedge clk_i)
    if (!rst_ni) begin
      for (i = 0; i < 16; i = i + 1)
        count_q[i] <= 64'd0;
    end else if (clear_i) begin
      for (i = 0; i < 16; i = i + 1)
        count_q[i] <= 64'd0;
    end else if (batch_i) begin
      count_q[class_i] <= count_q[class_i] + {48'd0, cycles_i - stalls_i};
      count_q[`LOCKSTEP_CLASS_WEIGHT_STALL] <= count_q[`LOCKSTEP_CLASS_WEIGHT_STALL] +
                                               {48'd0, stalls_i};
    end

  integer j;
  always @(posedge clk_i)
    if (!rst_ni) begin
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= 64'd0;
    end else if (clear_i) begin
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= 64'd0;
    end else if (snapshot_i) begin
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= count_q[j];
    end

endmodule

`default_nettype wire
