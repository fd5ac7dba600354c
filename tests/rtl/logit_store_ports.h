/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The ports of logit_store, for sim/device/verilated.cpp.
 */
PORT(clk_i)
PORT(bus_clk_i)
PORT(rst_ni)
PORT(clear_i)
PORT(start_i)
PORT(keep_i)
PORT(logit_valid_i)
PORT(slots_i)
PORT(logit_both_i)
PORT(logit_row_i)
PORT(logit_data_i)
PORT(list_i)
PORT(vocab_i)
PORT(rd_seq_i)
PORT(rd_token_i)
PORT(rd_logit_o)
