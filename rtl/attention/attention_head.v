// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// One query head: scores, softmax weights and weighted sums of docs/numerics.md, section 6. The
// controllers broadcast a stream of K words, one of V words and all indices; a head that gets no
// valids rests. Scores of one group come while another's weights are summed.
//
//     K word -> dot (1) -> bins (2) -> N (3) -> round32 (6) -> * scale (8) -> scores, maximum
//     with a cap: * scale (8) -> cap (26) -> scores, maximum
//     score -> - maximum (3) -> exp (8) -> 16 bits (9) -> weights, their sum W
//     V word, weight -> 32 sums in two bins -> drain registers -> rows to attention_out
//
// A word a cycle, no back-pressure. The cap borrows difference, exp and reciprocal of the softmax,
// which rests then while scores come. Exact sums are kept in a few 64-bit bins by shift, which add
// up only once at the end: no wide adder, and fast to simulate.
`default_nettype none
`include "generated/defaults.vh"

module attention_head #(
  parameter VLANES      = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS    = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter INDEX_BITS  = $clog2(CONTEXT_MAX)
) (
  input  wire                  clk_i,
  input  wire                  leaf_rst_ni,
  input  wire [31:0]           scale_i,
  input  wire                  capped_i,        // scores have a cap
  input  wire [31:0]           cap_i,
  input  wire [31:0]           cap_slope_i,

  // Query blocks, {shift, mantissas} in two banks of 8
  input  wire                  q_we_i,
  input  wire [3:0]            q_addr_i,
  input  wire [516:0]          q_data_i,

  // K words, and scores as they come
  input  wire [516:0]          k_even_i,
  input  wire [516:0]          k_odd_i,
  input  wire                  k_take_odd_i,
  input  wire                  k_valid_i,
  input  wire [3:0]            k_addr_i,        // query block to multiply with
  input  wire                  k_first_i,       // first, last block of a position
  input  wire                  k_last_i,
  output wire                  score_valid_o,
  input  wire [INDEX_BITS-1:0] score_index_i,   // position of that score

  // The pass over them, a read a cycle from the last score on
  input  wire                  soft_read_i,
  input  wire [INDEX_BITS-1:0] soft_index_i,
  output wire                  weight_valid_o,
  input  wire [INDEX_BITS-1:0] weight_index_i,
  input  wire                  weight_sum_i,    // the sum is complete
  output wire                  rcp_valid_o,     // and so is its reciprocal

  // V words
  input  wire [516:0]          v_even_i,
  input  wire [516:0]          v_odd_i,
  input  wire                  v_take_odd_i,
  input  wire                  v_read_i,        // a cycle before v_valid_i: the weight of
  input  wire [INDEX_BITS-1:0] v_index_i,       // this position
  input  wire                  v_valid_i,
  input  wire                  v_first_i,       // position 0
  input  wire                  capture_i,       // sums are complete: into the drain registers

  // Drain: a row of sums A, 80 bits each, and 1/W
  input  wire                  drain_start_i,   // keep 1/W
  input  wire                  drain_en_i,
  input  wire [2:0]            drain_row_i,
  output reg  [80*VLANES-1:0]  drain_sum_o,
  output reg  [31:0]           drain_rcp_o,

  output wire                  score_overflow_o,
  output wire                  weight_overflow_o,
  output wire                  divzero_o
);

  `include "float/fp_order.vh"

  localparam signed [9:0] SCORE_EXP = -10'sd40 - $signed(ACT_BITS[9:0]);
  localparam signed [9:0] SUM_EXP   = -16;
  localparam [31:0]       ONE       = 32'h3f800000;

  // Scores. Query and K shifts add up to 0..62; three bins of 21 shifts each. A dot of 32 products
  // is below 2^35, a bin below 2^(35 + 20 + 3).
  reg        [516:0] query_q [0:15];
  reg signed [35:0]  dot_q;
  reg        [5:0]   shift_q;
  reg                dot_valid_q, dot_first_q, dot_last_q, bins_valid_q;
  reg signed [63:0]  bin0_q, bin1_q, bin2_q;
  reg signed [101:0] n_q;
  reg                n_valid_q;

  always @(posedge clk_i) begin
    if (!leaf_rst_ni) begin
      dot_valid_q  <= 1'b0;
      bins_valid_q <= 1'b0;
      n_valid_q    <= 1'b0;
    end else begin
      dot_valid_q  <= k_valid_i;
      bins_valid_q <= dot_valid_q && dot_last_q;
      n_valid_q    <= bins_valid_q;
    end
  end

  integer i;
  always @(posedge clk_i) begin
    if (q_we_i) query_q[q_addr_i] <= q_data_i;
    if (k_valid_i) begin : g_dot
      reg        [516:0] query, k_word;
      reg signed [31:0]  pair;        // query mantissas are never -2^15: it fits
      reg signed [63:0]  sum;
      query  = query_q[k_addr_i];
      k_word = k_take_odd_i ? k_odd_i : k_even_i;
      sum    = 64'sd0;
      for (i = 0; i < 16; i = i + 1) begin
        pair = $signed(k_word[32*i +: 16]) * $signed(query[32*i +: 16]) +
               $signed(k_word[32*i+16 +: 16]) * $signed(query[32*i+16 +: 16]);
        sum  = sum + {{32{pair[31]}}, pair};
      end
      dot_q       <= sum[35:0];
      shift_q     <= {1'b0, k_word[516:512]} + {1'b0, query[516:512]};
      dot_first_q <= k_first_i;
      dot_last_q  <= k_last_i;
    end
    if (dot_valid_q) begin : g_spread
      reg signed [63:0] term, keep0, keep1, keep2;
      keep0 = dot_first_q ? 64'sd0 : bin0_q;
      keep1 = dot_first_q ? 64'sd0 : bin1_q;
      keep2 = dot_first_q ? 64'sd0 : bin2_q;
      term  = {{28{dot_q[35]}}, dot_q};
      if (shift_q < 6'd21)      keep0 = keep0 + (term <<< shift_q);
      else if (shift_q < 6'd42) keep1 = keep1 + (term <<< (shift_q - 6'd21));
      else                      keep2 = keep2 + (term <<< (shift_q - 6'd42));
      bin0_q <= keep0;
      bin1_q <= keep1;
      bin2_q <= keep2;
    end
    if (bins_valid_q) begin : g_combine
      reg signed [63:0] middle;
      reg signed [59:0] upper;
      middle = (bin0_q >>> 21) + bin1_q;
      upper   = {{17{middle[63]}}, middle[63:21]} + bin2_q[59:0];
      n_q   <= {upper, middle[20:0], bin0_q[20:0]};
    end
  end

  wire        rounded_valid, rounded_overflow, scaled_valid, scaled_overflow;
  wire [31:0] rounded, scaled;

  round32 #(.W(102)) u_round (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(n_valid_q), .n_i(n_q), .k_i(SCORE_EXP),
    .valid_o(rounded_valid), .y_o(rounded), .overflow_o(rounded_overflow)
  );

  fp_mul u_scale (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(rounded_valid),
    .a_i(rounded), .b_i(scale_i),
    .valid_o(scaled_valid), .y_o(scaled), .overflow_o(scaled_overflow)
  );

  // W, 1/W, and reciprocals of the cap, which come when that is long done
  reg  [28:0] sum_q;
  reg         sum_valid_q;
  wire        sum_start, sum_overflow, cap_sum_valid, rcp_valid, rcp_error;
  wire [31:0] sum, cap_sum, rcp;
  reg         rcp_weights_q;
  reg  [31:0] rcp_q;

  always @(posedge clk_i) begin
    if (!leaf_rst_ni) sum_valid_q <= 1'b0;
    else sum_valid_q <= weight_sum_i;
  end

  round32 #(.W(30)) u_sum (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(sum_valid_q), .n_i({1'b0, sum_q}),
    .k_i(SUM_EXP), .valid_o(sum_start), .y_o(sum), .overflow_o(sum_overflow)
  );

  fp_recip u_rcp (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(sum_start || cap_sum_valid), .sqrt_i(1'b0),
    .x_i(sum_start ? sum : cap_sum), .valid_o(rcp_valid), .y_o(rcp), .error_o(rcp_error)
  );

  always @(posedge clk_i) begin
    if (!leaf_rst_ni) rcp_weights_q <= 1'b0;
    else if (sum_start) rcp_weights_q <= 1'b1;
    else if (rcp_valid) rcp_weights_q <= 1'b0;
  end
  assign rcp_valid_o = rcp_valid && rcp_weights_q;

  // Softmax, and before it the cap of the scores
  reg  [31:0] scores_q [0:CONTEXT_MAX-1];
  reg  [16:0] weights_q [0:CONTEXT_MAX-1];
  reg  [31:0] max_q;       // of the scores so far
  reg  [31:0] soft_max_q;  // of the group in the softmax
  reg  [31:0] score_q;
  reg  [16:0] weight_q;
  reg         soft_q, soft_valid_q;
  wire        diff_valid, diff_overflow, exp_valid, slope_valid, slope_overflow, cap_valid;
  wire [31:0] diff, exp, slope, cap;
  wire [16:0] weight;
  wire [31:0] score = capped_i ? cap : scaled;

  assign score_valid_o = capped_i ? cap_valid : scaled_valid;

  // With a cap, the weights of a group are done before the first K word of the next one comes.
  always @(posedge clk_i) begin
    if (!leaf_rst_ni || (capped_i && k_valid_i)) soft_q <= 1'b0;
    else if (soft_read_i) soft_q <= 1'b1;
  end

  score_cap u_cap (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .cap_i(cap_i), .slope_i(cap_slope_i),
    .valid_i(scaled_valid && capped_i), .z_i(scaled),
    .a_valid_o(slope_valid), .a_o(slope), .overflow_o(slope_overflow),
    .exp_valid_i(exp_valid && !soft_q), .exp_i(exp), .less_i(diff),
    .sum_valid_o(cap_sum_valid), .sum_o(cap_sum),
    .rcp_valid_i(rcp_valid && !rcp_weights_q), .rcp_i(rcp),
    .valid_o(cap_valid), .y_o(cap)
  );

  always @(posedge clk_i) begin
    if (!leaf_rst_ni) soft_valid_q <= 1'b0;
    else soft_valid_q <= soft_read_i;
  end

  always @(posedge clk_i) begin
    if (score_valid_o) begin
      scores_q[score_index_i] <= score;
      if (score_index_i == {INDEX_BITS{1'b0}} || fp_key(score) > fp_key(max_q)) max_q <= score;
    end
    // A score of the next group comes at least 10 cycles behind the read of this one's.
    if (soft_read_i) score_q <= scores_q[soft_index_i];
    if (soft_read_i && soft_index_i == {INDEX_BITS{1'b0}}) soft_max_q <= max_q;
    if (weight_valid_o) begin
      weights_q[weight_index_i] <= weight;
      sum_q <= weight_index_i == {INDEX_BITS{1'b0}} ? {12'd0, weight} : sum_q + {12'd0, weight};
    end
    if (v_read_i) weight_q <= weights_q[v_index_i];
    if (rcp_valid_o) rcp_q <= rcp;
    if (drain_start_i) drain_rcp_o <= rcp_q;
  end

  fp_add u_diff (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(soft_q ? soft_valid_q : exp_valid), .sub_i(1'b1),
    .a_i(soft_q ? score_q : ONE), .b_i(soft_q ? soft_max_q : exp),
    .valid_o(diff_valid), .y_o(diff), .overflow_o(diff_overflow)
  );

  fp_exp u_exp (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(soft_q ? diff_valid : slope_valid),
    .x_i(soft_q ? diff : slope), .valid_o(exp_valid), .y_o(exp)
  );

  fp_to_fixed #(.BITS(16)) u_weight (
    .clk_i(clk_i), .rst_ni(leaf_rst_ni), .valid_i(exp_valid && soft_q), .x_i(exp),
    .valid_o(weight_valid_o), .w_o(weight)
  );

  // Neither W nor a cap's difference overflows.
  assign score_overflow_o  = (rounded_valid && rounded_overflow) ||
                             (scaled_valid && scaled_overflow) || (slope_valid && slope_overflow);
  assign weight_overflow_o = diff_valid && diff_overflow;
  assign divzero_o         = rcp_valid && rcp_error;

  // Weighted sums. V shifts 0..15 go to the low bins, 16..31 to the high ones: a term is below
  // 2^(16 + 15 + 15), a bin of 2^16 positions below 2^62.
  //
  // The arrays keep their values from clock to clock. They are used in this block alone and written
  // with blocking assignments, oldest step last, which simulates much faster than 192 delayed ones.
  localparam ROWS     = 32 / VLANES;
  localparam ROW_BITS = $clog2(ROWS);
  integer j;
  always @(posedge clk_i) begin : g_sums
    reg signed [63:0] low [0:31];
    reg signed [63:0] high [0:31];
    reg signed [63:0] low_done [0:31];
    reg signed [63:0] high_done [0:31];
    reg signed [63:0] factor, lower, upper;
    reg        [516:0] v_word;

    if (drain_en_i) begin
      // A = high * 2^16 + low
      for (j = 0; j < VLANES; j = j + 1) begin
        lower = low_done[VLANES * drain_row_i[ROW_BITS-1:0] + j];
        upper = high_done[VLANES * drain_row_i[ROW_BITS-1:0] + j] + (lower >>> 16);
        drain_sum_o[80*j +: 80] <= {upper, lower[15:0]};
      end
    end
    if (capture_i) begin
      for (j = 0; j < 32; j = j + 1) begin
        low_done[j]  = low[j];
        high_done[j] = high[j];
      end
    end
    if (v_valid_i) begin
      v_word = v_take_odd_i ? v_odd_i : v_even_i;
      factor = {47'd0, weight_q} << v_word[515:512];
      if (v_first_i) begin
        for (j = 0; j < 32; j = j + 1) begin
          low[j]  = 64'sd0;
          high[j] = 64'sd0;
        end
      end
      if (v_word[516]) begin
        for (j = 0; j < 32; j = j + 1)
          high[j] = high[j] + factor * $signed(v_word[16*j +: 16]);
      end else begin
        for (j = 0; j < 32; j = j + 1)
          low[j] = low[j] + factor * $signed(v_word[16*j +: 16]);
      end
    end
  end

  wire unused = &{1'b0, drain_row_i, bin2_q, sum_overflow};

endmodule

`default_nettype wire
