// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// The lowest bit that is set: its index, 0 if there is none. Combinational.
`default_nettype none

module first_one #(
  parameter WIDTH = 4,
  // Derived; not to be set.
  parameter INDEX_BITS = (WIDTH > 1) ? $clog2(WIDTH) : 1
) (
  input  wire [WIDTH-1:0]      bits_i,
  output reg  [INDEX_BITS-1:0] index_o
);

  integer i;
  always @* begin
    index_o = {INDEX_BITS{1'b0}};
    for (i = WIDTH - 1; i >= 0; i = i - 1)
      if (bits_i[i]) index_o = i[INDEX_BITS-1:0];
  end

`ifdef FORMAL
  // Said without a loop: the bit is set and none below it is; index 0 if no bit is.
  wire [WIDTH-1:0] one   = 1;
  wire [WIDTH-1:0] below = (one << index_o) - one;
  always @* begin
    lowest: assert ((bits_i & below) == 0);
    set: assert (bits_i == 0 ? index_o == 0 : bits_i[index_o]);
    cover (bits_i == 0);
    cover (index_o == WIDTH - 1);
    cover (bits_i[0] && bits_i[WIDTH-1]);
  end
`endif

endmodule

`default_nettype wire
