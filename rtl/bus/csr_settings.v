// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Registers that only store: geometry, settings of generation, choice of the list entry to read.
// They are the members of the bundle SETTINGS in device.txt, from which their decode is made. A
// write takes the bytes that its strobes name. Geometry (cfg) is locked while the engine may use
// it: a write is then refused with error_o; any other tells the engine with changed_o.
`default_nettype none
`include "generated/device.vh"

module csr_settings (
  input  wire        clk_i,
  input  wire        rst_ni,

  // Register bus; wmask_i has the bits of the bytes that are written.
  input  wire        valid_i,
  input  wire [15:0] addr_i,
  input  wire        write_i,       // pulse
  input  wire [31:0] wdata_i,
  input  wire [31:0] wmask_i,
  input  wire        locked_i,
  output reg         hit_o,
  output wire        error_o,
  output reg  [31:0] rdata_o,
  output wire        changed_o,     // pulse

  output reg  [`LOCKSTEP_SETTINGS_W-1:0] settings_o
);

  `include "generated/settings_fn.vh"

  wire [31:0] merged   = (rdata_o & ~wmask_i) | (wdata_i & wmask_i);
  wire        is_cfg   = settings_locked(addr_i);
  wire        accepted = write_i && !(is_cfg && locked_i);
  assign error_o   = is_cfg && locked_i;
  assign changed_o = is_cfg && accepted;

  always @* begin
    hit_o   = 1'b0;
    rdata_o = 32'd0;
    if (valid_i)                      // nothing is looked up between accesses
      {hit_o, rdata_o} = settings_read(addr_i, settings_o);
  end

  always @(posedge clk_i)
    if (!rst_ni)
      settings_o <= SETTINGS_RESET;
    else if (accepted)
      settings_o <= settings_write(addr_i, settings_o, merged);

endmodule

`default_nettype wire
