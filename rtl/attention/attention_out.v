// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Divides the weighted sums, gathers the results of a group and writes them out in ascending order.
// A block is claimed when its last V word is asked for, captured two cycles later, and drained at
// VLANES elements a cycle, head by head: round32, times 1/W, into the result buffer. With the first
// result of the last block the output starts and reads the buffer head by head; it can not overtake
// the drain, which brings the last blocks in the same order and at the same rate. The next group's
// first drain waits for the end of the output.
`default_nettype none
`include "generated/defaults.vh"

module attention_out #(
  parameter VLANES     = `LOCKSTEP_DEFAULT_VLANES,
  parameter ATTN_HEADS = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter VEC_WORDS  = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SLOT_BITS  = 2,
  parameter VADDR_BITS = $clog2(VEC_WORDS),
  parameter HEAD_BITS  = (ATTN_HEADS > 1) ? $clog2(ATTN_HEADS) : 1
) (
  input  wire                             clk_i,
  input  wire                             rst_ni,
  input  wire                             leaf_rst_ni,
  input  wire                             clear_i,
  input  wire [15:0]                      dst_i,          // units of 32 elements
  input  wire [8:0]                       head_dim_i,

  // A block of a group
  input  wire                             claim_i,
  input  wire [SLOT_BITS-1:0]             claim_slot_i,
  input  wire [7:0]                       claim_heads_i,
  input  wire [2:0]                       claim_block_i,
  input  wire                             claim_last_i,   // last block of the group
  input  wire                             claim_first_i,  // first group of the slot
  input  wire                             captured_i,
  input  wire                             rcp_ready_i,
  output wire                             busy_o,         // no claim now
  output wire                             idle_o,         // and nothing left to write

  // Heads
  output wire                             drain_start_o,
  output wire [ATTN_HEADS-1:0]            drain_en_o,
  output wire [2:0]                       drain_row_o,
  input  wire [ATTN_HEADS*80*VLANES-1:0]  drain_sum_i,
  input  wire [ATTN_HEADS*32-1:0]         drain_rcp_i,

  // Vector SRAM and commit, VLANES elements from an element on
  output reg                              w_en_o,
  output reg  [SLOT_BITS-1:0]             w_slot_o,
  output reg  [VADDR_BITS-1:0]            w_addr_o,
  output reg  [5:0]                       w_count_o,      // of which exist
  output reg  [32*VLANES-1:0]             w_data_o,
  output reg  [19:0]                      cm_index_o,
  output wire                             overflow_o
);

  localparam LANE_LOG = $clog2(VLANES);
  localparam ROWS_LOG = 5 - LANE_LOG;
  localparam ROW_BITS = 8 - LANE_LOG;                   // row of a head: {block, row of the block}
  localparam TAG_BITS = HEAD_BITS + ROW_BITS;
  localparam ROUNDED  = 4;                              // a drained row leaves round32
  localparam DIVIDED  = 6;                              // and the multiplier

  // Of a head its last element and that one's row; in the last row may be fewer elements.
  wire [8:0] end_element = head_dim_i - 9'd1;
  wire [ROW_BITS-1:0] head_end = end_element[7:LANE_LOG];
  wire [2:0] last_row   = {{(3-ROWS_LOG){1'b0}}, end_element[4:LANE_LOG]};
  wire [5:0] tail       = {{(6-LANE_LOG){1'b0}}, end_element[LANE_LOG-1:0]} + 6'd1;
  localparam [2:0] FULL = (1 << ROWS_LOG) - 1;

  // Drain
  reg                 claimed_q, captured_q, draining_q, last_q, first_q;
  reg [SLOT_BITS-1:0] slot_q;
  reg [7:0]           heads_q;
  reg [2:0]           block_q;
  reg [HEAD_BITS-1:0] head_q;
  reg [2:0]           row_q;
  reg [3:0]           flight_q;                         // rows between heads and result buffer
  reg                 out_q;                            // the output reads the buffer

  wire [2:0] top_row   = last_q ? last_row : FULL;
  wire       end_row   = row_q == top_row;
  wire       end_head  = {{(8-HEAD_BITS){1'b0}}, head_q} == heads_q - 8'd1;
  wire       divided;
  wire       over      = draining_q && end_row && end_head;
  reg        emptying_q;

  assign drain_start_o = captured_q && rcp_ready_i && !out_q && !draining_q && !emptying_q;
  assign drain_row_o   = row_q;
  assign busy_o        = claimed_q;

  localparam [ATTN_HEADS-1:0] HEAD0 = 1;
  assign drain_en_o = draining_q ? HEAD0 << head_q : {ATTN_HEADS{1'b0}};

  // The tag of a row goes along with it.
  reg [TAG_BITS*(DIVIDED+1)-1:0] tags_q;
  reg                            sum_valid_q, mux_valid_q;
  always @(posedge clk_i)
    if (claimed_q)
      tags_q <= {tags_q[TAG_BITS*DIVIDED-1:0], head_q, block_q, row_q[ROWS_LOG-1:0]};
  wire [HEAD_BITS-1:0] sum_head     = tags_q[ROW_BITS +: HEAD_BITS];
  wire [HEAD_BITS-1:0] rounded_head = tags_q[TAG_BITS*ROUNDED + ROW_BITS +: HEAD_BITS];
  wire [TAG_BITS-1:0]  divided_tag  = tags_q[TAG_BITS*DIVIDED +: TAG_BITS];

  reg [80*VLANES-1:0] sum_q;
  always @(posedge clk_i)
    if (sum_valid_q) sum_q <= drain_sum_i[80*VLANES*sum_head +: 80*VLANES];
  wire [31:0] rcp = drain_rcp_i[32*rounded_head +: 32];

  wire [VLANES-1:0]    round_valid, round_overflow, divide_valid, divide_overflow;
  wire [32*VLANES-1:0] divided_data;
  genvar l;
  generate
    for (l = 0; l < VLANES; l = l + 1) begin : g_lane
      wire [31:0] rounded;
      round32 #(.W(80)) u_round (
        .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(mux_valid_q), .n_i(sum_q[80*l +: 80]),
        .k_i(-10'sd44), .valid_o(round_valid[l]), .y_o(rounded), .overflow_o(round_overflow[l])
      );
      fp_mul u_divide (
        .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(round_valid[l]), .a_i(rounded), .b_i(rcp),
        .valid_o(divide_valid[l]), .y_o(divided_data[32*l +: 32]), .overflow_o(divide_overflow[l])
      );
    end
  endgenerate
  assign divided    = divide_valid[0];
  assign overflow_o = (round_valid & round_overflow) != 0 || (divide_valid & divide_overflow) != 0;

  // Results of the group
  reg [32*VLANES-1:0] result_q [0:(1 << TAG_BITS)-1];
  always @(posedge clk_i) if (divided) result_q[divided_tag] <= divided_data;

  // Output
  reg                  out_first_q;
  reg [SLOT_BITS-1:0]  out_slot_q;
  reg [7:0]            out_heads_q;
  reg [HEAD_BITS-1:0]  out_head_q;
  reg [ROW_BITS-1:0]   out_row_q;
  reg [VADDR_BITS-1:0] out_addr_q;
  reg [19:0]           out_index_q;
  wire [20:0] dst_element = {dst_i, 5'd0};
  wire out_end_row  = out_row_q == head_end;
  wire [5:0] out_count = out_end_row ? tail : VLANES[5:0];
  wire out_end_head = {{(8-HEAD_BITS){1'b0}}, out_head_q} == out_heads_q - 8'd1;

  assign idle_o = !claimed_q && !out_q && !w_en_o;

  always @(posedge clk_i) begin
    if (out_q) begin
      w_data_o   <= result_q[{out_head_q, out_row_q}];
      w_slot_o   <= out_slot_q;
      w_addr_o   <= out_addr_q;
      w_count_o  <= out_count;
      cm_index_o <= out_index_q;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      claimed_q   <= 1'b0;
      captured_q  <= 1'b0;
      draining_q  <= 1'b0;
      emptying_q  <= 1'b0;
      sum_valid_q <= 1'b0;
      mux_valid_q <= 1'b0;
      flight_q    <= 4'd0;
      out_q       <= 1'b0;
      w_en_o      <= 1'b0;
    end else begin
      sum_valid_q <= draining_q;
      mux_valid_q <= sum_valid_q;
      flight_q    <= flight_q + {3'd0, draining_q} - {3'd0, divided};
      w_en_o      <= out_q;
      if (claim_i) begin
        claimed_q <= 1'b1;
        slot_q    <= claim_slot_i;
        heads_q   <= claim_heads_i;
        block_q   <= claim_block_i;
        last_q    <= claim_last_i;
        first_q   <= claim_first_i;
      end
      if (captured_i) captured_q <= 1'b1;
      if (drain_start_o) begin
        captured_q <= 1'b0;
        draining_q <= 1'b1;
        head_q     <= {HEAD_BITS{1'b0}};
        row_q      <= 3'd0;
        out_first_q <= last_q;
      end
      if (draining_q) begin
        row_q <= end_row ? 3'd0 : row_q + 3'd1;
        if (end_row) head_q <= head_q + 1'b1;
        if (over) begin
          draining_q <= 1'b0;
          emptying_q <= 1'b1;
        end
      end
      if (emptying_q && divided && flight_q == 4'd1) begin
        emptying_q <= 1'b0;
        claimed_q  <= 1'b0;
      end
      if (divided && out_first_q) begin
        out_first_q <= 1'b0;
        out_q       <= 1'b1;
        out_slot_q  <= slot_q;
        out_heads_q <= heads_q;
        out_head_q  <= {HEAD_BITS{1'b0}};
        out_row_q   <= {ROW_BITS{1'b0}};
        if (first_q) begin
          out_addr_q  <= dst_element[VADDR_BITS-1:0];
          out_index_q <= 20'd0;
        end
      end
      if (out_q) begin
        out_addr_q  <= out_addr_q + {{(VADDR_BITS-6){1'b0}}, out_count};
        out_index_q <= out_index_q + {14'd0, out_count};
        out_row_q   <= out_row_q + 1'b1;
        if (out_end_row) begin
          out_row_q  <= {ROW_BITS{1'b0}};
          out_head_q <= out_head_q + 1'b1;
          if (out_end_head) out_q <= 1'b0;
        end
      end
    end
  end

  wire unused = &{1'b0, dst_element, end_element};

endmodule

`default_nettype wire
