// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The weight path: from the AXI4 weight port through beat FIFO, aligner and decoder to the dot
// array and the float stream.
//
// Fetches are asked for ahead of time, in the order in which they will be used; every mv_start_i
// or fs_start_i uses up the oldest. A matrix ends with mv_done_o, a row of floats with its last
// group: the next start may come a cycle later. After err_o everything stands still until
// clear_i.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module weight_path #(
  parameter LANES     = `LOCKSTEP_DEFAULT_LANES,     // 2..64, a power of two
  parameter SLOTS     = `LOCKSTEP_DEFAULT_SLOTS,      // 1..8
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS,   // 128..8192, a power of two
  parameter CHANNELS  = `LOCKSTEP_DEFAULT_CHANNELS,   // of 128..1024 bits each, a power of two
  parameter VLANES    = `LOCKSTEP_DEFAULT_VLANES,      // 4 or 8
  parameter ACT_BITS  = `LOCKSTEP_DEFAULT_ACT_BITS,     // 8..16
  parameter VEC_WORDS = `LOCKSTEP_DEFAULT_VEC_WORDS,  // columns of the widest matrix
  parameter BEATS     = `LOCKSTEP_DEFAULT_BEATS,     // depth of the beat FIFO, a power of two
  parameter TAGW      = 32
) (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,
  input  wire [31:0]          timeout_i,  // cycles, 0: never
  // Fetches
  input  wire                 fetch_valid_i,
  output wire                 fetch_ready_o,
  input  wire [39:0]          fetch_addr_i,
  input  wire [39:0]          fetch_bytes_i,
  input  wire [TAGW-1:0]      fetch_tag_i,
  // Matrix; operands are stable until mv_done_o
  input  wire                 mv_start_i,
  input  wire [7:0]           mv_type_i,
  input  wire [19:0]          mv_rows_i,
  input  wire [17:0]          mv_cols_i,
  input  wire [SLOTS-1:0]     mv_slots_i,
  output wire                 mv_done_o,
  // Rows res_row_o, an even one, and, if res_both_o, the next: words 2s and 2s + 1 of slot s,
  // binary32, 0 for a slot that is not active
  output wire                 res_valid_o,
  output wire                 res_both_o,
  output wire [19:0]          res_row_o,
  output wire [64*SLOTS-1:0]  res_data_o,
  // Activations, written between matrices: block act_block_i of act_blocks_i, |m| <= 32767
  input  wire                 act_we_i,
  input  wire [2:0]           act_slot_i,
  input  wire [11:0]          act_block_i,
  input  wire [12:0]          act_blocks_i,
  input  wire [511:0]         act_m_i,
  input  wire [4:0]           act_s_i,
  // Row of floats; operands are stable until its last group is taken
  input  wire                 fs_start_i,
  input  wire [7:0]           fs_type_i,
  input  wire [17:0]          fs_count_i,
  output wire                 fs_valid_o,
  input  wire                 fs_ready_i,
  output wire [32*VLANES-1:0] fs_data_o,
  // AXI4 read: the burst, the same of every channel; bits of each channel
  output wire [3:0]           m_axi_arid_o,
  output wire [39:0]          m_axi_araddr_o,
  output wire [7:0]           m_axi_arlen_o,
  output wire [2:0]           m_axi_arsize_o,
  output wire [1:0]           m_axi_arburst_o,
  output wire [CHANNELS-1:0]  m_axi_arvalid_o,
  input  wire [CHANNELS-1:0]  m_axi_arready_i,
  input  wire [4*CHANNELS-1:0] m_axi_rid_i,
  input  wire [PORT_BITS-1:0] m_axi_rdata_i,
  input  wire [2*CHANNELS-1:0] m_axi_rresp_i,
  input  wire [CHANNELS-1:0]  m_axi_rlast_i,
  input  wire [CHANNELS-1:0]  m_axi_rvalid_i,
  output wire [CHANNELS-1:0]  m_axi_rready_o,
  // Errors
  output wire                 err_o,
  output wire [7:0]           err_code_o,
  output wire [TAGW-1:0]      err_tag_o,
  // Events: a beat came whole, a burst was asked for, blocks went to the array, the array waits for
  // weights
  output wire                 beat_o,
  output wire                 burst_o,
  output wire                 macs_valid_o,
  output wire [6:0]           macs_blocks_o,
  output wire                 stall_o
);

  `include "generated/device_fn.vh"
  `include "weights/weight_fn.vh"

  localparam CHUNK = weight_chunk_bits(PORT_BITS, LANES);
  localparam WINDOW = weight_window_beats(PORT_BITS, LANES);
  localparam BYTE_W = $clog2(PORT_BITS / 8);
  localparam POP_W = $clog2(WINDOW + 1);
  localparam LEVEL_W = $clog2(BEATS) + 1;

  generate
    if (LANES < 2 || LANES > 64 || (LANES & (LANES - 1)) != 0) begin : g_check_lanes
      weight_path_LANES_must_be_a_power_of_two_from_2_to_64 u_error ();
    end
    if (SLOTS < 1 || SLOTS > 8) begin : g_check_slots
      weight_path_SLOTS_must_be_1_to_8 u_error ();
    end
    if (PORT_BITS < 128 || PORT_BITS > 8192 || (PORT_BITS & (PORT_BITS - 1)) != 0) begin : g_check
      weight_path_PORT_BITS_must_be_a_power_of_two_from_128_to_8192 u_error ();
    end
    if (CHANNELS < 1 || (CHANNELS & (CHANNELS - 1)) != 0 || PORT_BITS / CHANNELS < 128 ||
        PORT_BITS / CHANNELS > 1024) begin : g_check_channels
      weight_path_CHANNELS_must_be_a_power_of_two_and_have_128_to_1024_bits_each u_error ();
    end
  endgenerate

  // After an error all units are held in their reset state.
  reg halt_q;
  wire clear = clear_i || halt_q;

  // Who uses the aligner. A start waits until the aligner has let go of the tensor before.
  reg start_q, float_q, running_q;
  wire busy;
  wire begins = start_q && !busy;
  always @(posedge clk_i)
    if (!rst_ni) {start_q, float_q, running_q} <= 3'd0;
    else if (clear) {start_q, float_q, running_q} <= 3'd0;
    else begin
      if (mv_start_i || fs_start_i) begin
        start_q <= 1'b1;
        float_q <= fs_start_i;
      end else if (begins) start_q <= 1'b0;
      if (mv_start_i) running_q <= 1'b1;
      else if (mv_done_o) running_q <= 1'b0;
    end
  // The aligner may still have to let go of a row of floats when a matrix starts, so it remembers.
  reg single_q;
  always @(posedge clk_i) if (begins) single_q <= float_q;

  // Port and FIFO.
  wire head_valid, head_pop, wanted, take;
  wire [CHANNELS-1:0] push;
  wire [BYTE_W-1:0] head_byte, first_byte;
  wire long;
  wire [11:0] turn_bytes, round_bytes;
  wire [36:0] head_beats;
  wire [TAGW-1:0] head_tag;
  wire [POP_W-1:0] pop;
  wire [LEVEL_W-1:0] level;
  wire [CHUNK-1:0] chunk;
  wire port_err;
  wire [7:0] port_err_code;
  wire [TAGW-1:0] port_err_tag;
  weight_port #(
    .PORT_BITS(PORT_BITS),
    .CHANNELS(CHANNELS),
    .BEATS(BEATS),
    .TAGW(TAGW)
  ) u_port (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clear_i(clear),
    .timeout_i(timeout_i),
    .fetch_valid_i(fetch_valid_i),
    .fetch_ready_o(fetch_ready_o),
    .fetch_addr_i(fetch_addr_i),
    .fetch_bytes_i(fetch_bytes_i),
    .fetch_tag_i(fetch_tag_i),
    .head_valid_o(head_valid),
    .head_byte_o(head_byte),
    .head_beats_o(head_beats),
    .head_tag_o(head_tag),
    .head_pop_i(head_pop),
    .push_o(push),
    .beat_i(beat_o),
    .freed_i({{(LEVEL_W - POP_W) {1'b0}}, pop}),
    .wanted_i(wanted),
    .m_axi_arid_o(m_axi_arid_o),
    .m_axi_araddr_o(m_axi_araddr_o),
    .m_axi_arlen_o(m_axi_arlen_o),
    .m_axi_arsize_o(m_axi_arsize_o),
    .m_axi_arburst_o(m_axi_arburst_o),
    .m_axi_arvalid_o(m_axi_arvalid_o),
    .m_axi_arready_i(m_axi_arready_i),
    .m_axi_rid_i(m_axi_rid_i),
    .m_axi_rresp_i(m_axi_rresp_i),
    .m_axi_rlast_i(m_axi_rlast_i),
    .m_axi_rvalid_i(m_axi_rvalid_i),
    .m_axi_rready_o(m_axi_rready_o),
    .err_o(port_err),
    .err_code_o(port_err_code),
    .err_tag_o(port_err_tag),
    .burst_o(burst_o)
  );

  beat_fifo #(
    .PORT_BITS(PORT_BITS),
    .CHANNELS(CHANNELS),
    .BEATS(BEATS),
    .WINDOW(WINDOW),
    .CHUNK_BITS(CHUNK),
    .SHORT_BITS(weight_short_bits(PORT_BITS))
  ) u_fifo (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clear_i(clear),
    .push_i(push),
    .data_i(m_axi_rdata_i),
    .beat_o(beat_o),
    .level_o(level),
    .pop_i(pop),
    .take_i(take),
    .byte_i(first_byte),
    .long_i(long),
    .turn_i(turn_bytes),
    .round_i(round_bytes),
    .chunk_o(chunk)
  );

  wire fs_take_ready, chunk_valid, chunk_last;
  wire [6:0] chunk_blocks, chunk_split;
  wire [5:0] chunk_tail;
  wire [5:0] chunk_base, chunk_turn;
  wire [11:0] chunk_word;
  wire [2:0] chunk_step;
  aligner #(
    .LANES(LANES),
    .PORT_BITS(PORT_BITS),
    .BEATS(BEATS),
    .WINDOW(WINDOW),
    .BLOCKS((VEC_WORDS + 31) / 32)
  ) u_aligner (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clear_i(clear),
    .start_i(begins),
    .single_i(single_q),
    .type_i(single_q ? fs_type_i : mv_type_i),
    .rows_i(single_q ? 20'd1 : mv_rows_i),
    .cols_i(single_q ? fs_count_i : mv_cols_i),
    .busy_o(busy),
    .head_valid_i(head_valid),
    .head_byte_i(head_byte),
    .head_beats_i(head_beats),
    .head_pop_o(head_pop),
    .level_i(level),
    .pop_o(pop),
    .take_o(take),
    .byte_o(first_byte),
    .long_o(long),
    .turn_o(turn_bytes),
    .round_o(round_bytes),
    .wanted_o(wanted),
    .chunk_ready_i(!single_q || fs_take_ready),
    .chunk_valid_o(chunk_valid),
    .chunk_blocks_o(chunk_blocks),
    .chunk_split_o(chunk_split),
    .chunk_base_o(chunk_base),
    .chunk_turn_o(chunk_turn),
    .chunk_word_o(chunk_word),
    .chunk_step_o(chunk_step),
    .chunk_last_o(chunk_last),
    .chunk_tail_o(chunk_tail)
  );

  // Users of chunks. An error names the tensor that was at the head when the chunk was cut.
  reg [TAGW-1:0] tag_q;
  always @(posedge clk_i) if (take) tag_q <= head_tag;

  wire fs_valid, fs_nonfinite, fs_overflow;
  float_stream #(
    .VLANES(VLANES)
  ) u_floats (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clear_i(clear),
    .start_i(fs_start_i),
    .type_i(fs_type_i),
    .ready_o(fs_take_ready),
    .take_i(take && single_q),
    .last_i(chunk_last),
    .tail_i(chunk_tail),
    .chunk_i(chunk[8*`LOCKSTEP_BLOCK_BYTES-1:0]),
    .fs_valid_o(fs_valid),
    .fs_ready_i(fs_ready_i),
    .fs_data_o(fs_data_o),
    .nonfinite_o(fs_nonfinite),
    .overflow_o(fs_overflow)
  );

  assign fs_valid_o = fs_valid && !clear;

  wire row_valid, second_valid, array_err;
  wire [32*SLOTS-1:0] row_data, second_data;
  wire [7:0] array_err_code;
  dot_array #(
    .LANES(LANES),
    .SLOTS(SLOTS),
    .PORT_BITS(PORT_BITS),
    .ACT_BITS(ACT_BITS),
    .BLOCKS((VEC_WORDS + 31) / 32),
    .CHUNK(CHUNK)
  ) u_array (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clear_i(clear),
    .act_we_i(act_we_i),
    .act_slot_i(act_slot_i),
    .act_block_i(act_block_i),
    .act_blocks_i(act_blocks_i),
    .act_m_i(act_m_i),
    .act_s_i(act_s_i),
    .start_i(mv_start_i),
    .type_i(mv_type_i),
    .slots_i(mv_slots_i),
    .chunk_valid_i(chunk_valid && !single_q),
    .chunk_blocks_i(chunk_blocks),
    .chunk_split_i(chunk_split),
    .chunk_base_i(chunk_base),
    .chunk_turn_i(chunk_turn),
    .chunk_word_i(chunk_word),
    .chunk_step_i(chunk_step),
    .chunk_last_i(chunk_last),
    .chunk_tail_i(chunk_tail),
    .chunk_i(chunk),
    .res_valid_o(row_valid),
    .res_data_o(row_data),
    .second_valid_o(second_valid),
    .second_data_o(second_data),
    .err_o(array_err),
    .err_code_o(array_err_code)
  );

  wire res_valid;
  row_pairs #(
    .SLOTS(SLOTS)
  ) u_pairs (
    .clk_i(clk_i),
    .rst_ni(rst_ni),
    .clear_i(clear),
    .start_i(mv_start_i),
    .rows_i(mv_rows_i),
    .flush_i(err_o),
    .row_valid_i(row_valid),
    .row_data_i(row_data),
    .second_valid_i(second_valid),
    .second_data_i(second_data),
    .valid_o(res_valid),
    .both_o(res_both_o),
    .row_o(res_row_o),
    .data_o(res_data_o)
  );
  assign res_valid_o = res_valid && !clear;
  assign mv_done_o = running_q && !clear && res_row_o == mv_rows_i && !busy && !start_q;

  // Errors.
  wire err = (port_err || array_err || fs_nonfinite || fs_overflow) && !clear;
  always @(posedge clk_i)
    if (!rst_ni) halt_q <= 1'b0;
    else halt_q <= !clear_i && (halt_q || err);
  assign err_o = err;
  assign err_code_o = array_err ? array_err_code :
      fs_nonfinite ? `LOCKSTEP_ERROR_NONFINITE :
      fs_overflow ? `LOCKSTEP_ERROR_OVERFLOW : port_err_code;
  assign err_tag_o = array_err || fs_nonfinite || fs_overflow ? tag_q : port_err_tag;

  assign macs_valid_o = chunk_valid && !single_q;
  assign macs_blocks_o = chunk_blocks;
  assign stall_o = wanted && !single_q;

endmodule

`default_nettype wire
