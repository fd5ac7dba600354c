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

  input  wire [15:0] addr_i,     // register offset
  output wire        hit_o,
  output wire [31:0] rdata_o,

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

  localparam COUNT = 10;
  localparam [15:0] FIRST = `LOCKSTEP_REG_CYCLES_LO;

  // In the order of their registers.
  wire [20*COUNT-1:0] step = {
    12'd0, kv_writes_i, 12'd0, kv_reads_i, 19'd0, token_out_i, 19'd0, token_in_i, 19'd0, pass_i,
    19'd0, stall_i, 19'd0, beat_i, macs_i, 19'd0, busy_i && prefill_i, 19'd0, busy_i};

  wire [64*COUNT-1:0] latched;
  wire [15:0] place = addr_i - FIRST;

  assign hit_o   = addr_i >= FIRST && place < 8 * COUNT;
  assign rdata_o = latched[32 * place[7:2] +: 32];

  genvar c;
  generate
    for (c = 0; c < COUNT; c = c + 1) begin : gen_counter
      reg [63:0] count_q, latched_q;
      assign latched[64*c +: 64] = latched_q;

      always @(posedge clk_i or negedge rst_ni)
        if (!rst_ni) begin
          count_q   <= 64'd0;
          latched_q <= 64'd0;
        end else if (clear_i) begin
          count_q   <= 64'd0;
          latched_q <= 64'd0;
        end else begin
          if (step[20*c +: 20] != 20'd0)
            count_q <= count_q + {44'd0, step[20*c +: 20]};
          if (snapshot_i)
            latched_q <= count_q;
        end
    end
  endgenerate

endmodule

`default_nettype wire
