// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// 64-bit event counters behind registers. snapshot_i copies all of them at once to where the bus
// reads, so that a reader never sees halves of different times. clear_i zeroes counters and
// copies.
`default_nettype none
`include "generated/device.vh"

module counters (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,

  input  wire        valid_i,
  input  wire [15:0] addr_i,     // register offset
  output wire        hit_o,
  output reg  [31:0] rdata_o,    // 0 if not hit

  input  wire        snapshot_i,
  input  wire        busy_i,
  input  wire        prefill_i,  // the pass holds a PROMPT token
  input  wire [19:0] macs_i,     // multiply-accumulates in this cycle
  input  wire        beat_i,
  input  wire        stall_i,
  input  wire        pass_i,
  input  wire        token_in_i,
  input  wire        token_out_i,
  input  wire [7:0]  kv_reads_i, // words in this cycle
  input  wire [7:0]  kv_writes_i
);

  localparam COUNT = 10;
  localparam [15:0] FIRST = `LOCKSTEP_REG_CYCLES_LO;

  // In the order of their registers: counts and their copies.
  reg [63:0]
    n_cycles_q, n_prefill_q, n_macs_q, n_beats_q, n_stalls_q, n_passes_q, n_tokens_in_q,
    n_tokens_out_q, n_kv_reads_q, n_kv_writes_q;
  reg [63:0]
    l_cycles_q, l_prefill_q, l_macs_q, l_beats_q, l_stalls_q, l_passes_q, l_tokens_in_q,
    l_tokens_out_q, l_kv_reads_q, l_kv_writes_q;

  wire [15:0] place = addr_i - FIRST;
  reg  [63:0] value;
  assign hit_o = valid_i && place < 8 * COUNT;
  always @* begin
    value   = 64'd0;
    rdata_o = 32'd0;
    if (hit_o) begin
      case (place[6:3])
        4'd0:    value = l_cycles_q;
        4'd1:    value = l_prefill_q;
        4'd2:    value = l_macs_q;
        4'd3:    value = l_beats_q;
        4'd4:    value = l_stalls_q;
        4'd5:    value = l_passes_q;
        4'd6:    value = l_tokens_in_q;
        4'd7:    value = l_tokens_out_q;
        4'd8:    value = l_kv_reads_q;
        default: value = l_kv_writes_q;
      endcase
      rdata_o = place[2] ? value[63:32] : value[31:0];
    end
  end

  always @(posedge clk_i)
    if (!rst_ni)
      {
        n_cycles_q, n_prefill_q, n_macs_q, n_beats_q, n_stalls_q, n_passes_q, n_tokens_in_q,
        n_tokens_out_q, n_kv_reads_q, n_kv_writes_q} <= {COUNT{64'd0}};
    else if (clear_i)
      {
        n_cycles_q, n_prefill_q, n_macs_q, n_beats_q, n_stalls_q, n_passes_q, n_tokens_in_q,
        n_tokens_out_q, n_kv_reads_q, n_kv_writes_q} <= {COUNT{64'd0}};
    else begin
      if (busy_i) n_cycles_q <= n_cycles_q + 64'd1;
      if (busy_i && prefill_i) n_prefill_q <= n_prefill_q + 64'd1;
      if (macs_i != 20'd0) n_macs_q <= n_macs_q + {44'd0, macs_i};
      if (beat_i) n_beats_q <= n_beats_q + 64'd1;
      if (stall_i) n_stalls_q <= n_stalls_q + 64'd1;
      if (pass_i) n_passes_q <= n_passes_q + 64'd1;
      if (token_in_i) n_tokens_in_q <= n_tokens_in_q + 64'd1;
      if (token_out_i) n_tokens_out_q <= n_tokens_out_q + 64'd1;
      if (kv_reads_i != 8'd0) n_kv_reads_q <= n_kv_reads_q + {56'd0, kv_reads_i};
      if (kv_writes_i != 8'd0) n_kv_writes_q <= n_kv_writes_q + {56'd0, kv_writes_i};
    end

  always @(posedge clk_i)
    if (!rst_ni)
      {
        l_cycles_q, l_prefill_q, l_macs_q, l_beats_q, l_stalls_q, l_passes_q, l_tokens_in_q,
        l_tokens_out_q, l_kv_reads_q, l_kv_writes_q} <= {COUNT{64'd0}};
    else if (clear_i)
      {
        l_cycles_q, l_prefill_q, l_macs_q, l_beats_q, l_stalls_q, l_passes_q, l_tokens_in_q,
        l_tokens_out_q, l_kv_reads_q, l_kv_writes_q} <= {COUNT{64'd0}};
    else if (snapshot_i) begin
      l_cycles_q     <= n_cycles_q;
      l_prefill_q    <= n_prefill_q;
      l_macs_q       <= n_macs_q;
      l_beats_q      <= n_beats_q;
      l_stalls_q     <= n_stalls_q;
      l_passes_q     <= n_passes_q;
      l_tokens_in_q  <= n_tokens_in_q;
      l_tokens_out_q <= n_tokens_out_q;
      l_kv_reads_q   <= n_kv_reads_q;
      l_kv_writes_q  <= n_kv_writes_q;
    end

endmodule

`default_nettype wire
