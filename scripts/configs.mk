# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Configurations of the device: parameters of rtl/lockstep.v (docs/architecture.md). default is what
# the module's own defaults say; bare is default without telemetry, to see what that costs.
# `make generate` after a change.

CONFIGS := default small single bare
PARAMS_default :=
PARAMS_small := LANES=2 SLOTS=2 PORT_BITS=128 VLANES=4 ATTN_HEADS=1 KV_WORDS=32768 \
  VEC_WORDS=4096 TENSORS=256 CONTEXT_MAX=1024 TOKEN_FIFO=16 BEATS=32
PARAMS_bare := TELEMETRY=0
PARAMS_single := LANES=8 SLOTS=1 PORT_BITS=512 ATTN_HEADS=2 KV_WORDS=65536
