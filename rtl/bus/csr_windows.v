// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Registers through which something else is written: microcode, tensor table, rotation increments
// and the loader; or read: logits. Each data register acts on a write of all four bytes, that of
// the logits on a read, and steps its address. A
// write that the stores cannot take (part of a word, locked, past the end) is refused with
// error_o. Loader commands hold the bus until the loader takes them, or gives them up: error_o.
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
  output wire        error_o,        // of a write
  output reg  [31:0] rdata_o,
  output wire        changed_o,      // pulse: program or tensors written

  output wire [`LOCKSTEP_STORE_W-1:0]    store_o,
  output wire [`LOCKSTEP_ROPE_INC_W-1:0] rope_o,
  output wire [19:0]                     logit_addr_o,
  input  wire [31:0]                     logit_i,

  // Loader.
  output wire [`LOCKSTEP_LOAD_W-1:0]     load_o,
  input  wire                            load_ready_i,
  input  wire                            load_late_i,
  input  wire [`LOCKSTEP_LOADER_W-1:0]   loader_i
);

  reg  [15:0] ucode_addr_q, tensor_addr_q;
  reg  [6:0]  rope_pair_q;
  reg         rope_bank_q;
  reg  [31:0] rope_low_q;
  reg  [19:0] logit_addr_q;
  reg  [1:0]  load_cmd;
  wire [31:0] merged = (rdata_o & ~wmask_i) | (wdata_i & wmask_i);
  wire        whole  = &wmask_i;

  wire is_ucode  = addr_i == `LOCKSTEP_REG_UCODE_DATA;
  wire is_tensor = addr_i == `LOCKSTEP_REG_TENSOR_DATA;
  wire is_rope   = addr_i == `LOCKSTEP_REG_ROPE_HI;
  reg  is_load, refused;

  always @* begin
    is_load    = 1'b1;
    load_cmd = 2'd0;
    case (addr_i)
      `LOCKSTEP_REG_LOAD_DATA:    load_cmd = 2'd0;
      `LOCKSTEP_REG_LOAD_FLUSH:   load_cmd = 2'd1;
      `LOCKSTEP_REG_LOAD_ADDR_LO: load_cmd = 2'd2;
      `LOCKSTEP_REG_LOAD_ADDR_HI: load_cmd = 2'd3;
      default: is_load = 1'b0;
    endcase
  end

  always @* begin
    refused = 1'b0;
    if (is_ucode)
      refused = !whole || locked_i || {16'd0, ucode_addr_q} >= 4 * UCODE_OPS;
    if (is_tensor)
      refused = !whole || locked_i || {16'd0, tensor_addr_q} >= 4 * TENSORS;
    if (is_rope)
      refused = !whole || locked_i;
    if (is_load && !load_cmd[1])
      refused = !whole;
  end

  wire accepted = valid_i && write_i && !refused;
  assign error_o = refused || load_late_i;

  wire ucode_we   = accepted && is_ucode;
  wire tensor_we  = accepted && is_tensor;
  wire rope_we    = accepted && is_rope;
  wire load_valid = accepted && is_load;

  assign ready_o   = !load_valid || load_ready_i;
  assign logit_addr_o = logit_addr_q;
  assign changed_o = ucode_we || tensor_we || rope_we;

  assign store_o[`LOCKSTEP_STORE_DATA]        = wdata_i;
  assign store_o[`LOCKSTEP_STORE_UCODE_ADDR]  = ucode_addr_q;
  assign store_o[`LOCKSTEP_STORE_UCODE_WE]    = ucode_we;
  assign store_o[`LOCKSTEP_STORE_TENSOR_ADDR] = tensor_addr_q;
  assign store_o[`LOCKSTEP_STORE_TENSOR_WE]   = tensor_we;
  assign rope_o[`LOCKSTEP_ROPE_INC_INC]       = {wdata_i[15:0], rope_low_q};
  assign rope_o[`LOCKSTEP_ROPE_INC_PAIR]      = rope_pair_q;
  assign rope_o[`LOCKSTEP_ROPE_INC_BANK]      = rope_bank_q;
  assign rope_o[`LOCKSTEP_ROPE_INC_WE]        = rope_we;
  assign load_o[`LOCKSTEP_LOAD_DATA]          = merged;
  assign load_o[`LOCKSTEP_LOAD_CMD]           = load_cmd;
  assign load_o[`LOCKSTEP_LOAD_VALID]         = load_valid;

  wire [39:0] load_addr = loader_i[`LOCKSTEP_LOADER_ADDR];
  always @* begin
    hit_o   = valid_i;
    rdata_o = 32'd0;
    if (valid_i)                      // nothing is looked up between accesses
      case (addr_i)
        `LOCKSTEP_REG_UCODE_ADDR:   rdata_o[`LOCKSTEP_UCODE_ADDR_ADDR] = ucode_addr_q;
        `LOCKSTEP_REG_UCODE_DATA:   ;
        `LOCKSTEP_REG_TENSOR_ADDR:  rdata_o[`LOCKSTEP_TENSOR_ADDR_ADDR] = tensor_addr_q;
        `LOCKSTEP_REG_TENSOR_DATA:  ;
        `LOCKSTEP_REG_ROPE_ADDR: begin
          rdata_o[`LOCKSTEP_ROPE_ADDR_ADDR] = rope_pair_q;
          rdata_o[`LOCKSTEP_ROPE_ADDR_BANK] = rope_bank_q;
        end
        `LOCKSTEP_REG_ROPE_LO:      rdata_o = rope_low_q;
        `LOCKSTEP_REG_ROPE_HI:      ;
        `LOCKSTEP_REG_LOGIT_ADDR:   rdata_o[`LOCKSTEP_LOGIT_ADDR_TOKEN] = logit_addr_q;
        `LOCKSTEP_REG_LOGIT_DATA:   rdata_o = logit_i;
        `LOCKSTEP_REG_LOAD_ADDR_LO: rdata_o = load_addr[31:0];
        `LOCKSTEP_REG_LOAD_ADDR_HI: rdata_o[`LOCKSTEP_LOAD_ADDR_HI_ADDR] = load_addr[39:32];
        `LOCKSTEP_REG_LOAD_DATA:    ;
        `LOCKSTEP_REG_LOAD_FLUSH:   ;
        `LOCKSTEP_REG_LOAD_STATUS: begin
          rdata_o[`LOCKSTEP_LOAD_STATUS_BUSY]    = loader_i[`LOCKSTEP_LOADER_BUSY];
          rdata_o[`LOCKSTEP_LOAD_STATUS_PENDING] = loader_i[`LOCKSTEP_LOADER_PENDING];
        end
        `LOCKSTEP_REG_LOAD_CRC:     rdata_o = loader_i[`LOCKSTEP_LOADER_CRC];
        default: hit_o = 1'b0;
      endcase
  end

  always @(posedge clk_i)
    if (!rst_ni) begin
      ucode_addr_q  <= 16'd0;
      tensor_addr_q <= 16'd0;
      rope_pair_q   <= 7'd0;
      rope_bank_q   <= 1'b0;
      rope_low_q    <= 32'd0;
      logit_addr_q  <= 20'd0;
    end else if (valid_i && !write_i && addr_i == `LOCKSTEP_REG_LOGIT_DATA)
      logit_addr_q <= logit_addr_q + 20'd1;
    else if (accepted)
      case (addr_i)
        `LOCKSTEP_REG_UCODE_ADDR:  ucode_addr_q  <= merged[`LOCKSTEP_UCODE_ADDR_ADDR];
        `LOCKSTEP_REG_UCODE_DATA:  ucode_addr_q  <= ucode_addr_q + 16'd1;
        `LOCKSTEP_REG_TENSOR_ADDR: tensor_addr_q <= merged[`LOCKSTEP_TENSOR_ADDR_ADDR];
        `LOCKSTEP_REG_TENSOR_DATA: tensor_addr_q <= tensor_addr_q + 16'd1;
        `LOCKSTEP_REG_ROPE_ADDR: begin
          rope_pair_q <= merged[`LOCKSTEP_ROPE_ADDR_ADDR];
          rope_bank_q <= merged[`LOCKSTEP_ROPE_ADDR_BANK];
        end
        `LOCKSTEP_REG_ROPE_LO:     rope_low_q    <= merged;
        `LOCKSTEP_REG_ROPE_HI:     rope_pair_q   <= rope_pair_q + 7'd1;
        `LOCKSTEP_REG_LOGIT_ADDR:  logit_addr_q  <= merged[`LOCKSTEP_LOGIT_ADDR_TOKEN];
        default: ;
      endcase

`ifdef FORMAL
`include "common/formal.vh"
  // Nothing is assumed but that it begins in reset.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  always `LOCKSTEP_CHECKED if (!begun_q) assume (!rst_ni);

  wire write_ucode  = store_o[`LOCKSTEP_STORE_UCODE_WE];
  wire write_tensor = store_o[`LOCKSTEP_STORE_TENSOR_WE];
  wire write_rope   = rope_o[`LOCKSTEP_ROPE_INC_WE];
  wire writes       = valid_i && write_i;
  reg         live_q, wrote_ucode_q, wrote_tensor_q, set_ucode_q, set_tensor_q;
  reg  [15:0] at_ucode_q, at_tensor_q;   // the cycle before
  always @(posedge clk_i) begin
    live_q         <= rst_ni;
    wrote_ucode_q  <= write_ucode;
    wrote_tensor_q <= write_tensor;
    at_ucode_q     <= store_o[`LOCKSTEP_STORE_UCODE_ADDR];
    at_tensor_q    <= store_o[`LOCKSTEP_STORE_TENSOR_ADDR];
    set_ucode_q    <= writes && addr_i == `LOCKSTEP_REG_UCODE_ADDR;
    set_tensor_q   <= writes && addr_i == `LOCKSTEP_REG_TENSOR_ADDR;
  end

  always `LOCKSTEP_CHECKED if (begun_q) begin
    // What is beside the stores is refused, and nothing changes while they are in use.
    if (write_ucode)
      in_range_1: assert (store_o[`LOCKSTEP_STORE_UCODE_ADDR] < 4 * UCODE_OPS);
    if (write_tensor)
      in_range_2: assert (store_o[`LOCKSTEP_STORE_TENSOR_ADDR] < 4 * TENSORS);
    if (write_ucode || write_tensor || write_rope)
      locked: assert (!locked_i && writes && wmask_i == 32'hffffffff && !refused);
    // Who reads what was validated hears of every change.
    changed: assert (changed_o == (write_ucode || write_tensor || write_rope));
    // The next word goes behind: no gap, none twice.
    if (live_q && !set_ucode_q)
      steps_1: assert (store_o[`LOCKSTEP_STORE_UCODE_ADDR] ==
                       at_ucode_q + (wrote_ucode_q ? 16'd1 : 16'd0));
    if (live_q && !set_tensor_q)
      steps_2: assert (store_o[`LOCKSTEP_STORE_TENSOR_ADDR] ==
                       at_tensor_q + (wrote_tensor_q ? 16'd1 : 16'd0));
    // The bus waits for the loader alone.
    if (!ready_o) waits_1: assert (load_o[`LOCKSTEP_LOAD_VALID] && !load_ready_i);
    if (load_o[`LOCKSTEP_LOAD_VALID] && !load_ready_i) waits_2: assert (!ready_o);

    cover (write_ucode && store_o[`LOCKSTEP_STORE_UCODE_ADDR] == 4 * UCODE_OPS - 1);
    cover (writes && is_tensor && refused && !locked_i && whole);
    cover (load_o[`LOCKSTEP_LOAD_VALID] && !ready_o);
  end
`endif

endmodule

`default_nettype wire
