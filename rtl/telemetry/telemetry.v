// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Where cycles and joules go, how warm that makes the die, and what is done about it
// (docs/power.md): cycle classes, events, energy, totals by op and layer, power window, thermal
// model and throttle, with their registers.
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

  localparam EVENTS = `LOCKSTEP_EVENT_LIMIT;
  localparam UNITS  = `LOCKSTEP_UNIT_LIMIT;

  wire        valid  = bus_i[`LOCKSTEP_BUS_VALID];
  wire        write  = bus_i[`LOCKSTEP_BUS_WE];
  wire [15:0] addr   = bus_i[`LOCKSTEP_BUS_ADDR];
  wire [31:0] wdata  = bus_i[`LOCKSTEP_BUS_WDATA];
  wire [31:0] wmask  = bus_i[`LOCKSTEP_BUS_WMASK];
  wire [5:0]  op     = job_i[`LOCKSTEP_JOB_OP];

  wire [4:0]  window_log2, speed;
  wire [31:0] k_power, ambient, k_heat, k_die, k_package, k_ambient, ramp_start, ramp_end, limit,
              cap_start, cap_end, token_cycles;
  wire [3:0]  filter, enable;
  wire [7:0]  heats, pace_max, pace;
  wire [31:0] die, package_now, die_peak, power, power_peak, power_smooth, windows, settings_rdata;
  wire        settings_hit, initial_we;
  wire [31:0] initial_value;
  wire [8:0]  op_index;

  // Sums, tables, settings and heat rest but when something is added to them or written.
  wire slow_clk, batch_last, thermal_busy, throttle_wake, part_valid, window_valid;
  wire [2:0]  part_unit;
  wire [63:0] part_energy;
  clock_gate #(.HOLD(3)) u_clock (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .wake_i (batch_last || snapshot_i || clear_i || write || part_valid ||
             thermal_busy || throttle_wake),
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

  // Counters.
  localparam [15:0] CLASS_FIRST  = `LOCKSTEP_REG_CLASS_IDLE_LO;
  localparam [15:0] UNIT_FIRST   = `LOCKSTEP_REG_ENERGY_LEAKAGE_LO;
  localparam [15:0] EVENT_FIRST  = `LOCKSTEP_REG_EVENT_CYCLE_LO;
  localparam [15:0] COEF_FIRST   = `LOCKSTEP_REG_COEF_CYCLE;
  localparam [15:0] OP_FIRST     = `LOCKSTEP_REG_OP_COUNT_LO;
  wire [15:0] at_class = addr - CLASS_FIRST;
  wire [15:0] at_unit  = addr - UNIT_FIRST;
  wire [15:0] at_event = addr - EVENT_FIRST;
  wire [15:0] at_coef  = addr - COEF_FIRST;
  wire [15:0] at_op    = addr - OP_FIRST;
  wire is_class = valid && at_class < 16'd80;
  wire is_unit  = valid && at_unit < 8 * UNITS;
  wire is_event = valid && at_event < 8 * EVENTS;
  wire is_coef  = valid && at_coef < 4 * EVENTS;
  wire is_op    = valid && at_op < 16'd24;

  wire [63:0] class_value, unit_value, event_value, cost, op_value, energy_now;
  wire [31:0] coef_value;

  assign hit_o = settings_hit || is_class || is_unit || is_event || is_op || is_coef;

  reg [63:0] counter;
  reg [31:0] counter_rdata;
  always @* begin
    counter       = 64'd0;
    counter_rdata = 32'd0;
    if (hit_o) begin
      counter       = is_class ? class_value : is_unit ? unit_value : is_event ? event_value :
                      op_value;
      counter_rdata = is_coef ? coef_value : addr[2] ? counter[63:32] : counter[31:0];
    end
  end
  assign rdata_o = settings_hit ? settings_rdata : counter_rdata;

  // Whatever reads sums ends the batch: the end of an op and of a window, a snapshot, a new price.
  wire        op_last, window_last, batch, coef_we, stall;
  wire [3:0]  class_now;
  wire [`LOCKSTEP_SUMS_W-1:0] sums;
  wire [3:0]  batch_class = sums[`LOCKSTEP_SUMS_CLASS];
  assign coef_we = write && is_coef;

  event_batch u_batch (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .now_i       (now_q[15:0]),
    .end_i       (op_last || window_last || snapshot_i || coef_we),
    .class_i     (class_now),
    .stall_i     (stall),
    .op_start_i  (op_start_i),
    .op_i        (op),
    .access_i    (bus_i[`LOCKSTEP_BUS_ACCESS]),
    .prompt_i    (prompt_i),
    .events_i    (events_i),
    .last_o      (batch_last),
    .batch_o     (batch),
    .sums_o      (sums)
  );

  // The batch has been added two cycles after it ended; a coefficient changes one cycle after.
  reg  [1:0]  snapshot_q;
  reg         coef_we_q;
  reg  [4:0]  coef_index_q;
  reg  [31:0] coef_data_q;
  always @(posedge clk_i)
    if (!rst_ni) begin
      snapshot_q   <= 2'd0;
      coef_we_q    <= 1'b0;
      coef_index_q <= 5'd0;
      coef_data_q  <= 32'd0;
    end else begin
      snapshot_q <= {snapshot_q[0], snapshot_i};
      coef_we_q  <= coef_we;
      if (coef_we) begin
        coef_index_q <= at_coef[6:2];
        coef_data_q  <= (coef_value & ~wmask) | (wdata & wmask);
      end
    end

  cycle_classes u_classes (
    .clk_i      (slow_clk),
    .rst_ni     (rst_ni),
    .clear_i    (clear_i),
    .snapshot_i (snapshot_q[1]),
    .busy_i     (busy_i),
    .state_i    (state_i),
    .op_i       (op),
    .stall_i    (events_i[`LOCKSTEP_EVENTS_STALL]),
    .class_o    (class_now),
    .stall_o    (stall),
    .batch_i    (batch),
    .class_i    (batch_class),
    .cycles_i   (sums[`LOCKSTEP_SUMS_CYCLES]),
    .stalls_i   (sums[`LOCKSTEP_SUMS_STALLS]),
    .index_i    (at_class[6:3]),
    .value_o    (class_value)
  );

  energy_meter u_meter (
    .clk_i          (slow_clk),
    .rst_ni         (rst_ni),
    .clear_i        (clear_i),
    .snapshot_i     (snapshot_q[1]),
    .batch_i        (batch),
    .sums_i         (sums),
    .coef_we_i      (coef_we_q),
    .coef_index_i   (coef_we_q ? coef_index_q : at_coef[6:2]),
    .coef_data_i    (coef_data_q),
    .coef_data_o    (coef_value),
    .count_index_i  (at_event[7:3]),
    .count_o        (event_value),
    .energy_index_i (at_unit[5:3]),
    .energy_o       (unit_value),
    .now_index_i    (part_unit),
    .now_o          (energy_now),
    .cost_o         (cost)
  );

  wire worked = batch_class == `LOCKSTEP_CLASS_MATVEC || batch_class == `LOCKSTEP_CLASS_VECTOR ||
                batch_class == `LOCKSTEP_CLASS_ATTENTION;

  op_totals u_ops (
    .clk_i      (clk_i),
    .slow_clk_i (slow_clk),
    .rst_ni     (rst_ni),
    .clear_i    (clear_i),
    .snapshot_i (snapshot_i),
    .start_i    (op_start_i),
    .done_i     (op_done_i),
    .op_i       (op),
    .layer_i    (job_i[`LOCKSTEP_JOB_LAYER]),
    .batch_i    (batch),
    .working_i  (worked),
    .cycles_i   (sums[`LOCKSTEP_SUMS_CYCLES]),
    .cost_i     (cost),
    .last_o     (op_last),
    .read_i     (is_op),
    .index_i    (op_index),
    .part_i     (at_op[4:3]),
    .value_o    (op_value)
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
