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

`ifdef FORMAL
`include "common/formal.vh"
  // Follows what the chunks say of themselves through a tensor of any type, rows and columns, and
  // the bytes through its fetch. Assumed: the tensor is what the validator accepts (tensors) and
  // stays meanwhile, it begins when no chunk is left of the one before (weight_path), and lies in
  // its fetch (prefetch). Of the level nothing is.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  localparam [63:0] TYPES = `LOCKSTEP_TYPES;
  localparam CHUNK = weight_chunk_bits(PORT_BITS, LANES);
  localparam POS_W = 37 + BYTE_W;

  // The tensor, as it was when its first chunk was made.
  reg [7:0] kind_q;
  reg [19:0] all_rows_q;
  reg [17:0] columns_q;
  reg single_q;
  reg [36:0] fetched_q;   // beats
  wire [2:0] unit = device_type_log2(kind_q) - 4'd5;   // log2 of the blocks of 32 of the type's own
  wire is_floats = TYPES_FLOAT[kind_q[5:0]];
  wire [6:0] at_once = 7'd1 << (single_q ? unit : weight_log2_blocks(kind_q, PORT_BITS, LANES));
  wire [12:0] mask = at_once - 13'd1;
  wire parts = LANES < 8 && unit != 0 && !single_q;   // a block of 256 takes steps
  wire [12:0] blocks_of_row = (columns_q + 31) / 32;
  wire [5:0] rest = columns_q % 32 == 0 ? 32 : columns_q % 32;

  // Where the next chunk begins: row, block in it, byte behind the first beat of the fetch.
  reg [19:0] row_q;
  reg [12:0] at_q;
  reg [POS_W-1:0] pos_q;
  reg [36:0] popped_q;
  // The cycle before: it was cut, there, with so many bytes and beats.
  reg fresh_q, long_then_q;
  reg [POS_W-1:0] cut_q;
  reg [LEVEL_W+BYTE_W-1:0] held_q;
  reg [11:0] turn_then_q;
  wire [6:0] many = chunk_blocks_o, upto = chunk_split_o;
  wire [19:0] next_row = row_q + (chunk_valid_o && upto != 0) + (chunk_valid_o && chunk_last_o);
  wire [12:0] next = !chunk_valid_o ? at_q : chunk_last_o ? 0 :
                     upto != 0 ? many - upto : at_q + many;
  wire [11:0] bytes = (parts ? 12'd1 : {5'd0, many >> unit}) * device_type_bytes(kind_q) -
      (is_floats && chunk_last_o ? (32 - rest) * (kind_q == `LOCKSTEP_TYPE_F32 ? 4 : 2) : 0);
  function [11:0] turn_of(input [5:0] block);   // bytes
    turn_of = is_floats ? 12'd0 : {6'd0, (block & mask[5:0]) >> unit} * device_type_bytes(kind_q);
  endfunction
  wire [POS_W-1:0] next_pos = pos_q + (fresh_q ? bytes : 0);
  always @(posedge clk_i) begin
    if (state_q == PREPARE) begin
      {kind_q, all_rows_q, columns_q, single_q} <= {type_i, rows_i, cols_i, single_i};
      fetched_q <= head_beats_i;
      {row_q, at_q, popped_q} <= 0;
      pos_q <= head_byte_i;
    end else begin
      {row_q, at_q, pos_q} <= {next_row, next, next_pos};
      popped_q <= popped_q + pop_o;
    end
    fresh_q <= rst_ni && !clear_i && take_o;
    cut_q <= {popped_q, byte_o};
    held_q <= {level_i, {BYTE_W{1'b0}}} - byte_o;
    {turn_then_q, long_then_q} <= {turn_o, long_o};
  end

  reg closed_q, ended_q, aborted_q, busy_q;   // closed: it has been let go of
  always @(posedge clk_i) begin
    closed_q <= rst_ni && !clear_i && (head_pop_o || (closed_q && !busy_o));
    ended_q <= rst_ni && head_pop_o;
    aborted_q <= !rst_ni || clear_i;
    busy_q <= rst_ni && busy_o;
  end
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q && start_i && !busy_o) assume (!chunk_valid_o);
    if (begun_q && state_q == PREPARE)
      assume (type_i[7:6] == 0 && TYPES[type_i[5:0]] && rows_i != 0 && cols_i != 0 &&
              cols_i[17:16] == 0 && (TYPES_FLOAT[type_i[5:0]] || cols_i[4:0] == 0) &&
              (device_type_log2(type_i) == 4'd5 || cols_i[7:0] == 0));
    if (begun_q && (state_q == RUN || state_q == FLUSH))
      assume ({type_i, rows_i, cols_i, single_i} == {kind_q, all_rows_q, columns_q, single_q});
    if (begun_q && fresh_q && row_q < all_rows_q)
      assume (next_pos <= {fetched_q, {BYTE_W{1'b0}}});
  end

  // Bytes that move, of CHUNK.
  localparam SHORT = CHUNK / 8 < SHORT_BYTES ? CHUNK / 8 : SHORT_BYTES;
  // Where the chunk behind the one shown begins.
  wire all_steps = parts && chunk_valid_o;
  wire [12:0] step_end = at_q + LANES * (STEPS - chunk_step_o);
  wire [12:0] then = !all_steps ? next : last_q ? 0 : step_end;
  wire [19:0] then_row = !all_steps ? next_row : row_q + last_q;
  wire [12:0] low = (13'd1 << unit) - 13'd1;
  wire going = state_q == RUN || state_q == FLUSH || chunk_valid_o;
  always `LOCKSTEP_CHECKED if (begun_q) begin
    if (chunk_valid_o) begin
      // Every block of every row, one behind the other.
      order: assert (row_q < all_rows_q && many != 0 &&
                     at_q == LANES * chunk_word_o + chunk_base_o);
      if (upto == 0) rows_1: assert (at_q < blocks_of_row && at_q + many <= blocks_of_row);
      if (upto == 0) rows_2: assert (chunk_last_o == (at_q + many == blocks_of_row));
      if (upto != 0) rows_3: assert (at_q + upto == blocks_of_row && row_q + 1 < all_rows_q &&
                                  rest == 32 && many > upto && many - upto <= blocks_of_row &&
                                  LONGEST_JOINED >= blocks_of_row);
      if (upto != 0) rows_4: assert (chunk_last_o == (many - upto == blocks_of_row));
      if (chunk_last_o) last: assert (chunk_tail_o == rest);
      at_most: assert (many <= (parts ? LANES : at_once));
      steps: assert (chunk_step_o == (parts ? at_q % 8 / LANES : 0));
    end
    if (closed_q && !chunk_valid_o) whole_1: assert (row_q == all_rows_q);
    if (busy_q && !busy_o) whole_2: assert (ended_q || aborted_q);
    if (fresh_q) begin
      // Its bytes are those behind the ones before, and the FIFO holds them.
      place: assert (cut_q == pos_q);
      held_1: assert (chunk_valid_o && bytes <= held_q);
      turned: assert (chunk_turn_o == (at_q & mask) &&
                      turn_then_q == turn_of(at_q[5:0]));
      window_1: assert (bytes <= (long_then_q ? CHUNK / 8 : SHORT));
    end
    // What the FIFO rests on.
    held_2: assert (pop_o <= level_i);
    if (take_o)
      window_2: assert (turn_o < round_o && round_o <= (long_o ? CHUNK / 8 : SHORT));
    window_3: assert (8 * byte_o + CHUNK <= WINDOW * PORT_BITS && pop_o <= WINDOW);
    // Its beats leave with it, all of them.
    if (head_pop_o) beats_1: assert (popped_q == fetched_q);
    if ((state_q == RUN || state_q == FLUSH) && !fresh_q) beats_2: assert (popped_q <= fetched_q);

    // What induction rests on.
    if (going)
      assert (kind_q[7:6] == 0 && TYPES[kind_q[5:0]] && columns_q != 0 && columns_q[17:16] == 0 &&
              (is_floats || columns_q[4:0] == 0) && (unit == 0 || columns_q[7:0] == 0));
    if (state_q == PREPARE) assert (!chunk_valid_o);
    if (going) begin
      assert (group_q == at_once && tail_q == rest && log2_unit_q == unit &&
              unit_bytes_q == device_type_bytes(kind_q) && float_q == is_floats &&
              steps_q == parts && long_q == (round_q > SHORT_BYTES) &&
              joins_q == (rest == 32 && blocks_of_row <= LONGEST_JOINED));
      assert (missing_q == (is_floats ? (32 - rest) * (kind_q == `LOCKSTEP_TYPE_F32 ? 4 : 2) : 0));
      assert (round_q == (at_once >> unit) * unit_bytes_q);
    end
    if (state_q == RUN || state_q == FLUSH)
      assert (popped_q + beats_q == fetched_q);
    if (state_q == RUN || fresh_q) assert ({popped_q, byte_q} == next_pos);
    if (state_q == FLUSH || closed_q) assert (then_row == all_rows_q);
    if (state_q == RUN) begin
      assert (block_q == then && then < blocks_of_row && then_row < all_rows_q &&
              rows_q == all_rows_q - then_row);
      assert (blocks_q != 0 && (ends_q ? blocks_q <= at_once : blocks_q == at_once) &&
              ((block_q | blocks_q | split_q) & low) == 0);
      if (split_q == 0)
        assert (block_q + blocks_q <= blocks_of_row &&
                ends_q == (block_q + blocks_q == blocks_of_row));
      if (split_q != 0)
        assert (block_q + split_q == blocks_of_row && rows_q > 1 && joins_q &&
                blocks_q > split_q && blocks_q - split_q <= blocks_of_row &&
                ends_q == (blocks_q - split_q == blocks_of_row));
      assert (need_q == {5'd0, blocks_q >> unit} * unit_bytes_q - (ends_q ? missing_q : 0));
      assert (turn_q == turn_of(block_q[5:0]));
    end
    if (all_steps) assert (upto == 0 && many == LANES && step_end <= blocks_of_row &&
                           last_q == (step_end == blocks_of_row) && at_q % LANES == 0);
    if (chunk_valid_o) assert (fresh_q ? chunk_step_o == 0 : parts && chunk_step_o != 0);

    if (PORT_BITS > 128) cover (chunk_valid_o && upto != 0 && chunk_last_o && at_q != 0);
    if (PORT_BITS > 128) cover (fresh_q && turn_then_q != 0);
    cover (head_pop_o && fetched_q == 3 && all_rows_q == 2);
    cover (chunk_valid_o && chunk_last_o && rest == 5 && row_q == 1);
    cover (closed_q && chunk_valid_o && !fresh_q);
  end
`endif

endmodule

`default_nettype wire
