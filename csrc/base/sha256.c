/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * FIPS 180-4: functions and constants of section 4, padding of 5.1.1, the computation of 6.2.2;
 * letters are its own.
 */
#include "sha256.h"

#include <stdio.h>
#include <string.h>

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned right) {
    return x >> right | x << (32 - right);
}

static void add_block(uint32_t hash[8], const uint8_t *block) {
    uint32_t w[64], s[8];
    for (int t = 0; t < 16; t++, block += 4)
        w[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 |
               block[3];
    for (int t = 16; t < 64; t++) {
        const uint32_t x = w[t - 15], y = w[t - 2];
        w[t] = (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10) + w[t - 7] +
               (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[t - 16];
    }
    memcpy(s, hash, sizeof s);
    for (unsigned t = 0; t < 64; t++) {
        /* a to h: instead of each becoming the next one, they are found one place further on */
#define AT(letter) s[(letter - 'a' - t) % 8]
        const uint32_t a = AT('a'), e = AT('e');
        const uint32_t choice = (e & AT('f')) ^ (~e & AT('g'));
        const uint32_t majority = (a & AT('b')) ^ (a & AT('c')) ^ (AT('b') & AT('c'));
        const uint32_t t1 =
            AT('h') + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + constants[t] + w[t];
        AT('d') += t1;
        AT('h') = t1 + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority;
#undef AT
    }
    for (int i = 0; i < 8; i++)
        hash[i] += s[i];
}

void sha256_start(struct sha256 *sum) {
    /* The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(sum->hash, first, sizeof first);
    sum->size = 0;
}

void sha256_add(struct sha256 *sum, const void *data, uint64_t size) {
    const uint8_t *bytes = data;
    while (size > 0) {
        const size_t held = (size_t)(sum->size % sizeof sum->block);
        const size_t room = sizeof sum->block - held, part = size < room ? (size_t)size : room;
        if (part == sizeof sum->block) {
            add_block(sum->hash, bytes);
        } else {
            memcpy(sum->block + held, bytes, part);
            if (part == room)
                add_block(sum->hash, sum->block);
        }
        bytes += part;
        size -= part;
        sum->size += part;
    }
}

void sha256_finish(struct sha256 *sum, char hex[SHA256_HEX]) {
    static const uint8_t padding[64] = {0x80};
    const uint64_t bits = sum->size * 8, held = sum->size % 64;
    uint8_t end[8];
    for (int i = 0; i < 8; i++)
        end[i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(sum, padding, (held < 56 ? 56 : 120) - held);
    sha256_add(sum, end, sizeof end);
    for (int i = 0; i < 8; i++)
        snprintf(hex + 8 * i, 9, "%08x", (unsigned)sum->hash[i]);
}
