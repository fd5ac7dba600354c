// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The beats that wait behind the weight port, and the shifter that cuts a chunk out of them. A
// chunk is CHUNK_BITS long and begins at any byte of the oldest beat; it lies in the oldest WINDOW
// beats, which are read side by side (a register file in banks). Bits from SHORT_BITS on move only
// if asked for.
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
  parameter CHUNK_BITS = 3360,
  parameter SHORT_BITS = 2304
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
  // Chunks out; byte_i: where it begins; long_i: more than SHORT_BITS of it
  input  wire                            take_i,
  input  wire [$clog2(PORT_BITS/8)-1:0]  byte_i,
  input  wire                            long_i,
  output wire [CHUNK_BITS-1:0]           chunk_o
);

  localparam PTR_W = $clog2(BEATS);
  localparam POP_W = $clog2(WINDOW + 1);
  localparam BYTE_W = $clog2(PORT_BITS / 8);
  localparam INDEX_W = $clog2(WINDOW * PORT_BITS);
  localparam SHORT = CHUNK_BITS < SHORT_BITS ? CHUNK_BITS : SHORT_BITS;

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
      reg [INDEX_W-1:0] first;
      integer k;
      for (k = 0; k < WINDOW; k = k + 1)
        window[PORT_BITS*k+:PORT_BITS] = beats_q[head_q+k[PTR_W-1:0]];
      first = {{(INDEX_W - BYTE_W - 3) {1'b0}}, byte_i, 3'd0};
      chunk_q[SHORT-1:0] <= window[first+:SHORT];
      if (long_i) chunk_q <= window[first+:CHUNK_BITS];
    end
  assign chunk_o = chunk_q;

`ifdef FORMAL
  // For any one beat, marked as it goes in, and any one bit of a chunk. That the caller neither
  // overflows the queue nor asks for more than it holds is assumed.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  (* anyseq *) wire mark;
  (* anyconst *) wire [$clog2(CHUNK_BITS)-1:0] place;
  reg [PTR_W:0]       count_q, ahead_q;   // beats inside; of these before the marked one
  reg                 marked_q;
  reg [PORT_BITS-1:0] marked_beat_q;
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      count_q  <= 0;
      marked_q <= 1'b0;
    end else begin
      count_q <= count_q + push_i - pop_i;
      if (marked_q) begin
        ahead_q  <= ahead_q - pop_i;
        marked_q <= ahead_q >= pop_i;
      end else if (push_i && mark) begin
        ahead_q       <= count_q - pop_i;
        marked_q      <= 1'b1;
        marked_beat_q <= data_i;
      end
    end
  always @* begin
    if (!begun_q) assume (!rst_ni);
    assume (place < CHUNK_BITS);
    assume (pop_i <= WINDOW && pop_i <= count_q);
    if (push_i) assume (count_q - pop_i < BEATS);
    // The chunk lies in the window (rtl/weights/weight_fn.vh, weight_window_beats).
    assume (byte_i * 8 + CHUNK_BITS <= WINDOW * PORT_BITS);
  end

  // Where the bit lies, counted from the oldest beat; and whether it must come.
  wire [31:0] where_from = 8 * byte_i + place;
  wire        taken = take_i && (long_i || place < SHORT_BITS);
  reg  right_q, expected_q, kept_q, bit_q;   // of the cycle before
  always @(posedge clk_i) begin
    right_q <= begun_q && taken && marked_q && where_from / PORT_BITS == ahead_q;
    expected_q <= marked_beat_q[where_from % PORT_BITS];
    kept_q  <= begun_q && !take_i;
    bit_q   <= chunk_o[place];
  end
  wire [PTR_W-1:0] marked_place = head_q + ahead_q[PTR_W-1:0];
  always @* if (begun_q) begin
    count: assert (level_o == count_q);
    if (right_q) chunk: assert (chunk_o[place] == expected_q);
    if (kept_q) kept: assert (chunk_o[place] == bit_q);
    // What induction rests on.
    assert (count_q <= BEATS && tail_q == head_q + count_q[PTR_W-1:0]);
    if (marked_q) assert (ahead_q < count_q && beats_q[marked_place] == marked_beat_q);

    cover (right_q && place >= SHORT_BITS && ahead_q == 1);
    cover (count_q == BEATS && push_i && pop_i == WINDOW);
    cover (right_q && head_q == BEATS - 1 && ahead_q != 0);
  end
`endif

endmodule

`default_nettype wire
