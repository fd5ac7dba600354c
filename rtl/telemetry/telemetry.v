// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Where cycles and joules go (accounts), how warm that makes the die, and what is done about it
// (docs/power.md): power window, thermal model and throttle, with their registers.
`default_nettype none
`include "generated/device.vh"

module telemetry (
  input  wire                 clk_i,
  input  wire                 rst_ni,
  input  wire                 clear_i,

  input  wire [`LOCKSTEP_BUS_W-1:0]    bus_i,
  output wire                          hit_o,
  output wire [31:0]                   rdata_o,
  input  wire                          snapshot_i,

  // What goes on.
  input  wire                          busy_i,
  input  wire [3:0]                    state_i,
  input  wire                          op_start_i,
  input  wire                          op_done_i,
  input  wire [`LOCKSTEP_JOB_W-1:0]    job_i,
  input  wire                          pass_i,        // a pass begins
  input  wire                          token_i,       // a token is put out
  input  wire                          prompt_i,      // a sequence begins
  input  wire [`LOCKSTEP_EVENTS_W-1:0] events_i,

  // What is done about it.
  output wire                 throttled_o,   // held back, now or after the next op
  output wire                 pace_o,        // a rest follows the op that ends now
  output wire                 rest_o,        // the last cycle of the rest
  output wire                 wait_o,        // no new pass yet
  output wire                 hot_o,         // beyond the limit

  // For the harness: what each unit used in a window, then what came of it.
  output wire [`LOCKSTEP_POWER_W-1:0]  power_o
);

  localparam UNITS  = `LOCKSTEP_UNIT_LIMIT;

  wire        valid  = bus_i[`LOCKSTEP_BUS_VALID];
  wire        write  = bus_i[`LOCKSTEP_BUS_WE];
  wire [15:0] addr   = bus_i[`LOCKSTEP_BUS_ADDR];
  wire [31:0] wdata  = bus_i[`LOCKSTEP_BUS_WDATA];
  wire [31:0] wmask  = bus_i[`LOCKSTEP_BUS_WMASK];

  wire [4:0]  window_log2, speed;
  wire [31:0] k_power, ambient, k_heat, k_die, k_package, k_ambient, ramp_start, ramp_end, limit,
              cap_start, cap_end, token_cycles;
  wire [3:0]  filter, enable;
  wire [7:0]  heats, pace_max, pace;
  wire [31:0] die, package_now, die_peak, power, power_peak, power_smooth, windows, settings_rdata;
  wire        settings_hit, initial_we;
  wire [31:0] initial_value;
  wire [8:0]  op_index;

  // Sums, tables, settings and heat rest but when something is added to them, which a snapshot
  // does, or written. throttle_wake is high with clear_i.
  wire slow_clk, batch_last, thermal_busy, throttle_wake, part_valid, window_valid;
  wire [2:0]  part_unit;
  wire [63:0] part_energy;
  clock_gate #(.HOLD(3)) u_clock (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .wake_i (batch_last || write || part_valid || thermal_busy || throttle_wake),
    .clk_o  (slow_clk)
  );

  // Time: what takes long is not counted, but begins and ends.
  reg [31:0] now_q;
  always @(posedge clk_i)
    if (!rst_ni) now_q <= 32'd0;
    else         now_q <= now_q + 32'd1;

  power_settings u_settings (
    .clk_i          (slow_clk),
    .rst_ni         (rst_ni),
    .valid_i        (valid),
    .addr_i         (addr),
    .write_i        (write),
    .wdata_i        (wdata),
    .wmask_i        (wmask),
    .hit_o          (settings_hit),
    .rdata_o        (settings_rdata),
    .clear_i        (clear_i),
    .snapshot_i     (snapshot_i),
    .window_log2_o  (window_log2),
    .k_power_o      (k_power),
    .filter_o       (filter),
    .heats_o        (heats),
    .initial_we_o   (initial_we),
    .initial_o      (initial_value),
    .ambient_o      (ambient),
    .k_heat_o       (k_heat),
    .k_die_o        (k_die),
    .k_package_o    (k_package),
    .k_ambient_o    (k_ambient),
    .speed_o        (speed),
    .enable_o       (enable),
    .pace_max_o     (pace_max),
    .ramp_start_o   (ramp_start),
    .ramp_end_o     (ramp_end),
    .limit_o        (limit),
    .cap_start_o    (cap_start),
    .cap_end_o      (cap_end),
    .token_cycles_o (token_cycles),
    .op_index_o     (op_index),
    .power_i        (power),
    .power_peak_i   (power_peak),
    .power_smooth_i (power_smooth),
    .die_i          (die),
    .package_i      (package_now),
    .die_peak_i     (die_peak),
    .pace_i         (pace),
    .windows_i      (windows)
  );

  wire [63:0] energy_now;
  wire [31:0] accounts_rdata;
  wire        accounts_hit, window_last;

  assign hit_o   = settings_hit || accounts_hit;
  assign rdata_o = settings_hit ? settings_rdata : accounts_rdata;

  accounts u_accounts (
    .clk_i         (clk_i),
    .slow_clk_i    (slow_clk),
    .rst_ni        (rst_ni),
    .clear_i       (clear_i),
    .snapshot_i    (snapshot_i),
    .bus_i         (bus_i),
    .op_index_i    (op_index),
    .hit_o         (accounts_hit),
    .rdata_o       (accounts_rdata),
    .now_i         (now_q[15:0]),
    .end_i         (window_last),
    .last_o        (batch_last),
    .busy_i        (busy_i),
    .state_i       (state_i),
    .op_start_i    (op_start_i),
    .op_done_i     (op_done_i),
    .job_i         (job_i),
    .prompt_i      (prompt_i),
    .events_i      (events_i),
    .unit_i        (part_unit),
    .energy_o      (energy_now)
  );

  wire        window_close;
  wire [63:0] window_total, window_heat;

  power_window #(.UNITS(UNITS)) u_window (
    .clk_i        (slow_clk),
    .rst_ni       (rst_ni),
    .clear_i      (clear_i),
    .now_i        (now_q[20:0]),
    .log2_i       (window_log2),
    .heats_i      (heats),
    .last_o       (window_last),
    .unit_o       (part_unit),
    .energy_i     (energy_now),
    .part_valid_o (part_valid),
    .part_o       (part_energy),
    .close_o      (window_close),
    .windows_o    (windows),
    .total_o      (window_total),
    .heat_o       (window_heat)
  );

  thermal u_thermal (
    .clk_i          (slow_clk),
    .rst_ni         (rst_ni),
    .clear_i        (clear_i),
    .start_i        (window_close),
    .total_i        (window_total),
    .heat_i         (window_heat),
    .busy_o         (thermal_busy),
    .step_o         (window_valid),
    .initial_we_i   (initial_we),
    .initial_i      (initial_value),
    .ambient_i      (ambient),
    .speed_i        (speed),
    .k_heat_i       (k_heat),
    .k_die_i        (k_die),
    .k_package_i    (k_package),
    .k_ambient_i    (k_ambient),
    .k_power_i      (k_power),
    .filter_i       (filter),
    .enable_i       (enable[1:0]),
    .pace_max_i     (pace_max),
    .ramp_start_i   (ramp_start),
    .ramp_end_i     (ramp_end),
    .cap_start_i    (cap_start),
    .cap_end_i      (cap_end),
    .die_o          (die),
    .package_o      (package_now),
    .die_peak_o     (die_peak),
    .power_o        (power),
    .power_peak_o   (power_peak),
    .power_smooth_o (power_smooth),
    .pace_o         (pace)
  );

  throttle u_throttle (
    .clk_i          (slow_clk),
    .rst_ni         (rst_ni),
    .clear_i        (clear_i),
    .now_i          (now_q),
    .wake_o         (throttle_wake),
    .pace_i         (pace),
    .op_start_i     (op_start_i),
    .op_done_i      (op_done_i),
    .resting_i      (state_i == `LOCKSTEP_STATE_THROTTLED),
    .pace_o         (pace_o),
    .rest_o         (rest_o),
    .ration_i       (enable[2]),
    .token_cycles_i (token_cycles),
    .pass_i         (pass_i),
    .token_i        (token_i),
    .wait_o         (wait_o)
  );

  assign hot_o            = enable[3] && $signed(die) >= $signed(limit);
  assign throttled_o      = pace_o || state_i == `LOCKSTEP_STATE_THROTTLED;

  assign power_o[`LOCKSTEP_POWER_PART_VALID]   = part_valid;
  assign power_o[`LOCKSTEP_POWER_PART_UNIT]    = part_unit;
  assign power_o[`LOCKSTEP_POWER_PART_ENERGY]  = part_energy;
  assign power_o[`LOCKSTEP_POWER_WINDOW_VALID] = window_valid;
  assign power_o[`LOCKSTEP_POWER_DIE]          = die;
  assign power_o[`LOCKSTEP_POWER_PACKAGE]      = package_now;
  assign power_o[`LOCKSTEP_POWER_PACE]         = pace;

endmodule

`default_nettype wire
