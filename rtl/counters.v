// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// 64-bit event counters behind registers. snapshot_i copies all of them at once to where the bus
// reads, so that a reader never sees halves of different times. clear_i zeroes counters and
// copies.
`include "registers.vh"
`default_nettype none

module counters (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,

  input  wire        valid_i,
  input  wire [15:0] addr_i,     // register offset
  output wire        hit_o,
  output reg  [31:0] rdata_o,    // 0 if not hit

  input  wire        snapshot_i,
  input  wire        busy_i,
  input  wire        prefill_i,  // the pass holds a PROMPT token
  input  wire [19:0] macs_i,     // multiply-accumulates in this cycle
  input  wire        beat_i,
  input  wire        stall_i,
  input  wire        pass_i,
  input  wire        token_in_i,
  input  wire        token_out_i,
  input  wire [7:0]  kv_reads_i, // words in this cycle
  input  wire [7:0]  kv_writes_i
);

  // In the order of their registers.
  localparam CYCLES = 0, PREFILL = 1, MACS = 2, BEATS = 3, STALLS = 4, PASSES = 5, TOKENS_IN = 6,
             TOKENS_OUT = 7, KV_READS = 8, KV_WRITES = 9, COUNT = 10;
  localparam [15:0] FIRST = `LOCKSTEP_REG_CYCLES_LO;

  reg [63:0] count_q [0:COUNT-1], latched_q [0:COUNT-1];

  wire [15:0] place = addr_i - FIRST;
  wire [3:0]  index = place[6:3];
  assign hit_o = valid_i && place < 8 * COUNT;
  always @* begin
    rdata_o = 32'd0;
    if (hit_o)
      rdata_o = place[2] ? latched_q[index][63:32] : latched_q[index][31:0];
  end

  integer i;
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)
      for (i = 0; i < COUNT; i = i + 1)
        count_q[i] <= 64'd0;
    else if (clear_i)
      for (i = 0; i < COUNT; i = i + 1)
        count_q[i] <= 64'd0;
    else begin
      if (busy_i)              count_q[CYCLES]     <= count_q[CYCLES] + 64'd1;
      if (busy_i && prefill_i) count_q[PREFILL]    <= count_q[PREFILL] + 64'd1;
      if (macs_i != 20'd0)     count_q[MACS]       <= count_q[MACS] + {44'd0, macs_i};
      if (beat_i)              count_q[BEATS]      <= count_q[BEATS] + 64'd1;
      if (stall_i)             count_q[STALLS]     <= count_q[STALLS] + 64'd1;
      if (pass_i)              count_q[PASSES]     <= count_q[PASSES] + 64'd1;
      if (token_in_i)          count_q[TOKENS_IN]  <= count_q[TOKENS_IN] + 64'd1;
      if (token_out_i)         count_q[TOKENS_OUT] <= count_q[TOKENS_OUT] + 64'd1;
      if (kv_reads_i != 8'd0)  count_q[KV_READS]   <= count_q[KV_READS] + {56'd0, kv_reads_i};
      if (kv_writes_i != 8'd0) count_q[KV_WRITES]  <= count_q[KV_WRITES] + {56'd0, kv_writes_i};
    end

  integer j;
  always @(posedge clk_i or negedge rst_ni)
    if (!rst_ni)
      for (j = 0; j < COUNT; j = j + 1)
        latched_q[j] <= 64'd0;
    else if (clear_i)
      for (j = 0; j < COUNT; j = j + 1)
        latched_q[j] <= 64'd0;
    else if (snapshot_i)
      for (j = 0; j < COUNT; j = j + 1)
        latched_q[j] <= count_q[j];

endmodule

`default_nettype wire
