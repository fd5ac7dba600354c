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
  input  wire        pass_i,
  input  wire        token_in_i,
  input  wire        draft_in_i,
  input  wire        token_out_i,
  input  wire        draft_out_i,
  input  wire [`LOCKSTEP_EVENTS_W-1:0] events_i
);

  localparam [15:0] FIRST = `LOCKSTEP_REG_CYCLES_LO, LAST = `LOCKSTEP_REG_KV_WRITES_LO;
  localparam [15:0] DRAFTS = `LOCKSTEP_REG_DRAFTS_LO;   // two more stand apart
  localparam NEAR  = (LAST - FIRST) / 8 + 1;
  localparam COUNT = NEAR + 2;

  wire [15:0] dots      = events_i[`LOCKSTEP_EVENTS_DOTS];
  wire        beat      = events_i[`LOCKSTEP_EVENTS_BEAT];
  wire        stall     = events_i[`LOCKSTEP_EVENTS_STALL];
  wire [15:0] kv_reads  = events_i[`LOCKSTEP_EVENTS_KV_READS];
  wire [15:0] kv_writes = events_i[`LOCKSTEP_EVENTS_KV_WRITES];

  // What a counter, in the order of their registers, grows by.
  function [20:0] step(input [3:0] index);
    case (index)
      4'd0:    step = {20'd0, busy_i};
      4'd1:    step = {20'd0, busy_i && prefill_i};
      4'd2:    step = {dots, 5'd0};   // multiply-accumulates
      4'd3:    step = {20'd0, beat};
      4'd4:    step = {20'd0, stall};
      4'd5:    step = {20'd0, pass_i};
      4'd6:    step = {20'd0, token_in_i};
      4'd7:    step = {20'd0, token_out_i};
      4'd8:    step = {5'd0, kv_reads};
      4'd9:    step = {5'd0, kv_writes};
      4'd10:   step = {20'd0, draft_in_i};
      default: step = {20'd0, draft_out_i};
    endcase
  endfunction

  reg [63:0] count_q [0:15];
  reg [63:0] latched_q [0:15];

  wire [15:0] near = addr_i - FIRST, far = addr_i - DRAFTS;
  wire [15:0] place = near < 8 * NEAR ? near : far + 8 * NEAR;
  reg  [63:0] value;
  assign hit_o = valid_i && (near < 8 * NEAR || far < 16);
  always @* begin
    value   = 64'd0;
    rdata_o = 32'd0;
    if (hit_o) begin
      value   = latched_q[place[6:3]];
      rdata_o = place[2] ? value[63:32] : value[31:0];
    end
  end

  integer i;
  always @(posedge clk_i)
    for (i = 0; i < COUNT; i = i + 1)
      if (!rst_ni || clear_i)
        count_q[i] <= 64'd0;
      else if (step(i[3:0]) != 21'd0)
        count_q[i] <= count_q[i] + {43'd0, step(i[3:0])};

  integer j;
  always @(posedge clk_i)
    if (!rst_ni || clear_i || snapshot_i)
      for (j = 0; j < 16; j = j + 1)
        latched_q[j] <= rst_ni && !clear_i && j < COUNT ? count_q[j] : 64'd0;

`ifdef FORMAL
`include "common/formal.vh"
  // For any one counter: what is shown to hold for `which` holds for all.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  (* anyconst *) wire [3:0] any;
  wire [3:0] which = any < COUNT ? any : 4'd0;
  always `LOCKSTEP_CHECKED if (!begun_q) assume (!rst_ni);

  wire [15:0] where = which < NEAR ? FIRST + 16'd8 * which : DRAFTS + 16'd8 * (which - NEAR);

  // All that happened, and how much of it had at the snapshot.
  reg [63:0] total_q, shown_q;
  reg [20:0] more;
  always @*
    case (where)
      `LOCKSTEP_REG_CYCLES_LO:         more = busy_i ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_PREFILL_CYCLES_LO: more = busy_i && prefill_i ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_MACS_LO:           more = 21'd32 * events_i[`LOCKSTEP_EVENTS_DOTS];
      `LOCKSTEP_REG_WEIGHT_BEATS_LO:   more = events_i[`LOCKSTEP_EVENTS_BEAT] ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_WEIGHT_STALLS_LO:  more = events_i[`LOCKSTEP_EVENTS_STALL] ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_PASSES_LO:         more = pass_i ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_TOKENS_IN_LO:      more = token_in_i ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_TOKENS_OUT_LO:     more = token_out_i ? 21'd1 : 21'd0;
      `LOCKSTEP_REG_KV_READS_LO:       more = {5'd0, events_i[`LOCKSTEP_EVENTS_KV_READS]};
      `LOCKSTEP_REG_KV_WRITES_LO:      more = {5'd0, events_i[`LOCKSTEP_EVENTS_KV_WRITES]};
      `LOCKSTEP_REG_DRAFTS_LO:         more = draft_in_i ? 21'd1 : 21'd0;
      default:                         more = draft_out_i ? 21'd1 : 21'd0;
    endcase
  always @(posedge clk_i)
    if (!rst_ni || clear_i) {total_q, shown_q} <= 128'd0;
    else begin
      total_q <= total_q + more;
      if (snapshot_i) shown_q <= total_q;
    end

  always `LOCKSTEP_CHECKED if (begun_q) begin
    exact: assert (count_q[which] == total_q);
    // What is read is of the last snapshot, whatever has happened since: no halves of two times.
    snapshot: assert (latched_q[which] == shown_q);
    if (valid_i && addr_i == where) half_1: assert (hit_o && rdata_o == shown_q[31:0]);
    if (valid_i && addr_i == where + 4)
      half_2: assert (hit_o && rdata_o == shown_q[63:32]);
    if (!valid_i || addr_i < FIRST ||
        (addr_i > LAST + 7 && (addr_i < DRAFTS || addr_i > DRAFTS + 15)))
      hit: assert (!hit_o && rdata_o == 0);

    cover (shown_q == 2 && total_q == 4 && which == 5);
    cover (snapshot_i && more != 0 && hit_o && rdata_o != 0);
    cover (clear_i && total_q != 0);
  end
`endif

endmodule

`default_nettype wire
