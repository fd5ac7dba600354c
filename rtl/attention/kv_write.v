// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The op KV: for each active slot quantises the K vector (at a) and the V vector (at b), n_kv
// heads each, and writes the blocks to the KV memory at the slot's sequence and position. All K
// blocks come first, then all V blocks; a head's last block may be short and is filled up with
// zeros. Takes 32/VLANES cycles a block and about 16 a slot. Every block is committed as 17
// words: 16 of two mantissas each (the even one in the low half), then the shift.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module kv_write #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter VEC_WORDS  = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter ADDR_BITS  = 17,      // of the KV memory
  parameter SLOT_BITS  = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS = $clog2(VEC_WORDS / VLANES)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  leaf_rst_ni,     // rst_ni, also low with clear_i
  input  wire                  clear_i,

  // Op; stable from start_i to done_o
  input  wire                  start_i,
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           a_i,             // units of 32 elements
  input  wire [15:0]           b_i,
  input  wire [7:0]            n_kv_i,
  input  wire [8:0]            head_dim_i,
  output wire                  done_o,
  output wire                  err_o,
  output reg  [7:0]            err_code_o,
  output wire [SLOT_BITS-1:0]  err_slot_o,

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire [ADDR_BITS-1:0]  addr_base_i,     // K of head 0, position 0
  input  wire [ADDR_BITS-1:0]  addr_offset_i,   // from there to the slot's position
  input  wire [ADDR_BITS-1:0]  addr_stride_i,   // from head to head
  input  wire                  addr_full_i,

  // Vector SRAM, rows of VLANES elements
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  // KV memory
  output wire                  kv_we_o,
  output wire [ADDR_BITS-1:0]  kv_addr_o,
  output wire [516:0]          kv_data_o,

  // Commit: 17 words with the KV word's data
  output wire                  cm_valid_o,
  output wire [SLOT_BITS-1:0]  cm_slot_o,
  output reg  [19:0]           cm_index_o
);

  localparam ROWS      = 32 / VLANES;
  localparam LANE_LOG  = $clog2(VLANES);
  localparam ROWS_LOG  = 5 - LANE_LOG;
  localparam [2:0] IDLE = 3'd0, SLOT = 3'd1, ADDRESS = 3'd2, LOAD = 3'd3, FLUSH = 3'd4,
                   DONE = 3'd5, ERROR = 3'd6, DEAD = 3'd7;

  // Shape of a head: blocks and the rows of the last one
  wire [3:0] blocks    = head_dim_i[8:5] + {3'd0, head_dim_i[4:0] != 5'd0};
  wire [3:0] tail      = {{(4-ROWS_LOG){1'b0}}, head_dim_i[4:LANE_LOG]};
  wire [3:0] last_rows = tail == 4'd0 ? ROWS[3:0] : tail;

  reg [2:0]            state_q;
  reg [SLOTS-1:0]      todo_q;       // active slots not begun
  reg [SLOT_BITS-1:0]  slot_q;
  reg                  value_q;      // loading V
  reg [7:0]            head_q;       // being loaded
  reg [3:0]            block_q;
  reg [VADDR_BITS-1:0] row_q;        // address of the block being asked for
  reg [3:0]            out_block_q;  // block of its head that the quantiser gives next
  reg [9:0]            flight_q;     // blocks asked for and not written
  reg [ADDR_BITS-1:0]  kv_addr_q;

  integer i;
  reg [SLOT_BITS-1:0] lowest;
  always @* begin
    lowest = {SLOT_BITS{1'b0}};
    for (i = SLOTS - 1; i >= 0; i = i - 1) if (todo_q[i]) lowest = i[SLOT_BITS-1:0];
  end

  wire                  req_ready;
  wire                  last_block = block_q == blocks - 4'd1;
  wire                  last_head  = head_q == n_kv_i - 8'd1;
  wire [3:0]            req_rows   = last_block ? last_rows : ROWS[3:0];
  wire                  req        = state_q == LOAD && req_ready;
  wire                  blk_valid;
  wire [1023:0]         blk_data;
  wire                  q_valid;
  wire [511:0]          q_data;
  wire [4:0]            q_shift;
  wire                  q_range;
  wire                  written = q_valid && !q_range && state_q != DEAD && state_q != ERROR;

  block_load #(
    .VLANES(VLANES), .SLOT_BITS(SLOT_BITS), .VADDR_BITS(VADDR_BITS)
  ) u_load (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .req_valid_i(state_q == LOAD), .req_ready_o(req_ready), .req_slot_i(slot_q),
    .req_addr_i(row_q), .req_rows_i(req_rows),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr_o), .ra_data_i(ra_data_i),
    .blk_valid_o(blk_valid), .blk_data_o(blk_data)
  );

  bfp_quant #(.BITS(16)) u_quant (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(blk_valid), .x_i(blk_data),
    .valid_o(q_valid), .m_o(q_data), .s_o(q_shift), .range_o(q_range)
  );

  assign addr_start_o = state_q == SLOT && todo_q != {SLOTS{1'b0}};
  assign addr_slot_o  = state_q == SLOT ? lowest : slot_q;
  assign kv_we_o      = written;
  assign kv_addr_o    = kv_addr_q;
  assign kv_data_o    = {q_shift, q_data};
  assign cm_valid_o   = written;
  assign cm_slot_o    = slot_q;
  assign done_o       = state_q == DONE;
  assign err_o        = state_q == ERROR;
  assign err_slot_o   = slot_q;

  wire [15+ROWS_LOG:0] a_row = {a_i, {ROWS_LOG{1'b0}}};
  wire [15+ROWS_LOG:0] b_row = {b_i, {ROWS_LOG{1'b0}}};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q     <= IDLE;
      todo_q      <= {SLOTS{1'b0}};
      slot_q      <= {SLOT_BITS{1'b0}};
      value_q     <= 1'b0;
      head_q      <= 8'd0;
      block_q     <= 4'd0;
      row_q       <= {VADDR_BITS{1'b0}};
      out_block_q <= 4'd0;
      flight_q    <= 10'd0;
      kv_addr_q   <= {ADDR_BITS{1'b0}};
      cm_index_o  <= 20'd0;
      err_code_o  <= 8'd0;
    end else if (clear_i) begin
      state_q <= IDLE;
    end else begin
      case (state_q)
        IDLE: if (start_i) begin
          state_q <= SLOT;
          todo_q  <= slots_i;
        end
        SLOT: begin
          state_q        <= todo_q == {SLOTS{1'b0}} ? DONE : ADDRESS;
          slot_q         <= lowest;
          todo_q[lowest] <= 1'b0;
          value_q        <= 1'b0;
          head_q         <= 8'd0;
          block_q        <= 4'd0;
          row_q          <= a_row[VADDR_BITS-1:0];
          out_block_q    <= 4'd0;
          flight_q       <= 10'd0;
          cm_index_o     <= 20'd0;
        end
        ADDRESS: if (addr_done_i) begin
          kv_addr_q <= addr_base_i + addr_offset_i;
          if (addr_full_i) begin
            state_q    <= ERROR;
            err_code_o <= `LOCKSTEP_ERROR_KV_FULL;
          end else begin
            state_q <= LOAD;
          end
        end
        LOAD: if (req) begin
          block_q <= block_q + 4'd1;
          row_q   <= row_q + {{(VADDR_BITS-4){1'b0}}, req_rows};
          if (last_block) begin
            block_q <= 4'd0;
            head_q  <= head_q + 8'd1;
            if (last_head) begin
              head_q  <= 8'd0;
              row_q   <= b_row[VADDR_BITS-1:0];
              value_q <= 1'b1;
              if (value_q) state_q <= FLUSH;
            end
          end
        end
        FLUSH: if (flight_q == 10'd0) state_q <= SLOT;
        DONE:  state_q <= IDLE;
        ERROR: state_q <= DEAD;
        default: state_q <= state_q;
      endcase
      if (state_q != SLOT)
        flight_q <= flight_q + {9'd0, req} - {9'd0, q_valid};
      if (written) begin
        // K heads lie one stride apart, and so does the first V head from the last K head.
        cm_index_o  <= cm_index_o + 20'd17;
        out_block_q <= out_block_q == blocks - 4'd1 ? 4'd0 : out_block_q + 4'd1;
        kv_addr_q   <= out_block_q == blocks - 4'd1 ?
                       kv_addr_q + addr_stride_i - {{(ADDR_BITS-4){1'b0}}, out_block_q} :
                       kv_addr_q + {{(ADDR_BITS-1){1'b0}}, 1'b1};
      end
      if (q_valid && q_range && state_q != DEAD && state_q != ERROR) begin
        state_q    <= ERROR;
        err_code_o <= `LOCKSTEP_ERROR_RANGE;
      end
    end
  end

  wire unused = &{1'b0, a_row, b_row};

endmodule

`default_nettype wire
