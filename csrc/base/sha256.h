/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * SHA-256 of FIPS 180-4, of bytes that come in pieces. Of its own, since no library that the
 * project links has it.
 *
 *     struct sha256 sum;
 *     char hex[SHA256_HEX];
 *     sha256_start(&sum);
 *     sha256_add(&sum, data, size);
 *     sha256_finish(&sum, hex);
 */
#ifndef LS_SHA256_H
#define LS_SHA256_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SHA256_HEX 65u /* hexadecimal digits of a digest, and a NUL */

struct sha256 {
    uint32_t hash[8];
    uint64_t size;     /* bytes so far */
    uint8_t block[64]; /* those that fill no block yet */
};

void sha256_start(struct sha256 *sum);
void sha256_add(struct sha256 *sum, const void *data, uint64_t size);

/* Ends the message; `sum` is to be started again. */
void sha256_finish(struct sha256 *sum, char hex[SHA256_HEX]);

#ifdef __cplusplus
}
#endif
#endif
