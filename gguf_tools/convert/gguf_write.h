/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * GGUF version 3 writer, streaming: metadata, then tensor declarations, then
 * the tensors' bytes in the declared order, in pieces of any size. The file
 * appears under its name only when it is complete. The first error sticks:
 * calls after it do nothing, and gguf_writer_finish reports it.
 *
 *     struct gguf_writer *w;
 *     uint64_t ne[] = {64, 512};
 *     if (gguf_writer_open("out.gguf", &w, &err) != 0)
 *         return fail(err.text);
 *     gguf_writer_string(w, "general.architecture", "llama");
 *     gguf_writer_tensor(w, "token_embd.weight", GGML_TYPE_F32, 2, ne);
 *     gguf_writer_data(w, weights, 64 * 512 * sizeof(float));
 *     if (gguf_writer_finish(w, &err) != 0)
 *         return fail(err.text);
 */
#ifndef GGUF_WRITE_H
#define GGUF_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/error.h"
#include "csrc/gguf/gguf.h"

#ifdef __cplusplus
extern "C" {
#endif

struct gguf_writer;

/* Whether a file can be made or replaced under this name: a directory, a device or a symbolic link
 * cannot, nor a file without permission or in a folder that is missing. Returns 0, or -1 with one
 * line in `err`. */
int gguf_output_check(const char *path, struct ls_error *err);

/* Creates a temporary file beside `path`. Returns 0 and a writer that ends with
 * gguf_writer_finish or gguf_writer_abort, or -1 with one line in `err`. */
int gguf_writer_open(const char *path, struct gguf_writer **writer, struct ls_error *err);

/* Metadata, in file order; all before the first data. Texts are copied. */
void gguf_writer_u32(struct gguf_writer *w, const char *key, uint32_t value);
void gguf_writer_f32(struct gguf_writer *w, const char *key, float value);
void gguf_writer_bool(struct gguf_writer *w, const char *key, bool value);
void gguf_writer_string(struct gguf_writer *w, const char *key, const char *value);
void gguf_writer_i32s(struct gguf_writer *w, const char *key, const int32_t *values,
                      uint64_t count);
void gguf_writer_f32s(struct gguf_writer *w, const char *key, const float *values, uint64_t count);
void gguf_writer_strings(struct gguf_writer *w, const char *key, const struct gguf_string *values,
                         uint64_t count);

/* Copies a key and its value, of any type, from an open file; but not general.alignment and
 * split.*: this file has the default alignment and is one. */
void gguf_writer_copy(struct gguf_writer *w, const struct gguf_kv *kv);

/* Declares a tensor: `n_dims` sizes (elements), row length first. All before the
 * first data. Offsets and padding are the writer's business. */
void gguf_writer_tensor(struct gguf_writer *w, const char *name, enum ggml_type type,
                        uint32_t n_dims, const uint64_t *ne);

/* Writes the next bytes of the declared tensors. Returns 0, or -1 after an error. */
int gguf_writer_data(struct gguf_writer *w, const void *data, uint64_t size);

/* Bytes that the declared tensors still lack. */
uint64_t gguf_writer_left(const struct gguf_writer *w);

/* Completes the file, gives it its name and frees the writer. Returns 0, or -1
 * with one line in `err` and no file left behind. */
int gguf_writer_finish(struct gguf_writer *w, struct ls_error *err);

/* Drops the file and frees the writer; NULL is allowed. */
void gguf_writer_abort(struct gguf_writer *w);

#ifdef __cplusplus
}
#endif
#endif
