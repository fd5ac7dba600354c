// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The vector unit on its SRAM, for tests/rtl/test_vector.c. While the unit rests, the test reads
// the SRAM through port A and writes it through either write port. fault_i plants a wrong bit: in
// what is committed (bit 0), in what is written to the SRAM (1), in a mantissa of QUANT (2), or in
// what is offered (3); or a short group that is written whole (4).
`default_nettype none

module vector_tb #(
  parameter SLOTS     = 4,
  parameter VLANES    = 8,
  parameter ACT_BITS  = 16,
  parameter VEC_WORDS = 4096,
  // Derived; not to be set.
  parameter SLOT_BITS = (SLOTS > 1) ? $clog2(SLOTS) : 1,
  parameter ADDR_BITS = $clog2(VEC_WORDS)
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  input  wire                 start_i,
  input  wire [5:0]           op_i,
  input  wire [SLOTS-1:0]     slots_i,
  input  wire [15:0]          dst_i,
  input  wire [15:0]          a_i,
  input  wire [15:0]          b_i,
  input  wire [15:0]          n_i,
  input  wire [31:0]          imm_i,
  input  wire [6:0]           expert_i,
  input  wire [7:0]           used_i,
  input  wire                 normalised_i,
  output wire [SLOTS*128-1:0] choice_o,
  output wire                 done_o,

  input  wire [8:0]           head_dim_i,
  input  wire [8:0]           n_rot_i,
  input  wire                 halves_i,
  input  wire [SLOTS*16-1:0]  slot_pos_i,
  input  wire                 bank_i,
  input  wire                 inc_we_i,
  input  wire                 inc_bank_i,
  input  wire [6:0]           inc_addr_i,
  input  wire [47:0]          inc_data_i,

  input  wire                 fs_valid_i,
  output wire                 fs_ready_o,
  input  wire [VLANES*32-1:0] fs_data_i,

  output wire                 act_we_o,
  output wire [SLOT_BITS-1:0] act_slot_o,
  output wire [15:0]          act_block_o,
  output wire [511:0]         act_m_o,
  output wire [4:0]           act_s_o,

  output wire                 cm_valid_o,
  output wire [SLOT_BITS-1:0] cm_slot_o,
  output wire [19:0]          cm_index_o,
  output wire [5:0]           cm_count_o,
  output wire [VLANES*32-1:0] cm_data_o,

  output wire                 offer_valid_o,
  output wire [15:0]          offer_index_o,
  output wire [SLOTS*32-1:0]  offer_data_o,

  output wire                 err_o,
  output wire [7:0]           err_code_o,
  output wire [SLOT_BITS-1:0] err_slot_o,
  output wire                 ev_busy_o,
  output wire                 ev_valid_o,
  output wire [5:0]           ev_count_o,

  output wire [4:0]           act_bits_o,      // the parameter
  input  wire [4:0]           fault_i,

  // The test's own accesses.
  input  wire                 tb_i,
  input  wire                 tb_w_en_i,
  input  wire                 tb_r_en_i,
  input  wire [SLOT_BITS-1:0] tb_slot_i,
  input  wire [ADDR_BITS-1:0] tb_addr_i,
  input  wire [VLANES*32-1:0] tb_data_i,
  output wire [VLANES*32-1:0] tb_data_o,
  input  wire                 mv_we_i,
  input  wire [SLOTS-1:0]     mv_mask_i,
  input  wire                 mv_both_i,
  input  wire [ADDR_BITS-1:0] mv_addr_i,
  input  wire [SLOTS*64-1:0]  mv_data_i
);

  wire                 ra_en, rb_en, w_en;
  wire [SLOT_BITS-1:0] ra_slot, rb_slot, w_slot;
  wire [ADDR_BITS-1:0] ra_addr, rb_addr, w_addr;
  wire [VLANES*32-1:0] ra_data, rb_data, w_data;
  wire [VLANES-1:0]    w_mask;

  wire [VLANES*32-1:0] cm_data;
  wire [511:0]         act_m;
  wire [SLOTS*32-1:0]  offer_data;

  assign tb_data_o  = ra_data;
  assign act_bits_o = ACT_BITS[4:0];
  assign cm_data_o  = cm_data ^ {{(VLANES*32-1){1'b0}}, fault_i[0]};
  assign act_m_o    = act_m ^ {511'd0, fault_i[2]};
  assign offer_data_o = offer_data ^ {{(SLOTS*32-1){1'b0}}, fault_i[3]};

  vector_unit #(
    .SLOTS    (SLOTS),
    .VLANES   (VLANES),
    .ACT_BITS (ACT_BITS),
    .VEC_WORDS(VEC_WORDS)
  ) u_vector (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i),
    .start_i(start_i), .op_i(op_i), .slots_i(slots_i), .dst_i(dst_i), .a_i(a_i), .b_i(b_i),
    .n_i(n_i), .imm_i(imm_i), .done_o(done_o), .expert_i(expert_i),
    .used_i(used_i), .normalised_i(normalised_i), .choice_o(choice_o),
    .head_dim_i(head_dim_i), .n_rot_i(n_rot_i), .halves_i(halves_i),
    .slot_pos_i(slot_pos_i),
    .bank_i(bank_i), .inc_we_i(inc_we_i), .inc_bank_i(inc_bank_i), .inc_addr_i(inc_addr_i),
    .inc_data_i(inc_data_i),
    .fs_valid_i(fs_valid_i), .fs_ready_o(fs_ready_o), .fs_data_i(fs_data_i),
    .act_we_o(act_we_o), .act_slot_o(act_slot_o), .act_block_o(act_block_o),
    .act_m_o(act_m), .act_s_o(act_s_o),
    .ra_en_o(ra_en), .ra_slot_o(ra_slot), .ra_addr_o(ra_addr), .ra_data_i(ra_data),
    .rb_en_o(rb_en), .rb_slot_o(rb_slot), .rb_addr_o(rb_addr), .rb_data_i(rb_data),
    .w_en_o(w_en), .w_slot_o(w_slot), .w_addr_o(w_addr), .w_mask_o(w_mask), .w_data_o(w_data),
    .cm_valid_o(cm_valid_o), .cm_slot_o(cm_slot_o), .cm_index_o(cm_index_o),
    .cm_count_o(cm_count_o), .cm_data_o(cm_data),
    .offer_valid_o(offer_valid_o), .offer_index_o(offer_index_o), .offer_data_o(offer_data),
    .err_o(err_o), .err_code_o(err_code_o), .err_slot_o(err_slot_o),
    .ev_busy_o(ev_busy_o), .ev_valid_o(ev_valid_o), .ev_count_o(ev_count_o)
  );

  vec_sram #(
    .SLOTS    (SLOTS),
    .VLANES   (VLANES),
    .VEC_WORDS(VEC_WORDS)
  ) u_sram (
    .clk_i(clk_i),
    .ra_en_i(tb_i ? tb_r_en_i : ra_en), .ra_slot_i(tb_i ? tb_slot_i : ra_slot),
    .ra_addr_i(tb_i ? tb_addr_i : ra_addr), .ra_data_o(ra_data),
    .rb_en_i(rb_en), .rb_slot_i(rb_slot), .rb_addr_i(rb_addr), .rb_data_o(rb_data),
    .w_en_i(tb_i ? tb_w_en_i : w_en), .w_slot_i(tb_i ? tb_slot_i : w_slot),
    .w_addr_i(tb_i ? tb_addr_i : w_addr), .w_mask_i(w_mask | {VLANES{tb_i || fault_i[4]}}),
    .w_data_i(tb_i ? tb_data_i : w_data ^ {{(VLANES*32-1){1'b0}}, fault_i[1]}),
    .mv_we_i(mv_we_i), .mv_mask_i(mv_mask_i), .mv_both_i(mv_both_i), .mv_addr_i(mv_addr_i),
    .mv_data_i(mv_data_i)
  );

endmodule

`default_nettype wire
