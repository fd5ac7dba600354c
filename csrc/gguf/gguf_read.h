/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Private to the reader: gguf.c reads the bytes of one file, gguf_open.c finds files and joins the
 * parts of a split model, gguf_foreign.c names what is no GGUF.
 */
#ifndef LS_GGUF_READ_H
#define LS_GGUF_READ_H

#include "gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Reads the header of a file in memory. mapped: the bytes are a map, of which this takes care from
 * now on, also if it fails. Returns 0, or -1 with `err` and *gguf NULL. */
int gguf_read(const char *name, const uint8_t *data, uint64_t size, bool mapped, struct gguf **gguf,
              struct ls_error *err);

/* Orders the tensors by name; none may appear twice. Returns 0, or -1 with `err`. */
int gguf_order_tensors(struct gguf *gguf, struct ls_error *err);

/* What a file without the magic of GGUF is, and what to do; never NULL. */
const char *gguf_foreign(const uint8_t *data, uint64_t size);

#ifdef __cplusplus
}
#endif
#endif
