// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Registers about the device and its engine: identity and capabilities, control, status, the
// latched error, interrupts, the token FIFOs' bus side and the list entry that is read.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module csr_status #(
  parameter LANES        = `LOCKSTEP_DEFAULT_LANES,
  parameter SLOTS        = `LOCKSTEP_DEFAULT_SLOTS,
  parameter PORT_BITS    = `LOCKSTEP_DEFAULT_PORT_BITS,
  parameter CHANNELS     = `LOCKSTEP_DEFAULT_CHANNELS,
  parameter VLANES       = `LOCKSTEP_DEFAULT_VLANES,
  parameter ACT_BITS     = `LOCKSTEP_DEFAULT_ACT_BITS,
  parameter ATTN_HEADS   = `LOCKSTEP_DEFAULT_ATTN_HEADS,
  parameter KV_WORDS     = `LOCKSTEP_DEFAULT_KV_WORDS,
  parameter VEC_WORDS    = `LOCKSTEP_DEFAULT_VEC_WORDS,
  parameter SEQS         = `LOCKSTEP_DEFAULT_SEQS,
  parameter UCODE_OPS    = `LOCKSTEP_DEFAULT_UCODE_OPS,
  parameter TENSORS      = `LOCKSTEP_DEFAULT_TENSORS,
  parameter CONTEXT_MAX  = `LOCKSTEP_DEFAULT_CONTEXT_MAX,
  parameter TOKEN_FIFO   = `LOCKSTEP_DEFAULT_TOKEN_FIFO,
  parameter BEATS        = `LOCKSTEP_DEFAULT_BEATS,
  parameter LOGIT_WORDS  = `LOCKSTEP_DEFAULT_LOGIT_WORDS,
  parameter TELEMETRY    = `LOCKSTEP_DEFAULT_TELEMETRY
) (
  input  wire        clk_i,
  input  wire        rst_ni,

  // Register bus.
  input  wire [15:0] addr_i,
  input  wire        valid_i,
  input  wire        write_i,
  input  wire [3:0]  wdata_i,        // the bits that these registers store
  input  wire [31:0] wmask_i,
  output reg         hit_o,
  output wire        error_o,
  output reg  [31:0] rdata_o,
  output wire        irq_o,

  // Control.
  output reg         run_o,
  output reg         validate_o,     // pulse
  output reg         clear_o,        // pulse: soft reset
  output reg         snapshot_o,     // pulse

  // Status.
  input  wire [`LOCKSTEP_ENGINE_W-1:0] engine_i,
  input  wire [`LOCKSTEP_PLACE_W-1:0]  error_place_i,
  input  wire        throttled_i,
  input  wire        eog_i,
  input  wire        loading_i,
  input  wire [3:0]  state_i,
  input  wire        idle_i,         // pulse
  input  wire        error_now_i,    // pulse
  input  wire        list_valid_i,
  input  wire [51:0] list_entry_i,   // {id, logit}

  // Token FIFOs.
  output wire        in_push_o,
  output wire        chosen_o,       // CHOICE is written
  input  wire [12:0] in_level_i,
  input  wire        in_full_i,
  input  wire        in_empty_i,
  input  wire        in_overflow_i,
  output wire        out_pop_o,
  input  wire [31:0] out_word_i,
  input  wire [12:0] out_level_i,
  input  wire        out_full_i,
  input  wire        out_empty_i,
  input  wire        out_underflow_i
);

  localparam [63:0] TYPES = `LOCKSTEP_TYPES;   // a bit a type

  reg [2:0] irq_enable_q, irq_status_q;
  reg [1:0] fifo_flags_q;
  reg       out_empty_q;

  wire        write = valid_i && write_i;
  wire        read  = valid_i && !write_i;
  wire        whole = &wmask_i;
  wire [3:0]  ones  = wdata_i & wmask_i[3:0];   // bits that are written as one

  assign irq_o     = |(irq_enable_q & irq_status_q);
  wire in_one  = addr_i == `LOCKSTEP_REG_TOKEN_IN || addr_i == `LOCKSTEP_REG_CHOICE;
  assign error_o   = in_one && !whole;
  assign in_push_o = write && whole && addr_i == `LOCKSTEP_REG_TOKEN_IN;
  assign chosen_o  = write && whole && addr_i == `LOCKSTEP_REG_CHOICE;
  assign out_pop_o = read && addr_i == `LOCKSTEP_REG_TOKEN_OUT;

  always @* begin
    hit_o   = valid_i;
    rdata_o = 32'd0;
    if (valid_i)                      // nothing is looked up between accesses
      case (addr_i)
        `LOCKSTEP_REG_ID:           rdata_o = `LOCKSTEP_RESET_ID;
        `LOCKSTEP_REG_VERSION:      rdata_o = `LOCKSTEP_RESET_VERSION;
        `LOCKSTEP_REG_LANES:        rdata_o = LANES;
        `LOCKSTEP_REG_SLOTS:        rdata_o = SLOTS;
        `LOCKSTEP_REG_VLANES:       rdata_o = VLANES;
        `LOCKSTEP_REG_PORT_BITS:    rdata_o = PORT_BITS;
        `LOCKSTEP_REG_CHANNELS:     rdata_o = CHANNELS;
        `LOCKSTEP_REG_ACT_BITS:     rdata_o = ACT_BITS;
        `LOCKSTEP_REG_ATTN_HEADS:   rdata_o = ATTN_HEADS;
        `LOCKSTEP_REG_KV_WORDS:     rdata_o = KV_WORDS;
        `LOCKSTEP_REG_VEC_WORDS:    rdata_o = VEC_WORDS;
        `LOCKSTEP_REG_SEQS:         rdata_o = SEQS;
        `LOCKSTEP_REG_UCODE_OPS:    rdata_o = UCODE_OPS;
        `LOCKSTEP_REG_TENSORS:      rdata_o = TENSORS;
        `LOCKSTEP_REG_CONTEXT_MAX:  rdata_o = CONTEXT_MAX;
        `LOCKSTEP_REG_HEAD_DIM_MAX: rdata_o = `LOCKSTEP_RESET_HEAD_DIM_MAX;
        `LOCKSTEP_REG_TOKEN_FIFO:   rdata_o = TOKEN_FIFO;
        `LOCKSTEP_REG_BEATS:        rdata_o = BEATS;
        `LOCKSTEP_REG_FEATURES:     rdata_o[`LOCKSTEP_FEATURES_TELEMETRY] = TELEMETRY != 0;
        `LOCKSTEP_REG_TYPES:        rdata_o = TYPES[31:0];
        `LOCKSTEP_REG_TYPES_HI:     rdata_o = TYPES[63:32];
        `LOCKSTEP_REG_LOGIT_WORDS:  rdata_o = LOGIT_WORDS;
        `LOCKSTEP_REG_TOPK_MAX:     rdata_o = `LOCKSTEP_RESET_TOPK_MAX;
        `LOCKSTEP_REG_CTRL:         rdata_o[`LOCKSTEP_CTRL_RUN] = run_o;
        `LOCKSTEP_REG_STATUS: begin
          rdata_o[`LOCKSTEP_STATUS_BUSY]        = engine_i[`LOCKSTEP_ENGINE_BUSY];
          rdata_o[`LOCKSTEP_STATUS_MODEL_READY] = engine_i[`LOCKSTEP_ENGINE_MODEL_READY];
          rdata_o[`LOCKSTEP_STATUS_TOKEN_READY] = !out_empty_i;
          rdata_o[`LOCKSTEP_STATUS_EOG]         = eog_i;
          rdata_o[`LOCKSTEP_STATUS_ERROR]       = engine_i[`LOCKSTEP_ENGINE_ERROR];
          rdata_o[`LOCKSTEP_STATUS_THROTTLED]   = throttled_i;
          rdata_o[`LOCKSTEP_STATUS_LIST_READY]  = engine_i[`LOCKSTEP_ENGINE_LISTED];
          rdata_o[`LOCKSTEP_STATUS_LOADING]     = loading_i;
          rdata_o[`LOCKSTEP_STATUS_STATE]       = state_i;
        end
        `LOCKSTEP_REG_ERROR_CODE:
          rdata_o[`LOCKSTEP_ERROR_CODE_CODE] = error_place_i[`LOCKSTEP_PLACE_CODE];
        `LOCKSTEP_REG_ERROR_PC:     rdata_o[7:0] = error_place_i[`LOCKSTEP_PLACE_PC];
        `LOCKSTEP_REG_ERROR_LAYER:  rdata_o[7:0] = error_place_i[`LOCKSTEP_PLACE_LAYER];
        `LOCKSTEP_REG_ERROR_SLOT:   rdata_o[3:0] = error_place_i[`LOCKSTEP_PLACE_SLOT];
        `LOCKSTEP_REG_ERROR_TENSOR: rdata_o[15:0] = error_place_i[`LOCKSTEP_PLACE_TENSOR];
        `LOCKSTEP_REG_IRQ_ENABLE:   rdata_o = {29'd0, irq_enable_q};
        `LOCKSTEP_REG_IRQ_STATUS:   rdata_o = {29'd0, irq_status_q};
        `LOCKSTEP_REG_TOKEN_IN:     ;
        `LOCKSTEP_REG_CHOICE:       ;
        `LOCKSTEP_REG_TOKEN_OUT:    rdata_o = out_empty_i ? 32'hffffffff : out_word_i;
        `LOCKSTEP_REG_TOKEN_LEVELS: begin
          rdata_o[`LOCKSTEP_TOKEN_LEVELS_IN_LEVEL]  = in_level_i;
          rdata_o[`LOCKSTEP_TOKEN_LEVELS_IN_FULL]   = in_full_i;
          rdata_o[`LOCKSTEP_TOKEN_LEVELS_IN_EMPTY]  = in_empty_i;
          rdata_o[`LOCKSTEP_TOKEN_LEVELS_OUT_LEVEL] = out_level_i;
          rdata_o[`LOCKSTEP_TOKEN_LEVELS_OUT_FULL]  = out_full_i;
          rdata_o[`LOCKSTEP_TOKEN_LEVELS_OUT_EMPTY] = out_empty_i;
        end
        `LOCKSTEP_REG_FIFO_FLAGS:   rdata_o = {30'd0, fifo_flags_q};
        `LOCKSTEP_REG_LIST_ID: begin
          rdata_o[`LOCKSTEP_LIST_ID_TOKEN] = list_valid_i ? list_entry_i[51:32] : 20'd0;
          rdata_o[`LOCKSTEP_LIST_ID_VALID] = list_valid_i;
        end
        `LOCKSTEP_REG_LIST_LOGIT:   rdata_o = list_valid_i ? list_entry_i[31:0] : 32'd0;
        default: hit_o = 1'b0;
      endcase
  end

  wire write_ctrl = write && addr_i == `LOCKSTEP_REG_CTRL;

  always @(posedge clk_i)
    if (!rst_ni) begin
      run_o        <= 1'b0;
      validate_o   <= 1'b0;
      clear_o      <= 1'b0;
      snapshot_o   <= 1'b0;
      irq_enable_q <= 3'd0;
      irq_status_q <= 3'd0;
      fifo_flags_q <= 2'd0;
      out_empty_q  <= 1'b1;
    end else begin
      validate_o  <= write_ctrl && ones[`LOCKSTEP_CTRL_VALIDATE];
      clear_o     <= write_ctrl && ones[`LOCKSTEP_CTRL_SOFT_RESET];
      snapshot_o  <= write_ctrl && ones[`LOCKSTEP_CTRL_SNAPSHOT];
      out_empty_q <= out_empty_i;
      if (write_ctrl && wmask_i[`LOCKSTEP_CTRL_RUN])
        run_o <= ones[`LOCKSTEP_CTRL_RUN] && !ones[`LOCKSTEP_CTRL_SOFT_RESET];
      if (write && addr_i == `LOCKSTEP_REG_IRQ_ENABLE && wmask_i[0])
        irq_enable_q <= wdata_i[2:0];

      // What happens in the cycle of a clearing write stays.
      irq_status_q <= (irq_status_q & ~(write && addr_i == `LOCKSTEP_REG_IRQ_STATUS ? ones[2:0]
                                                                                  : 3'd0)) |
                      {idle_i, error_now_i, out_empty_q && !out_empty_i};
      fifo_flags_q <= (fifo_flags_q & ~(write && addr_i == `LOCKSTEP_REG_FIFO_FLAGS ? ones[1:0]
                                                                                  : 2'd0)) |
                      {out_underflow_i, in_overflow_i};
      if (clear_o) begin
        irq_status_q <= 3'd0;
        fifo_flags_q <= 2'd0;
        out_empty_q  <= 1'b1;
      end
    end

`ifdef FORMAL
`include "common/formal.vh"
  // That it begins in reset and that bytes are written whole (rtl/bus/csr.v) is assumed.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q) assume (wmask_i[7:0] == 8'h00 || wmask_i[7:0] == 8'hff);
  end

  // Bits that stay until a one is written: of IRQ_STATUS and, above, of FIFO_FLAGS.
  wire [4:0] status  = {fifo_flags_q, irq_status_q};
  wire [4:0] cleared = {addr_i == `LOCKSTEP_REG_FIFO_FLAGS ? ones[1:0] : 2'd0,
                        addr_i == `LOCKSTEP_REG_IRQ_STATUS ? ones[2:0] : 3'd0};
  reg [4:0]  status_q, happened_q, cleared_q;   // the cycle before
  reg        was_empty_q, live_q, soft_q, ctrl_q, read_out_q, run_q;
  reg [3:0]  ctrl_ones_q;
  wire [4:0] happens = {out_underflow_i, in_overflow_i, idle_i, error_now_i,
                        was_empty_q && !out_empty_i};
  always @(posedge clk_i) begin
    live_q      <= rst_ni;
    soft_q      <= clear_o;
    status_q    <= status;
    happened_q  <= happens;
    cleared_q   <= valid_i && write_i ? cleared : 5'd0;
    was_empty_q <= !rst_ni || clear_o || out_empty_i;
    ctrl_q      <= valid_i && write_i && addr_i == `LOCKSTEP_REG_CTRL;
    ctrl_ones_q <= wdata_i & wmask_i[3:0];
    run_q       <= run_o;
  end

  // What induction rests on.
  always `LOCKSTEP_CHECKED if (begun_q) assert (was_empty_q == out_empty_q);
  always `LOCKSTEP_CHECKED if (begun_q && live_q) begin
    // An event is never lost, in the cycle of a clearing write neither.
    if (!soft_q)
      event_kept: assert ((happened_q & ~status) == 0);
    // A bit stays until a one is written; the write clears it; it rises with events alone.
    if (!soft_q)
      bit_stays: assert ((status_q & ~cleared_q & ~status) == 0);
    bit_cleared: assert ((status & cleared_q & ~happened_q) == 0);
    bit_cause: assert ((status & ~status_q & ~happened_q) == 0);
    if (soft_q) soft_reset: assert (status == 0);
    irq_line: assert (irq_o == ((irq_enable_q[0] && irq_status_q[0]) ||
                                (irq_enable_q[1] && irq_status_q[1]) ||
                                (irq_enable_q[2] && irq_status_q[2])));
    // Pulses last a cycle, one a write; RUN falls with a soft reset.
    pulses: assert ({snapshot_o, clear_o, validate_o} == (ctrl_q ? ctrl_ones_q[3:1] : 3'd0));
    if (clear_o) run_1: assert (!run_o);
    if (!ctrl_q) run_2: assert (run_o == run_q);
    // A token is popped by a read alone, and pushed by the write of a whole word.
    if (out_pop_o) tokens_1: assert (valid_i && !write_i);
    if (in_push_o || chosen_o)
      tokens_2: assert (valid_i && write_i && wmask_i == 32'hffffffff);

    cover (happened_q[0] && cleared_q[0] && status_q[0] && irq_o);
    cover (happened_q[4] && soft_q);
    cover (status_q[2] && cleared_q[2] && !status[2]);
  end
`endif

endmodule

`default_nettype wire
