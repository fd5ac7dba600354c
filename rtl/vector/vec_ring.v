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
    if (!rst_ni) begin
      write_q <= {ADDR_BITS{1'b0}};
      read_q  <= {ADDR_BITS{1'b0}};
    end else if (clear_i) begin
      write_q <= {ADDR_BITS{1'b0}};
      read_q  <= {ADDR_BITS{1'b0}};
    end else begin
      if (push_i) write_q <= write_q + 1'b1;
      if (pop_i)  read_q  <= read_q + 1'b1;
    end
  end

endmodule

`default_nettype wire
