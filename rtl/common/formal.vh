// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// How properties at the foot of modules (`ifdef FORMAL) are read. Yosys proves them in every step
// of the clock, for any values that it likes (docs/verification.md, Proofs). A simulation checks
// them as the clock of the module rises, when all that its flip-flops are about to take has settled
// (docs/debugging.md, Assertions).
`ifndef LOCKSTEP_FORMAL_VH
`define LOCKSTEP_FORMAL_VH
`ifdef YOSYS

`define LOCKSTEP_CHECKED @*
`define LOCKSTEP_CHECKED_ALWAYS @*
`define LOCKSTEP_ANY_TIME(name) (* anyseq *) wire name;
`define LOCKSTEP_FORETOLD(name, width, seen, value, during) (* anyconst *) wire [width-1:0] name;

`else

// A unit whose clock rests is reset a cycle later than its neighbours: nothing is checked then.
`define LOCKSTEP_CHECKED @(posedge clk_i) if (!begun_q || rst_ni)
`define LOCKSTEP_CHECKED_ALWAYS @(posedge clk_i)
// A toss of a coin in every cycle.
`define LOCKSTEP_ANY_TIME(name) reg name; always @(posedge clk_i) name <= $random;
// What stays the same for a while is known from when it is first seen.
`define LOCKSTEP_FORETOLD(name, width, seen, value, during) \
  reg name``_known_q; \
  reg [width-1:0] name``_q; \
  wire [width-1:0] name = name``_known_q ? name``_q : value; \
  always @(posedge clk_i) begin \
    name``_known_q <= during && (name``_known_q || (seen)); \
    name``_q       <= name; \
  end

`endif
`endif
