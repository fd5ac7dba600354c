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

  // Register bus; wmask_i has the bits of the bytes that are written.
  input  wire                 valid_i,       // hit_o and rdata_o are looked at
  input  wire [15:0]          addr_i,
  input  wire                 write_i,       // pulse
  input  wire [31:0]          wdata_i,
  input  wire [31:0]          wmask_i,
  output wire                 hit_o,
  output wire [31:0]          rdata_o,
  input  wire                 snapshot_i,

  // What goes on.
  input  wire                 busy_i,
  input  wire [3:0]           state_i,
  input  wire                 stall_i,
  input  wire                 op_start_i,
  input  wire                 op_done_i,
  input  wire [5:0]           op_i,
  input  wire [7:0]           op_layer_i,
  input  wire                 pass_i,        // a pass begins
  input  wire                 token_i,       // a token is put out
  input  wire                 access_i,      // to a register
  input  wire                 prompt_i,      // a sequence begins
  input  wire [1:0]           ev_width_i,    // see rtl/telemetry/energy_meter.v
  input  wire [15:0]          ev_dots_i,
  input  wire [15:0]          ev_halves_i,
  input  wire [15:0]          ev_rows_i,
  input  wire [15:0]          ev_words_i,
  input  wire                 ev_burst_i,
  input  wire [15:0]          ev_elements_i,
  input  wire [15:0]          ev_attend_i,
  input  wire [7:0]           ev_kv_reads_i,
  input  wire [7:0]           ev_kv_writes_i,

  // What is done about it.
  output wire                 throttled_o,   // held back, now or after the next op
  output wire                 pace_o,        // a rest follows the op that ends now
  output wire                 rest_o,        // the last cycle of the rest
  output wire                 wait_o,        // no new pass yet
  output wire                 hot_o,         // beyond the limit

  // For the harness: what each unit used in a window, then what came of it.
  output wire                 part_valid_o,
  output wire [2:0]           part_unit_o,
  output wire [63:0]          part_energy_o,    // fJ
  output wire                 window_valid_o,
  output wire [31:0]          window_die_o,      // 2^-16 degrees C
  output wire [31:0]          window_package_o,
  output wire [7:0]           window_pace_o
);

  localparam EVENTS = 23;
  localparam UNITS  = 8;

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
  wire slow_clk, batch_last, thermal_busy, throttle_wake;
  clock_gate #(.HOLD(3)) u_clock (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .wake_i (batch_last || snapshot_i || clear_i || write_i || part_valid_o ||
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
    .valid_i        (valid_i),
    .addr_i         (addr_i),
    .write_i        (write_i),
    .wdata_i        (wdata_i),
    .wmask_i        (wmask_i),
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
  wire [15:0] at_class = addr_i - CLASS_FIRST;
  wire [15:0] at_unit  = addr_i - UNIT_FIRST;
  wire [15:0] at_event = addr_i - EVENT_FIRST;
  wire [15:0] at_coef  = addr_i - COEF_FIRST;
  wire [15:0] at_op    = addr_i - OP_FIRST;
  wire is_class = valid_i && at_class < 16'd80;
  wire is_unit  = valid_i && at_unit < 8 * UNITS;
  wire is_event = valid_i && at_event < 8 * EVENTS;
  wire is_coef  = valid_i && at_coef < 4 * EVENTS;
  wire is_op    = valid_i && at_op < 16'd24;

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
      counter_rdata = is_coef ? coef_value : addr_i[2] ? counter[63:32] : counter[31:0];
    end
  end
  assign rdata_o = settings_hit ? settings_rdata : counter_rdata;

  // Whatever reads sums ends the batch: the end of an op and of a window, a snapshot, a new price.
  wire        op_last, window_last, batch, coef_we, stall;
  wire [3:0]  class_now, batch_class;
  wire [5:0]  batch_op;
  wire [1:0]  batch_width;
  wire [15:0] cycles, stalls, ops, accesses, prompts, bursts;
  wire [31:0] dots, halves, rows, words, elements, attend, kv_reads, kv_writes;
  assign coef_we = write_i && is_coef;

  event_batch u_batch (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .now_i       (now_q[15:0]),
    .end_i       (op_last || window_last || snapshot_i || coef_we),
    .class_i     (class_now),
    .stall_i     (stall),
    .op_start_i  (op_start_i),
    .op_i        (op_i),
    .access_i    (access_i),
    .prompt_i    (prompt_i),
    .width_i     (ev_width_i),
    .dots_i      (ev_dots_i),
    .halves_i    (ev_halves_i),
    .rows_i      (ev_rows_i),
    .words_i     (ev_words_i),
    .burst_i     (ev_burst_i),
    .elements_i  (ev_elements_i),
    .attend_i    (ev_attend_i),
    .kv_reads_i  (ev_kv_reads_i),
    .kv_writes_i (ev_kv_writes_i),
    .last_o      (batch_last),
    .batch_o     (batch),
    .class_o     (batch_class),
    .op_o        (batch_op),
    .width_o     (batch_width),
    .cycles_o    (cycles),
    .stalls_o    (stalls),
    .ops_o       (ops),
    .accesses_o  (accesses),
    .prompts_o   (prompts),
    .bursts_o    (bursts),
    .dots_o      (dots),
    .halves_o    (halves),
    .rows_o      (rows),
    .words_o     (words),
    .elements_o  (elements),
    .attend_o    (attend),
    .kv_reads_o  (kv_reads),
    .kv_writes_o (kv_writes)
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
        coef_data_q  <= (coef_value & ~wmask_i) | (wdata_i & wmask_i);
      end
    end

  cycle_classes u_classes (
    .clk_i      (slow_clk),
    .rst_ni     (rst_ni),
    .clear_i    (clear_i),
    .snapshot_i (snapshot_q[1]),
    .busy_i     (busy_i),
    .state_i    (state_i),
    .op_i       (op_i),
    .stall_i    (stall_i),
    .class_o    (class_now),
    .stall_o    (stall),
    .batch_i    (batch),
    .class_i    (batch_class),
    .cycles_i   (cycles),
    .stalls_i   (stalls),
    .index_i    (at_class[6:3]),
    .value_o    (class_value)
  );

  energy_meter u_meter (
    .clk_i          (slow_clk),
    .rst_ni         (rst_ni),
    .clear_i        (clear_i),
    .snapshot_i     (snapshot_q[1]),
    .batch_i        (batch),
    .op_i           (batch_op),
    .width_i        (batch_width),
    .cycles_i       (cycles),
    .busy_i         (batch_class != `LOCKSTEP_CLASS_IDLE),
    .ops_i          (ops),
    .accesses_i     (accesses),
    .prompts_i      (prompts),
    .bursts_i       (bursts),
    .dots_i         (dots),
    .halves_i       (halves),
    .rows_i         (rows),
    .words_i        (words),
    .elements_i     (elements),
    .attend_i       (attend),
    .kv_reads_i     (kv_reads),
    .kv_writes_i    (kv_writes),
    .coef_we_i      (coef_we_q),
    .coef_index_i   (coef_we_q ? coef_index_q : at_coef[6:2]),
    .coef_data_i    (coef_data_q),
    .coef_data_o    (coef_value),
    .count_index_i  (at_event[7:3]),
    .count_o        (event_value),
    .energy_index_i (at_unit[5:3]),
    .energy_o       (unit_value),
    .now_index_i    (part_unit_o),
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
    .op_i       (op_i),
    .layer_i    (op_layer_i),
    .batch_i    (batch),
    .working_i  (worked),
    .cycles_i   (cycles),
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
    .unit_o       (part_unit_o),
    .energy_i     (energy_now),
    .part_valid_o (part_valid_o),
    .part_o       (part_energy_o),
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
    .step_o         (window_valid_o),
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
  assign window_die_o     = die;
  assign window_package_o = package_now;
  assign window_pace_o    = pace;

endmodule

`default_nettype wire
