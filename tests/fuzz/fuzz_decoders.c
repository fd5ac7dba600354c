/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as a block of any type, by the decoder of the tools and by that of the
 * golden model, which share nothing: each value has the same bits, or both say that it is not
 * finite. The first byte chooses the type.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/gguf/dequant.h"
#include "csrc/golden/golden_weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, enum ggml_type type, size_t element, double value,
                 uint32_t golden) {
    fprintf(stderr, "fuzz_decoders: %s, element %zu: %s: %a, golden %08x\n", type_info[type].name,
            element, what, value, golden);
    abort();
}

/* Binary32 as the golden model has it: below the normal range a zero of that sign, and
 * what is 0 exactly without one. */
static uint32_t bits_of(double value) {
    const float single = (float)value;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    if (fabs(value) < (double)FLT_MIN)
        bits = value < 0 ? 0x80000000u : 0;
    return bits;
}

static void compare(enum ggml_type type, const uint8_t *block, const double *exact,
                    const float *row, size_t part) {
    uint32_t golden[GOLDEN_BLOCK];
    size_t done;
    const enum golden_fault fault = golden_weights_values(type, block, part, golden, &done);
    if (fault == GOLDEN_FAULT_NONE && done != GOLDEN_BLOCK)
        fail("fewer values than a block has", type, done, 0, 0);
    for (size_t i = 0; i < GOLDEN_BLOCK; i++) {
        const size_t at = part * GOLDEN_BLOCK + i;
        const double x = exact[at];
        const bool same = isnan(x) ? isnan(row[at]) : row[at] == (float)x;
        if (!same)
            fail("dequant_row and dequant_exact", type, at, x, 0);
        if (i < done && golden[i] != bits_of(x))
            fail("other bits", type, at, x, golden[i]);
        if (i == done && isfinite((float)x) && fault == GOLDEN_FAULT_OVERFLOW)
            fail("an overflow that is none", type, at, x, 0);
        if (fault == GOLDEN_FAULT_NONFINITE && isfinite(x))
            fail("a fault, but finite", type, at, x, 0);
        if (fault == GOLDEN_FAULT_NONE && !isfinite((float)x))
            fail("no fault, but not finite", type, at, x, 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t block[DEQUANT_BLOCK * 8] = {0};
    double exact[DEQUANT_BLOCK];
    float row[DEQUANT_BLOCK];
    if (size == 0)
        return 0;
    const enum ggml_type type = (enum ggml_type)(data[0] % LOCKSTEP_TYPE_LIMIT);
    if (!dequant_known(type)) {
        if (dequant_exact(type, block, exact, 0) != -1 || dequant_row(type, block, row, 0) == 0)
            fail("an unknown type is read", type, 0, 0, 0);
        return 0;
    }
    const struct type_info *info = &type_info[type];
    memcpy(block, data + 1, size - 1 < info->bytes ? size - 1 : info->bytes);
    if (dequant_exact(type, block, exact, info->elements) != 0 ||
        dequant_row(type, block, row, info->elements) != 0)
        fail("not read", type, 0, 0, 0);
    for (size_t part = 0; golden_weights_known(type) && part < info->elements / GOLDEN_BLOCK;
         part++)
        compare(type, block, exact, row, part);
    return 0;
}
