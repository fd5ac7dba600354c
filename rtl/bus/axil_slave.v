// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// AXI4-Lite slave in front of a simple register bus. Address and data of a write may come in
// either order and apart; every channel may be held back by the master. One access is on the bus
// at a time: bus_valid_o and everything beside it stay until bus_ready_i, and bus_rdata_i and
// bus_error_i count in that cycle. bus_error_i becomes SLVERR. Reads and writes that wait
// together take turns. An access takes four cycles if the master is always ready.
`default_nettype none

module axil_slave (
  input  wire        clk_i,
  input  wire        rst_ni,

  input  wire        s_axil_awvalid_i,
  output wire        s_axil_awready_o,
  input  wire [15:0] s_axil_awaddr_i,
  input  wire        s_axil_wvalid_i,
  output wire        s_axil_wready_o,
  input  wire [31:0] s_axil_wdata_i,
  input  wire [3:0]  s_axil_wstrb_i,
  output wire        s_axil_bvalid_o,
  input  wire        s_axil_bready_i,
  output wire [1:0]  s_axil_bresp_o,
  input  wire        s_axil_arvalid_i,
  output wire        s_axil_arready_o,
  input  wire [15:0] s_axil_araddr_i,
  output wire        s_axil_rvalid_o,
  input  wire        s_axil_rready_i,
  output wire [31:0] s_axil_rdata_o,
  output wire [1:0]  s_axil_rresp_o,

  // Register bus.
  output wire        bus_valid_o,
  output wire        bus_write_o,
  output wire [15:0] bus_addr_o,   // bytes, a multiple of 4
  output wire [31:0] bus_wdata_o,
  output wire [3:0]  bus_wstrb_o,
  input  wire        bus_ready_i,
  input  wire [31:0] bus_rdata_i,
  input  wire        bus_error_i
);

  localparam [1:0] IDLE = 2'd0, WRITE = 2'd1, READ = 2'd2;
  localparam [1:0] OKAY = 2'b00, SLVERR = 2'b10;

  reg [1:0]  state_q;
  reg        wrote_last_q;   // the last access was a write: a read that waits goes first

  // What has arrived and was not yet on the bus; what was on the bus and is not yet fetched.
  reg        aw_full_q, w_full_q, b_full_q, ar_full_q, r_full_q;
  reg [13:0] aw_addr_q, ar_addr_q;
  reg [31:0] w_data_q, r_data_q;
  reg [3:0]  w_strb_q;
  reg        b_error_q, r_error_q;

  wire can_write = aw_full_q && w_full_q && !b_full_q;
  wire can_read  = ar_full_q && !r_full_q;
  wire wrote     = state_q == WRITE && bus_ready_i;
  wire was_read  = state_q == READ && bus_ready_i;

  assign s_axil_awready_o = !aw_full_q;
  assign s_axil_wready_o  = !w_full_q;
  assign s_axil_arready_o = !ar_full_q;
  assign s_axil_bvalid_o  = b_full_q;
  assign s_axil_bresp_o   = b_error_q ? SLVERR : OKAY;
  assign s_axil_rvalid_o  = r_full_q;
  assign s_axil_rresp_o   = r_error_q ? SLVERR : OKAY;
  assign s_axil_rdata_o   = r_data_q;

  assign bus_valid_o = state_q != IDLE;
  assign bus_write_o = state_q == WRITE;
  assign bus_addr_o  = {state_q == WRITE ? aw_addr_q : ar_addr_q, 2'b00};
  assign bus_wdata_o = w_data_q;
  assign bus_wstrb_o = w_strb_q;

  always @(posedge clk_i)
    if (!rst_ni) begin
      state_q      <= IDLE;
      wrote_last_q <= 1'b0;
      aw_full_q    <= 1'b0;
      w_full_q     <= 1'b0;
      b_full_q     <= 1'b0;
      ar_full_q    <= 1'b0;
      r_full_q     <= 1'b0;
      aw_addr_q    <= 14'd0;
      ar_addr_q    <= 14'd0;
      w_data_q     <= 32'd0;
      w_strb_q     <= 4'd0;
      r_data_q     <= 32'd0;
      b_error_q    <= 1'b0;
      r_error_q    <= 1'b0;
    end else begin
      if (s_axil_awvalid_i && s_axil_awready_o) begin
        aw_full_q <= 1'b1;
        aw_addr_q <= s_axil_awaddr_i[15:2];
      end else if (wrote)
        aw_full_q <= 1'b0;

      if (s_axil_wvalid_i && s_axil_wready_o) begin
        w_full_q <= 1'b1;
        w_data_q <= s_axil_wdata_i;
        w_strb_q <= s_axil_wstrb_i;
      end else if (wrote)
        w_full_q <= 1'b0;

      if (s_axil_arvalid_i && s_axil_arready_o) begin
        ar_full_q <= 1'b1;
        ar_addr_q <= s_axil_araddr_i[15:2];
      end else if (was_read)
        ar_full_q <= 1'b0;

      if (wrote) begin
        b_full_q  <= 1'b1;
        b_error_q <= bus_error_i;
      end else if (s_axil_bready_i)
        b_full_q <= 1'b0;

      if (was_read) begin
        r_full_q  <= 1'b1;
        r_error_q <= bus_error_i;
        r_data_q  <= bus_error_i ? 32'd0 : bus_rdata_i;
      end else if (s_axil_rready_i)
        r_full_q <= 1'b0;

      if (state_q == IDLE) begin
        if (can_write && !(can_read && wrote_last_q)) begin
          state_q      <= WRITE;
          wrote_last_q <= 1'b1;
        end else if (can_read) begin
          state_q      <= READ;
          wrote_last_q <= 1'b0;
        end
      end else if (bus_ready_i)
        state_q <= IDLE;
    end

  wire unused = &{1'b0, s_axil_awaddr_i[1:0], s_axil_araddr_i[1:0]};

endmodule

`default_nettype wire
