// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The beats that wait behind the weight port, and the shifter that cuts a chunk out of them. A
// chunk is CHUNK_BITS long and begins at any byte of the oldest beat; it lies in the oldest WINDOW
// beats, whose parts are read side by side (a register file in banks), from the one in which it
// begins. Bits from SHORT_BITS on move only if asked for. A chunk may turn: its last turn_i bytes
// then come first. Each channel of the port brings its part of a beat in its own time: here they
// meet, and a beat counts when all of its parts are there.
//
// take_i: chunk_o holds the chunk from the next cycle on, until the next take_i. The caller sees
// to it that the FIFO neither overflows (push_i) nor is asked for what it does not hold (pop_i,
// take_i).
`default_nettype none
`include "generated/defaults.vh"

module beat_fifo #(
  parameter PORT_BITS  = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHANNELS   = `LOCKSTEP_DEFAULT_CHANNELS,
  parameter BEATS      = `LOCKSTEP_DEFAULT_BEATS,    // depth, a power of two
  parameter WINDOW     = 3,     // beats
  parameter CHUNK_BITS = 3360,
  parameter SHORT_BITS = 2304
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            clear_i,
  // Parts of beats in, of each channel; a beat is whole
  input  wire [CHANNELS-1:0]             push_i,
  input  wire [PORT_BITS-1:0]            data_i,
  output wire                            beat_o,
  // Beats held and beats done with
  output wire [$clog2(BEATS):0]          level_o,
  input  wire [$clog2(WINDOW+1)-1:0]     pop_i,
  // Chunks out; byte_i: where it begins; long_i: more than SHORT_BITS of it; round_i bytes turn by
  // turn_i, which is less
  input  wire                            take_i,
  input  wire [$clog2(PORT_BITS/8)-1:0]  byte_i,
  input  wire                            long_i,
  input  wire [11:0]                     turn_i,
  input  wire [11:0]                     round_i,
  output wire [CHUNK_BITS-1:0]           chunk_o
);

  localparam PTR_W = $clog2(BEATS);
  localparam POP_W = $clog2(WINDOW + 1);
  localparam BYTE_W = $clog2(PORT_BITS / 8);
  localparam PART = PORT_BITS / CHANNELS;
  localparam SHORT = CHUNK_BITS < SHORT_BITS ? CHUNK_BITS : SHORT_BITS;
  localparam PART_W = $clog2(PART / 8);
  localparam PARTS = (CHUNK_BITS + 2 * PART - 9) / PART;  // that a chunk lies in
  localparam SHORT_PARTS = (SHORT + 2 * PART - 9) / PART;  // likewise, of one of SHORT bits
  localparam FIRST_W = $clog2(PARTS * PART);
  localparam PARTS_W = FIRST_W - PART_W - 3;
  localparam CHANNEL_W = $clog2(CHANNELS);
  localparam INDEX_W = PTR_W + CHANNEL_W;  // of a part

  generate
    if (BEATS < WINDOW || (BEATS & (BEATS - 1)) != 0) begin : g_check
      beat_fifo_BEATS_must_be_a_power_of_two_and_hold_the_window u_error ();
    end
  endgenerate

  reg [PTR_W-1:0] head_q;
  reg [PTR_W:0] tail_q, level_q;  // the tail is where the next beat to be whole lies
  wire [PTR_W:0] pop = {{(PTR_W + 1 - POP_W) {1'b0}}, pop_i};
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      head_q  <= 0;
      tail_q  <= 0;
      level_q <= 0;
    end else begin
      head_q  <= head_q + pop[PTR_W-1:0];
      tail_q  <= tail_q + {{PTR_W{1'b0}}, beat_o};
      level_q <= level_q - pop + {{PTR_W{1'b0}}, beat_o};
    end
  assign level_o = level_q;

  function [INDEX_W-1:0] place(input [PTR_W-1:0] beat, input integer part);
    place = ({{(INDEX_W - PTR_W) {1'b0}}, beat} << CHANNEL_W) | part[INDEX_W-1:0];
  endfunction

  reg [PART-1:0] parts_q[0:BEATS*CHANNELS-1];
  wire [CHANNELS-1:0] there;  // the channel's part of the next beat to be whole
  assign beat_o = &there;
  genvar c;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : g_channel
      wire [PTR_W:0] at;  // where the next part goes
      if (CHANNELS == 1) begin : g_only
        assign at = tail_q;
        assign there[c] = push_i[c];
      end else begin : g_of_several
        reg [PTR_W:0] at_q;
        always @(posedge clk_i)
          if (!rst_ni) at_q <= 0;
          else if (clear_i) at_q <= 0;
          else if (push_i[c]) at_q <= at_q + 1'b1;
        assign at = at_q;
        assign there[c] = push_i[c] || at_q != tail_q;
      end
      wire [INDEX_W-1:0] here = place(at[PTR_W-1:0], c);
      always @(posedge clk_i) if (push_i[c]) parts_q[here] <= data_i[PART*c+:PART];
    end
  endgenerate

  wire [11:0] rest = round_i - turn_i;
  wire [BYTE_W-1:0] begun = byte_i >> PART_W;  // parts of the oldest beat before the chunk
  wire [INDEX_W-1:0] oldest = place(head_q, {{(32 - BYTE_W) {1'b0}}, begun});
  reg [CHUNK_BITS-1:0] chunk_q;
  always @(posedge clk_i)
    if (take_i) begin : g_take
      reg [(1<<FIRST_W)-1:0] window;  // a power of two, so that nothing lies outside
      reg [FIRST_W-1:0] first;
      integer k;
      for (k = 0; k < 1 << PARTS_W; k = k + 1)
        if (k < SHORT_PARTS || (k < PARTS && (long_i || turn_i != 0)))
          window[{k[PARTS_W-1:0], {(PART_W + 3) {1'b0}}}+:PART] = parts_q[oldest+k[INDEX_W-1:0]];
        else window[{k[PARTS_W-1:0], {(PART_W + 3) {1'b0}}}+:PART] = {PART{1'b0}};
      first = {{PARTS_W{1'b0}}, byte_i[PART_W-1:0], 3'd0};
      if (turn_i == 0) begin
        chunk_q[SHORT-1:0] <= window[first+:SHORT];
        if (long_i) chunk_q <= window[first+:CHUNK_BITS];
      end else begin : g_turn
        reg [CHUNK_BITS-1:0] chunk, turned;
        chunk = window[first+:CHUNK_BITS];
        turned = 0;
        turned = (chunk >> {rest, 3'd0} & ~(~turned << {turn_i, 3'd0})) | chunk << {turn_i, 3'd0};
        chunk_q[SHORT-1:0] <= turned[SHORT-1:0];
        if (long_i) chunk_q <= turned;
      end
    end
  assign chunk_o = chunk_q;

`ifdef FORMAL
`include "common/formal.vh"
  // For any one part of any one channel, marked as it goes in, and any one bit of a chunk. That the
  // caller neither overflows the queue nor asks for more whole beats than it holds is assumed.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  `LOCKSTEP_ANY_TIME(mark)
  (* anyconst *) wire [$clog2(CHUNK_BITS)-1:0] any_bit;
  (* anyconst *) wire [2:0] any;
  wire [$clog2(CHUNK_BITS)-1:0] bit_at = {1'b0, any_bit} < CHUNK_BITS ? any_bit : 0;
  wire [2:0] which = {1'b0, any} < CHANNELS ? any : 3'd0;
  localparam COUNT_W = PTR_W + 1;
  reg [COUNT_W*CHANNELS-1:0] count_q;     // parts inside, of each channel
  reg [PTR_W:0]  whole, ahead_q;          // whole beats; parts before the marked one
  reg            marked_q;
  reg [PART-1:0] marked_part_q;
  integer i;
  always @* begin
    whole = count_q[PTR_W:0];
    for (i = 1; i < CHANNELS; i = i + 1)
      if (count_q[COUNT_W*i+:COUNT_W] < whole) whole = count_q[COUNT_W*i+:COUNT_W];
  end
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      count_q  <= 0;
      marked_q <= 1'b0;
    end else begin
      for (i = 0; i < CHANNELS; i = i + 1)
        count_q[COUNT_W*i+:COUNT_W] <= count_q[COUNT_W*i+:COUNT_W] + push_i[i] - pop_i;
      if (marked_q) begin
        ahead_q  <= ahead_q - pop_i;
        marked_q <= ahead_q >= pop_i;
      end else if (push_i[which] && mark) begin
        ahead_q       <= count_q[COUNT_W*which+:COUNT_W] - pop_i;
        marked_q      <= 1'b1;
        marked_part_q <= data_i[PART*which+:PART];
      end
    end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) begin
      assume (pop_i <= WINDOW && pop_i <= whole);
      for (i = 0; i < CHANNELS; i = i + 1)
        if (push_i[i]) assume (count_q[COUNT_W*i+:COUNT_W] - pop_i < BEATS);
      // The chunk lies in the window (rtl/weights/weight_fn.vh, weight_window_beats).
      assume (byte_i * 8 + CHUNK_BITS <= WINDOW * PORT_BITS);
      // What turns lies in what moves (aligner.v).
      if (take_i) assume (turn_i <= round_i && round_i * 8 <= (long_i ? CHUNK_BITS : SHORT));
    end
  end

  // Where the bit lies, counted from the oldest beat; and whether it must come.
  wire [31:0] turned_from = turn_i == 0 ? bit_at :
                            bit_at < 8 * turn_i ? bit_at + 8 * rest : bit_at - 8 * turn_i;
  wire [31:0] where_from = 8 * byte_i + turned_from;
  wire        taken = take_i && (turn_i == 0 ? long_i || bit_at < SHORT_BITS :
                                               bit_at < 8 * round_i);
  reg  right_q, expected_q, kept_q, bit_q, turned_q;   // of the cycle before
  always @(posedge clk_i) begin
    right_q <= begun_q && taken && marked_q && where_from / PORT_BITS == ahead_q &&
               where_from % PORT_BITS / PART == which;
    expected_q <= marked_part_q[where_from % PART];
    turned_q <= bit_at < 8 * turn_i;
    kept_q  <= begun_q && !take_i;
    bit_q   <= chunk_o[bit_at];
    apart_q <= begun_q && rst_ni && !clear_i && push_i[0] && !push_i[CHANNELS-1];
  end
  wire [PTR_W-1:0] marked_place = head_q + ahead_q[PTR_W-1:0];
  wire [COUNT_W*CHANNELS-1:0] at;
  generate
    for (c = 0; c < CHANNELS; c = c + 1) begin : g_at
      assign at[COUNT_W*c+:COUNT_W] = g_channel[c].at;
    end
  endgenerate
  reg apart_q;   // the first channel brought a part, the last one none
  always `LOCKSTEP_CHECKED if (begun_q) begin
    count: assert (level_o == whole);
    if (right_q) chunk: assert (chunk_o[bit_at] == expected_q);
    if (kept_q) kept: assert (chunk_o[bit_at] == bit_q);
    // What induction rests on.
    assert (tail_q[PTR_W-1:0] == head_q + whole[PTR_W-1:0]);
    for (i = 0; i < CHANNELS; i = i + 1) begin
      assert (count_q[COUNT_W*i+:COUNT_W] <= BEATS);
      assert (at[COUNT_W*i+:COUNT_W] - tail_q == count_q[COUNT_W*i+:COUNT_W] - whole);
    end
    if (marked_q)
      assert (ahead_q < count_q[COUNT_W*which+:COUNT_W] &&
              parts_q[place(marked_place, which)] == marked_part_q);

    cover (right_q && bit_at >= SHORT_BITS && ahead_q == 1);
    cover (whole == BEATS && push_i[CHANNELS-1] && pop_i == WINDOW);
    cover (right_q && head_q == BEATS - 1 && ahead_q != 0);
    cover (right_q && turned_q);
    if (CHANNELS != 1) cover (apart_q && count_q[PTR_W:0] == BEATS && whole == 0);
  end
`endif

endmodule

`default_nettype wire
