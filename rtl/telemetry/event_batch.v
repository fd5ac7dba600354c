// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Gathers the events of many cycles, so that the energy meter multiplies once for all of them: a
// sum a kind. A batch ends when it is asked for (end_i), when the class of the cycles, the op or
// the width of the weights changes, by which its events are told apart, and every 32,768 cycles;
// batch_o is high in the cycle after, with the sums of all cycles before the one that ended it.
// clear_i forgets what is open.
`default_nettype none
`include "generated/device.vh"

module event_batch (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire [15:0] now_i,        // counts cycles
  input  wire        end_i,

  // This cycle and its events, see rtl/telemetry/cycle_classes.v and rtl/telemetry/energy_meter.v.
  input  wire [3:0]  class_i,
  input  wire        stall_i,
  input  wire        op_start_i,
  input  wire [5:0]  op_i,
  input  wire        access_i,
  input  wire        prompt_i,
  input  wire [`LOCKSTEP_EVENTS_W-1:0] events_i,

  output wire        last_o,       // the batch ends

  // The batch; its sums hold until the next.
  output reg         batch_o,
  output wire [`LOCKSTEP_SUMS_W-1:0] sums_o
);

  // What is added up stands first in the bundle: amounts as the datapath counts them, then what
  // happens once in a cycle.
  localparam KINDS   = `LOCKSTEP_SUMS_W / 32;
  localparam SINGLES = 5;
  wire [4:0]          dot_event = events_i[`LOCKSTEP_EVENTS_DOT_EVENT];
  wire                burst     = events_i[`LOCKSTEP_EVENTS_BURST];
  wire [16*KINDS-1:0] steps     = {15'd0, burst, 15'd0, prompt_i, 15'd0, access_i,
                                   15'd0, op_start_i, 15'd0, stall_i,
                                   events_i[16*(KINDS-SINGLES)-1:0]};

  reg [3:0]  class_q, last_class_q;
  reg [5:0]  op_q, last_op_q;
  reg [4:0]  dot_event_q, last_dot_event_q;
  reg [15:0] begin_q, cycles_q;     // of the batch

  wire   last   = end_i || class_i != class_q || op_i != op_q || dot_event != dot_event_q ||
                  now_i[14:0] == 15'd0;
  wire   ends   = last || clear_i;
  assign last_o = last;

  always @(posedge clk_i)
    if (!rst_ni)
      batch_o <= 1'b0;
    else
      batch_o <= last && !clear_i;

  // The events of the cycle that ends a batch are the first of the next one.
  genvar k;
  generate
    for (k = 0; k < KINDS; k = k + 1) begin : g_sum
      wire [15:0] step = steps[16*k +: 16];
      reg  [31:0] open_q, sum_q;
      assign sums_o[32*k +: 32] = sum_q;
      always @(posedge clk_i)
        if (!rst_ni)
          open_q <= 32'd0;
        else if (ends) begin
          sum_q  <= open_q;
          open_q <= clear_i ? 32'd0 : {16'd0, step};
        end else if (step != 16'd0)
          open_q <= open_q + {16'd0, step};
    end
  endgenerate

  assign sums_o[`LOCKSTEP_SUMS_CYCLES]    = cycles_q;
  assign sums_o[`LOCKSTEP_SUMS_CLASS]     = last_class_q;
  assign sums_o[`LOCKSTEP_SUMS_OP]        = last_op_q;
  assign sums_o[`LOCKSTEP_SUMS_DOT_EVENT] = last_dot_event_q;
  always @(posedge clk_i)
    if (ends) begin
      cycles_q         <= now_i - begin_q;
      last_class_q     <= class_q;
      last_op_q        <= op_q;
      last_dot_event_q <= dot_event_q;
    end

  always @(posedge clk_i)
    if (!rst_ni) begin
      begin_q     <= 16'd0;
      class_q     <= 4'd0;
    end else if (ends) begin
      begin_q     <= now_i + {15'd0, clear_i};
      class_q     <= class_i;
      op_q        <= op_i;
      dot_event_q <= dot_event;
    end

endmodule

`default_nettype wire
