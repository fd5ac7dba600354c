// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Goes through the slots and query heads of the op ATTEND and prepares one group after the
// other: up to ATTN_HEADS query heads of one slot that share a K and V head. It quantises their
// queries into the heads' buffers, one bank ahead of the group being computed, and offers the
// group. A group taken (grp_take_i) leaves its bank when the next one is taken. Head h uses the
// K and V head floor(h * n_kv / n_heads): the fraction is carried along.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module attention_query #(
  parameter SLOTS      = `LOCKSTEP_DEFAULT_SLOTS,
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS   = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter VEC_WORDS  = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter ADDR_BITS  = 17,
  parameter SLOT_BITS  = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter VADDR_BITS = $clog2(VEC_WORDS / VLANES)
) (
  input  wire                  clk_i,
  input  wire                  rst_ni,
  input  wire                  leaf_rst_ni,
  input  wire                  clear_i,

  // Op
  input  wire                  start_i,
  input  wire [SLOTS-1:0]      slots_i,
  input  wire [15:0]           a_i,             // units of 32 elements
  input  wire [7:0]            n_heads_i,
  input  wire [7:0]            n_kv_i,
  input  wire [8:0]            head_dim_i,

  // Address unit; the slot's sequence and position are chosen by addr_slot_o
  output wire                  addr_start_o,
  output wire [SLOT_BITS-1:0]  addr_slot_o,
  input  wire                  addr_done_i,
  input  wire [ADDR_BITS-1:0]  addr_base_i,
  input  wire [ADDR_BITS-1:0]  addr_stride_i,
  input  wire                  addr_full_i,

  // Vector SRAM, rows of VLANES elements
  output wire                  ra_en_o,
  output wire [SLOT_BITS-1:0]  ra_slot_o,
  output wire [VADDR_BITS-1:0] ra_addr_o,
  input  wire [32*VLANES-1:0]  ra_data_i,

  // Query buffers of the heads
  output wire [ATTN_HEADS-1:0] q_we_o,
  output reg                   q_bank_o,
  output reg  [2:0]            q_block_o,
  output wire [511:0]          q_data_o,
  output wire [4:0]            q_shift_o,

  // The next group, in bank q_bank_o
  output wire                  grp_valid_o,
  input  wire                  grp_take_i,
  output wire [SLOT_BITS-1:0]  grp_slot_o,
  output wire [7:0]            grp_heads_o,     // 1..ATTN_HEADS
  output wire [ADDR_BITS-1:0]  grp_base_o,      // KV word of K at position 0
  output wire                  grp_first_o,     // first of its slot
  output wire [7:0]            grp_error_o,     // error code or 0
  output wire                  empty_o          // nothing in work, nothing to come
);

  localparam ROWS      = 32 / VLANES;
  localparam LANE_LOG  = $clog2(VLANES);
  localparam ROWS_LOG  = 5 - LANE_LOG;
  localparam [ATTN_HEADS-1:0] HEAD0 = 1;
  localparam [7:0] LAST_HEAD = ATTN_HEADS[7:0] - 8'd1;
  localparam [2:0] IDLE = 3'd0, SLOT = 3'd1, ADDRESS = 3'd2, LOAD = 3'd3, FLUSH = 3'd4,
                   READY = 3'd5;

  wire [3:0] blocks    = head_dim_i[8:5] + {3'd0, head_dim_i[4:0] != 5'd0};
  wire [3:0] tail      = {{(4-ROWS_LOG){1'b0}}, head_dim_i[4:LANE_LOG]};
  wire [3:0] last_rows = tail == 4'd0 ? ROWS[3:0] : tail;

  reg [2:0]            state_q;
  reg [SLOTS-1:0]      todo_q;       // active slots not begun
  reg [SLOT_BITS-1:0]  slot_q;
  reg [7:0]            head_q;       // query heads of the slot asked for so far
  reg [7:0]            fraction_q;   // head_q * n_kv mod n_heads
  reg [7:0]            heads_q;      // of the group, asked for so far
  reg                  wrap_q;       // the next group has the next K and V head
  reg                  first_q;
  reg [3:0]            block_q;
  reg [VADDR_BITS-1:0] row_q;
  reg [ADDR_BITS-1:0]  base_q;
  reg [7:0]            error_q;
  reg [ATTN_HEADS-1:0] out_head_q;   // one-hot: whose block the quantiser gives next
  reg [9:0]            flight_q;     // blocks asked for and not written

  integer i;
  reg [SLOT_BITS-1:0] lowest;
  always @* begin
    lowest = {SLOT_BITS{1'b0}};
    for (i = SLOTS - 1; i >= 0; i = i - 1) if (todo_q[i]) lowest = i[SLOT_BITS-1:0];
  end

  wire          req_ready;
  wire          req        = state_q == LOAD && req_ready;
  wire          last_block = block_q == blocks - 4'd1;
  wire          last_head  = head_q + 8'd1 == n_heads_i;
  wire [8:0]    fraction   = {1'b0, fraction_q} + {1'b0, n_kv_i};
  wire          wrap       = fraction >= {1'b0, n_heads_i};
  wire          full_group = heads_q == LAST_HEAD;
  wire [3:0]    req_rows   = last_block ? last_rows : ROWS[3:0];
  wire          blk_valid;
  wire [1023:0] blk_data;
  wire          q_valid;
  wire          q_range;

  block_load #(
    .VLANES(VLANES), .SLOT_BITS(SLOT_BITS), .VADDR_BITS(VADDR_BITS)
  ) u_load (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .req_valid_i(state_q == LOAD), .req_ready_o(req_ready), .req_slot_i(slot_q),
    .req_addr_i(row_q), .req_rows_i(req_rows),
    .ra_en_o(ra_en_o), .ra_slot_o(ra_slot_o), .ra_addr_o(ra_addr_o), .ra_data_i(ra_data_i),
    .blk_valid_o(blk_valid), .blk_data_o(blk_data)
  );

  bfp_quant #(.BITS(ACT_BITS)) u_quant (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(blk_valid), .x_i(blk_data),
    .valid_o(q_valid), .m_o(q_data_o), .s_o(q_shift_o), .range_o(q_range)
  );

  assign addr_start_o = state_q == SLOT && todo_q != {SLOTS{1'b0}};
  assign addr_slot_o  = state_q == SLOT ? lowest : slot_q;
  assign q_we_o       = q_valid ? out_head_q : {ATTN_HEADS{1'b0}};
  assign grp_valid_o  = state_q == READY;
  assign grp_slot_o   = slot_q;
  assign grp_heads_o  = heads_q;
  assign grp_base_o   = base_q;
  assign grp_first_o  = first_q;
  assign grp_error_o  = error_q;
  assign empty_o      = state_q == IDLE;

  wire [15+ROWS_LOG:0] a_row = {a_i, {ROWS_LOG{1'b0}}};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q    <= IDLE;
      todo_q     <= {SLOTS{1'b0}};
      slot_q     <= {SLOT_BITS{1'b0}};
      head_q     <= 8'd0;
      fraction_q <= 8'd0;
      heads_q    <= 8'd0;
      wrap_q     <= 1'b0;
      first_q    <= 1'b0;
      block_q    <= 4'd0;
      row_q      <= {VADDR_BITS{1'b0}};
      base_q     <= {ADDR_BITS{1'b0}};
      error_q    <= 8'd0;
      out_head_q <= {ATTN_HEADS{1'b0}};
      flight_q   <= 10'd0;
      q_bank_o   <= 1'b0;
      q_block_o  <= 3'd0;
    end else if (clear_i) begin
      state_q <= IDLE;
    end else begin
      if (q_valid) begin
        q_block_o <= q_block_o + 3'd1;
        if ({1'b0, q_block_o} == blocks - 4'd1) begin
          q_block_o  <= 3'd0;
          out_head_q <= out_head_q << 1;
        end
        if (q_range) error_q <= `LOCKSTEP_ERROR_RANGE;
      end
      if (state_q == LOAD || state_q == FLUSH)
        flight_q <= flight_q + {9'd0, req} - {9'd0, q_valid};
      case (state_q)
        IDLE: if (start_i) begin
          state_q <= SLOT;
          todo_q  <= slots_i;
        end
        SLOT: begin
          state_q        <= todo_q == {SLOTS{1'b0}} ? IDLE : ADDRESS;
          slot_q         <= lowest;
          todo_q[lowest] <= 1'b0;
          head_q         <= 8'd0;
          fraction_q     <= 8'd0;
          heads_q        <= 8'd0;
          wrap_q         <= 1'b0;
          first_q        <= 1'b1;
          block_q        <= 4'd0;
          row_q          <= a_row[VADDR_BITS-1:0];
          error_q        <= 8'd0;
          out_head_q     <= HEAD0;
          q_block_o      <= 3'd0;
          flight_q       <= 10'd0;
        end
        ADDRESS: if (addr_done_i) begin
          base_q  <= addr_base_i;
          state_q <= addr_full_i ? READY : LOAD;
          if (addr_full_i) error_q <= `LOCKSTEP_ERROR_KV_FULL;
        end
        LOAD: if (req) begin
          block_q <= block_q + 4'd1;
          row_q   <= row_q + {{(VADDR_BITS-4){1'b0}}, req_rows};
          if (last_block) begin
            block_q    <= 4'd0;
            head_q     <= head_q + 8'd1;
            heads_q    <= heads_q + 8'd1;
            fraction_q <= wrap ? fraction[7:0] - n_heads_i : fraction[7:0];
            wrap_q     <= wrap;
            if (wrap || last_head || full_group) state_q <= FLUSH;
          end
        end
        FLUSH: if (flight_q == 10'd0) state_q <= READY;
        READY: if (grp_take_i) begin
          state_q    <= head_q == n_heads_i ? SLOT : LOAD;
          heads_q    <= 8'd0;
          first_q    <= 1'b0;
          q_bank_o   <= !q_bank_o;
          q_block_o  <= 3'd0;
          out_head_q <= HEAD0;
          if (wrap_q) base_q <= base_q + addr_stride_i;
        end
        default: state_q <= IDLE;
      endcase
    end
  end

  wire unused = &{1'b0, a_row};

endmodule

`default_nettype wire
