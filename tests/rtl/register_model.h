/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the registers must answer, from docs/registers.md and the table made of device.txt: kinds of
 * access, locks, windows, queues, causes, the loader with its CRC and what it writes. It sees the
 * bus alone. What the engine does in its own time is bounded (a cause may have come up, a queue may
 * have grown); while nothing can run, everything is exact.
 *
 *     model_open(&m, &test, &device.memory);
 *     enum model_lock lock = model_lock(&m);
 *     model_wrote(&m, address, data, strobes, lock, response);
 *     model_read(&m, address, data, response, irq_before, irq_after);
 */
#ifndef REGISTER_MODEL_H
#define REGISTER_MODEL_H

#include "csrc/base/device_info.h"
#include "sim/device/weight_mem.h"
#include "tests/kit/host_test.h"

enum { MODEL_SPACE = 0x800 }; /* bytes in which registers lie */

/* Whether registers of access cfg and cwo are locked: of a pass that may end now nobody knows. */
enum model_lock { LOCK_OPEN, LOCK_SHUT, LOCK_UNKNOWN };

struct register_model {
    struct host_test *test;
    const struct register_info *row[MODEL_SPACE / 4]; /* by address; NULL: there is none */
    uint32_t value[MODEL_SPACE / 4];                  /* stored, constant, or as it was read */
    bool known[MODEL_SPACE / 4];                      /* value must be read */
    uint32_t ucode_words, tensor_words, fifo;         /* sizes */
    bool run;
    bool quiet;  /* nothing runs, and nothing will before CTRL is written */
    bool levels; /* the queues' levels are exact */
    bool ready;  /* MODEL_READY may be set */
    bool fails;  /* the memory may refuse what the loader writes, or not answer: error LOADER */
    bool lost;   /* a command was given up, so that there is or was such an error */
    /* Bits of IRQ_STATUS and FIFO_FLAGS that must be set, and that may be. */
    uint32_t irq_must, irq_may, flags_must, flags_may;
    uint32_t in_most, out_least; /* words in the queues, at most, at least */
    /* The loader: word that comes next, what is gathered of a beat, what memory must hold. */
    uint64_t load_next;
    uint32_t beat_words, gathered, load_crc;
    uint64_t gathered_at[64];
    uint32_t gathered_word[64];
    const struct weight_mem *memory;
    uint8_t *bytes; /* [memory->size] */
    uint64_t judged;
};

/* The device has been reset; what are its own parameters is taken from the first read. Memory is as
 * it is. Exits without memory. */
void model_open(struct register_model *m, struct host_test *test, const struct weight_mem *memory);
void model_close(struct register_model *m);

/* The device has been reset, or its memory has been changed otherwise. */
void model_reset(struct register_model *m);
void model_memory(struct register_model *m);

enum model_lock model_lock(const struct register_model *m);

void model_wrote(struct register_model *m, uint32_t address, uint32_t data, uint32_t strobes,
                 enum model_lock lock, uint32_t response);
void model_read(struct register_model *m, uint32_t address, uint32_t data, uint32_t response,
                bool irq_before, bool irq_after);

/* Memory holds what the loader wrote, and no other byte has changed. */
void model_compare(struct register_model *m);

static inline bool model_is(const struct register_info *row, const char *access) {
    return strcmp(row->access, access) == 0;
}

#endif
