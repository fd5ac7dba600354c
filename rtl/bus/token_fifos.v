// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Token-in and token-out: FIFOs between firmware and engine.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module token_fifos #(
  parameter TOKEN_FIFO = `LOCKSTEP_DEFAULT_TOKEN_FIFO
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            clear_i,

  // Token-in: words of the firmware, and what the engine sees of them.
  input  wire                            in_push_i,
  input  wire [31:0]                     in_word_i,
  input  wire                            chosen_i,       // the word is one for CHOICE
  input  wire                            in_pop_i,
  output wire [`LOCKSTEP_IN_FIFO_W-1:0]  in_fifo_o,
  output wire                            in_full_o,
  output wire                            in_overflow_o,

  // Token-out: words of the engine, and what the firmware sees of them.
  input  wire [`LOCKSTEP_OUT_FIFO_W-1:0] out_fifo_i,
  input  wire                            out_pop_i,
  output wire [31:0]                     out_word_o,
  output wire [12:0]                     out_level_o,
  output wire                            out_full_o,
  output wire                            out_empty_o,
  output wire                            out_underflow_o,
  output wire                            out_eog_o      // the last word ends generation
);

  wire        unused_in, unused_out;
  wire        out_push = out_fifo_i[`LOCKSTEP_OUT_FIFO_PUSH];
  wire [31:0] put_word = out_fifo_i[`LOCKSTEP_OUT_FIFO_WORD];

  // A word that token-in has no room for is not counted.
  assign in_fifo_o[`LOCKSTEP_IN_FIFO_PUSH]      = in_push_i && !in_full_o;
  assign in_fifo_o[`LOCKSTEP_IN_FIFO_PUSH_LAST] = in_word_i[`LOCKSTEP_IN_LAST];
  assign in_fifo_o[`LOCKSTEP_IN_FIFO_CHOSEN]    = chosen_i;
  assign in_fifo_o[`LOCKSTEP_IN_FIFO_CHOICE]    = in_word_i[`LOCKSTEP_CHOICE_TOKEN];

  sync_fifo #(.WIDTH(32), .DEPTH(TOKEN_FIFO)) u_token_in (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .push_i      (in_push_i),
    .data_i      (in_word_i),
    .pop_i       (in_pop_i),
    .data_o      (in_fifo_o[`LOCKSTEP_IN_FIFO_WORD]),
    .level_o     (in_fifo_o[`LOCKSTEP_IN_FIFO_LEVEL]),
    .full_o      (in_full_o),
    .empty_o     (in_fifo_o[`LOCKSTEP_IN_FIFO_EMPTY]),
    .overflow_o  (in_overflow_o),
    .underflow_o (unused_in)
  );

  sync_fifo #(.WIDTH(32), .DEPTH(TOKEN_FIFO)) u_token_out (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .push_i      (out_push),
    .data_i      (put_word),
    .pop_i       (out_pop_i),
    .data_o      (out_word_o),
    .level_o     (out_level_o),
    .full_o      (out_full_o),
    .empty_o     (out_empty_o),
    .overflow_o  (unused_out),
    .underflow_o (out_underflow_o)
  );

  reg eog_q;
  assign out_eog_o = eog_q;
  always @(posedge clk_i)
    if (!rst_ni)
      eog_q <= 1'b0;
    else if (clear_i)
      eog_q <= 1'b0;
    else if (out_push)
      eog_q <= put_word[`LOCKSTEP_OUT_EOG];

  wire unused = &{1'b0, unused_in, unused_out};

`ifdef FORMAL
`include "common/formal.vh"
  // For any one word of either queue, marked as it goes in (as in rtl/common/sync_fifo.v).
  localparam BITS = $clog2(TOKEN_FIFO);
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  always `LOCKSTEP_CHECKED if (!begun_q) assume (!rst_ni);

  `LOCKSTEP_ANY_TIME(mark_in)
  `LOCKSTEP_ANY_TIME(mark_out)
  wire in_took  = in_push_i && in_count_q != TOKEN_FIFO;
  wire in_gave  = in_pop_i && in_count_q != 0;
  wire out_took = out_push && out_count_q != TOKEN_FIFO;
  wire out_gave = out_pop_i && out_count_q != 0;
  reg [BITS:0] in_count_q, in_ahead_q, out_count_q, out_ahead_q;
  reg          in_marked_q, out_marked_q, ends_q;
  reg [31:0]   in_marked_word_q, out_marked_word_q;
  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      {in_count_q, out_count_q} <= 0;
      {in_marked_q, out_marked_q, ends_q} <= 3'd0;
    end else begin
      in_count_q  <= in_count_q + in_took - in_gave;
      out_count_q <= out_count_q + out_took - out_gave;
      if (in_marked_q && in_gave) begin
        in_ahead_q  <= in_ahead_q - 1'b1;
        in_marked_q <= in_ahead_q != 0;
      end else if (!in_marked_q && in_took && mark_in) begin
        in_ahead_q       <= in_count_q - in_gave;
        in_marked_q      <= 1'b1;
        in_marked_word_q <= in_word_i;
      end
      if (out_marked_q && out_gave) begin
        out_ahead_q  <= out_ahead_q - 1'b1;
        out_marked_q <= out_ahead_q != 0;
      end else if (!out_marked_q && out_took && mark_out) begin
        out_ahead_q       <= out_count_q - out_gave;
        out_marked_q      <= 1'b1;
        out_marked_word_q <= put_word;
      end
      if (out_push) ends_q <= put_word[`LOCKSTEP_OUT_EOG];
    end

  always `LOCKSTEP_CHECKED if (begun_q) begin
    if (in_marked_q && in_ahead_q == 0)
      in_order: assert (in_fifo_o[`LOCKSTEP_IN_FIFO_WORD] == in_marked_word_q);
    if (out_marked_q && out_ahead_q == 0) out_order: assert (out_word_o == out_marked_word_q);
    in_count: assert (in_fifo_o[`LOCKSTEP_IN_FIFO_LEVEL] == in_count_q &&
                      in_full_o == (in_count_q == TOKEN_FIFO) &&
                      in_fifo_o[`LOCKSTEP_IN_FIFO_EMPTY] == (in_count_q == 0));
    out_count: assert (out_level_o == out_count_q && out_full_o == (out_count_q == TOKEN_FIFO) &&
                       out_empty_o == (out_count_q == 0));
    // The pass former counts LAST words as they go in: those that find no room are none.
    counted: assert (in_fifo_o[`LOCKSTEP_IN_FIFO_PUSH] == in_took &&
                     in_overflow_o == (in_push_i && !in_took));
    ends: assert (out_eog_o == ends_q);

    cover (in_marked_q && in_ahead_q == TOKEN_FIFO - 1 && out_marked_q && out_ahead_q == 0);
    cover (in_overflow_o && out_underflow_o && out_eog_o);
  end
`endif

endmodule

`default_nettype wire
