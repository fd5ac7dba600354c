/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What device.txt says of the prices, classes, units, events, types and ops of the device, as
 * tables whose index is the number (generated/device_info.c), and of its registers. A number that
 * the description does not have is a row without a name.
 *
 *     const struct type_info *t = type_info_of(LOCKSTEP_TYPE_Q8_0);
 *     bytes = type_row_bytes(t, columns);
 */
#ifndef LS_DEVICE_INFO_H
#define LS_DEVICE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "generated/device.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NO_EVENT UINT8_MAX
#define NO_FILE  UINT8_MAX

struct class_info {
    const char *name, *key; /* "WEIGHT_STALL", "weight_stall" */
};

struct unit_info {
    const char *name, *key;
};

struct event_info {
    const char *name, *key;
    uint8_t unit;
    uint32_t coefficient;                /* fJ of one, 45 nm */
    double shares[LOCKSTEP_PRICE_LIMIT]; /* how much of each price it costs */
};

struct price_info {
    const char *name, *key;
    uint32_t fj; /* 45 nm */
};

struct type_info {
    const char *name, *key;   /* "Q8_0", "q8_0" */
    uint8_t file;             /* general.file_type of a file of it; NO_FILE: none */
    uint16_t elements, bytes; /* of a block, as in the file */
    uint8_t scales;           /* of a block; 0: none */
    uint8_t bits;             /* of a stored weight; 0: entries of a table */
    bool has_min, is_float;   /* a minimum beside each scale; binary floating point */
    bool decoded;             /* by the device */
    uint8_t event;            /* a block of 32 products of it; NO_EVENT: not decoded */
};

struct op_info {
    const char *name, *key;
    uint8_t unit, class_; /* that executes it; of its cycles */
    uint8_t event;        /* what it works on, of a matrix its rows; NO_EVENT: nothing */
};

#define REGISTER_FIELDS 9u /* of a register, at most */

struct register_field {
    const char *name;
    uint8_t low, bits; /* its lowest bit, and how many */
};

struct register_info {
    const char *name, *access; /* "CTRL"; "ctl", as docs/registers.md has them */
    uint32_t address, mask;    /* byte offset; bits that exist */
    uint32_t reset;
    bool has_reset;                                /* otherwise a parameter of the device */
    struct register_field fields[REGISTER_FIELDS]; /* from the lowest up; name NULL: no more */
};

extern const struct register_info register_info[]; /* name NULL behind the last */
extern const struct class_info class_info[LOCKSTEP_CLASS_LIMIT];
extern const struct unit_info unit_info[LOCKSTEP_UNIT_LIMIT];
extern const struct price_info price_info[LOCKSTEP_PRICE_LIMIT];
extern const struct event_info event_info[LOCKSTEP_EVENT_LIMIT];
extern const struct type_info type_info[LOCKSTEP_TYPE_LIMIT];
extern const struct op_info op_info[LOCKSTEP_OP_LIMIT];

/* The row of a number; NULL: the description has no such type, op. */
static inline const struct type_info *type_info_of(uint32_t type) {
    return type < LOCKSTEP_TYPE_LIMIT && type_info[type].name != NULL ? &type_info[type] : NULL;
}

/* Bytes of a row of so many elements, a multiple of the block's. */
static inline uint64_t type_row_bytes(const struct type_info *type, uint64_t elements) {
    return elements / type->elements * type->bytes;
}

static inline const struct op_info *op_info_of(uint32_t op) {
    return op < LOCKSTEP_OP_LIMIT && op_info[op].name != NULL ? &op_info[op] : NULL;
}

/* "MATVEC"; never NULL. */
static inline const char *op_name(uint32_t op) {
    return op_info_of(op) != NULL ? op_info[op].name : "unknown op";
}

/* Whether a mask of generated/device.h (LOCKSTEP_OPS_TENSOR, LOCKSTEP_TYPES) holds a number. */
static inline bool in_mask(uint64_t mask, uint32_t number) {
    return number < 64 && (mask >> number & 1) != 0;
}

/* Whether a unit executes it: no control op, and none that stands at the commit port alone. */
static inline bool op_is_executed(uint32_t op) {
    return in_mask(LOCKSTEP_OPS & ~LOCKSTEP_OPS_UNIT_CONTROL, op);
}

#ifdef __cplusplus
}
#endif
#endif
