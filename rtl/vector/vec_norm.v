// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// What NORM takes beside two products (docs/numerics.md, section 5). It walks over the slots twice:
// first x comes as blocks, whose squares are summed exactly, and of each slot's sum comes
//
//     r = rsqrt(add(mul(round32(S, -56), rcp(n)), eps))
//
// then vec_elementwise computes mul(mul(x, r), gain). CENTER sums the elements themselves and has
//
//     r = mul(round32(S, -28), rcp(n))        which vec_elementwise subtracts
//
// HEADNORM and HEADNORM_OWN are a NORM, HEADCENTER a CENTER, for every head of the slots. A block a
// cycle; no back-pressure.
`default_nettype none
`include "generated/defaults.vh"

module vec_norm #(
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,
  parameter SLOT_BITS = 2
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  // The operation; n and eps hold until its end.
  input  wire                 start_i,
  input  wire                 center_i,    // CENTER, HEADCENTER; holds, too
  input  wire [15:0]          n_i,
  input  wire [31:0]          eps_i,       // binary32

  // First walk: blocks of 16-bit mantissas. idle_i: all of the walk's blocks have come.
  input  wire                 blk_valid_i,
  input  wire                 blk_last_i,  // of its slot
  input  wire [SLOT_BITS-1:0] blk_slot_i,
  input  wire [511:0]         blk_m_i,
  input  wire [4:0]           blk_s_i,
  input  wire                 idle_i,

  // Second walk, to be started by scale_start_o; scaling_o: it has been, until the op has ended.
  input  wire                 done_i,
  output wire                 summing_o,   // from the start until then
  output wire                 scale_start_o,
  output wire                 scaling_o,
  input  wire [SLOT_BITS-1:0] slot_i,
  output wire [31:0]          r_o,         // of slot_i

  // r of a slot does not exist: sum and eps are both zero.
  output wire                 divzero_o,
  output wire [SLOT_BITS-1:0] divzero_slot_o
);

  // Where the operation stands.
  reg summing_q;    // the first walk, until every r is there
  reg scaling_q;
  reg n_next_q;     // round32's next result is n
  reg inv_next_q;   // fp_recip's next result is 1/n

  // Sum of squares, or of the elements: of four, of a block, of the slot.
  wire [8*32-1:0] parts;
  reg  [34:0]     block_q;                  // signed with center_i
  reg  [127:0]    sum_q;
  reg  [9:0]      scale_q;                  // sum_q * 2^scale_q is the number it stands for
  reg             first_q;                  // the next block begins a sum
  reg             sum_valid_q;
  reg  [1:0]      valid_q, last_q;          // of the parts and of the block
  reg  [4:0]      parts_s_q, block_s_q;

  function [31:0] square(input signed [15:0] m);
    square = m * m;
  endfunction

  function [31:0] extend(input [15:0] m);
    extend = {{16{m[15]}}, m};
  endfunction

  genvar g;
  generate
    for (g = 0; g < 8; g = g + 1) begin : g_part
      reg [31:0] part_q;
      always @(posedge clk_i) begin
        if (blk_valid_i && center_i) begin
          part_q <= extend(blk_m_i[64*g +: 16])    + extend(blk_m_i[64*g+16 +: 16]) +
                    extend(blk_m_i[64*g+32 +: 16]) + extend(blk_m_i[64*g+48 +: 16]);
        end else if (blk_valid_i) begin
          part_q <= square(blk_m_i[64*g +: 16])    + square(blk_m_i[64*g+16 +: 16]) +
                    square(blk_m_i[64*g+32 +: 16]) + square(blk_m_i[64*g+48 +: 16]);
        end
      end
      assign parts[32*g +: 32] = part_q;
    end
  endgenerate

  integer i;
  always @(posedge clk_i) begin
    if (blk_valid_i) parts_s_q <= blk_s_i;
    if (valid_q[0]) begin : g_add_parts
      reg [34:0] total;
      total = 35'd0;
      for (i = 0; i < 8; i = i + 1)
        total = total + {{3{center_i && parts[32*i+31]}}, parts[32*i +: 32]};
      block_q   <= total;
      block_s_q <= parts_s_q;
    end
    if (start_i) begin
      sum_q   <= {112'd0, n_i};
      scale_q <= 10'd0;
    end else if (valid_q[1]) begin
      sum_q   <= (first_q ? 128'd0 : sum_q) +
                 ({{93{center_i && block_q[34]}}, block_q} <<
                  (center_i ? {1'b0, block_s_q} : {block_s_q, 1'b0}));
      scale_q <= center_i ? -10'd28 : -10'd56;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      valid_q     <= 2'b00;
      first_q     <= 1'b1;
      sum_valid_q <= 1'b0;
    end else begin
      valid_q     <= {valid_q[0], blk_valid_i};
      last_q      <= {last_q[0], blk_last_i};
      sum_valid_q <= start_i || (valid_q[1] && last_q[1]);
      if (valid_q[1]) first_q <= last_q[1];
    end
  end

  // Of each sum its r. n goes the same way up to 1/n, and is ahead of the first sum by more than
  // the latency of fp_recip: SRAM, gathering, quantising and squaring.
  wire        round_valid, mean_valid, shifted_valid, recip_valid;
  wire [31:0] round_y, mean, shifted, recip_y;
  wire        recip_error;
  reg  [31:0] inv_n_q;
  wire        unused_round, unused_mean, unused_eps;

  round32 #(.W(128)) u_round (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .valid_i   (sum_valid_q),
    .n_i       (sum_q),
    .k_i       (scale_q),
    .valid_o   (round_valid),
    .y_o       (round_y),
    .overflow_o(unused_round)
  );

  fp_mul u_mean (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .valid_i   (round_valid && !n_next_q),
    .a_i       (round_y),
    .b_i       (inv_n_q),
    .valid_o   (mean_valid),
    .y_o       (mean),
    .overflow_o(unused_mean)
  );

  fp_add u_eps (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .valid_i   (mean_valid && !center_i),
    .sub_i     (1'b0),
    .a_i       (mean),
    .b_i       (eps_i),
    .valid_o   (shifted_valid),
    .y_o       (shifted),
    .overflow_o(unused_eps)
  );

  fp_recip u_recip (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .valid_i(n_next_q ? round_valid : shifted_valid),
    .sqrt_i (!n_next_q),
    .x_i    (n_next_q ? round_y : shifted),
    .valid_o(recip_valid),
    .y_o    (recip_y),
    .error_o(recip_error)
  );

  // The slots whose r is under way.
  wire [SLOT_BITS-1:0] r_slot;
  wire                 r_none;
  wire                 r_valid = center_i ? mean_valid : recip_valid && !inv_next_q;

  vec_ring #(.WIDTH(SLOT_BITS)) u_slot (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .clear_i(clear_i),
    .push_i (blk_valid_i && blk_last_i),
    .data_i (blk_slot_i),
    .pop_i  (r_valid),
    .data_o (r_slot),
    .empty_o(r_none)
  );

  assign divzero_o      = r_valid && !center_i && recip_error;
  assign divzero_slot_o = r_slot;

  reg [SLOTS*32-1:0] r_q;
  always @(posedge clk_i) begin
    if (recip_valid && inv_next_q) inv_n_q <= recip_y;
    if (r_valid) r_q[32*r_slot +: 32] <= center_i ? mean : recip_y;
  end

  assign scale_start_o = summing_q && idle_i && r_none && !inv_next_q;
  assign summing_o     = summing_q;
  assign scaling_o     = scaling_q;

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      summing_q  <= 1'b0;
      scaling_q  <= 1'b0;
      n_next_q   <= 1'b0;
      inv_next_q <= 1'b0;
    end else if (start_i) begin
      summing_q  <= 1'b1;
      scaling_q  <= 1'b0;
      n_next_q   <= 1'b1;
      inv_next_q <= 1'b1;
    end else begin
      if (round_valid) n_next_q <= 1'b0;
      if (recip_valid) inv_next_q <= 1'b0;
      if (done_i) scaling_q <= 1'b0;
      if (scale_start_o) begin
        summing_q <= 1'b0;
        scaling_q <= 1'b1;
      end
    end
  end

  assign r_o = r_q[32*slot_i +: 32];

endmodule

`default_nettype wire
