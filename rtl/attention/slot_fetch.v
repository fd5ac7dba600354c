// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Brings heads of the active slots, quantised, for the ops KV and ATTEND: asks for each slot's
// place in the KV memory, reads heads from the vector SRAM block by block and quantises them. The
// user tells with each head what follows: the next one behind it, one elsewhere (jump_i), or a halt
// (halt_i) until all blocks of the batch have come. Then the slot is done (ended_o), or, with
// HOLD, waits in held_o until go_i and goes on with more_i or the next slot. 32/VLANES cycles a
// block, about 16 a slot.
`default_nettype none
`include "generated/defaults.vh"

module slot_fetch #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter VEC_WORDS  = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter BITS       = 16,      // of a mantissa
  parameter HOLD       = 0,
  // Derived; not to be set.
  parameter SLOT_BITS  = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS = $clog2(VEC_WORDS)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  leaf_rst_ni,     // rst_ni, also low with clear_i
  input  wire                  clear_i,

  // Op
  input  wire                  start_i,
  input  wire                  stop_i,          // no more of it: nothing is read until clear_i
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           a_i,             // first head of a slot, units of 32 elements
  input  wire [8:0]            head_dim_i,
  output wire                  idle_o,
  output wire                  next_slot_o,     // looks for the next slot; if there is none,
  output wire                  over_o,          // the op is over
  output wire [SLOT_BITS-1:0]  slot_o,
  output wire [3:0]            blocks_o,        // of a head

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire                  addr_full_i,
  output wire                  placed_o,        // pulse: the slot has its place, or
  output wire                  full_o,          // pulse: none

  // Heads
  output wire                  head_o,          // pulse: a head has been asked for, and then
  input  wire                  halt_i,
  input  wire                  jump_i,
  input  wire [15:0]           jump_to_i,       // units of 32 elements
  output wire                  held_o,
  input  wire                  go_i,
  input  wire                  more_i,

  // Vector SRAM, VLANES elements from an element on
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  // Blocks, in order
  output wire                  blk_valid_o,
  output wire [511:0]          blk_data_o,
  output wire [4:0]            blk_shift_o,
  output wire                  blk_range_o      // has an element that is no number in range
);

  localparam [2:0] IDLE = 3'd0, SLOT = 3'd1, ADDRESS = 3'd2, LOAD = 3'd3, FLUSH = 3'd4,
                   HELD = 3'd5, STOPPED = 3'd6;

  // Shape of a head: blocks and the elements of the last one
  wire [3:0] blocks = head_dim_i[8:5] + {3'd0, head_dim_i[4:0] != 5'd0};
  wire [5:0] tail   = head_dim_i[4:0] == 5'd0 ? 6'd32 : {1'b0, head_dim_i[4:0]};

  reg [2:0]            state_q;
  reg [SLOTS-1:0]      todo_q;       // active slots not begun
  reg [SLOT_BITS-1:0]  slot_q;
  reg [3:0]            block_q;      // of its head, asked for next
  reg [VADDR_BITS-1:0] from_q;       // its first element
  reg [9:0]            flight_q;     // blocks asked for and not come

  wire [SLOT_BITS-1:0]  lowest;
  wire                  req_ready, raw_valid;
  wire [1023:0]         raw_data;
  wire                  req        = state_q == LOAD && req_ready;
  wire                  last_block = block_q == blocks - 4'd1;
  wire [5:0]            count      = last_block ? tail : 6'd32;
  wire [20:0]           a_from     = {a_i, 5'd0};
  wire [20:0]           jump_from  = {jump_to_i, 5'd0};

  first_one #(.WIDTH(SLOTS)) u_lowest (.bits_i(todo_q), .index_o(lowest));

  block_load #(
    .VLANES(VLANES), .SLOT_BITS(SLOT_BITS), .VADDR_BITS(VADDR_BITS)
  ) u_load (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .req_valid_i(state_q == LOAD), .req_ready_o(req_ready), .req_slot_i(slot_q),
    .req_addr_i(from_q), .req_count_i(count),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr_o), .ra_data_i(ra_data_i),
    .blk_valid_o(raw_valid), .blk_data_o(raw_data)
  );

  bfp_quant #(.BITS(BITS)) u_quant (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(raw_valid), .x_i(raw_data),
    .valid_o(blk_valid_o), .m_o(blk_data_o), .s_o(blk_shift_o), .range_o(blk_range_o)
  );

  assign idle_o       = state_q == IDLE;
  assign next_slot_o  = state_q == SLOT;
  assign over_o       = state_q == SLOT && todo_q == {SLOTS{1'b0}};
  assign slot_o       = slot_q;
  assign blocks_o     = blocks;
  assign addr_start_o = state_q == SLOT && todo_q != {SLOTS{1'b0}};
  assign addr_slot_o  = state_q == SLOT ? lowest : slot_q;
  assign placed_o     = state_q == ADDRESS && addr_done_i;
  assign full_o       = placed_o && addr_full_i;
  assign head_o       = req && last_block;
  assign held_o       = state_q == HELD;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) state_q <= IDLE;
    else begin
      if (state_q == LOAD || state_q == FLUSH)
        flight_q <= flight_q + {9'd0, req} - {9'd0, blk_valid_o};
      case (state_q)
        IDLE: if (start_i) begin
          state_q <= SLOT;
          todo_q  <= slots_i;
        end
        SLOT: begin
          state_q        <= over_o ? IDLE : ADDRESS;
          slot_q         <= lowest;
          todo_q[lowest] <= 1'b0;
          block_q        <= 4'd0;
          from_q         <= a_from[VADDR_BITS-1:0];
          flight_q       <= 10'd0;
        end
        ADDRESS: if (addr_done_i) state_q <= addr_full_i ? HELD : LOAD;
        LOAD: if (req) begin
          block_q <= last_block ? 4'd0 : block_q + 4'd1;
          from_q  <= last_block && jump_i ? jump_from[VADDR_BITS-1:0] :
                                            from_q + {{(VADDR_BITS-6){1'b0}}, count};
          if (last_block && halt_i) state_q <= FLUSH;
        end
        FLUSH: if (flight_q == 10'd0) state_q <= HOLD != 0 ? HELD : SLOT;
        HELD:  if (go_i) state_q <= more_i ? LOAD : SLOT;
        default: state_q <= state_q;
      endcase
      if (stop_i) state_q <= STOPPED;
    end
  end

  wire unused = &{1'b0, a_from, jump_from};

endmodule

`default_nettype wire
