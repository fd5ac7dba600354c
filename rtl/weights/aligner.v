// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Walks through the bytes of one tensor as they arrive: cuts them into chunks (up to P blocks, what
// the array takes in one cycle) and tells the beat FIFO where the next chunk begins and which beats
// are done with. Rows lie one behind the other, so a chunk goes on into the next row, but at most
// two rows end in it: a row ends within it and one with it. Rows whose last block is not whole
// (floats), or which leave the activations no room for copies, have chunks of their own. Where
// there are fewer lanes than a block of 256 has parts of 32, the chunk stays for as many steps as
// it takes, and counts as a chunk in each.
//
// start_i takes the oldest fetch of the port, and gives it back (head_pop_o) when its last chunk
// is out and its beats are gone. chunk_valid_o, a cycle after take_o, goes with the chunk of the
// FIFO.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module aligner #(
  parameter LANES     = `LOCKSTEP_DEFAULT_LANES,
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter BEATS     = `LOCKSTEP_DEFAULT_BEATS,
  parameter WINDOW    = 3,
  parameter BLOCKS    = 512  // the most of a row
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            clear_i,
  // What to walk through; stable while busy_o. single_i: one block a chunk
  input  wire                            start_i,
  input  wire                            single_i,
  input  wire [7:0]                      type_i,
  input  wire [19:0]                     rows_i,
  input  wire [17:0]                     cols_i,
  output wire                            busy_o,
  // The fetch
  input  wire                            head_valid_i,
  input  wire [$clog2(PORT_BITS/8)-1:0]  head_byte_i,
  input  wire [36:0]                     head_beats_i,
  output wire                            head_pop_o,
  // The beat FIFO
  input  wire [$clog2(BEATS):0]          level_i,
  output wire [$clog2(WINDOW+1)-1:0]     pop_o,
  output wire                            take_o,
  output wire [$clog2(PORT_BITS/8)-1:0]  byte_o,
  output wire                            long_o,  // chunks longer than weight_short_bits
  output wire [11:0]                     turn_o,  // bytes by which the chunk turns, in its lanes
  output wire [11:0]                     round_o,  // and of P blocks
  output wire                            wanted_o,
  // Chunks; blocks_o of them, the first at lane base_o and word word_o of the activations, turn_o
  // lanes from where it would be were base_o a multiple of P. A row ends before block split_o
  // (0: none does), one with the chunk if last_o; its last block has tail_o elements
  input  wire                            chunk_ready_i,
  output wire                            chunk_valid_o,
  output wire [6:0]                      chunk_blocks_o,
  output wire [6:0]                      chunk_split_o,
  output wire [5:0]                      chunk_base_o,
  output wire [5:0]                      chunk_turn_o,
  output wire [11:0]                     chunk_word_o,
  output wire [2:0]                      chunk_step_o,
  output wire                            chunk_last_o,
  output wire [5:0]                      chunk_tail_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"

  localparam BYTE_W = $clog2(PORT_BITS / 8);
  localparam LANE_W = $clog2(LANES);
  localparam LONGEST_JOINED = weight_longest_joined(BLOCKS, LANES);
  localparam SHORT_BYTES = weight_short_bits(PORT_BITS) / 8;
  localparam STEPS = LANES < 8 ? 8 / LANES : 1;
  localparam [2:0] LAST_STEP = STEPS[2:0] - 3'd1;
  localparam LEVEL_W = $clog2(BEATS) + 1;
  localparam POP_W = $clog2(WINDOW + 1);
  localparam [63:0] TYPES_FLOAT = `LOCKSTEP_TYPES_FLOAT;

  localparam [1:0] IDLE = 2'd0;
  localparam [1:0] PREPARE = 2'd1;  // waits for the fetch, works out the shape of a row
  localparam [1:0] RUN = 2'd2;
  localparam [1:0] FLUSH = 2'd3;  // drops what the fetch has beyond the last row

  reg [1:0] state_q;

  // Shape of a row. Blocks are of 32 elements, the type's own have 2^log2_unit of them and
  // unit_bytes.
  reg [2:0] log2_blocks, log2_unit;
  reg [11:0] unit_bytes;
  integer n;
  always @* begin
    n = 0;
    log2_blocks = 3'd0;
    log2_unit = 3'd0;
    unit_bytes = 12'd0;
    if (state_q == PREPARE) begin   // nothing is looked up in between
      unit_bytes = device_type_bytes(type_i);
      n = {28'd0, device_type_log2(type_i)} - 5;
      log2_unit = n[2:0];
      if (!single_i) n = weight_log2_blocks(type_i, PORT_BITS, LANES);
      log2_blocks = n[2:0];
    end
  end
  wire [17:0] cols_less = cols_i - 18'd1;
  wire [12:0] row_blocks = cols_less[17:5] + 13'd1;
  wire [5:0] tail = {1'b0, cols_less[4:0]} + 6'd1;  // elements of the last block
  wire [6:0] group = 7'd1 << log2_blocks;
  // Floats end with their last element.
  wire is_float = TYPES_FLOAT[type_i[5:0]];
  wire [11:0] round = unit_bytes << (log2_blocks - log2_unit);
  wire may_join = tail == 6'd32 && row_blocks <= LONGEST_JOINED[12:0];
  wire [17:0] missing = {6'd0, unit_bytes} * {12'd0, 6'd32 - tail} >> 5;

  reg [6:0] group_q;
  reg [5:0] tail_q;
  reg [11:0] unit_bytes_q, round_q, missing_q;
  reg [2:0] log2_unit_q;
  reg joins_q;  // a chunk may go on into the next row
  reg float_q;  // floats turn as blocks of the lanes (weight_decode.v)
  reg steps_q, long_q;  // the chunk stays for LAST_STEP steps more
  always @(posedge clk_i)
    if (state_q == PREPARE) begin
      group_q <= group;
      tail_q <= tail;
      unit_bytes_q <= unit_bytes;
      log2_unit_q <= log2_unit;
      missing_q <= is_float ? missing[11:0] : 12'd0;
      joins_q <= may_join;
      steps_q <= LAST_STEP != 0 && log2_unit != 0 && !single_i;
      float_q <= is_float;
      round_q <= round;
      long_q <= round > SHORT_BYTES[11:0];
    end

  // Where we are.
  reg [BYTE_W-1:0] byte_q;
  reg [36:0] beats_q;  // of the fetch, not yet popped
  // The next chunk: its first block in its row, the rows to go with that one, its shape
  reg [12:0] block_q;
  reg [19:0] rows_q;
  reg [6:0] blocks_q, split_q;
  reg ends_q;
  reg [11:0] need_q, turn_q;  // bytes

  wire [12:0] chunk_end = {1'b0, need_q} + {{(13 - BYTE_W) {1'b0}}, byte_q};
  wire [LEVEL_W+12:0] held = {13'd0, level_i} << BYTE_W;
  wire have = held >= {{LEVEL_W{1'b0}}, chunk_end};
  wire stays;  // the chunk before is not yet used up
  wire take = state_q == RUN && chunk_ready_i && have && !stays;
  wire tensor_end = ends_q && rows_q == (split_q != 0 ? 20'd2 : 20'd1);
  wire drop = state_q == FLUSH && beats_q != 0 && level_i != 0;
  wire done = state_q == FLUSH && beats_q == 0;

  wire [12:0] beats_done = chunk_end >> BYTE_W;
  wire unused_beats = &beats_done[12:POP_W];
  wire [POP_W-1:0] pop = take ? beats_done[POP_W-1:0] : {{(POP_W - 1) {1'b0}}, drop};

  always @(posedge clk_i)
    if (!rst_ni) state_q <= IDLE;
    else if (clear_i) state_q <= IDLE;
    else
      case (state_q)
        IDLE: if (start_i) state_q <= PREPARE;
        PREPARE: if (head_valid_i) state_q <= RUN;
        RUN: if (take && tensor_end) state_q <= FLUSH;
        default: if (done) state_q <= IDLE;
      endcase

  always @(posedge clk_i)
    if (state_q == PREPARE) begin
      byte_q  <= head_byte_i;
      beats_q <= head_beats_i;
    end else begin
      beats_q <= beats_q - {{(37 - POP_W) {1'b0}}, pop};
      if (take) byte_q <= chunk_end[BYTE_W-1:0];
    end

  always @(posedge clk_i)
    if (state_q == PREPARE || take) begin : g_next
      reg [12:0] block, left;
      reg [19:0] rows;
      reg [6:0] most, room, blocks;
      reg [5:0] turn;
      reg [2:0] unit;
      reg [11:0] bytes, less;
      reg ends, joins, joins_all;
      if (state_q == PREPARE) begin
        block = 13'd0;
        rows = rows_i;
        most = group;
        joins = may_join;
        unit = log2_unit;
        bytes = unit_bytes;
        less = is_float ? missing[11:0] : 12'd0;
      end else begin
        block = ends_q ? 13'd0 : split_q != 0 ? {6'd0, blocks_q - split_q} :
            block_q + {6'd0, group_q};
        rows = rows_q - {18'd0, {1'b0, split_q != 0} + {1'b0, ends_q}};
        most = group_q;
        joins = joins_q;
        unit = log2_unit_q;
        bytes = unit_bytes_q;
        less = missing_q;
      end
      left = row_blocks - block;
      room = most - left[6:0];
      ends = left <= {6'd0, most};
      joins = joins && ends && room != 0 && rows > 20'd1;
      joins_all = row_blocks <= {6'd0, room};
      blocks = !ends || (joins && !joins_all) ? most :
          left[6:0] + (joins ? row_blocks[6:0] : 7'd0);
      block_q  <= block;
      rows_q   <= rows;
      blocks_q <= blocks;
      split_q  <= joins ? left[6:0] : 7'd0;
      ends_q   <= ends && (!joins || joins_all);
      turn = state_q == PREPARE || float_q ? 6'd0 : block[5:0] & (group_q[5:0] - 6'd1);
      turn_q <= {6'd0, turn >> unit} * bytes;
      need_q <= {5'd0, blocks >> unit} * bytes - (ends && !joins ? less : 12'd0);
    end

  reg valid_q, last_q;
  reg [6:0] count_q, chunk_split_q;
  reg [5:0] chunk_base_q, chunk_turn_q;
  reg [11:0] chunk_word_q;
  reg [2:0] step_q;
  assign stays = LAST_STEP != 0 && valid_q && steps_q && step_q != LAST_STEP;
  always @(posedge clk_i)
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= (take || stays) && !clear_i;
  always @(posedge clk_i)
    if (take) begin
      last_q <= ends_q;
      count_q <= steps_q ? LANES[6:0] : blocks_q;
      chunk_split_q <= split_q;
      chunk_base_q <= block_q[5:0] & (LANES[5:0] - 6'd1);
      chunk_turn_q <= block_q[5:0] & (group_q[5:0] - 6'd1);
      chunk_word_q <= block_q[12:1] >> (LANE_W - 1);
      step_q <= 3'd0;
    end else if (stays) begin
      chunk_word_q <= chunk_word_q + 12'd1;
      step_q <= step_q + 3'd1;
    end

  assign busy_o = state_q != IDLE;
  assign head_pop_o = done && !clear_i;
  assign pop_o = pop;
  assign take_o = take;
  assign byte_o = byte_q;
  assign long_o = long_q;
  assign turn_o = turn_q;
  assign round_o = round_q;
  assign wanted_o = (state_q == RUN && chunk_ready_i && !have && !stays) ||
      (state_q == FLUSH && !drop && !done);
  assign chunk_valid_o = valid_q;
  assign chunk_blocks_o = count_q;
  assign chunk_split_o = chunk_split_q;
  assign chunk_base_o = chunk_base_q;
  assign chunk_turn_o = chunk_turn_q;
  assign chunk_word_o = chunk_word_q;
  assign chunk_step_o = step_q;
  assign chunk_last_o = last_q && !stays;
  assign chunk_tail_o = tail_q;

endmodule

`default_nettype wire
