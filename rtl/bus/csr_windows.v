// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Registers through which something else is written: microcode, tensor table, rotation increments
// and the loader. Each data register acts on a write of all four bytes and steps its address. A
// write that the stores cannot take (part of a word, locked, past the end) is refused with
// error_o. Loader commands hold the bus until the loader takes them.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module csr_windows #(
  parameter UCODE_OPS = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS   = `LOCKSTEP_DEFAULT_TENSORS
) (
  input  wire        clk_i,
  input  wire        rst_ni,

  // Register bus.
  input  wire [15:0] addr_i,
  input  wire        valid_i,
  input  wire        write_i,
  input  wire [31:0] wdata_i,
  input  wire [31:0] wmask_i,
  input  wire        locked_i,
  output reg         hit_o,
  output wire        ready_o,
  output reg         error_o,        // of a write
  output reg  [31:0] rdata_o,
  output wire        changed_o,      // pulse: program or tensors written

  // Stores: word index and data.
  output wire        ucode_we_o,
  output reg  [15:0] ucode_addr_o,
  output wire        tensor_we_o,
  output reg  [15:0] tensor_addr_o,
  output wire        rope_we_o,
  output reg  [6:0]  rope_pair_o,
  output wire [47:0] rope_inc_o,
  output wire [31:0] data_o,

  // Loader.
  output wire        load_valid_o,
  output reg  [1:0]  load_cmd_o,
  output wire [31:0] load_data_o,
  input  wire        load_ready_i,
  input  wire [39:0] load_addr_i,
  input  wire        load_busy_i,
  input  wire        load_pending_i,
  input  wire [31:0] load_crc_i
);

  reg  [31:0] rope_low_q;
  wire [31:0] merged = (rdata_o & ~wmask_i) | (wdata_i & wmask_i);
  wire        whole  = &wmask_i;

  wire is_ucode  = addr_i == `LOCKSTEP_REG_UCODE_DATA;
  wire is_tensor = addr_i == `LOCKSTEP_REG_TENSOR_DATA;
  wire is_rope   = addr_i == `LOCKSTEP_REG_ROPE_HI;
  reg  is_load;

  always @* begin
    is_load    = 1'b1;
    load_cmd_o = 2'd0;
    case (addr_i)
      `LOCKSTEP_REG_LOAD_DATA:    load_cmd_o = 2'd0;
      `LOCKSTEP_REG_LOAD_FLUSH:   load_cmd_o = 2'd1;
      `LOCKSTEP_REG_LOAD_ADDR_LO: load_cmd_o = 2'd2;
      `LOCKSTEP_REG_LOAD_ADDR_HI: load_cmd_o = 2'd3;
      default: is_load = 1'b0;
    endcase
  end

  always @* begin
    error_o = 1'b0;
    if (is_ucode)
      error_o = !whole || locked_i || {16'd0, ucode_addr_o} >= 4 * UCODE_OPS;
    if (is_tensor)
      error_o = !whole || locked_i || {16'd0, tensor_addr_o} >= 4 * TENSORS;
    if (is_rope)
      error_o = !whole || locked_i;
    if (is_load && !load_cmd_o[1])
      error_o = !whole;
  end

  wire accepted = valid_i && write_i && !error_o;

  assign ready_o      = !load_valid_o || load_ready_i;
  assign changed_o    = ucode_we_o || tensor_we_o || rope_we_o;
  assign ucode_we_o   = accepted && is_ucode;
  assign tensor_we_o  = accepted && is_tensor;
  assign rope_we_o    = accepted && is_rope;
  assign rope_inc_o   = {wdata_i[15:0], rope_low_q};
  assign data_o       = wdata_i;
  assign load_valid_o = accepted && is_load;
  assign load_data_o  = merged;

  always @* begin
    hit_o   = valid_i;
    rdata_o = 32'd0;
    if (valid_i)                      // nothing is looked up between accesses
      case (addr_i)
        `LOCKSTEP_REG_UCODE_ADDR:   rdata_o = {16'd0, ucode_addr_o};
        `LOCKSTEP_REG_UCODE_DATA:   ;
        `LOCKSTEP_REG_TENSOR_ADDR:  rdata_o = {16'd0, tensor_addr_o};
        `LOCKSTEP_REG_TENSOR_DATA:  ;
        `LOCKSTEP_REG_ROPE_ADDR:    rdata_o = {25'd0, rope_pair_o};
        `LOCKSTEP_REG_ROPE_LO:      rdata_o = rope_low_q;
        `LOCKSTEP_REG_ROPE_HI:      ;
        `LOCKSTEP_REG_LOAD_ADDR_LO: rdata_o = load_addr_i[31:0];
        `LOCKSTEP_REG_LOAD_ADDR_HI: rdata_o = {24'd0, load_addr_i[39:32]};
        `LOCKSTEP_REG_LOAD_DATA:    ;
        `LOCKSTEP_REG_LOAD_FLUSH:   ;
        `LOCKSTEP_REG_LOAD_STATUS: begin
          rdata_o[`LOCKSTEP_LOAD_STATUS_BUSY]    = load_busy_i;
          rdata_o[`LOCKSTEP_LOAD_STATUS_PENDING] = load_pending_i;
        end
        `LOCKSTEP_REG_LOAD_CRC:     rdata_o = load_crc_i;
        default: hit_o = 1'b0;
      endcase
  end

  always @(posedge clk_i)
    if (!rst_ni) begin
      ucode_addr_o  <= 16'd0;
      tensor_addr_o <= 16'd0;
      rope_pair_o   <= 7'd0;
      rope_low_q    <= 32'd0;
    end else if (accepted)
      case (addr_i)
        `LOCKSTEP_REG_UCODE_ADDR:  ucode_addr_o  <= merged[15:0];
        `LOCKSTEP_REG_UCODE_DATA:  ucode_addr_o  <= ucode_addr_o + 16'd1;
        `LOCKSTEP_REG_TENSOR_ADDR: tensor_addr_o <= merged[15:0];
        `LOCKSTEP_REG_TENSOR_DATA: tensor_addr_o <= tensor_addr_o + 16'd1;
        `LOCKSTEP_REG_ROPE_ADDR:   rope_pair_o   <= merged[6:0];
        `LOCKSTEP_REG_ROPE_LO:     rope_low_q    <= merged;
        `LOCKSTEP_REG_ROPE_HI:     rope_pair_o   <= rope_pair_o + 7'd1;
        default: ;
      endcase

endmodule

`default_nettype wire
