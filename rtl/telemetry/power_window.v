// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Closes a window every 2^log2_i cycles: the energy of each unit since the window before, and of
// all units and of those that heat the die. last_o ends the batch of events; two cycles later the
// units are read one after the other; close_o comes when all have been read. clear_i begins a new
// window and counts from 0; what the open one held is lost. A change of log2_i counts from the next
// window on.
`default_nettype none

module power_window #(
  parameter UNITS = 8
) (
  // May rest but for clear_i, last_o, part_valid_o and two cycles more.
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        clear_i,
  input  wire [20:0] now_i,               // counts cycles

  input  wire [4:0]       log2_i,         // 9..20
  input  wire [UNITS-1:0] heats_i,        // units whose energy heats the die
  output wire [2:0]       unit_o,         // whose energy is read
  input  wire [63:0]      energy_i,       // its running sum, fJ

  output wire             last_o,         // the batch of events must end
  output wire             part_valid_o,   // unit_o used part_o in the window
  output wire [63:0]      part_o,         // fJ
  output reg              close_o,        // pulse
  output reg  [31:0]      windows_o,      // closed since clear_i, modulo 2^32
  output reg  [63:0]      total_o,        // of all units, from close_o on
  output reg  [63:0]      heat_o          // of those that heat
);

  reg [20:0] end_q;                       // last cycle of the window
  reg [63:0] before_q [0:UNITS-1];        // 0 unless its bit of known_q is set
  reg [UNITS-1:0] known_q;
  reg        last_q;                      // last_o in the cycle before
  reg [3:0]  unit_q;                      // next to be read; UNITS: none

  assign last_o       = now_i == end_q;
  assign unit_o       = unit_q[2:0];
  assign part_valid_o = unit_q != UNITS;
  assign part_o       = !part_valid_o ? 64'd0 :
                        energy_i - (known_q[unit_q[2:0]] ? before_q[unit_q[2:0]] : 64'd0);

  always @(posedge clk_i)
    if (!rst_ni)
      known_q <= {UNITS{1'b0}};
    else if (clear_i)
      known_q <= {UNITS{1'b0}};
    else if (part_valid_o)
      known_q[unit_q[2:0]] <= 1'b1;

  always @(posedge clk_i)
    if (part_valid_o)
      before_q[unit_q[2:0]] <= energy_i;

  always @(posedge clk_i)
    if (!rst_ni) begin
      close_o   <= 1'b0;
      windows_o <= 32'd0;
      end_q     <= 21'd4095;
      last_q    <= 1'b0;
      unit_q    <= UNITS;
    end else begin
      close_o <= unit_q == UNITS - 1 && !clear_i;
      if (part_valid_o) begin
        unit_q  <= unit_q + 4'd1;
        total_o <= total_o + part_o;
        if (heats_i[unit_q[2:0]])
          heat_o <= heat_o + part_o;
      end
      last_q  <= last_o && !clear_i;
      if (clear_i || last_o)
        end_q   <= now_i + (21'd1 << log2_i);
      if (clear_i || last_q) begin
        unit_q  <= clear_i ? UNITS : 4'd0;
        total_o <= 64'd0;
        heat_o  <= 64'd0;
      end
      if (clear_i)
        windows_o <= 32'd0;
      else if (unit_q == UNITS - 1)
        windows_o <= windows_o + 32'd1;
    end

endmodule

`default_nettype wire
