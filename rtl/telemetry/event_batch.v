// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Gathers the events of many cycles, so that the energy meter multiplies once for all of them: a
// sum a kind. A batch ends when it is asked for (end_i), when the class of the cycles, the op or
// the width of the weights changes, by which its events are told apart, and every 32,768 cycles;
// batch_o is high in the cycle after, with the sums of all cycles before the one that ended it.
// clear_i forgets what is open.
`default_nettype none

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
  input  wire [1:0]  width_i,
  input  wire [15:0] dots_i,
  input  wire [15:0] halves_i,
  input  wire [15:0] rows_i,
  input  wire [15:0] words_i,
  input  wire        burst_i,
  input  wire [15:0] elements_i,
  input  wire [15:0] attend_i,
  input  wire [7:0]  kv_reads_i,
  input  wire [7:0]  kv_writes_i,

  output wire        last_o,       // the batch ends

  // The batch; its sums hold until the next.
  output reg         batch_o,
  output reg  [3:0]  class_o,
  output reg  [5:0]  op_o,
  output reg  [1:0]  width_o,
  output reg  [15:0] cycles_o,
  output reg  [15:0] stalls_o,
  output reg  [15:0] ops_o,
  output reg  [15:0] accesses_o,
  output reg  [15:0] prompts_o,
  output reg  [15:0] bursts_o,
  output reg  [31:0] dots_o,
  output reg  [31:0] halves_o,
  output reg  [31:0] rows_o,
  output reg  [31:0] words_o,
  output reg  [31:0] elements_o,
  output reg  [31:0] attend_o,
  output reg  [31:0] kv_reads_o,
  output reg  [31:0] kv_writes_o
);

  reg [3:0]  class_q;
  reg [5:0]  op_q;
  reg [1:0]  width_q;
  reg [15:0] begin_q;               // of the batch
  reg [15:0] stalls_q, ops_q, accesses_q, prompts_q, bursts_q;
  reg [31:0] dots_q, halves_q, rows_q, words_q, elements_q, attend_q, kv_reads_q, kv_writes_q;

  // What most cycles of a matrix do not have.
  wire   rare   = op_start_i || access_i || prompt_i || burst_i ||
                  (rows_i | elements_i | attend_i) != 16'd0 || (kv_reads_i | kv_writes_i) != 8'd0;
  wire   last   = end_i || class_i != class_q || op_i != op_q || width_i != width_q ||
                  now_i[14:0] == 15'd0;
  assign last_o = last;

  always @(posedge clk_i)
    if (!rst_ni)
      batch_o <= 1'b0;
    else
      batch_o <= last && !clear_i;

  always @(posedge clk_i)
    if (last || clear_i) begin
      class_o     <= class_q;
      op_o        <= op_q;
      width_o     <= width_q;
      cycles_o    <= now_i - begin_q;
      stalls_o    <= stalls_q;
      ops_o       <= ops_q;
      accesses_o  <= accesses_q;
      prompts_o   <= prompts_q;
      bursts_o    <= bursts_q;
      dots_o      <= dots_q;
      halves_o    <= halves_q;
      rows_o      <= rows_q;
      words_o     <= words_q;
      elements_o  <= elements_q;
      attend_o    <= attend_q;
      kv_reads_o  <= kv_reads_q;
      kv_writes_o <= kv_writes_q;
    end

  // The events of the cycle that ends a batch are the first of the next one.
  always @(posedge clk_i)
    if (!rst_ni) begin
      class_q     <= 4'd0;
      op_q        <= 6'd0;
      width_q     <= 2'd0;
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
      width_q     <= width_i;
      begin_q     <= now_i + {15'd0, clear_i};
      stalls_q    <= {15'd0, stall_i && !clear_i};
      ops_q       <= {15'd0, op_start_i && !clear_i};
      accesses_q  <= {15'd0, access_i && !clear_i};
      prompts_q   <= {15'd0, prompt_i && !clear_i};
      bursts_q    <= {15'd0, burst_i && !clear_i};
      dots_q      <= clear_i ? 32'd0 : {16'd0, dots_i};
      halves_q    <= clear_i ? 32'd0 : {16'd0, halves_i};
      rows_q      <= clear_i ? 32'd0 : {16'd0, rows_i};
      words_q     <= clear_i ? 32'd0 : {16'd0, words_i};
      elements_q  <= clear_i ? 32'd0 : {16'd0, elements_i};
      attend_q    <= clear_i ? 32'd0 : {16'd0, attend_i};
      kv_reads_q  <= clear_i ? 32'd0 : {24'd0, kv_reads_i};
      kv_writes_q <= clear_i ? 32'd0 : {24'd0, kv_writes_i};
    end else begin
      if (stall_i) stalls_q <= stalls_q + 16'd1;
      if (rare) begin
        if (op_start_i)          ops_q       <= ops_q + 16'd1;
        if (access_i)            accesses_q  <= accesses_q + 16'd1;
        if (prompt_i)            prompts_q   <= prompts_q + 16'd1;
        if (burst_i)             bursts_q    <= bursts_q + 16'd1;
        if (rows_i != 16'd0)     rows_q      <= rows_q + {16'd0, rows_i};
        if (elements_i != 16'd0) elements_q  <= elements_q + {16'd0, elements_i};
        if (attend_i != 16'd0)   attend_q    <= attend_q + {16'd0, attend_i};
        if (kv_reads_i != 8'd0)  kv_reads_q  <= kv_reads_q + {24'd0, kv_reads_i};
        if (kv_writes_i != 8'd0) kv_writes_q <= kv_writes_q + {24'd0, kv_writes_i};
      end
      if (dots_i != 16'd0)   dots_q   <= dots_q + {16'd0, dots_i};
      if (halves_i != 16'd0) halves_q <= halves_q + {16'd0, halves_i};
      if (words_i != 16'd0)  words_q  <= words_q + {16'd0, words_i};
    end

endmodule

`default_nettype wire
