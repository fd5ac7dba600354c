// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Where the K and V of a sequence and position lie in the KV memory:
//
//     word = ((seq*n_layers + layer)*n_kv + head)*context*wph + pos*wph + block
//
// of those of K or V, with wph = ceil(head_dim / 32) words a head; but the words of two heads 2i
// and 2i + 1 lie in turn, so that both are read at once:
//
//     word = ((seq*n_layers + layer)*n_kv + 2i)*context*wph + 2*(pos*wph + block) + head - 2i
//
// One multiplier, used once a cycle: done_o comes 8 cycles after start_i; what it says stays until
// the next start, and first_offset_o follows a cycle later. The pair with head h begins at base +
// h*head_stride, and pos_i 2*pos_offset behind that, of a head by itself pos_offset. With a window,
// the positions seen are the last span + 1 up to pos_i, from first_offset on (2*first_offset of a
// pair). full_o: pos_i has no room: it is beyond the context, or the last head's word beyond the
// memory.
`default_nettype none
`include "generated/defaults.vh"

module kv_address #(
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,

  input  wire        start_i,
  input  wire [3:0]  seq_i,
  input  wire [15:0] pos_i,
  input  wire [7:0]  layer_i,
  input  wire [7:0]  n_layers_i,
  input  wire [7:0]  n_kv_i,
  input  wire [8:0]  head_dim_i,
  input  wire [15:0] context_i,
  input  wire [15:0] window_i,        // positions that are seen; 0: all

  output wire        done_o,
  output reg  [39:0] base_o,
  output reg  [39:0] head_stride_o,
  output reg  [39:0] pos_offset_o,
  output wire [15:0] span_o,
  output reg  [39:0] first_offset_o,
  output wire        full_o
);

  localparam [3:0] IDLE = 4'd0, SEQUENCE = 4'd1, HEADS = 4'd2, POSITION = 4'd3, BASE = 4'd4,
                   STRIDE = 4'd5, SPREAD = 4'd6, OFFSET = 4'd7, DONE = 4'd8;

  wire [15:0] wph = {12'd0, head_dim_i[8:5]} + {15'd0, head_dim_i[4:0] != 5'd0};

  // A window of 0 reaches back 65,535 positions, to the first of any.
  wire [15:0] reach = window_i - 16'd1;
  assign span_o = pos_i < reach ? pos_i : reach;

  reg [3:0]  step_q;
  reg [39:0] spread_q; // from a layer to the next
  reg [39:0] acc_q;    // below 2^40: seq < 2^4, layers, heads < 2^8, context < 2^16, wph <= 8
  reg [15:0] factor;
  reg [39:0] operand;
  reg [15:0] addend;

  always @* begin
    operand = acc_q;
    addend  = 16'd0;
    case (step_q)
      SEQUENCE: begin factor = {8'd0, n_layers_i}; addend = {8'd0, layer_i}; end
      HEADS:    factor = {8'd0, n_kv_i};
      POSITION: factor = context_i;
      BASE:     factor = wph;
      STRIDE:   begin operand = {24'd0, context_i}; factor = wph; end
      SPREAD:   begin operand = head_stride_o; factor = {8'd0, n_kv_i}; end
      OFFSET:   begin operand = {24'd0, pos_i}; factor = wph; end
      DONE:     begin operand = {24'd0, pos_i - span_o}; factor = wph; end
      default:  factor = 16'd0;
    endcase
  end

  wire [39:0] product = operand * {24'd0, factor} + {24'd0, addend};

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) step_q <= IDLE;
    else begin
      if (start_i) begin
        step_q <= SEQUENCE;
        acc_q  <= {36'd0, seq_i};
      end else if (step_q != IDLE) begin
        step_q <= step_q == DONE ? IDLE : step_q + 4'd1;
        acc_q  <= product;
      end
      if (step_q == BASE)   base_o         <= product;
      if (step_q == STRIDE) head_stride_o  <= product;
      if (step_q == SPREAD) spread_q       <= product;
      if (step_q == OFFSET) pos_offset_o   <= product;
      if (step_q == DONE)   first_offset_o <= product;
    end
  end

  // One behind the last word at pos_i: of the last pair, or of a head behind it.
  wire        pair  = !n_kv_i[0];
  wire [40:0] bound = {1'b0, base_o} + {1'b0, spread_q} - ({1'b0, head_stride_o} << pair)
                      + (({1'b0, pos_offset_o} + {25'd0, wph}) << pair);

  assign done_o = step_q == DONE;
  assign full_o = pos_i >= context_i || {16'd0, pos_i} >= CONTEXT_MAX ||
                  bound > {10'd0, KV_WORDS[31:1]} || {28'd0, seq_i} >= SEQS;

endmodule

`default_nettype wire
