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

endmodule

`default_nettype wire
