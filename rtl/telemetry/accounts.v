// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Where cycles and joules go: cycle classes, events, energy, totals by op and layer, and the
// registers that they are read by and coefficients are set by.
`default_nettype none
`include "generated/device.vh"

module accounts (
  input  wire                          clk_i,
  input  wire                          slow_clk_i,    // clk_i; rests some cycles after last_o
  input  wire                          rst_ni,
  input  wire                          clear_i,
  input  wire                          snapshot_i,

  input  wire [`LOCKSTEP_BUS_W-1:0]    bus_i,
  input  wire [8:0]                    op_index_i,    // whose totals are read
  output wire                          hit_o,
  output reg  [31:0]                   rdata_o,

  // Events are added up in batches.
  input  wire [15:0]                   now_i,         // counts cycles
  input  wire                          end_i,         // energy is looked at: end the batch
  output wire                          last_o,        // the batch ends

  // What goes on.
  input  wire                          busy_i,
  input  wire [3:0]                    state_i,
  input  wire                          op_start_i,
  input  wire                          op_done_i,
  input  wire [`LOCKSTEP_JOB_W-1:0]    job_i,
  input  wire                          prompt_i,      // a sequence begins
  input  wire [`LOCKSTEP_EVENTS_W-1:0] events_i,

  input  wire [2:0]                    unit_i,
  output wire [63:0]                   energy_o       // of unit_i, not latched
);

  localparam CLASSES = `LOCKSTEP_CLASS_LIMIT;
  localparam EVENTS  = `LOCKSTEP_EVENT_LIMIT;
  localparam UNITS   = `LOCKSTEP_UNIT_LIMIT;

  wire        valid = bus_i[`LOCKSTEP_BUS_VALID];
  wire        write = bus_i[`LOCKSTEP_BUS_WE];
  wire [15:0] addr  = bus_i[`LOCKSTEP_BUS_ADDR];
  wire [31:0] wdata = bus_i[`LOCKSTEP_BUS_WDATA];
  wire [31:0] wmask = bus_i[`LOCKSTEP_BUS_WMASK];
  wire [5:0]  op    = job_i[`LOCKSTEP_JOB_OP];

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
  wire is_class = valid && at_class < 8 * CLASSES;
  wire is_unit  = valid && at_unit < 8 * UNITS;
  wire is_event = valid && at_event < 8 * EVENTS;
  wire is_coef  = valid && at_coef < 4 * EVENTS;
  wire is_op    = valid && at_op < 16'd24;

  wire [63:0] class_value, unit_value, event_value, cost, op_value;
  wire [31:0] coef_value;

  assign hit_o = is_class || is_unit || is_event || is_op || is_coef;

  reg [63:0] counter;
  always @* begin
    counter = 64'd0;
    rdata_o = 32'd0;
    if (hit_o) begin
      counter = is_class ? class_value : is_unit ? unit_value : is_event ? event_value : op_value;
      rdata_o = is_coef ? coef_value : addr[2] ? counter[63:32] : counter[31:0];
    end
  end

  // Whatever reads sums ends the batch: the end of an op and of a window, a snapshot, a new price.
  wire        op_last, batch, coef_we, stall;
  wire [3:0]  class_now;
  wire [`LOCKSTEP_SUMS_W-1:0] sums;
  wire [3:0]  batch_class = sums[`LOCKSTEP_SUMS_CLASS];
  wire [31:0] stalls      = sums[`LOCKSTEP_SUMS_STALLS];   // at most a batch of cycles
  assign coef_we = write && is_coef;

  event_batch u_batch (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .clear_i     (clear_i),
    .now_i       (now_i),
    .end_i       (op_last || end_i || snapshot_i || coef_we),
    .class_i     (class_now),
    .stall_i     (stall),
    .op_start_i  (op_start_i),
    .op_i        (op),
    .access_i    (bus_i[`LOCKSTEP_BUS_ACCESS]),
    .prompt_i    (prompt_i),
    .events_i    (events_i),
    .last_o      (last_o),
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
    end else begin
      snapshot_q <= {snapshot_q[0], snapshot_i};
      coef_we_q  <= coef_we;
      if (coef_we) begin
        coef_index_q <= at_coef[6:2];
        coef_data_q  <= (coef_value & ~wmask) | (wdata & wmask);
      end
    end

  cycle_classes u_classes (
    .clk_i      (slow_clk_i),
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
    .stalls_i   (stalls[15:0]),
    .index_i    (at_class[6:3]),
    .value_o    (class_value)
  );

  energy_meter u_meter (
    .clk_i          (slow_clk_i),
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
    .now_index_i    (unit_i),
    .now_o          (energy_o),
    .cost_o         (cost)
  );

  wire worked = batch_class == `LOCKSTEP_CLASS_MATVEC || batch_class == `LOCKSTEP_CLASS_VECTOR ||
                batch_class == `LOCKSTEP_CLASS_ATTENTION;

  op_totals u_ops (
    .clk_i      (clk_i),
    .slow_clk_i (slow_clk_i),
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
    .index_i    (op_index_i),
    .part_i     (at_op[4:3]),
    .value_o    (op_value)
  );

endmodule

`default_nettype wire
