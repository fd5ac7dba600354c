/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Prints one of the function tables of docs/numerics.md, section 7, as Verilog to include:
 *
 *     gen_tables exp   >rtl/float/fn_exp_table.vh
 *     gen_tables recip >rtl/float/fn_recip_table.vh
 *     gen_tables sine  >rtl/float/fn_sine_table.vh
 *
 * Integers only. An entry is the nearest integer to a real number: of a root it is found exactly;
 * of a power of two or a sine it is found to about 60 bits, and the program fails if that leaves
 * doubt.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;

/* Fixed point with 62 fraction bits. FIX_DOUBT bounds the error of every value below: each is
 * reached by at most 20 roots, products and quotients, each off by less than 4 units. */
#define FIX_BITS  62
#define FIX_ONE   ((uint64_t)1 << FIX_BITS)
#define FIX_DOUBT 128

static uint64_t isqrt(u128 x) {
    u128 root = 0;
    for (int bit = 63; bit >= 0; bit--) {
        u128 trial = root | (u128)1 << bit;
        if (trial * trial <= x)
            root = trial;
    }
    return (uint64_t)root;
}

static uint64_t fix_mul(uint64_t a, uint64_t b) {
    return (uint64_t)((u128)a * b >> FIX_BITS);
}

/* nearest(2^30 * x) into *y; false if x may lie on either side of the middle. */
static bool fix_round30(uint64_t x, uint64_t *y) {
    const uint64_t half = (uint64_t)1 << (FIX_BITS - 31);
    const uint64_t rest = x & (2 * half - 1);
    *y = (x + half) >> (FIX_BITS - 30);
    return rest < half - FIX_DOUBT || rest > half + FIX_DOUBT;
}

/* nearest(p / q), q odd or p even: no ties. */
static uint64_t nearest(u128 p, u128 q) {
    return (uint64_t)((2 * p + q) / (2 * q));
}

/* nearest(sqrt(p / q)) = floor((floor(2 sqrt(p / q)) + 1) / 2), given 4 p. */
static uint64_t nearest_sqrt(u128 p4, u128 q) {
    return (isqrt(p4 / q) + 1) / 2;
}

static u128 power(u128 x, int n) {
    return n ? x * power(x, n - 1) : 1;
}

static void open_table(const char *what, const char *name, int width, int entries) {
    printf("// SPDX-License-Identifier: Apache-2.0\n"
           "// SPDX-FileCopyrightText: 2026 The Lockstep authors\n//\n"
           "// %s.\n"
           "// Made by scripts/gen_tables.c from docs/numerics.md, section 7; do not edit.\n\n"
           "reg [%d:0] %s[0:%d];\n"
           "initial begin\n",
           what, width - 1, name, entries - 1);
}

/* C[i] = nearest(2^30 * 2^(i/256)). */
static bool print_exp(void) {
    uint64_t root[8]; /* root[j] = 2^(1/2^(j+1)), in [1, 2) */
    u128 square = (u128)2 << (2 * FIX_BITS - 2);
    /* One bit less than FIX_BITS while 2 itself is in play. */
    root[0] = isqrt(square) * 2;
    for (int j = 1; j < 8; j++)
        root[j] = isqrt((u128)root[j - 1] << FIX_BITS);

    open_table("exp: C[i], units 2^-30", "exp_rom", 31, 256);
    for (unsigned i = 0; i < 256; i++) {
        uint64_t x = FIX_ONE, c;
        for (int j = 0; j < 8; j++)
            if (i >> (7 - j) & 1)
                x = fix_mul(x, root[j]);
        if (!fix_round30(x, &c))
            return false;
        printf("  exp_rom[%u] = 31'h%08llx;\n", i, (unsigned long long)c);
    }
    printf("end\n");
    return true;
}

/* c0, c1 and c2 of R (0..255), Q0 (256..511) and Q1 (512..767), D = n/512. */
static bool print_recip(void) {
    open_table(
        "rcp (0..255), rsqrt of even (256..511) and odd (512..767) exponents: c0 and {c1, c2}",
        "recip_c0_rom", 30, 768);
    for (unsigned i = 0; i < 768; i++) {
        const u128 n = 513 + 2 * (i % 256);
        const int odd = i >= 512; /* halves the square */
        uint64_t c0 = i < 256 ? nearest((u128)1 << 39, n) : nearest_sqrt((u128)1 << (71 - odd), n);
        printf("  recip_c0_rom[%u] = 30'h%08llx;\n", i, (unsigned long long)c0);
    }
    printf("end\n\nreg [35:0] recip_c12_rom[0:767];\ninitial begin\n");
    for (unsigned i = 0; i < 768; i++) {
        const u128 n = 513 + 2 * (i % 256);
        const int odd = i >= 512;
        uint64_t c1 = i < 256 ? nearest((u128)1 << 40, power(n, 2))
                              : nearest_sqrt((u128)1 << (71 - odd), power(n, 3));
        uint64_t c2 = i < 256 ? nearest((u128)1 << 41, power(n, 3))
                              : nearest_sqrt((u128)9 << (69 - odd), power(n, 5));
        printf("  recip_c12_rom[%u] = {22'h%06llx, 14'h%04llx};\n", i, (unsigned long long)c1,
               (unsigned long long)c2);
    }
    printf("end\n");
    return true;
}

/* {G[i], G[256-i]}, G[i] = nearest(2^30 * sin(pi/2 * i/256)), i = 0..255. */
static bool print_sine(void) {
    /* Cosine and sine of a quarter turn's half, quarter .. 256th: cos(a/2) = sqrt((1 + cos a) / 2),
     * sin(a/2) = sin(a) / (2 cos(a/2)). */
    uint64_t cosine[8], sine[8];
    uint64_t c = 0, s = FIX_ONE;
    for (int j = 0; j < 8; j++) {
        c = isqrt((u128)(FIX_ONE + c) << (FIX_BITS - 1));
        s = (uint64_t)(((u128)s << (FIX_BITS - 1)) / c);
        cosine[j] = c;
        sine[j] = s;
    }
    uint64_t g[257];
    for (unsigned i = 0; i < 256; i++) {
        uint64_t x = FIX_ONE, y = 0; /* cosine and sine of the sum so far */
        for (int j = 0; j < 8; j++) {
            if (i >> (7 - j) & 1) {
                const uint64_t old = x;
                x = fix_mul(x, cosine[j]) - fix_mul(y, sine[j]);
                y = fix_mul(y, cosine[j]) + fix_mul(old, sine[j]);
            }
        }
        if (!fix_round30(y, &g[i]))
            return false;
    }
    g[256] = 1 << 30;

    open_table("rotation: {G[i], G[256-i]}, units 2^-30", "sine_rom", 61, 256);
    for (unsigned i = 0; i < 256; i++)
        printf("  sine_rom[%u] = {30'h%08llx, 31'h%08llx};\n", i, (unsigned long long)g[i],
               (unsigned long long)g[256 - i]);
    printf("end\n");
    return true;
}

int main(int argc, char **argv) {
    const char *what = argc == 2 ? argv[1] : "";
    bool sure;
    if (!strcmp(what, "exp"))
        sure = print_exp();
    else if (!strcmp(what, "recip"))
        sure = print_recip();
    else if (!strcmp(what, "sine"))
        sure = print_sine();
    else {
        fprintf(stderr, "usage: gen_tables exp|recip|sine\n");
        return 2;
    }
    if (!sure)
        fprintf(stderr, "gen_tables: an entry is too near a tie for this precision\n");
    return sure ? 0 : 1;
}
