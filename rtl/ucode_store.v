// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Microcode: UCODE_OPS instructions of four words, written word by word, read whole by two
// readers; data comes one cycle after the address.
`default_nettype none

module ucode_store #(
  parameter UCODE_OPS = 64   // 4..256
) (
  input  wire         clk_i,

  input  wire         we_i,
  input  wire [15:0]  waddr_i,   // 4 * instruction + word, below 4 * UCODE_OPS
  input  wire [31:0]  wdata_i,

  input  wire [7:0]   a_pc_i,
  output reg  [127:0] a_instr_o,
  input  wire [7:0]   b_pc_i,
  output reg  [127:0] b_instr_o
);

  localparam BITS = $clog2(UCODE_OPS);

  genvar w;
  generate
    for (w = 0; w < 4; w = w + 1) begin : gen_word
      reg [31:0] word_q [0:UCODE_OPS-1];

      always @(posedge clk_i) begin
        if (we_i && waddr_i[1:0] == w[1:0])
          word_q[waddr_i[BITS+1:2]] <= wdata_i;
        a_instr_o[32*w +: 32] <= word_q[a_pc_i[BITS-1:0]];
        b_instr_o[32*w +: 32] <= word_q[b_pc_i[BITS-1:0]];
      end
    end
  endgenerate

  wire unused = &{1'b0, waddr_i, a_pc_i, b_pc_i};

endmodule

`default_nettype wire
