/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What a device would make of a file: a line for each thing that matters in the model's family, or
 * the sentence by which it is refused.
 *
 *     inspect_model(stdout, "model.gguf");
 */
#ifndef GGUF_INSPECT_MODEL_H
#define GGUF_INSPECT_MODEL_H

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

void inspect_model(FILE *out, const char *path);

#ifdef __cplusplus
}
#endif
#endif
