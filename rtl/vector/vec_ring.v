// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// A small ring in which an operand waits for the result that it meets: pushed when a computation
// begins, popped by the valid of its result. So no module states another's latency.
//
// Throughput: one push and one pop a cycle. An entry can be popped from the cycle after its push.
// There is no back-pressure: the depth must exceed what a computation has in flight.
`default_nettype none

module vec_ring #(
  parameter WIDTH     = 32,
  parameter ADDR_BITS = 5     // 2^ADDR_BITS entries, all but one of them usable
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire             clear_i,
  input  wire             push_i,
  input  wire [WIDTH-1:0] data_i,
  input  wire             pop_i,
  output wire [WIDTH-1:0] data_o,   // the oldest entry, valid unless empty
  output wire             empty_o
);

  reg [WIDTH-1:0]     mem_q [0:(1 << ADDR_BITS)-1];
  reg [ADDR_BITS-1:0] write_q;
  reg [ADDR_BITS-1:0] read_q;

  assign data_o  = mem_q[read_q];
  assign empty_o = write_q == read_q;

  always @(posedge clk_i) begin
    if (push_i) mem_q[write_q] <= data_i;
  end

  always @(posedge clk_i) begin
    if (!rst_ni || clear_i) begin
      write_q <= {ADDR_BITS{1'b0}};
      read_q  <= {ADDR_BITS{1'b0}};
    end else begin
      if (push_i) write_q <= write_q + 1'b1;
      if (pop_i)  read_q  <= read_q + 1'b1;
    end
  end

`ifdef FORMAL
`include "common/formal.vh"
  // As in rtl/common/sync_fifo.v: any one entry, marked as it goes in, comes out in its turn. That
  // the unit around neither pops an empty ring nor fills it, but while it is cleared, is assumed.
  localparam [ADDR_BITS:0] ROOM = (1 << ADDR_BITS) - 1;
  reg begun_q = 1'b0;
  always @(posedge clk_i) begun_q <= 1'b1;

  `LOCKSTEP_ANY_TIME(mark)
  reg [ADDR_BITS:0] count_q, ahead_q;   // entries inside; of these before the marked one
  reg               marked_q;           // it is inside
  reg [WIDTH-1:0]   marked_entry_q;

  always @(posedge clk_i)
    if (!rst_ni || clear_i) begin
      count_q  <= 0;
      marked_q <= 1'b0;
    end else begin
      count_q <= count_q + {{ADDR_BITS{1'b0}}, push_i} - {{ADDR_BITS{1'b0}}, pop_i};
      if (marked_q && pop_i) begin
        ahead_q  <= ahead_q - 1'b1;
        marked_q <= ahead_q != 0;
      end else if (!marked_q && push_i && mark) begin
        ahead_q        <= count_q - {{ADDR_BITS{1'b0}}, pop_i};
        marked_q       <= 1'b1;
        marked_entry_q <= data_i;
      end
    end

  wire [ADDR_BITS-1:0] level = write_q - read_q;
  wire [ADDR_BITS:0]   place = {1'b0, read_q} + ahead_q;
  always `LOCKSTEP_CHECKED begin
    if (!begun_q) assume (!rst_ni);
    if (begun_q && !clear_i) begin
      if (pop_i) assume (count_q != 0);
      if (push_i && !pop_i) assume (count_q != ROOM);
    end
  end
  always `LOCKSTEP_CHECKED if (begun_q) begin
    assert (count_q <= ROOM);
    assert ({1'b0, level} == count_q);
    empty: assert (empty_o == (count_q == 0));
    if (marked_q) begin
      assert (ahead_q < count_q);
      assert (mem_q[place[ADDR_BITS-1:0]] == marked_entry_q);   // what induction rests on
      if (ahead_q == 0) order: assert (data_o == marked_entry_q);
    end
    cover (marked_q && ahead_q == ROOM - 1);                    // the last one of a full ring
    cover (marked_q && ahead_q == 0 && push_i && pop_i && read_q == 0 && count_q == ROOM);
    cover (clear_i && count_q == ROOM);
  end
`endif

endmodule

`default_nettype wire
