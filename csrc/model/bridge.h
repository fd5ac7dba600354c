/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * From the host's model (a mapped GGUF) to the firmware's (numbers alone).
 *
 *     struct fw_model fw;
 *     if (bridge_model(model, context, sequences, &fw, &err) == 0) {
 *         fw_load(&device, &fw, NULL);
 *         bridge_release(&fw);
 *     }
 */
#ifndef LOCKSTEP_BRIDGE_H
#define LOCKSTEP_BRIDGE_H

#include "firmware/program.h"
#include "model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills `fw`; tensor addresses are offsets in the file. Returns 0, or -1 with `err`. */
int bridge_model(const struct ls_model *model, uint32_t context, uint32_t sequences,
                 struct fw_model *fw, struct ls_error *err);

void bridge_release(struct fw_model *fw);

/* Name of a place in the firmware's tensor table; valid as long as `model`. */
struct gguf_string bridge_tensor_name(const struct ls_model *model, uint32_t index);

#ifdef __cplusplus
}
#endif
#endif
