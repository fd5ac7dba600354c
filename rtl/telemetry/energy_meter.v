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
  input  wire [5:0]  op_i,            // that runs: kind of elements_i, and whether rows are sampled
  input  wire [1:0]  width_i,         // of the weights: 0 4 bits, 1 8 bits, 2 16 bits
  input  wire [15:0] cycles_i,
  input  wire        busy_i,          // the engine works
  input  wire [15:0] ops_i,           // begun
  input  wire [15:0] accesses_i,      // to registers
  input  wire [15:0] prompts_i,       // sequences begun
  input  wire [15:0] bursts_i,
  input  wire [31:0] dots_i,          // blocks of 32 multiply-accumulates
  input  wire [31:0] halves_i,        // 16-bit halfwords of weight blocks
  input  wire [31:0] rows_i,          // results of the dot array
  input  wire [31:0] words_i,         // 128-bit words from the weight port
  input  wire [31:0] elements_i,      // of the vector unit
  input  wire [31:0] attend_i,        // blocks of 32 multiply-accumulates
  input  wire [31:0] kv_reads_i,      // words
  input  wire [31:0] kv_writes_i,

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

  localparam EVENTS = 23;
  localparam UNITS  = 8;

  reg [31:0] coef_q [0:31];
  reg [63:0] count_q [0:31];
  reg [63:0] count_latched_q [0:31];
  reg [63:0] energy_q [0:UNITS-1];
  reg [63:0] energy_latched_q [0:UNITS-1];

  assign coef_data_o = coef_q[coef_index_i];
  assign count_o     = count_latched_q[count_index_i];
  assign energy_o    = energy_latched_q[energy_index_i];
  assign now_o       = energy_q[now_index_i];

  reg [4:0] vector_kind;
  always @*
    case (op_i)
      `LOCKSTEP_OP_EMBED:  vector_kind = `LOCKSTEP_EVENT_EMBED;
      `LOCKSTEP_OP_NORM:   vector_kind = `LOCKSTEP_EVENT_NORM;
      `LOCKSTEP_OP_QUANT:  vector_kind = `LOCKSTEP_EVENT_QUANT;
      `LOCKSTEP_OP_ROPE:   vector_kind = `LOCKSTEP_EVENT_ROPE;
      `LOCKSTEP_OP_SWIGLU: vector_kind = `LOCKSTEP_EVENT_SWIGLU;
      `LOCKSTEP_OP_ADD:    vector_kind = `LOCKSTEP_EVENT_ADD;
      default:             vector_kind = `LOCKSTEP_EVENT_ANGLES;
    endcase
  wire [4:0]  dot_kind = `LOCKSTEP_EVENT_DOT4 + {3'd0, width_i};
  wire [15:0] busy     = busy_i ? cycles_i : 16'd0;
  wire [31:0] samples  = op_i == `LOCKSTEP_OP_LOGITS ? rows_i : 32'd0;

  function [63:0] few(input [4:0] kind, input [15:0] times);
    few = {32'd0, coef_q[kind]} * {48'd0, times};
  endfunction
  function [63:0] many(input [4:0] kind, input [31:0] times);
    many = {32'd0, coef_q[kind]} * {32'd0, times};
  endfunction

  // Energy of the batch.
  reg [63:0] leakage, control, dot, weights, dram, vector, attend, kv;
  always @* begin
    leakage = 64'd0;
    control = 64'd0;
    dot     = 64'd0;
    weights = 64'd0;
    dram    = 64'd0;
    vector  = 64'd0;
    attend  = 64'd0;
    kv      = 64'd0;
    if (batch_i) begin
      leakage = few(`LOCKSTEP_EVENT_CYCLE, cycles_i);
      control = few(`LOCKSTEP_EVENT_BUSY, busy) + few(`LOCKSTEP_EVENT_OP, ops_i) +
                few(`LOCKSTEP_EVENT_REGISTER, accesses_i) +
                few(`LOCKSTEP_EVENT_PROMPT, prompts_i) + many(`LOCKSTEP_EVENT_SAMPLE, samples);
      dot     = many(dot_kind, dots_i) + many(`LOCKSTEP_EVENT_RESULT, rows_i);
      weights = many(`LOCKSTEP_EVENT_HALF, halves_i);
      dram    = many(`LOCKSTEP_EVENT_WORD, words_i) + few(`LOCKSTEP_EVENT_BURST, bursts_i);
      vector  = many(vector_kind, elements_i);
      attend  = many(`LOCKSTEP_EVENT_ATTEND, attend_i);
      kv      = many(`LOCKSTEP_EVENT_KV_READ, kv_reads_i) +
                many(`LOCKSTEP_EVENT_KV_WRITE, kv_writes_i);
    end
  end
  assign cost_o = dot + weights + vector + attend + kv;

  integer i;
  always @(posedge clk_i)
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

  integer c;
  always @(posedge clk_i)
    if (!rst_ni) begin
      for (c = 0; c < 32; c = c + 1)
        count_q[c] <= 64'd0;
      for (c = 0; c < UNITS; c = c + 1)
        energy_q[c] <= 64'd0;
    end else if (clear_i) begin
      for (c = 0; c < 32; c = c + 1)
        count_q[c] <= 64'd0;
      for (c = 0; c < UNITS; c = c + 1)
        energy_q[c] <= 64'd0;
    end else if (batch_i) begin
      count_q[`LOCKSTEP_EVENT_CYCLE]    <= count_q[`LOCKSTEP_EVENT_CYCLE] + {48'd0, cycles_i};
      count_q[`LOCKSTEP_EVENT_BUSY]     <= count_q[`LOCKSTEP_EVENT_BUSY] + {48'd0, busy};
      count_q[`LOCKSTEP_EVENT_OP]       <= count_q[`LOCKSTEP_EVENT_OP] + {48'd0, ops_i};
      count_q[`LOCKSTEP_EVENT_REGISTER] <= count_q[`LOCKSTEP_EVENT_REGISTER] + {48'd0, accesses_i};
      count_q[`LOCKSTEP_EVENT_SAMPLE]   <= count_q[`LOCKSTEP_EVENT_SAMPLE] + {32'd0, samples};
      count_q[`LOCKSTEP_EVENT_PROMPT]   <= count_q[`LOCKSTEP_EVENT_PROMPT] + {48'd0, prompts_i};
      count_q[dot_kind]                 <= count_q[dot_kind] + {32'd0, dots_i};
      count_q[`LOCKSTEP_EVENT_RESULT]   <= count_q[`LOCKSTEP_EVENT_RESULT] + {32'd0, rows_i};
      count_q[`LOCKSTEP_EVENT_HALF]     <= count_q[`LOCKSTEP_EVENT_HALF] + {32'd0, halves_i};
      count_q[`LOCKSTEP_EVENT_WORD]     <= count_q[`LOCKSTEP_EVENT_WORD] + {32'd0, words_i};
      count_q[`LOCKSTEP_EVENT_BURST]    <= count_q[`LOCKSTEP_EVENT_BURST] + {48'd0, bursts_i};
      count_q[vector_kind]              <= count_q[vector_kind] + {32'd0, elements_i};
      count_q[`LOCKSTEP_EVENT_ATTEND]   <= count_q[`LOCKSTEP_EVENT_ATTEND] + {32'd0, attend_i};
      count_q[`LOCKSTEP_EVENT_KV_READ]  <= count_q[`LOCKSTEP_EVENT_KV_READ] + {32'd0, kv_reads_i};
      count_q[`LOCKSTEP_EVENT_KV_WRITE] <= count_q[`LOCKSTEP_EVENT_KV_WRITE] + {32'd0, kv_writes_i};
      energy_q[`LOCKSTEP_UNIT_LEAKAGE]   <= energy_q[`LOCKSTEP_UNIT_LEAKAGE] + leakage;
      energy_q[`LOCKSTEP_UNIT_CONTROL]   <= energy_q[`LOCKSTEP_UNIT_CONTROL] + control;
      energy_q[`LOCKSTEP_UNIT_DOT]       <= energy_q[`LOCKSTEP_UNIT_DOT] + dot;
      energy_q[`LOCKSTEP_UNIT_WEIGHTS]   <= energy_q[`LOCKSTEP_UNIT_WEIGHTS] + weights;
      energy_q[`LOCKSTEP_UNIT_DRAM]      <= energy_q[`LOCKSTEP_UNIT_DRAM] + dram;
      energy_q[`LOCKSTEP_UNIT_VECTOR]    <= energy_q[`LOCKSTEP_UNIT_VECTOR] + vector;
      energy_q[`LOCKSTEP_UNIT_ATTENTION] <= energy_q[`LOCKSTEP_UNIT_ATTENTION] + attend;
      energy_q[`LOCKSTEP_UNIT_KV]        <= energy_q[`LOCKSTEP_UNIT_KV] + kv;
    end

  integer j;
  always @(posedge clk_i)
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
    end else if (snapshot_i) begin
      for (j = 0; j < EVENTS; j = j + 1)
        count_latched_q[j] <= count_q[j];
      for (j = 0; j < UNITS; j = j + 1)
        energy_latched_q[j] <= energy_q[j];
    end

endmodule

`default_nettype wire
