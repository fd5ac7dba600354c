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
      state_q   <= IDLE;
      aw_full_q <= 1'b0;
      w_full_q  <= 1'b0;
      b_full_q  <= 1'b0;
      ar_full_q <= 1'b0;
      r_full_q  <= 1'b0;
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
        // In the cycle behind an access none of its kind can wait: so they take turns.
        if (can_write)     state_q <= WRITE;
        else if (can_read) state_q <= READ;
      end else if (bus_ready_i)
        state_q <= IDLE;
    end

  wire unused = &{1'b0, s_axil_awaddr_i[1:0], s_axil_araddr_i[1:0]};

`ifdef FORMAL
`include "common/formal.vh"
  // Nothing is assumed of the master or of the registers, but that they begin in reset.
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;
  always `LOCKSTEP_CHECKED if (!begun_q) assume (!rst_ni);

  wire aw = s_axil_awvalid_i && s_axil_awready_o, w = s_axil_wvalid_i && s_axil_wready_o;
  wire ar = s_axil_arvalid_i && s_axil_arready_o;
  wire b  = s_axil_bvalid_o && s_axil_bready_i,   r = s_axil_rvalid_o && s_axil_rready_i;
  wire write_done = bus_valid_o && bus_write_o && bus_ready_i;
  wire read_done  = bus_valid_o && !bus_write_o && bus_ready_i;

  // Requests and accesses whose response has not been taken; the latest of each kind.
  reg [1:0]  aw_q, w_q, ar_q, wrote_q, read_q;
  reg [15:0] aw_last_q, ar_last_q;
  reg [35:0] w_last_q;
  reg [1:0]  b_last_q;
  reg [33:0] r_last_q;
  wire write_waits = aw_q != wrote_q && w_q != wrote_q && wrote_q == 0;
  wire read_waits  = ar_q != read_q && read_q == 0;
  reg [1:0]  before_read_q, before_write_q;   // accesses of the other kind while one waited

  // The cycle before.
  wire [53:0] on_bus = {bus_write_o, bus_addr_o, bus_write_o ? {bus_wdata_o, bus_wstrb_o} : 36'd0};
  reg         bus_held_q, b_held_q, r_held_q, idle_q, done_q;
  reg [53:0]  on_bus_q;
  reg [1:0]   b_held_resp_q;
  reg [33:0]  r_held_data_q;

  always @(posedge clk_i)
    if (!rst_ni) begin
      {aw_q, w_q, ar_q, wrote_q, read_q, before_read_q, before_write_q} <= 0;
      {bus_held_q, b_held_q, r_held_q, idle_q, done_q}                  <= 0;
    end else begin
      aw_q    <= aw_q + {1'b0, aw} - {1'b0, b};
      w_q     <= w_q + {1'b0, w} - {1'b0, b};
      ar_q    <= ar_q + {1'b0, ar} - {1'b0, r};
      wrote_q <= wrote_q + {1'b0, write_done} - {1'b0, b};
      read_q  <= read_q + {1'b0, read_done} - {1'b0, r};
      if (aw)         aw_last_q <= s_axil_awaddr_i;
      if (w)          w_last_q  <= {s_axil_wdata_i, s_axil_wstrb_i};
      if (ar)         ar_last_q <= s_axil_araddr_i;
      if (write_done) b_last_q  <= bus_error_i ? SLVERR : OKAY;
      if (read_done)  r_last_q  <= bus_error_i ? {SLVERR, 32'd0} : {OKAY, bus_rdata_i};
      before_read_q  <= read_waits && !read_done ? before_read_q + {1'b0, write_done} : 2'd0;
      before_write_q <= write_waits && !write_done ? before_write_q + {1'b0, read_done} : 2'd0;
      bus_held_q     <= bus_valid_o && !bus_ready_i;
      on_bus_q       <= on_bus;
      b_held_q       <= s_axil_bvalid_o && !s_axil_bready_i;
      b_held_resp_q  <= s_axil_bresp_o;
      r_held_q       <= s_axil_rvalid_o && !s_axil_rready_i;
      r_held_data_q  <= {s_axil_rresp_o, s_axil_rdata_o};
      done_q         <= bus_valid_o && bus_ready_i;
      idle_q         <= !bus_valid_o && (write_waits || read_waits);
    end

  always `LOCKSTEP_CHECKED if (begun_q) begin
    // What is offered stays as it is until it is taken.
    if (bus_held_q) held_1: assert (bus_valid_o && on_bus == on_bus_q);
    if (b_held_q)   held_2: assert (s_axil_bvalid_o && s_axil_bresp_o == b_held_resp_q);
    if (r_held_q)
      held_3: assert (s_axil_rvalid_o && {s_axil_rresp_o, s_axil_rdata_o} == r_held_data_q);
    // One access a request, one response an access, none without.
    one_access: assert (wrote_q <= 1 && wrote_q <= aw_q && wrote_q <= w_q &&
                        read_q <= 1 && read_q <= ar_q);
    one_response_1: assert (s_axil_bvalid_o == (wrote_q != 0));
    one_response_2: assert (s_axil_rvalid_o == (read_q != 0));
    if (bus_valid_o && bus_write_o)  asked_for_1: assert (write_waits);
    if (bus_valid_o && !bus_write_o) asked_for_2: assert (read_waits);
    // With the address and data that came, and the answer that the registers gave.
    if (bus_valid_o && bus_write_o) begin
      request_1: assert (bus_addr_o == {aw_last_q[15:2], 2'b00});
      request_2: assert ({bus_wdata_o, bus_wstrb_o} == w_last_q);
    end
    if (bus_valid_o && !bus_write_o) request_3: assert (bus_addr_o == {ar_last_q[15:2], 2'b00});
    if (s_axil_bvalid_o) answer_1: assert (s_axil_bresp_o == b_last_q);
    if (s_axil_rvalid_o) answer_2: assert ({s_axil_rresp_o, s_axil_rdata_o} == r_last_q);
    // None waits for more than one of the other kind; the bus does not rest while one waits.
    turns: assert (before_read_q <= 1 && before_write_q <= 1);
    if (idle_q) no_rest: assert (bus_valid_o);
    // Nothing is on the bus in the cycle behind an access.
    if (done_q) gap: assert (!bus_valid_o);
    // What induction rests on.
    assert (aw_q == {1'b0, aw_full_q} + {1'b0, b_full_q});
    assert (w_q == {1'b0, w_full_q} + {1'b0, b_full_q});
    assert (ar_q == {1'b0, ar_full_q} + {1'b0, r_full_q});
    if (aw_full_q) assert (aw_addr_q == aw_last_q[15:2]);
    if (w_full_q)  assert ({w_data_q, w_strb_q} == w_last_q);
    if (ar_full_q) assert (ar_addr_q == ar_last_q[15:2]);
    assert (state_q == IDLE || state_q == WRITE || state_q == READ);
    if (before_read_q != 0)  assert (state_q == READ || (state_q == IDLE && !aw_full_q));
    if (before_write_q != 0) assert (state_q == WRITE || (state_q == IDLE && !ar_full_q));

    cover (b && s_axil_bresp_o == SLVERR);
    cover (r && s_axil_rresp_o == OKAY && s_axil_rdata_o == 32'h12345678);
    cover (bus_valid_o && bus_write_o && before_write_q != 0);   // taking turns
    cover (bus_valid_o && !bus_write_o && before_read_q != 0);
    cover (aw_q == 2 && w_q == 2 && ar_q == 2 && !s_axil_bready_i && !s_axil_rready_i);
  end
`endif

endmodule

`default_nettype wire
