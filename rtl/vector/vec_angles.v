// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The rotation buffer: cos and sin of up to 128 pairs for each slot, in two banks, and what fills
// it, one pair a cycle: rotation(p, j) of docs/numerics.md, section 7, from the bank's increments,
// which the program gives, and the magnitude. bank_i holds for all of an op.
//
// A pair's result is written when valid_o is high, to the slot and pair that the caller then names:
// it keeps them in order. A read gives VLANES pairs one cycle later, pair read_pair_i + k in bits
// 32k+31:32k; from an odd multiple of VLANES/2 on only the first VLANES/2 of them.
`default_nettype none
`include "generated/defaults.vh"

module vec_angles #(
  parameter SLOT_BITS = 2,
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES
) (
  input  wire                    clk_i,
  input  wire                    rst_ni,
  input  wire                    clear_i,

  // Increments: 2^-48 of a turn per position.
  input  wire                    inc_we_i,
  input  wire                    inc_bank_i,
  input  wire [6:0]              inc_addr_i,
  input  wire [47:0]             inc_data_i,

  input  wire                    bank_i,

  // A pair to compute.
  input  wire [31:0]             magnitude_i,  // binary32, at most 2
  input  wire                    valid_i,
  input  wire [6:0]              pair_i,
  input  wire [15:0]             pos_i,

  // Its result.
  output wire                    valid_o,
  input  wire [SLOT_BITS-1:0]    slot_i,
  input  wire [6:0]              done_pair_i,

  // Read port: the pairs from read_pair_i on, a multiple of VLANES/2; binary32.
  input  wire                    read_en_i,
  input  wire [SLOT_BITS-1:0]    read_slot_i,
  input  wire [6:0]              read_pair_i,
  output wire [VLANES*32-1:0]    cos_o,
  output wire [VLANES*32-1:0]    sin_o
);

  localparam PAIR_BITS = $clog2(VLANES);       // of a pair within its word of VLANES
  localparam WORD_BITS = 7 - PAIR_BITS;

  reg [47:0] inc_mem_q [0:255];
  reg [47:0] inc_q;
  reg [15:0] pos_q;
  reg [47:0] turn_q;
  reg [1:0]  valid_q;

  always @(posedge clk_i) begin
    if (inc_we_i) inc_mem_q[{inc_bank_i, inc_addr_i}] <= inc_data_i;
    if (valid_i) begin
      inc_q <= inc_mem_q[{bank_i, pair_i}];
      pos_q <= pos_i;
    end
    if (valid_q[0]) turn_q <= {32'd0, pos_q} * inc_q;
  end

  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 2'b00;
    else if (clear_i) valid_q <= 2'b00;
    else valid_q <= {valid_q[0], valid_i};
  end

  wire        turn_valid;
  wire [31:0] turn_cos, turn_sin, cos, sin;

  rotation u_rotation (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(valid_q[1]),
    .phase_i(turn_q[47:24] + {23'd0, turn_q[23]}),
    .valid_o(turn_valid),
    .cos_o  (turn_cos),
    .sin_o  (turn_sin)
  );

  fp_mul u_cos (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(turn_valid), .a_i(magnitude_i), .b_i(turn_cos),
    .valid_o(valid_o), .y_o(cos), .overflow_o()
  );
  fp_mul u_sin (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(turn_valid), .a_i(magnitude_i), .b_i(turn_sin),
    .valid_o(), .y_o(sin), .overflow_o()
  );

  reg upper_q;                                 // the read began in the middle of a word
  always @(posedge clk_i) begin
    if (read_en_i) upper_q <= read_pair_i[PAIR_BITS-1];
  end

  wire unused = &{1'b0, read_pair_i, turn_q[22:0]};

  wire [VLANES*64-1:0] word;

  genvar g;
  generate
    for (g = 0; g < VLANES; g = g + 1) begin : g_pair
      localparam [PAIR_BITS-1:0] PAIR = g;

      reg [63:0] mem_q [0:(2 << (SLOT_BITS + WORD_BITS))-1];
      reg [63:0] read_q;
      always @(posedge clk_i) begin
        if (valid_o && done_pair_i[PAIR_BITS-1:0] == PAIR) begin
          mem_q[{bank_i, slot_i, done_pair_i[6:PAIR_BITS]}] <= {cos, sin};
        end
        if (read_en_i) read_q <= mem_q[{bank_i, read_slot_i, read_pair_i[6:PAIR_BITS]}];
      end
      assign word[64*g +: 64] = read_q;
      assign {cos_o[32*g +: 32], sin_o[32*g +: 32]} =
          g < VLANES / 2 && upper_q ? word[64*(g % (VLANES/2) + VLANES/2) +: 64] : read_q;
    end
  endgenerate

endmodule

`default_nettype wire
