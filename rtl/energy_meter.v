// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Counts events and the energy they take (docs/power.md): each kind (enum EVENT of
// rtl/registers.txt) costs its coefficient in femtojoules each time. Counts and the energy of
// each unit (enum UNIT) are exact, modulo 2^64. cost_o is the energy that this cycle adds in the
// units whose activity depends on the work alone, not on when it is done: dot array, weights,
// vector unit, attention, KV SRAM. Everything is a cycle late, the copy that snapshot_i makes at
// once of everything too, so that it agrees with other counters.
`include "registers.vh"
`default_nettype none

module energy_meter (
  input  wire        clk_i,
  input  wire        cold_clk_i,      // may rest but for coef_we_i, clear_i and snapshot_i
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire        snapshot_i,

  // Events of this cycle.
  input  wire        busy_i,
  input  wire        op_start_i,
  input  wire [5:0]  op_i,            // that runs: kind of elements_i, and whether rows are sampled
  input  wire        access_i,        // to a register
  input  wire        prompt_i,        // a sequence begins
  input  wire [1:0]  width_i,         // of the weights: 0 4 bits, 1 8 bits, 2 16 bits
  input  wire [15:0] dots_i,          // blocks of 32 multiply-accumulates
  input  wire [15:0] halves_i,        // 16-bit halfwords of weight blocks
  input  wire [15:0] rows_i,          // results of the dot array
  input  wire [15:0] words_i,         // 128-bit words from the weight port
  input  wire        burst_i,
  input  wire [15:0] elements_i,      // of the vector unit
  input  wire [15:0] attend_i,        // blocks of 32 multiply-accumulates
  input  wire [7:0]  kv_reads_i,      // words
  input  wire [7:0]  kv_writes_i,

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
  output wire [63:0] cost_o           // fJ
);

  localparam EVENTS = 23;
  localparam UNITS  = 8;

  reg [31:0] coef_q [0:31];
  reg [63:0] count_q [0:31];          // 0 unless its bit of counted_q is set
  reg [31:0] counted_q, counted_d;
  reg [63:0] count_latched_q [0:31];
  reg [63:0] energy_q [0:UNITS-1];    // 0 unless its bit of spent_q is set
  reg [UNITS-1:0] spent_q, spent_d;
  reg [63:0] energy_latched_q [0:UNITS-1];

  reg [63:0] cycles_q, busy_cycles_q;         // CYCLE and BUSY

  assign coef_data_o = coef_q[coef_index_i];
  assign count_o     = count_latched_q[count_index_i];
  assign energy_o    = energy_latched_q[energy_index_i];
  assign now_o       = spent_q[now_index_i] ? energy_q[now_index_i] : 64'd0;

  // The events of the cycle before: nothing of what follows is on their path.
  reg        busy_q, op_start_q, access_q, prompt_q, burst_q, running_q, snapshot_q;
  reg [5:0]  op_q;
  reg [1:0]  width_q;
  reg [15:0] dots_q, halves_q, rows_q, words_q, elements_q, attend_q;
  reg [7:0]  kv_reads_q, kv_writes_q;
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      running_q <= 1'b0;
      snapshot_q <= 1'b0;
      busy_q <= 1'b0;
      op_start_q <= 1'b0;
      access_q <= 1'b0;
      prompt_q <= 1'b0;
      burst_q <= 1'b0;
      op_q <= 6'd0;
      width_q <= 2'd0;
      dots_q <= 16'd0;
      halves_q <= 16'd0;
      rows_q <= 16'd0;
      words_q <= 16'd0;
      elements_q <= 16'd0;
      attend_q <= 16'd0;
      kv_reads_q <= 8'd0;
      kv_writes_q <= 8'd0;
    end else begin
      running_q <= !clear_i;
      snapshot_q <= snapshot_i;
      busy_q <= clear_i ? 1'b0 : busy_i;
      op_start_q <= clear_i ? 1'b0 : op_start_i;
      access_q <= clear_i ? 1'b0 : access_i;
      prompt_q <= clear_i ? 1'b0 : prompt_i;
      burst_q <= clear_i ? 1'b0 : burst_i;
      op_q <= op_i;
      width_q <= width_i;
      dots_q <= clear_i ? 16'd0 : dots_i;
      halves_q <= clear_i ? 16'd0 : halves_i;
      rows_q <= clear_i ? 16'd0 : rows_i;
      words_q <= clear_i ? 16'd0 : words_i;
      elements_q <= clear_i ? 16'd0 : elements_i;
      attend_q <= clear_i ? 16'd0 : attend_i;
      kv_reads_q <= clear_i ? 8'd0 : kv_reads_i;
      kv_writes_q <= clear_i ? 8'd0 : kv_writes_i;
    end

  reg [4:0] vector_kind;
  always @*
    case (op_q)
      `LOCKSTEP_OP_EMBED:  vector_kind = `LOCKSTEP_EVENT_EMBED;
      `LOCKSTEP_OP_NORM:   vector_kind = `LOCKSTEP_EVENT_NORM;
      `LOCKSTEP_OP_QUANT:  vector_kind = `LOCKSTEP_EVENT_QUANT;
      `LOCKSTEP_OP_ROPE:   vector_kind = `LOCKSTEP_EVENT_ROPE;
      `LOCKSTEP_OP_SWIGLU: vector_kind = `LOCKSTEP_EVENT_SWIGLU;
      `LOCKSTEP_OP_ADD:    vector_kind = `LOCKSTEP_EVENT_ADD;
      default:             vector_kind = `LOCKSTEP_EVENT_ANGLES;
    endcase
  wire [4:0]  dot_kind = `LOCKSTEP_EVENT_DOT4 + {3'd0, width_q};
  wire [15:0] samples  = op_q == `LOCKSTEP_OP_LOGITS ? rows_q : 16'd0;

  // Energy of this cycle.
  reg [63:0] control, dot, weights, dram, vector, attend, kv;
  always @* begin
    control = 64'd0;
    dot     = 64'd0;
    weights = 64'd0;
    dram    = 64'd0;
    vector  = 64'd0;
    attend  = 64'd0;
    kv      = 64'd0;
    if (busy_q)             control = {32'd0, coef_q[`LOCKSTEP_EVENT_BUSY]};
    if (op_start_q)         control = control + {32'd0, coef_q[`LOCKSTEP_EVENT_OP]};
    if (access_q)           control = control + {32'd0, coef_q[`LOCKSTEP_EVENT_REGISTER]};
    if (prompt_q)           control = control + {32'd0, coef_q[`LOCKSTEP_EVENT_PROMPT]};
    if (dots_q != 16'd0)    dot = {32'd0, coef_q[dot_kind]} * {48'd0, dots_q};
    if (halves_q != 16'd0)  weights = {32'd0, coef_q[`LOCKSTEP_EVENT_HALF]} * {48'd0, halves_q};
    if (words_q != 16'd0)   dram = {32'd0, coef_q[`LOCKSTEP_EVENT_WORD]} * {48'd0, words_q};
    if (burst_q)            dram = dram + {32'd0, coef_q[`LOCKSTEP_EVENT_BURST]};
    if (elements_q != 16'd0) vector = {32'd0, coef_q[vector_kind]} * {48'd0, elements_q};
    if (attend_q != 16'd0)  attend = {32'd0, coef_q[`LOCKSTEP_EVENT_ATTEND]} * {48'd0, attend_q};
    if (kv_reads_q != 8'd0) kv = {32'd0, coef_q[`LOCKSTEP_EVENT_KV_READ]} * {56'd0, kv_reads_q};
    if (kv_writes_q != 8'd0)
      kv = kv + {32'd0, coef_q[`LOCKSTEP_EVENT_KV_WRITE]} * {56'd0, kv_writes_q};
    if (rows_q != 16'd0) begin
      dot     = dot + {32'd0, coef_q[`LOCKSTEP_EVENT_RESULT]} * {48'd0, rows_q};
      control = control + {32'd0, coef_q[`LOCKSTEP_EVENT_SAMPLE]} * {48'd0, samples};
    end
  end
  assign cost_o = dot + weights + vector + attend + kv;

  integer i;
  always @(posedge cold_clk_i or negedge rst_ni)
    if (!rst_ni) begin
      for (i = 0; i < 32; i = i + 1)
        coef_q[i] <= 32'd0;
      coef_q[`LOCKSTEP_EVENT_CYCLE]    <= `LOCKSTEP_RESET_COEF_CYCLE;
      coef_q[`LOCKSTEP_EVENT_BUSY]     <= `LOCKSTEP_RESET_COEF_BUSY;
      coef_q[`LOCKSTEP_EVENT_OP]       <= `LOCKSTEP_RESET_COEF_OP;
      coef_q[`LOCKSTEP_EVENT_REGISTER] <= `LOCKSTEP_RESET_COEF_REGISTER;
      coef_q[`LOCKSTEP_EVENT_SAMPLE]   <= `LOCKSTEP_RESET_COEF_SAMPLE;
      coef_q[`LOCKSTEP_EVENT_PROMPT]   <= `LOCKSTEP_RESET_COEF_PROMPT;
      coef_q[`LOCKSTEP_EVENT_DOT4]     <= `LOCKSTEP_RESET_COEF_DOT4;
      coef_q[`LOCKSTEP_EVENT_DOT8]     <= `LOCKSTEP_RESET_COEF_DOT8;
      coef_q[`LOCKSTEP_EVENT_DOT16]    <= `LOCKSTEP_RESET_COEF_DOT16;
      coef_q[`LOCKSTEP_EVENT_RESULT]   <= `LOCKSTEP_RESET_COEF_RESULT;
      coef_q[`LOCKSTEP_EVENT_HALF]     <= `LOCKSTEP_RESET_COEF_HALF;
      coef_q[`LOCKSTEP_EVENT_WORD]     <= `LOCKSTEP_RESET_COEF_WORD;
      coef_q[`LOCKSTEP_EVENT_BURST]    <= `LOCKSTEP_RESET_COEF_BURST;
      coef_q[`LOCKSTEP_EVENT_EMBED]    <= `LOCKSTEP_RESET_COEF_EMBED;
      coef_q[`LOCKSTEP_EVENT_NORM]     <= `LOCKSTEP_RESET_COEF_NORM;
      coef_q[`LOCKSTEP_EVENT_QUANT]    <= `LOCKSTEP_RESET_COEF_QUANT;
      coef_q[`LOCKSTEP_EVENT_ROPE]     <= `LOCKSTEP_RESET_COEF_ROPE;
      coef_q[`LOCKSTEP_EVENT_SWIGLU]   <= `LOCKSTEP_RESET_COEF_SWIGLU;
      coef_q[`LOCKSTEP_EVENT_ADD]      <= `LOCKSTEP_RESET_COEF_ADD;
      coef_q[`LOCKSTEP_EVENT_ANGLES]   <= `LOCKSTEP_RESET_COEF_ANGLES;
      coef_q[`LOCKSTEP_EVENT_ATTEND]   <= `LOCKSTEP_RESET_COEF_ATTEND;
      coef_q[`LOCKSTEP_EVENT_KV_READ]  <= `LOCKSTEP_RESET_COEF_KV_READ;
      coef_q[`LOCKSTEP_EVENT_KV_WRITE] <= `LOCKSTEP_RESET_COEF_KV_WRITE;
    end else if (coef_we_i)
      coef_q[coef_index_i] <= coef_data_i;

  // A cleared place counts as 0.
  function [63:0] more(input [4:0] kind, input [15:0] times);
    more = (counted_q[kind] ? count_q[kind] : 64'd0) + {48'd0, times};
  endfunction
  function [63:0] spend(input [2:0] unit, input [63:0] energy);
    spend = (spent_q[unit] ? energy_q[unit] : 64'd0) + energy;
  endfunction

  always @* begin
    counted_d = counted_q;
    if (op_start_q) counted_d[`LOCKSTEP_EVENT_OP] = 1'b1;
    if (access_q) counted_d[`LOCKSTEP_EVENT_REGISTER] = 1'b1;
    if (prompt_q) counted_d[`LOCKSTEP_EVENT_PROMPT] = 1'b1;
    if (dots_q != 16'd0) counted_d[dot_kind] = 1'b1;
    if (halves_q != 16'd0) counted_d[`LOCKSTEP_EVENT_HALF] = 1'b1;
    if (words_q != 16'd0) counted_d[`LOCKSTEP_EVENT_WORD] = 1'b1;
    if (burst_q) counted_d[`LOCKSTEP_EVENT_BURST] = 1'b1;
    if (elements_q != 16'd0) counted_d[vector_kind] = 1'b1;
    if (attend_q != 16'd0) counted_d[`LOCKSTEP_EVENT_ATTEND] = 1'b1;
    if (kv_reads_q != 8'd0) counted_d[`LOCKSTEP_EVENT_KV_READ] = 1'b1;
    if (kv_writes_q != 8'd0) counted_d[`LOCKSTEP_EVENT_KV_WRITE] = 1'b1;
    if (rows_q != 16'd0) counted_d[`LOCKSTEP_EVENT_RESULT] = 1'b1;
    if (samples != 16'd0) counted_d[`LOCKSTEP_EVENT_SAMPLE] = 1'b1;
    spent_d = spent_q;
    if (running_q) spent_d[`LOCKSTEP_UNIT_LEAKAGE] = 1'b1;
    if (control != 64'd0) spent_d[`LOCKSTEP_UNIT_CONTROL] = 1'b1;
    if (dot != 64'd0) spent_d[`LOCKSTEP_UNIT_DOT] = 1'b1;
    if (weights != 64'd0) spent_d[`LOCKSTEP_UNIT_WEIGHTS] = 1'b1;
    if (dram != 64'd0) spent_d[`LOCKSTEP_UNIT_DRAM] = 1'b1;
    if (vector != 64'd0) spent_d[`LOCKSTEP_UNIT_VECTOR] = 1'b1;
    if (attend != 64'd0) spent_d[`LOCKSTEP_UNIT_ATTENTION] = 1'b1;
    if (kv != 64'd0) spent_d[`LOCKSTEP_UNIT_KV] = 1'b1;
  end

  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni) begin
      cycles_q      <= 64'd0;
      busy_cycles_q <= 64'd0;
      counted_q <= 32'd0;
      spent_q   <= 8'd0;
    end else if (clear_i) begin
      cycles_q      <= 64'd0;
      busy_cycles_q <= 64'd0;
      counted_q <= 32'd0;
      spent_q   <= 8'd0;
    end else begin
      cycles_q      <= cycles_q + {63'd0, running_q};
      busy_cycles_q <= busy_cycles_q + {63'd0, busy_q};
      counted_q <= counted_d;
      spent_q   <= spent_d;
    end

  always @(posedge clk_i) begin
    if (op_start_q)
      count_q[`LOCKSTEP_EVENT_OP] <= more(`LOCKSTEP_EVENT_OP, 16'd1);
    if (access_q)
      count_q[`LOCKSTEP_EVENT_REGISTER] <= more(`LOCKSTEP_EVENT_REGISTER, 16'd1);
    if (prompt_q)
      count_q[`LOCKSTEP_EVENT_PROMPT] <= more(`LOCKSTEP_EVENT_PROMPT, 16'd1);
    if (dots_q != 16'd0)
      count_q[dot_kind] <= more(dot_kind, dots_q);
    if (halves_q != 16'd0)
      count_q[`LOCKSTEP_EVENT_HALF] <= more(`LOCKSTEP_EVENT_HALF, halves_q);
    if (words_q != 16'd0)
      count_q[`LOCKSTEP_EVENT_WORD] <= more(`LOCKSTEP_EVENT_WORD, words_q);
    if (burst_q)
      count_q[`LOCKSTEP_EVENT_BURST] <= more(`LOCKSTEP_EVENT_BURST, 16'd1);
    if (elements_q != 16'd0)
      count_q[vector_kind] <= more(vector_kind, elements_q);
    if (attend_q != 16'd0)
      count_q[`LOCKSTEP_EVENT_ATTEND] <= more(`LOCKSTEP_EVENT_ATTEND, attend_q);
    if (kv_reads_q != 8'd0)
      count_q[`LOCKSTEP_EVENT_KV_READ] <= more(`LOCKSTEP_EVENT_KV_READ, {8'd0, kv_reads_q});
    if (kv_writes_q != 8'd0)
      count_q[`LOCKSTEP_EVENT_KV_WRITE] <= more(`LOCKSTEP_EVENT_KV_WRITE, {8'd0, kv_writes_q});
    if (rows_q != 16'd0)
      count_q[`LOCKSTEP_EVENT_RESULT] <= more(`LOCKSTEP_EVENT_RESULT, rows_q);
    if (samples != 16'd0)
      count_q[`LOCKSTEP_EVENT_SAMPLE] <= more(`LOCKSTEP_EVENT_SAMPLE, samples);
    if (running_q)
      energy_q[`LOCKSTEP_UNIT_LEAKAGE] <=
        spend(`LOCKSTEP_UNIT_LEAKAGE, {32'd0, coef_q[`LOCKSTEP_EVENT_CYCLE]});
    if (control != 64'd0)
      energy_q[`LOCKSTEP_UNIT_CONTROL] <= spend(`LOCKSTEP_UNIT_CONTROL, control);
    if (dot != 64'd0)
      energy_q[`LOCKSTEP_UNIT_DOT] <= spend(`LOCKSTEP_UNIT_DOT, dot);
    if (weights != 64'd0)
      energy_q[`LOCKSTEP_UNIT_WEIGHTS] <= spend(`LOCKSTEP_UNIT_WEIGHTS, weights);
    if (dram != 64'd0)
      energy_q[`LOCKSTEP_UNIT_DRAM] <= spend(`LOCKSTEP_UNIT_DRAM, dram);
    if (vector != 64'd0)
      energy_q[`LOCKSTEP_UNIT_VECTOR] <= spend(`LOCKSTEP_UNIT_VECTOR, vector);
    if (attend != 64'd0)
      energy_q[`LOCKSTEP_UNIT_ATTENTION] <= spend(`LOCKSTEP_UNIT_ATTENTION, attend);
    if (kv != 64'd0)
      energy_q[`LOCKSTEP_UNIT_KV] <= spend(`LOCKSTEP_UNIT_KV, kv);
  end

  integer j;
  always @(posedge cold_clk_i or negedge rst_ni)
    if (!rst_ni) begin
      for (j = 0; j < 32; j = j + 1)
        count_latched_q[j] <= 64'd0;
      for (j = 0; j < UNITS; j = j + 1)
        energy_latched_q[j] <= 64'd0;
    end else if (clear_i) begin
      for (j = 0; j < 32; j = j + 1)
        count_latched_q[j] <= 64'd0;
      for (j = 0; j < UNITS; j = j + 1)
        energy_latched_q[j] <= 64'd0;
    end else if (snapshot_q) begin
      count_latched_q[`LOCKSTEP_EVENT_CYCLE] <= cycles_q;
      count_latched_q[`LOCKSTEP_EVENT_BUSY]  <= busy_cycles_q;
      for (j = 2; j < EVENTS; j = j + 1)
        count_latched_q[j] <= more(j[4:0], 16'd0);
      for (j = 0; j < UNITS; j = j + 1)
        energy_latched_q[j] <= spend(j[2:0], 64'd0);
    end

endmodule

`default_nettype wire
