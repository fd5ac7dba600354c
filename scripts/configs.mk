# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Configurations of the device: parameters of rtl/lockstep.v (docs/architecture.md). default is what
# the module's own defaults say; bare is default without telemetry, to see what that costs; large has
# the SRAMs of models of up to thirteen thousand million parameters, and four times the lanes.
# `make generate` after a change.

CONFIGS := default small single bare large
PARAMS_default :=
PARAMS_small := LANES=2 SLOTS=2 PORT_BITS=128 CHANNELS=1 VLANES=4 ATTN_HEADS=1 KV_WORDS=32768 \
  VEC_WORDS=4096 TENSORS=256 CONTEXT_MAX=1024 TOKEN_FIFO=16 BEATS=32 \
  LOGIT_WORDS=8192
PARAMS_bare := TELEMETRY=0
PARAMS_large := LANES=64 PORT_BITS=8192 CHANNELS=8 KV_WORDS=16777216 VEC_WORDS=65536 UCODE_OPS=256 \
  CONTEXT_MAX=8192 TENSORS=2048 LOGIT_WORDS=262144
PARAMS_single := LANES=8 SLOTS=1 PORT_BITS=512 CHANNELS=1 ATTN_HEADS=2 KV_WORDS=65536
