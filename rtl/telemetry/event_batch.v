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
  output reg  [`LOCKSTEP_SUMS_W-1:0] sums_o
);

  wire [4:0]  dot_event = events_i[`LOCKSTEP_EVENTS_DOT_EVENT];
  wire [15:0] dots      = events_i[`LOCKSTEP_EVENTS_DOTS];
  wire [15:0] halves    = events_i[`LOCKSTEP_EVENTS_HALVES];
  wire [15:0] rows      = events_i[`LOCKSTEP_EVENTS_ROWS];
  wire [15:0] words     = events_i[`LOCKSTEP_EVENTS_WORDS];
  wire        burst     = events_i[`LOCKSTEP_EVENTS_BURST];
  wire [15:0] elements  = events_i[`LOCKSTEP_EVENTS_ELEMENTS];
  wire [15:0] attend    = events_i[`LOCKSTEP_EVENTS_ATTEND];
  wire [7:0]  kv_reads  = events_i[`LOCKSTEP_EVENTS_KV_READS];
  wire [7:0]  kv_writes = events_i[`LOCKSTEP_EVENTS_KV_WRITES];

  reg [3:0]  class_q;
  reg [5:0]  op_q;
  reg [4:0]  dot_event_q;
  reg [15:0] begin_q;               // of the batch
  reg [15:0] stalls_q, ops_q, accesses_q, prompts_q, bursts_q;
  reg [31:0] dots_q, halves_q, rows_q, words_q, elements_q, attend_q, kv_reads_q, kv_writes_q;

  // What most cycles of a matrix do not have.
  wire   rare   = op_start_i || access_i || prompt_i || burst ||
                  (rows | elements | attend) != 16'd0 || (kv_reads | kv_writes) != 8'd0;
  wire   last   = end_i || class_i != class_q || op_i != op_q || dot_event != dot_event_q ||
                  now_i[14:0] == 15'd0;
  assign last_o = last;

  always @(posedge clk_i)
    if (!rst_ni)
      batch_o <= 1'b0;
    else
      batch_o <= last && !clear_i;

  always @(posedge clk_i)
    if (last || clear_i) begin
      sums_o[`LOCKSTEP_SUMS_CLASS]      <= class_q;
      sums_o[`LOCKSTEP_SUMS_OP]         <= op_q;
      sums_o[`LOCKSTEP_SUMS_DOT_EVENT]  <= dot_event_q;
      sums_o[`LOCKSTEP_SUMS_CYCLES]     <= now_i - begin_q;
      sums_o[`LOCKSTEP_SUMS_STALLS]     <= stalls_q;
      sums_o[`LOCKSTEP_SUMS_OPS]        <= ops_q;
      sums_o[`LOCKSTEP_SUMS_ACCESSES]   <= accesses_q;
      sums_o[`LOCKSTEP_SUMS_PROMPTS]    <= prompts_q;
      sums_o[`LOCKSTEP_SUMS_BURSTS]     <= bursts_q;
      sums_o[`LOCKSTEP_SUMS_DOTS]       <= dots_q;
      sums_o[`LOCKSTEP_SUMS_HALVES]     <= halves_q;
      sums_o[`LOCKSTEP_SUMS_ROWS]       <= rows_q;
      sums_o[`LOCKSTEP_SUMS_WORDS]      <= words_q;
      sums_o[`LOCKSTEP_SUMS_ELEMENTS]   <= elements_q;
      sums_o[`LOCKSTEP_SUMS_ATTEND]     <= attend_q;
      sums_o[`LOCKSTEP_SUMS_KV_READS]   <= kv_reads_q;
      sums_o[`LOCKSTEP_SUMS_KV_WRITES]  <= kv_writes_q;
    end

  // The events of the cycle that ends a batch are the first of the next one.
  always @(posedge clk_i)
    if (!rst_ni) begin
      class_q     <= 4'd0;
      op_q        <= 6'd0;
      dot_event_q <= 5'd0;
      begin_q     <= 16'd0;
      stalls_q    <= 16'd0;
      ops_q       <= 16'd0;
      accesses_q  <= 16'd0;
      prompts_q   <= 16'd0;
      bursts_q    <= 16'd0;
      dots_q      <= 32'd0;
      halves_q    <= 32'd0;
      rows_q      <= 32'd0;
      words_q     <= 32'd0;
      elements_q  <= 32'd0;
      attend_q    <= 32'd0;
      kv_reads_q  <= 32'd0;
      kv_writes_q <= 32'd0;
    end else if (last || clear_i) begin
      class_q     <= class_i;
      op_q        <= op_i;
      dot_event_q <= dot_event;
      begin_q     <= now_i + {15'd0, clear_i};
      stalls_q    <= {15'd0, stall_i && !clear_i};
      ops_q       <= {15'd0, op_start_i && !clear_i};
      accesses_q  <= {15'd0, access_i && !clear_i};
      prompts_q   <= {15'd0, prompt_i && !clear_i};
      bursts_q    <= {15'd0, burst && !clear_i};
      dots_q      <= clear_i ? 32'd0 : {16'd0, dots};
      halves_q    <= clear_i ? 32'd0 : {16'd0, halves};
      rows_q      <= clear_i ? 32'd0 : {16'd0, rows};
      words_q     <= clear_i ? 32'd0 : {16'd0, words};
      elements_q  <= clear_i ? 32'd0 : {16'd0, elements};
      attend_q    <= clear_i ? 32'd0 : {16'd0, attend};
      kv_reads_q  <= clear_i ? 32'd0 : {24'd0, kv_reads};
      kv_writes_q <= clear_i ? 32'd0 : {24'd0, kv_writes};
    end else begin
      if (stall_i) stalls_q <= stalls_q + 16'd1;
      if (rare) begin
        if (op_start_i)          ops_q       <= ops_q + 16'd1;
        if (access_i)            accesses_q  <= accesses_q + 16'd1;
        if (prompt_i)            prompts_q   <= prompts_q + 16'd1;
        if (burst)             bursts_q    <= bursts_q + 16'd1;
        if (rows != 16'd0)     rows_q      <= rows_q + {16'd0, rows};
        if (elements != 16'd0) elements_q  <= elements_q + {16'd0, elements};
        if (attend != 16'd0)   attend_q    <= attend_q + {16'd0, attend};
        if (kv_reads != 8'd0)  kv_reads_q  <= kv_reads_q + {24'd0, kv_reads};
        if (kv_writes != 8'd0) kv_writes_q <= kv_writes_q + {24'd0, kv_writes};
      end
      if (dots != 16'd0)   dots_q   <= dots_q + {16'd0, dots};
      if (halves != 16'd0) halves_q <= halves_q + {16'd0, halves};
      if (words != 16'd0)  words_q  <= words_q + {16'd0, words};
    end

endmodule

`default_nettype wire
