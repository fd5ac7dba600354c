// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Ops, cycles and energy of each kind of op (entries 0..63) and of each layer (64 + layer): a row
// is written when its op ends. Layer 0 includes what stands before LOOP, layer N_LAYERS is what
// comes behind the loop. A snapshot costs nothing: it marks all rows as not copied; a row that
// changes later is copied first, so that a reader sees the moment of the snapshot. An op that was
// under way then is not in it. Energy is cost_i, added from start_i until two cycles after
// done_i, when the last results are written. Ops are at least two cycles apart.
`default_nettype none

module op_totals (
  input  wire         clk_i,
  input  wire         slow_clk_i,     // may rest but for last_o, batch_i, snapshot_i and 4 more
  input  wire         rst_ni,
  input  wire         clear_i,
  input  wire         snapshot_i,

  input  wire         start_i,
  input  wire         done_i,
  input  wire [5:0]   op_i,
  input  wire [7:0]   layer_i,
  input  wire         batch_i,        // a batch of cycles ended in the cycle before
  input  wire         working_i,      // a unit worked in it
  input  wire [15:0]  cycles_i,
  input  wire [63:0]  cost_i,         // fJ
  output wire         last_o,         // the batch must end

  input  wire         read_i,         // value_o is looked at
  input  wire [8:0]   index_i,
  input  wire [1:0]   part_i,         // 0 ops, 1 cycles, 2 energy in fJ
  output wire [63:0]  value_o         // at the snapshot
);

  localparam ROWS = 320;

  reg [63:0]  live_ops_q [0:ROWS-1], live_cycles_q [0:ROWS-1], live_energy_q [0:ROWS-1];
  reg [63:0]  copy_ops_q [0:ROWS-1], copy_cycles_q [0:ROWS-1], copy_energy_q [0:ROWS-1];
  // A bit a row: live_q holds something; copy_q is the row as it was; and was something then.
  reg [ROWS-1:0] used_q, copied_q, shown_q;
  reg [63:0]  cycles_q, energy_q;
  reg [5:0]   op_q;
  reg [7:0]   layer_q;
  reg [3:0]   after_q;                // cycles since done_i, one-hot
  reg         started_q;              // start_i in the cycle before
  reg [63:0]  final_cycles_q, final_energy_q;   // of the op that ended
  reg [5:0]   final_op_q;
  reg [7:0]   final_layer_q;

  assign last_o = start_i || after_q[1];

  wire [63:0]  energy = energy_q + cost_i;
  wire [8:0]   row    = after_q[3] ? 9'd64 + {1'b0, final_layer_q} : {3'd0, final_op_q};
  wire         write  = after_q[2] || after_q[3];
  reg          used, copied;
  always @* begin
    used   = 1'b0;
    copied = 1'b0;
    if (write) begin
      used   = used_q[row];
      copied = copied_q[row];
    end
  end

  // At rest nothing is looked up.
  reg        kept;
  reg [63:0] value;
  always @* begin
    value = 64'd0;
    kept  = 1'b0;
    if (read_i && index_i < ROWS) begin
      kept = copied_q[index_i];
      if (kept ? shown_q[index_i] : used_q[index_i])
        case (part_i)
          2'd0:    value = kept ? copy_ops_q[index_i] : live_ops_q[index_i];
          2'd1:    value = kept ? copy_cycles_q[index_i] : live_cycles_q[index_i];
          default: value = kept ? copy_energy_q[index_i] : live_energy_q[index_i];
        endcase
    end
  end
  assign value_o = value;

  always @(posedge clk_i)
    if (!rst_ni) begin
      after_q   <= 4'd0;
      started_q <= 1'b0;
    end else begin
      after_q   <= clear_i ? 4'd0 : {after_q[2:0], done_i};
      started_q <= start_i;
      if (start_i) begin
        op_q    <= op_i;
        layer_q <= layer_i;
      end
      if (after_q[1]) begin   // the next op may start now
        final_op_q    <= op_q;
        final_layer_q <= layer_q;
      end
    end

  always @(posedge slow_clk_i)
    if (!rst_ni || started_q) begin   // what ended with the start was not of the op
      cycles_q <= 64'd0;
      energy_q <= 64'd0;
    end else if (batch_i) begin
      if (working_i)
        cycles_q <= cycles_q + {48'd0, cycles_i};
      energy_q <= energy_q + cost_i;
    end

  always @(posedge slow_clk_i)
    if (after_q[2]) begin
      final_cycles_q <= cycles_q;
      final_energy_q <= energy;
    end

  always @(posedge slow_clk_i)
    if (write) begin
      live_ops_q[row]    <= (used ? live_ops_q[row] : 64'd0) + 64'd1;
      live_cycles_q[row] <= (used ? live_cycles_q[row] : 64'd0) +
                            (after_q[3] ? final_cycles_q : cycles_q);
      live_energy_q[row] <= (used ? live_energy_q[row] : 64'd0) +
                            (after_q[3] ? final_energy_q : energy);
      if (!copied || snapshot_i) begin
        copy_ops_q[row]    <= live_ops_q[row];
        copy_cycles_q[row] <= live_cycles_q[row];
        copy_energy_q[row] <= live_energy_q[row];
      end
    end

  // A row that changes in the cycle of a snapshot changes after it.
  always @(posedge slow_clk_i)
    if (!rst_ni || clear_i) begin
      used_q   <= {ROWS{1'b0}};
      copied_q <= {ROWS{1'b1}};
      shown_q  <= {ROWS{1'b0}};
    end else begin
      if (snapshot_i)
        copied_q <= {ROWS{1'b0}};
      if (write) begin
        used_q[row]   <= 1'b1;
        copied_q[row] <= 1'b1;
        if (!copied || snapshot_i)
          shown_q[row] <= used;
      end
    end

endmodule

`default_nettype wire
