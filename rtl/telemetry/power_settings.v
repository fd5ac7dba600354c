// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Registers of power, heat and self-regulation: settings, which may change at any time and
// survive a soft reset, and what the thermal model had found at the last snapshot. A write of
// TEMP_INITIAL sets both temperatures. Settings out of range count as the nearest that is in
// range.
`default_nettype none
`include "generated/device.vh"

module power_settings (
  input  wire        clk_i,
  input  wire        rst_ni,

  // Register bus; wmask_i has the bits of the bytes that are written.
  input  wire        valid_i,
  input  wire [15:0] addr_i,
  input  wire        write_i,         // pulse
  input  wire [31:0] wdata_i,
  input  wire [31:0] wmask_i,
  output reg         hit_o,
  output reg  [31:0] rdata_o,

  input  wire        clear_i,
  input  wire        snapshot_i,
  output wire [4:0]  window_log2_o,   // 9..20
  output reg  [31:0] k_power_o,
  output reg  [3:0]  filter_o,
  output reg  [7:0]  heats_o,
  output reg         initial_we_o,    // pulse: initial_o was written
  output reg  [31:0] initial_o,
  output reg  [31:0] ambient_o,
  output reg  [31:0] k_heat_o,
  output reg  [31:0] k_die_o,
  output reg  [31:0] k_package_o,
  output reg  [31:0] k_ambient_o,
  output wire [4:0]  speed_o,         // 0..20
  output reg  [3:0]  enable_o,        // ramp of temperature, of power, rationing, limit
  output reg  [7:0]  pace_max_o,
  output reg  [31:0] ramp_start_o,
  output reg  [31:0] ramp_end_o,
  output reg  [31:0] limit_o,
  output reg  [31:0] cap_start_o,
  output reg  [31:0] cap_end_o,
  output reg  [31:0] token_cycles_o,
  output reg  [8:0]  op_index_o,

  input  wire [31:0] power_i,
  input  wire [31:0] power_peak_i,
  input  wire [31:0] power_smooth_i,
  input  wire [31:0] die_i,
  input  wire [31:0] package_i,
  input  wire [31:0] die_peak_i,
  input  wire [7:0]  pace_i,
  input  wire [31:0] windows_i
);

  reg [4:0]   window_q, speed_q;
  // Latched by snapshot_i.
  reg [31:0]  power_q, power_peak_q, power_smooth_q, die_q, package_now_q, die_peak_q, windows_q;
  reg [7:0]   pace_q;

  assign window_log2_o = window_q < 5'd9 ? 5'd9 : window_q > 5'd20 ? 5'd20 : window_q;
  assign speed_o       = speed_q > 5'd20 ? 5'd20 : speed_q;

  wire [31:0] merged = (rdata_o & ~wmask_i) | (wdata_i & wmask_i);

  always @* begin
    hit_o   = valid_i;
    rdata_o = 32'd0;
    if (valid_i)                      // nothing is looked up between accesses
      case (addr_i)
        `LOCKSTEP_REG_WINDOW:          rdata_o = {27'd0, window_q};
        `LOCKSTEP_REG_WINDOWS:         rdata_o = windows_q;
        `LOCKSTEP_REG_POWER_SCALE:     rdata_o = k_power_o;
        `LOCKSTEP_REG_POWER_FILTER:    rdata_o = {28'd0, filter_o};
        `LOCKSTEP_REG_POWER_LAST:      rdata_o = power_q;
        `LOCKSTEP_REG_POWER_PEAK:      rdata_o = power_peak_q;
        `LOCKSTEP_REG_POWER_SMOOTH:    rdata_o = power_smooth_q;
        `LOCKSTEP_REG_HEATS:           rdata_o = {24'd0, heats_o};
        `LOCKSTEP_REG_TEMP_INITIAL:    rdata_o = initial_o;
        `LOCKSTEP_REG_TEMP_DIE:        rdata_o = die_q;
        `LOCKSTEP_REG_TEMP_PACKAGE:    rdata_o = package_now_q;
        `LOCKSTEP_REG_TEMP_AMBIENT:    rdata_o = ambient_o;
        `LOCKSTEP_REG_TEMP_PEAK:       rdata_o = die_peak_q;
        `LOCKSTEP_REG_THERMAL_HEAT:    rdata_o = k_heat_o;
        `LOCKSTEP_REG_THERMAL_DIE:     rdata_o = k_die_o;
        `LOCKSTEP_REG_THERMAL_PACKAGE: rdata_o = k_package_o;
        `LOCKSTEP_REG_THERMAL_AMBIENT: rdata_o = k_ambient_o;
        `LOCKSTEP_REG_THERMAL_SPEED:   rdata_o = {27'd0, speed_q};
        `LOCKSTEP_REG_THROTTLE:        rdata_o = {28'd0, enable_o};
        `LOCKSTEP_REG_PACE_MAX:        rdata_o = {24'd0, pace_max_o};
        `LOCKSTEP_REG_RAMP_START:      rdata_o = ramp_start_o;
        `LOCKSTEP_REG_RAMP_TARGET:     rdata_o = ramp_end_o;
        `LOCKSTEP_REG_TEMP_LIMIT:      rdata_o = limit_o;
        `LOCKSTEP_REG_CAP_START:       rdata_o = cap_start_o;
        `LOCKSTEP_REG_CAP_POWER:       rdata_o = cap_end_o;
        `LOCKSTEP_REG_TOKEN_CYCLES:    rdata_o = token_cycles_o;
        `LOCKSTEP_REG_PACE:            rdata_o = {24'd0, pace_q};
        `LOCKSTEP_REG_OP_INDEX:        rdata_o = {23'd0, op_index_o};
        default: hit_o = 1'b0;
      endcase
  end

  always @(posedge clk_i)
    if (!rst_ni) begin
      window_q       <= 5'd12;
      k_power_o      <= `LOCKSTEP_RESET_POWER_SCALE;
      filter_o       <= 4'd8;
      heats_o        <= 8'hef;
      initial_o      <= `LOCKSTEP_RESET_TEMP_INITIAL;
      ambient_o      <= `LOCKSTEP_RESET_TEMP_AMBIENT;
      k_heat_o       <= 32'd0;
      k_die_o        <= 32'd0;
      k_package_o    <= 32'd0;
      k_ambient_o    <= 32'd0;
      speed_q        <= 5'd0;
      enable_o       <= 4'd0;
      pace_max_o     <= 8'd50;
      ramp_start_o   <= `LOCKSTEP_RESET_RAMP_START;
      ramp_end_o     <= `LOCKSTEP_RESET_RAMP_TARGET;
      limit_o        <= `LOCKSTEP_RESET_TEMP_LIMIT;
      cap_start_o    <= 32'hffffffff;
      cap_end_o      <= 32'hffffffff;
      token_cycles_o <= 32'd0;
      op_index_o     <= 9'd0;
    end else if (write_i)
      case (addr_i)
        `LOCKSTEP_REG_WINDOW:          window_q       <= merged[4:0];
        `LOCKSTEP_REG_POWER_SCALE:     k_power_o      <= merged;
        `LOCKSTEP_REG_POWER_FILTER:    filter_o       <= merged[3:0];
        `LOCKSTEP_REG_HEATS:           heats_o        <= merged[7:0];
        `LOCKSTEP_REG_TEMP_INITIAL:    initial_o      <= merged;
        `LOCKSTEP_REG_TEMP_AMBIENT:    ambient_o      <= merged;
        `LOCKSTEP_REG_THERMAL_HEAT:    k_heat_o       <= merged;
        `LOCKSTEP_REG_THERMAL_DIE:     k_die_o        <= merged;
        `LOCKSTEP_REG_THERMAL_PACKAGE: k_package_o    <= merged;
        `LOCKSTEP_REG_THERMAL_AMBIENT: k_ambient_o    <= merged;
        `LOCKSTEP_REG_THERMAL_SPEED:   speed_q        <= merged[4:0];
        `LOCKSTEP_REG_THROTTLE:        enable_o       <= merged[3:0];
        `LOCKSTEP_REG_PACE_MAX:        pace_max_o     <= merged[7:0];
        `LOCKSTEP_REG_RAMP_START:      ramp_start_o   <= merged;
        `LOCKSTEP_REG_RAMP_TARGET:     ramp_end_o     <= merged;
        `LOCKSTEP_REG_TEMP_LIMIT:      limit_o        <= merged;
        `LOCKSTEP_REG_CAP_START:       cap_start_o    <= merged;
        `LOCKSTEP_REG_CAP_POWER:       cap_end_o      <= merged;
        `LOCKSTEP_REG_TOKEN_CYCLES:    token_cycles_o <= merged;
        `LOCKSTEP_REG_OP_INDEX:        op_index_o     <= merged[8:0];
        default: ;
      endcase

  always @(posedge clk_i)
    if (!rst_ni)
      initial_we_o <= 1'b0;
    else
      initial_we_o <= write_i && addr_i == `LOCKSTEP_REG_TEMP_INITIAL;

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      power_q <= 32'd0;
      power_peak_q <= 32'd0;
      power_smooth_q <= 32'd0;
      die_q <= 32'd0;
      package_now_q <= 32'd0;
      die_peak_q <= 32'd0;
      windows_q <= 32'd0;
      pace_q <= 8'd0;
    end else if (snapshot_i) begin
      power_q <= power_i;
      power_peak_q <= power_peak_i;
      power_smooth_q <= power_smooth_i;
      die_q <= die_i;
      package_now_q <= package_i;
      die_peak_q <= die_peak_i;
      windows_q <= windows_i;
      pace_q <= pace_i;
    end

endmodule

`default_nettype wire
