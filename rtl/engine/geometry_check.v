// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Checks the registers that describe a model against what the device is built for. What one of them
// alone tells is known in the cycle of start_i; how much of the KV SRAM they take and how long
// vectors are takes one multiplier six cycles more, and whether query heads share KV heads evenly
// a cycle each that shares one. bad_o tells in the cycle of done_o; q_n_o and kv_n_o hold from then
// on if all is well.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module geometry_check #(
  parameter KV_WORDS    = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter SEQS        = `LOCKSTEP_DEFAULT_SEQS,
  parameter CONTEXT_MAX = `LOCKSTEP_DEFAULT_CONTEXT_MAX
) (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire [`LOCKSTEP_SETTINGS_W-1:0] settings_i,

  input  wire        start_i,
  output reg         done_o,
  output reg         bad_o,
  output wire [16:0] q_n_o,         // elements of all query heads
  output wire [16:0] kv_n_o         // of all KV heads
);

  wire [7:0]  n_layers   = settings_i[`LOCKSTEP_SETTINGS_N_LAYERS];
  wire [7:0]  n_heads    = settings_i[`LOCKSTEP_SETTINGS_N_HEADS];
  wire [7:0]  n_kv_heads = settings_i[`LOCKSTEP_SETTINGS_N_KV_HEADS];
  wire [8:0]  head_dim   = settings_i[`LOCKSTEP_SETTINGS_HEAD_DIM];
  wire [8:0]  n_rot      = settings_i[`LOCKSTEP_SETTINGS_N_ROT];
  wire [15:0] positions  = settings_i[`LOCKSTEP_SETTINGS_CONTEXT];
  wire [4:0]  n_seqs     = settings_i[`LOCKSTEP_SETTINGS_N_SEQS];
  wire [19:0] vocab      = settings_i[`LOCKSTEP_SETTINGS_VOCAB];
  wire [16:0] locals     = settings_i[`LOCKSTEP_SETTINGS_LOCAL];
  wire [7:0]  period     = locals[`LOCKSTEP_LOCAL_PERIOD];
  wire [7:0]  count      = locals[`LOCKSTEP_LOCAL_COUNT];
  wire [16:0] experts    = settings_i[`LOCKSTEP_SETTINGS_EXPERTS];
  wire [7:0]  expert_n   = experts[`LOCKSTEP_EXPERTS_COUNT];
  wire [7:0]  used       = experts[`LOCKSTEP_EXPERTS_USED];
  wire [31:0] cap        = settings_i[`LOCKSTEP_SETTINGS_ATTN_CAP];
  wire [31:0] cap_slope  = settings_i[`LOCKSTEP_SETTINGS_ATTN_CAP_SLOPE];

  localparam [1:0] IDLE = 2'd0, MULTIPLY = 2'd1, DIVIDE = 2'd2;

  reg [1:0]  state_q;
  reg [2:0]  step_q;
  reg [47:0] acc_q;
  reg [16:0] q_n_q, kv_n_q;

  assign q_n_o  = q_n_q;
  assign kv_n_o = kv_n_q;

  // The one multiplier: words of the KV SRAM, then q_n and kv_n.
  wire [8:0]  rounded = head_dim + 9'd31;
  reg  [15:0] factor;
  always @*
    case (step_q)
      3'd0:    factor = {8'd0, n_layers};
      3'd1:    factor = {7'd0, n_kv_heads, 1'b0};
      3'd2:    factor = positions;
      3'd3:    factor = {12'd0, rounded[8:5]};
      default: factor = {7'd0, head_dim};
    endcase
  wire [47:0] product = acc_q * {32'd0, factor};

  `include "float/fp_positive.vh"

  // Computed in the cycle that looks at it alone.
  reg out_of_range;
  always @* begin
    out_of_range = 1'b0;
    if (start_i)
      out_of_range = n_layers == 0 || n_heads == 0 || n_kv_heads == 0 ||
        head_dim == 0 || {23'd0, head_dim} > `LOCKSTEP_RESET_HEAD_DIM_MAX ||
        n_rot > head_dim || n_rot[0] || positions == 0 ||
        {16'd0, positions} > CONTEXT_MAX || n_seqs == 0 || {27'd0, n_seqs} > SEQS ||
        vocab == 0 || count > period || expert_n > `LOCKSTEP_EXPERTS_MAX || used > expert_n ||
        (used == 0 && expert_n != 0) ||
        (cap != 0 && !(positive(cap[31:23]) && positive(cap_slope[31:23])));
  end

  always @* begin
    done_o = 1'b0;
    bad_o  = 1'b0;
    case (state_q)
      IDLE: begin
        done_o = out_of_range;
        bad_o  = out_of_range;
      end
      MULTIPLY: if (step_q == 3'd3) begin
        bad_o  = product > {16'd0, KV_WORDS[31:0]};
        done_o = bad_o;
      end
      default: begin   // DIVIDE
        bad_o  = acc_q != 0 && acc_q[7:0] < n_kv_heads;
        done_o = acc_q == 0 || bad_o;
      end
    endcase
  end

  always @(posedge clk_i)
    if (!rst_ni) state_q <= IDLE;
    else begin
      case (state_q)
        IDLE: if (start_i) begin
          state_q <= MULTIPLY;
          step_q  <= 3'd0;
          acc_q   <= {43'd0, n_seqs};
        end
        MULTIPLY: begin
          step_q <= step_q + 3'd1;
          acc_q  <= product;
          case (step_q)
            3'd3: acc_q <= {40'd0, n_heads};
            3'd4: begin
              q_n_q <= product[16:0];
              acc_q <= {40'd0, n_kv_heads};
            end
            3'd5: begin
              kv_n_q  <= product[16:0];
              acc_q   <= {40'd0, n_heads};
              state_q <= DIVIDE;
            end
            default: ;
          endcase
        end
        default:   // DIVIDE: n_heads by n_kv_heads, by subtraction
          acc_q <= acc_q - {40'd0, n_kv_heads};
      endcase
      if (clear_i || done_o)
        state_q <= IDLE;
    end

  wire unused = &{1'b0, rounded[4:0], locals, experts};

`ifdef FORMAL
`include "common/formal.vh"
  // Assumed: these settings stay during a check (csr_settings: locked_i, changed_o).
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  wire [180:0] settings = {n_layers, n_heads, n_kv_heads, head_dim, n_rot, positions, n_seqs, vocab,
                           locals, experts, cap, cap_slope};
  reg  [180:0] settings_q;
  always @(posedge clk_i) settings_q <= settings;

  // What one register alone tells.
  wire [7:0] local_n = settings_i[`LOCKSTEP_SETTINGS_LOCAL] >> 8;
  wire [7:0] period_n = settings_i[`LOCKSTEP_SETTINGS_LOCAL];
  wire [7:0] chosen = settings_i[`LOCKSTEP_SETTINGS_EXPERTS] >> 8;
  wire [7:0] choice = settings_i[`LOCKSTEP_SETTINGS_EXPERTS];
  wire normal_cap = !cap[31] && cap[30:23] != 0 && cap[30:23] != 8'hff;
  wire normal_slope = !cap_slope[31] && cap_slope[30:23] != 0 && cap_slope[30:23] != 8'hff;
  wire sizes = n_layers >= 1 && n_heads >= 1 && n_kv_heads >= 1 && head_dim >= 1 && vocab >= 1 &&
               positions >= 1 && positions <= CONTEXT_MAX && n_seqs >= 1 && n_seqs <= SEQS;
  wire heads = head_dim <= `LOCKSTEP_RESET_HEAD_DIM_MAX && n_rot <= head_dim && n_rot % 2 == 0;
  wire kinds = local_n <= period_n;
  wire routed = choice == 0 ? chosen == 0 : choice < 129 && chosen != 0 && chosen < choice + 9'd1;
  wire capped = cap == 0 || (normal_cap && normal_slope);

  // A check goes on from its start until it is answered, or a soft reset. How long it has, what it
  // has multiplied so far, and how often the KV heads have been taken from the heads.
  reg        pending_q, fits_q;
  reg [63:0] so_far_q;
  reg [8:0]  cycles_q, taken_q;
  wire [63:0] plain = step_q == 0 ? n_layers : step_q == 1 ? 2 * n_kv_heads :
                      step_q == 2 ? positions : step_q == 3 ? (head_dim + 10'd31) / 32 : head_dim;
  wire [63:0] with_next = {16'd0, acc_q} * {48'd0, factor};
  always @(posedge clk_i)
    if (!rst_ni) pending_q <= 1'b0;
    else begin
      pending_q <= (pending_q || start_i) && !done_o && !clear_i;
      cycles_q <= pending_q ? cycles_q + 9'd1 : 9'd1;
      taken_q <= state_q == DIVIDE ? taken_q + n_kv_heads : 9'd0;
      so_far_q <= !pending_q ? n_seqs : step_q == 3 ? n_heads : step_q == 4 ? n_kv_heads :
                  with_next;
      if (state_q == MULTIPLY && step_q == 3) fits_q <= with_next <= KV_WORDS;
    end
  reg [16:0] q_then_q, kv_then_q;
  always @(posedge clk_i) begin
    if (state_q == MULTIPLY && step_q == 4) q_then_q <= with_next[16:0];
    if (state_q == MULTIPLY && step_q == 5) kv_then_q <= with_next[16:0];
  end

  wire all_well = sizes && heads && kinds && routed && capped;
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q && pending_q) assume (settings == settings_q);
  end
  always `LOCKSTEP_CHECKED if (begun_q) begin
    legal: assert (state_q <= DIVIDE && pending_q == (state_q != IDLE));
    // Each start is answered once, but for a soft reset, and in time.
    once_1: assert (!done_o || pending_q || start_i);
    once_2: assert (!bad_o || done_o);
    if (pending_q) ends_1: assert (cycles_q <= 9'd7 + n_heads);
    if (state_q == DIVIDE && acc_q == 0) ends_2: assert (done_o);
    // Of what is found good.
    if (done_o && !bad_o) begin
      good_1: assert (sizes && heads);
      good_2: assert (kinds && routed && capped);
      fits: assert (pending_q && fits_q);
      shared: assert (taken_q == n_heads);   // a sum of KV heads
    end
    if (state_q == DIVIDE) long_1: assert (q_n_o == q_then_q && kv_n_o == kv_then_q);
    // What is refused is bad.
    if (bad_o && !pending_q) bad_1: assert (!all_well);
    if (bad_o && state_q == MULTIPLY) bad_2: assert (with_next > KV_WORDS);
    if (bad_o && state_q == DIVIDE)
      bad_3: assert (taken_q < n_heads && taken_q + n_kv_heads > n_heads);
    // The words of the KV SRAM, and then the elements, are multiplied up one by one.
    if (state_q == MULTIPLY) begin
      words_1: assert (factor == plain);
      words_2: assert (acc_q == so_far_q);
      no_wrap_1: assert (product == with_next);
      if (step_q >= 4) no_wrap_2: assert (with_next[63:17] == 0);
    end
    if (state_q == DIVIDE) no_wrap_3: assert (acc_q <= n_heads && acc_q + taken_q == n_heads);

    // What induction rests on.
    if (pending_q) assert (all_well);
    if (state_q == MULTIPLY) begin
      assert (step_q <= 3'd5 && cycles_q == {6'd0, step_q} + 9'd1);
      if (step_q >= 4) assert (fits_q);
      if (step_q >= 5) assert (q_n_q == q_then_q);
      assert (acc_q < (step_q == 0 ? 48'd1 << 5 : step_q == 1 ? 48'd1 << 13 :
                       step_q == 2 ? 48'd1 << 22 : step_q == 3 ? 48'd1 << 38 : 48'd1 << 8));
    end
    if (state_q == DIVIDE)
      assert (fits_q && cycles_q <= 9'd7 + taken_q);

    cover (done_o && !bad_o && taken_q == 9'd2 * n_kv_heads && n_kv_heads == 8'd3);
    cover (bad_o && state_q == DIVIDE && taken_q != 0);
    cover (bad_o && state_q == MULTIPLY && n_layers == 8'd255);
    cover (start_i && bad_o && cap != 0 && sizes);
  end
`endif

endmodule

`default_nettype wire
