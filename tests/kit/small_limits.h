/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a device of the configuration `small` says of itself, for tests without one: predictions and
 * checks are opened with it. Units as in firmware/program.h.
 */
#ifndef SMALL_LIMITS_H
#define SMALL_LIMITS_H

#include "firmware/program.h"
#include "generated/device.h"

static const struct fw_limits small_limits = {.lanes = 2,
                                              .slots = 2,
                                              .vector_lanes = 4,
                                              .port_bits = 128,
                                              .channels = 1,
                                              .act_bits = 16,
                                              .attention_heads = 1,
                                              .kv_words = 32768,
                                              .vector_words = 4096,
                                              .sequences = 4,
                                              .ucode_ops = 64,
                                              .tensors = 256,
                                              .context = 1024,
                                              .head_dim = 256,
                                              .types = LOCKSTEP_TYPES,
                                              .token_fifo = 16,
                                              .top_k = 64,
                                              .beats = 32};

#endif
