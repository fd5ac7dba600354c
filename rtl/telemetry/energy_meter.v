// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Counts events and the energy they take (docs/power.md): each kind (enum EVENT of device.txt)
// costs its coefficient in femtojoules each time. Counts and the energy of each unit (enum UNIT)
// are exact, modulo 2^64. Events come in batches (rtl/telemetry/event_batch.v). cost_o is the
// energy that a batch adds in the units whose activity depends on the work alone, not on when it is
// done: dot array, weights, vector unit, attention, KV SRAM. snapshot_i copies what all batches
// before have added.
`default_nettype none
`include "generated/device.vh"

module energy_meter (
  input  wire        clk_i,           // may rest but for batch_i, coef_we_i, clear_i and snapshot_i
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire        snapshot_i,

  // A batch of events; the rest counts only with it.
  input  wire        batch_i,
  input  wire [`LOCKSTEP_SUMS_W-1:0] sums_i,

  input  wire        coef_we_i,
  input  wire [4:0]  coef_index_i,
  input  wire [31:0] coef_data_i,     // fJ
  output wire [31:0] coef_data_o,     // of coef_index_i

  input  wire [4:0]  count_index_i,
  output wire [63:0] count_o,         // latched
  input  wire [2:0]  energy_index_i,
  output wire [63:0] energy_o,        // latched, fJ
  input  wire [2:0]  now_index_i,
  output wire [63:0] now_o,           // not latched
  output wire [63:0] cost_o           // fJ, 0 without batch_i
);

  `include "generated/device_fn.vh"

  localparam EVENTS = `LOCKSTEP_EVENT_LIMIT;
  localparam UNITS  = `LOCKSTEP_UNIT_LIMIT;

  // Units whose activity depends on the work alone.
  localparam [UNITS-1:0] WORKING = 1 << `LOCKSTEP_UNIT_DOT | 1 << `LOCKSTEP_UNIT_WEIGHTS |
                                   1 << `LOCKSTEP_UNIT_VECTOR | 1 << `LOCKSTEP_UNIT_ATTENTION |
                                   1 << `LOCKSTEP_UNIT_KV;

  reg [31:0] coef_q [0:31];
  reg [63:0] count_q [0:31];
  reg [63:0] count_latched_q [0:31];
  reg [63:0] energy_q [0:UNITS-1];
  reg [63:0] energy_latched_q [0:UNITS-1];

  assign coef_data_o = coef_q[coef_index_i];
  assign count_o     = count_latched_q[count_index_i];
  assign energy_o    = energy_latched_q[energy_index_i];
  assign now_o       = energy_q[now_index_i];

  wire [5:0]  op          = sums_i[`LOCKSTEP_SUMS_OP];
  wire [4:0]  op_event    = device_op_event(op);
  wire [4:0]  dot_event   = sums_i[`LOCKSTEP_SUMS_DOT_EVENT];
  wire        busy        = sums_i[`LOCKSTEP_SUMS_CLASS] != `LOCKSTEP_CLASS_IDLE;

  // How often the batch has an event. What is not told apart before is told by type and op.
  function [31:0] times(input [4:0] kind);
    case (kind)
      `LOCKSTEP_EVENT_CYCLE:    times = {16'd0, sums_i[`LOCKSTEP_SUMS_CYCLES]};
      `LOCKSTEP_EVENT_BUSY:     times = busy ? {16'd0, sums_i[`LOCKSTEP_SUMS_CYCLES]} : 32'd0;
      `LOCKSTEP_EVENT_OP:       times = sums_i[`LOCKSTEP_SUMS_OPS];
      `LOCKSTEP_EVENT_REGISTER: times = sums_i[`LOCKSTEP_SUMS_ACCESSES];
      `LOCKSTEP_EVENT_PROMPT:   times = sums_i[`LOCKSTEP_SUMS_PROMPTS];
      `LOCKSTEP_EVENT_RESULT:   times = sums_i[`LOCKSTEP_SUMS_ROWS];
      `LOCKSTEP_EVENT_HALF:     times = sums_i[`LOCKSTEP_SUMS_HALVES];
      `LOCKSTEP_EVENT_WORD:     times = sums_i[`LOCKSTEP_SUMS_WORDS];
      `LOCKSTEP_EVENT_BURST:    times = sums_i[`LOCKSTEP_SUMS_BURSTS];
      `LOCKSTEP_EVENT_ATTEND:   times = sums_i[`LOCKSTEP_SUMS_ATTEND];
      `LOCKSTEP_EVENT_KV_READ:  times = sums_i[`LOCKSTEP_SUMS_KV_READS];
      `LOCKSTEP_EVENT_KV_WRITE: times = sums_i[`LOCKSTEP_SUMS_KV_WRITES];
      default: times = kind == dot_event ? sums_i[`LOCKSTEP_SUMS_DOTS] :
                       kind == op_event  ? sums_i[`LOCKSTEP_SUMS_ELEMENTS] : 32'd0;
    endcase
  endfunction

  // Energy of the batch, a unit each.
  reg [64*UNITS-1:0] energy;
  reg [63:0]         cost;
  integer e;
  always @* begin
    energy = 0;
    cost   = 64'd0;
    if (batch_i) begin
      for (e = 0; e < EVENTS; e = e + 1)
        energy[64*device_event_unit(e[4:0]) +: 64] = energy[64*device_event_unit(e[4:0]) +: 64] +
          {32'd0, coef_q[e]} * {32'd0, times(e[4:0])};
      for (e = 0; e < UNITS; e = e + 1)
        if (WORKING[e]) cost = cost + energy[64*e +: 64];
    end
  end
  assign cost_o = cost;

  integer i;
  always @(posedge clk_i)
    if (!rst_ni)
      for (i = 0; i < 32; i = i + 1)
        coef_q[i] <= device_event_coefficient(i[4:0]);
    else if (coef_we_i)
      coef_q[coef_index_i] <= coef_data_i;

  integer c;
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      for (c = 0; c < 32; c = c + 1)
        count_q[c] <= 64'd0;
      for (c = 0; c < UNITS; c = c + 1)
        energy_q[c] <= 64'd0;
    end else if (batch_i) begin
      for (c = 0; c < EVENTS; c = c + 1)
        if (times(c[4:0]) != 32'd0)
          count_q[c] <= count_q[c] + {32'd0, times(c[4:0])};
      for (c = 0; c < UNITS; c = c + 1)
        energy_q[c] <= energy_q[c] + energy[64*c +: 64];
    end

  integer j;
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      for (j = 0; j < 32; j = j + 1)
        count_latched_q[j] <= 64'd0;
      for (j = 0; j < UNITS; j = j + 1)
        energy_latched_q[j] <= 64'd0;
    end else if (snapshot_i) begin
      for (j = 0; j < EVENTS; j = j + 1)
        count_latched_q[j] <= count_q[j];
      for (j = 0; j < UNITS; j = j + 1)
        energy_latched_q[j] <= energy_q[j];
    end

endmodule

`default_nettype wire
