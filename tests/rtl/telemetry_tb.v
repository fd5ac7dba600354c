// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// telemetry with the members of its buses as ports, for tests/rtl/telemetry_bench.c.
`default_nettype none
`include "generated/device.vh"

module telemetry_tb (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire        valid_i,
  input  wire [15:0] addr_i,
  input  wire        write_i,
  input  wire [31:0] wdata_i,
  input  wire [31:0] wmask_i,
  output wire        hit_o,
  output wire [31:0] rdata_o,
  input  wire        snapshot_i,
  input  wire        busy_i,
  input  wire [3:0]  state_i,
  input  wire        stall_i,
  input  wire        op_start_i,
  input  wire        op_done_i,
  input  wire [5:0]  op_i,
  input  wire [7:0]  op_layer_i,
  input  wire        pass_i,
  input  wire        token_i,
  input  wire        access_i,
  input  wire        prompt_i,
  input  wire [1:0]  ev_width_i,
  input  wire [15:0] ev_dots_i,
  input  wire [15:0] ev_halves_i,
  input  wire [15:0] ev_rows_i,
  input  wire [15:0] ev_words_i,
  input  wire        ev_burst_i,
  input  wire [15:0] ev_elements_i,
  input  wire [15:0] ev_attend_i,
  input  wire [7:0]  ev_kv_reads_i,
  input  wire [7:0]  ev_kv_writes_i,
  output wire        throttled_o,
  output wire        pace_o,
  output wire        rest_o,
  output wire        wait_o,
  output wire        hot_o,
  output wire        part_valid_o,
  output wire [2:0]  part_unit_o,
  output wire [63:0] part_energy_o,
  output wire        window_valid_o,
  output wire [31:0] window_die_o,
  output wire [31:0] window_package_o,
  output wire [7:0]  window_pace_o
);

  wire [`LOCKSTEP_BUS_W-1:0] bus = {
    write_i, access_i, valid_i, addr_i, wmask_i, wdata_i
  };
  wire [`LOCKSTEP_JOB_W-1:0] job = {
    2'd0, 20'd0, 18'd0, 8'd0, op_i, op_layer_i, 8'd0, 16'd0, 16'd0, 16'd0, 16'd0, 16'd0, 32'd0
  };
  wire [`LOCKSTEP_EVENTS_W-1:0] events = {
    ev_burst_i, stall_i, 1'b0, `LOCKSTEP_EVENT_DOT4 + {3'd0, ev_width_i},
    8'd0, ev_kv_writes_i, 8'd0, ev_kv_reads_i, ev_attend_i, ev_elements_i, ev_words_i, ev_rows_i,
    ev_halves_i, ev_dots_i
  };
  wire [`LOCKSTEP_POWER_W-1:0] power;
  assign {
    window_valid_o, part_valid_o, part_unit_o, window_pace_o, window_package_o, window_die_o,
    part_energy_o
  } = power;

  telemetry u_telemetry (
    .clk_i(clk_i), .rst_ni(rst_ni), .clear_i(clear_i), .bus_i(bus), .hit_o(hit_o),
    .rdata_o(rdata_o), .snapshot_i(snapshot_i), .busy_i(busy_i), .state_i(state_i),
    .op_start_i(op_start_i), .op_done_i(op_done_i), .job_i(job), .pass_i(pass_i), .token_i(token_i),
    .prompt_i(prompt_i), .events_i(events),
    .throttled_o(throttled_o), .pace_o(pace_o), .rest_o(rest_o), .wait_o(wait_o), .hot_o(hot_o),
    .power_o(power)
  );

endmodule

`default_nettype wire
