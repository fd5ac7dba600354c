/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The map of the registers.
 */
#include <inttypes.h>
#include <string.h>

#include "csrc/base/device_info.h"
#define LOCKSTEP_BUILD
#include "lockstep.h"

static const struct register_info *find(uint32_t index) {
    const struct register_info *r = register_info;
    while (index-- != 0 && r->name != NULL)
        r++;
    return r->name != NULL ? r : NULL;
}

int lockstep_get_register(uint32_t index, struct lockstep_register *out, size_t size) {
    const struct register_info *r = find(index);
    if (r == NULL)
        return LOCKSTEP_NOT_FOUND;
    const struct lockstep_register row = {
        .size = size, .name = r->name, .access = r->access, .address = r->address, .mask = r->mask};
    memcpy(out, &row, size < sizeof row ? size : sizeof row);
    return LOCKSTEP_OK;
}

int lockstep_get_field(uint32_t index, uint32_t field, struct lockstep_field *out, size_t size) {
    const struct register_info *r = find(index);
    if (r == NULL || field >= REGISTER_FIELDS || r->fields[field].name == NULL)
        return LOCKSTEP_NOT_FOUND;
    const struct register_field *f = &r->fields[field];
    const struct lockstep_field row = {
        .size = size, .name = f->name, .low = f->low, .bits = f->bits};
    memcpy(out, &row, size < sizeof row ? size : sizeof row);
    return LOCKSTEP_OK;
}
