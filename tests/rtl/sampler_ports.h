/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The ports of sampler, for sim/device/verilated.cpp.
 */
PORT(clk_i)
PORT(rst_ni)
PORT(start_i)
PORT(slots_i)
PORT(k_i)
PORT(logit_valid_i)
PORT(logit_both_i)
PORT(logit_row_i)
PORT(logit_data_i)
PORT(rd_slot_i)
PORT(rd_rank_i)
PORT(rd_valid_o)
PORT(rd_id_o)
PORT(rd_logit_o)
