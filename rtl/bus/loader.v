// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Front door: gathers words of the bus into beats and writes them to the weight memory, one
// single-beat AXI4 burst at a time, with strobes for what was gathered. CRC-32 (IEEE 802.3,
// reflected) runs over the bytes appended since the address was set. A command waits, with
// load_ready_o low, until the beat before it has been acknowledged. err_o: the memory answered
// other than OKAY. clear_i forgets what is gathered; a burst that has begun ends as the protocol
// demands, unheeded.
`default_nettype none
`include "generated/device.vh"
`include "generated/defaults.vh"

module loader #(
  parameter PORT_BITS = `LOCKSTEP_DEFAULT_PORT_BITS
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   clear_i,

  input  wire [`LOCKSTEP_LOAD_W-1:0]   load_i,
  output wire                          load_ready_o,
  output wire [`LOCKSTEP_LOADER_W-1:0] loader_o,
  output reg                    err_o,

  output wire                   m_axi_awvalid_o,
  input  wire                   m_axi_awready_i,
  output wire [39:0]            m_axi_awaddr_o,
  output wire [7:0]             m_axi_awlen_o,
  output wire [2:0]             m_axi_awsize_o,
  output wire [1:0]             m_axi_awburst_o,
  output wire                   m_axi_wvalid_o,
  input  wire                   m_axi_wready_i,
  output reg  [PORT_BITS-1:0]   m_axi_wdata_o,
  output reg  [PORT_BITS/8-1:0] m_axi_wstrb_o,   // words that have been gathered
  output wire                   m_axi_wlast_o,
  input  wire                   m_axi_bvalid_i,
  output wire                   m_axi_bready_o,
  input  wire [1:0]             m_axi_bresp_i
);

  wire        cmd_valid = load_i[`LOCKSTEP_LOAD_VALID];
  wire [1:0]  cmd       = load_i[`LOCKSTEP_LOAD_CMD];
  wire [31:0] cmd_data  = load_i[`LOCKSTEP_LOAD_DATA];

  localparam WORDS = PORT_BITS / 32;
  localparam LANE  = $clog2(WORDS);      // bits of a word's place in a beat
  localparam BYTE  = LANE + 2;           // bits of a byte's place in a beat

  localparam [1:0] WORD = 2'd0, LOW = 2'd2;   // commands

  // The remainder of `crc` and four bytes more, the lowest first.
  function [31:0] crc_step(input [31:0] crc, input [31:0] word);
    integer i;
    begin
      crc_step = crc ^ word;
      for (i = 0; i < 32; i = i + 1)
        crc_step = {1'b0, crc_step[31:1]} ^ (crc_step[0] ? 32'hedb88320 : 32'd0);
    end
  endfunction

  reg                 pending_q;
  reg [37:0]          start_q;           // as set, in words
  reg [37:0]          next_q;            // word that comes next
  reg [37-LANE:0]     beat_q;            // beat that is gathered or written
  reg                 writing_q, aw_done_q, w_done_q, forget_q;
  reg [31:0]          crc_q;

  wire [LANE-1:0] lane      = next_q[LANE-1:0];
  wire            take_word = cmd_valid && cmd == WORD && !writing_q;
  wire            set_addr  = cmd_valid && cmd[1] && load_ready_o;
  wire            go        = take_word ? &lane
                                        : cmd_valid && cmd != WORD && pending_q && !writing_q;
  wire            answered  = m_axi_bvalid_i && m_axi_bready_o;

  assign load_ready_o = !writing_q && (cmd == WORD || !pending_q);
  assign loader_o[`LOCKSTEP_LOADER_ADDR]    = {start_q, 2'b00};   // as last set, bytes
  assign loader_o[`LOCKSTEP_LOADER_BUSY]    = writing_q;
  assign loader_o[`LOCKSTEP_LOADER_PENDING] = pending_q;          // words are gathered, not written
  assign loader_o[`LOCKSTEP_LOADER_CRC]     = ~crc_q;

  assign m_axi_awvalid_o = writing_q && !aw_done_q;
  assign m_axi_awaddr_o  = {beat_q, {BYTE{1'b0}}};
  assign m_axi_awlen_o   = 8'd0;
  assign m_axi_awsize_o  = BYTE[2:0];
  assign m_axi_awburst_o = 2'b01;
  assign m_axi_wvalid_o  = writing_q && !w_done_q;
  assign m_axi_wlast_o   = 1'b1;
  assign m_axi_bready_o  = writing_q && aw_done_q && w_done_q;

  always @(posedge clk_i)
    if (!rst_ni) begin
      start_q       <= 38'd0;
      next_q        <= 38'd0;
      beat_q        <= 0;
      m_axi_wdata_o <= 0;
      m_axi_wstrb_o <= 0;
      pending_q     <= 1'b0;
      writing_q     <= 1'b0;
      aw_done_q     <= 1'b0;
      w_done_q      <= 1'b0;
      forget_q      <= 1'b0;
      err_o         <= 1'b0;
      crc_q         <= 32'hffffffff;
    end else begin
      err_o <= answered && m_axi_bresp_i != 2'b00 && !forget_q && !clear_i;
      if (take_word) begin
        m_axi_wdata_o[32*lane +: 32] <= cmd_data;
        m_axi_wstrb_o[4*lane +: 4]   <= 4'hf;
        pending_q                    <= 1'b1;
        beat_q                       <= next_q[37:LANE];
        next_q                       <= next_q + 38'd1;
        crc_q                        <= crc_step(crc_q, cmd_data);
      end
      if (set_addr) begin
        if (cmd == LOW) begin
          start_q[29:0] <= cmd_data[31:2];
          next_q        <= {start_q[37:30], cmd_data[31:2]};
        end else begin
          start_q[37:30] <= cmd_data[7:0];
          next_q         <= {cmd_data[7:0], start_q[29:0]};
        end
        crc_q <= 32'hffffffff;
      end
      if (go) begin
        writing_q <= 1'b1;
        aw_done_q <= 1'b0;
        w_done_q  <= 1'b0;
        forget_q  <= 1'b0;
      end
      if (m_axi_awvalid_o && m_axi_awready_i)
        aw_done_q <= 1'b1;
      if (m_axi_wvalid_o && m_axi_wready_i)
        w_done_q <= 1'b1;
      if (answered) begin
        writing_q     <= 1'b0;
        m_axi_wstrb_o <= 0;
        pending_q     <= 1'b0;
      end
      if (clear_i) begin
        forget_q <= 1'b1;
        if (!writing_q || answered) begin
          m_axi_wstrb_o <= 0;
          pending_q     <= 1'b0;
        end
      end
    end

endmodule

`default_nettype wire
