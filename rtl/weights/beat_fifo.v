// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The beats that wait behind the weight port, and the shifter that cuts a chunk out of them. A
// chunk is CHUNK_BITS long and begins at any even byte of the oldest beat; it lies in the oldest
// WINDOW beats, which are read side by side (a register file in banks).
//
// take_i: chunk_o holds the chunk from the next cycle on, until the next take_i. The caller sees
// to it that the FIFO neither overflows (push_i) nor is asked for what it does not hold (pop_i,
// take_i).
`default_nettype none
`include "generated/defaults.vh"

module beat_fifo #(
  parameter PORT_BITS  = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter BEATS      = `LOCKSTEP_DEFAULT_BEATS,    // depth, a power of two
  parameter WINDOW     = 3,     // beats
  parameter CHUNK_BITS = 2304
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            clear_i,
  // Beats in
  input  wire                            push_i,
  input  wire [PORT_BITS-1:0]            data_i,
  // Beats held and beats done with
  output wire [$clog2(BEATS):0]          level_o,
  input  wire [$clog2(WINDOW+1)-1:0]     pop_i,
  // Chunks out; half_i: where it begins, in 16-bit units
  input  wire                            take_i,
  input  wire [$clog2(PORT_BITS/16)-1:0] half_i,
  output wire [CHUNK_BITS-1:0]           chunk_o
);

  localparam PTR_W = $clog2(BEATS);
  localparam POP_W = $clog2(WINDOW + 1);
  localparam HALF_W = $clog2(PORT_BITS / 16);
  localparam INDEX_W = $clog2(WINDOW * PORT_BITS);

  generate
    if (BEATS < WINDOW || (BEATS & (BEATS - 1)) != 0) begin : g_check
      beat_fifo_BEATS_must_be_a_power_of_two_and_hold_the_window u_error ();
    end
  endgenerate

  reg [PTR_W-1:0] head_q, tail_q;
  reg [PTR_W:0] level_q;
  wire [PTR_W:0] pop = {{(PTR_W + 1 - POP_W) {1'b0}}, pop_i};
  always @(posedge clk_i)
    if (!rst_ni) begin
      head_q  <= 0;
      tail_q  <= 0;
      level_q <= 0;
    end else if (clear_i) begin
      head_q  <= 0;
      tail_q  <= 0;
      level_q <= 0;
    end else begin
      head_q  <= head_q + pop[PTR_W-1:0];
      tail_q  <= tail_q + {{(PTR_W - 1) {1'b0}}, push_i};
      level_q <= level_q - pop + {{PTR_W{1'b0}}, push_i};
    end
  assign level_o = level_q;

  reg [PORT_BITS-1:0] beats_q[0:BEATS-1];
  always @(posedge clk_i) if (push_i) beats_q[tail_q] <= data_i;

  reg [CHUNK_BITS-1:0] chunk_q;
  always @(posedge clk_i)
    if (take_i) begin : g_take
      reg [WINDOW*PORT_BITS-1:0] window;
      integer k;
      for (k = 0; k < WINDOW; k = k + 1)
        window[PORT_BITS*k+:PORT_BITS] = beats_q[head_q+k[PTR_W-1:0]];
      chunk_q <= window[{{(INDEX_W-HALF_W-4) {1'b0}}, half_i, 4'd0}+:CHUNK_BITS];
    end
  assign chunk_o = chunk_q;

endmodule

`default_nettype wire
