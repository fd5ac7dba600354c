// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// For every slot, the list of its best tokens: (id, logit) pairs in descending order of logit, of
// equal logits the lower id first (docs/numerics.md, section 8). One or two rows of logits a cycle
// for all slots, inserted in that cycle by compares and shifts side by side. Only the best k are
// kept, and a logit that the last of them beats moves nothing. start_i, before the first of them,
// empties the lists and takes k. Rows come in ascending order (validator), so that of two equal
// logits the lower id is the one that is there.
`default_nettype none
`include "generated/defaults.vh"
`include "generated/device.vh"

module sampler #(
  parameter SLOTS  = `LOCKSTEP_DEFAULT_SLOTS,
  parameter LENGTH = `LOCKSTEP_RESET_TOPK_MAX  // of a list at most
) (
  input  wire                clk_i,
  input  wire                rst_ni,

  input  wire                start_i,
  input  wire [6:0]          k_i,         // length of the lists, 1..64
  input  wire                logit_valid_i,
  input  wire [SLOTS-1:0]    slots_i,       // slots that have one
  input  wire                logit_both_i,
  input  wire [19:0]         logit_row_i,   // token; the next too if logit_both_i
  input  wire [SLOTS*64-1:0] logit_data_i,  // logits, binary32: two of each slot

  input  wire [3:0]          rd_slot_i,
  input  wire [5:0]          rd_rank_i,
  output wire                rd_valid_o,  // the list has that rank
  output wire [19:0]         rd_id_o,
  output wire [31:0]         rd_logit_o
);

  `include "float/fp_order.vh"

  // Whether entry `a`, an {id, logit}, beats entry `b` of a lower id.
  function beats(input [51:0] a, input [51:0] b);
    beats = fp_key(a[31:0]) > fp_key(b[31:0]);
  endfunction

  reg  [6:0]          k_q;
  wire [SLOTS*53-1:0] read;   // {valid, id, logit} of every slot

  always @(posedge clk_i)
    if (!rst_ni) k_q <= 7'd1;
    else if (start_i) k_q <= k_i;

  wire [6:0] last = k_q - 7'd1;

  genvar s;
  generate
    for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
      reg [51:0] entry_q [0:LENGTH-1];
      reg [6:0]  count_q;

      assign read[53*s +: 53] = {{1'b0, rd_rank_i} < count_q, entry_q[rd_rank_i]};

      always @(posedge clk_i)
        if (start_i)
          count_q <= 7'd0;
        else if (logit_valid_i && slots_i[s] && count_q != k_q)
          count_q <= logit_both_i && count_q + 7'd1 != k_q ? count_q + 7'd2 : count_q + 7'd1;

      // Two rows are placed at once, the better one `first`: an entry that both beat moves down by
      // two, one that `first` alone beats by one, and the rows take the places that are left.
      // Entries from k on are never read. Blocking assignments from the end on, because a simulator
      // would look at 64 delayed ones every cycle; nothing else writes the list, and it is read
      // only between rows.
      always @(posedge clk_i)
        if (logit_valid_i && slots_i[s]) begin : g_insert
          reg [51:0] first, second;
          reg first_0, first_1;     // first beats the entry, and the one before it
          reg second_1, second_2;   // second beats the one before, and the one before that
          integer i;
          first  = {logit_row_i, logit_data_i[64*s +: 32]};
          second = {logit_row_i + 20'd1, logit_data_i[64*s+32 +: 32]};
          if (logit_both_i && beats(second, first)) begin
            first  = second;
            second = {logit_row_i, logit_data_i[64*s +: 32]};
          end
          if (count_q != k_q || beats(first, entry_q[last[5:0]])) begin
            first_1  = LENGTH - 1 >= count_q || beats(first, entry_q[LENGTH-1]);
            second_2 = logit_both_i && (LENGTH - 2 >= count_q || beats(second, entry_q[LENGTH-2]));
            for (i = LENGTH - 1; i >= 0; i = i - 1) begin
              first_0  = first_1;
              second_1 = second_2;
              first_1  = i > 0 && (i > count_q || beats(first, entry_q[i > 0 ? i - 1 : 0]));
              second_2 = i > 1 && logit_both_i &&
                         (i - 2 >= count_q || beats(second, entry_q[i > 1 ? i - 2 : 0]));
              if (second_2)
                entry_q[i] = entry_q[i > 1 ? i - 2 : 0];
              else if (second_1)
                entry_q[i] = second;
              else if (first_1)
                entry_q[i] = entry_q[i > 0 ? i - 1 : 0];
              else if (first_0)
                entry_q[i] = first;
            end
          end
        end
    end
  endgenerate

  wire [52:0] chosen = read[53 * rd_slot_i +: 53];
  assign rd_valid_o = chosen[52];
  assign rd_id_o    = chosen[51:32];
  assign rd_logit_o = chosen[31:0];

  wire unused = &{1'b0, last[6]};

endmodule

`default_nettype wire
