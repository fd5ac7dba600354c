/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Where no operand or result is subnormal, the processor's add and mul are those of section 1 of
 * docs/numerics.md. What these are, and exp and rcp, is in the header of the machine.
 */
#include "golden_lanes.h"

#include "golden_vector.h"

/* Both define: a `vector` of elements; `lanes`, those that are for the plain functions. */
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#include "golden_lanes_avx512.h"
#else
#include "golden_lanes_vector.h"
#endif

static inline vector sigmoid(const struct golden_tables *tables, vector x, lanes *odd) {
    const vector e = exp_16(tables, x);
    const vector r = rcp_16(tables, add(all(GOLDEN_ONE), e, odd));
    lanes odd_product = NO_LANES;
    const vector product = mul(e, r, &odd_product);
    const lanes negative = negative_of(x);
    *odd |= odd_of(x) | (odd_product & negative);
    return choose(negative, product, r);
}

static inline vector gelu(const struct golden_tables *tables, vector x, lanes *odd) {
    const vector cubic = mul(all(GOLDEN_GELU_K2), mul(x, x, odd), odd);
    const vector u = mul(x, add(all(GOLDEN_GELU_K0), cubic, odd), odd);
    return mul(x, sigmoid(tables, u, odd), odd);
}

bool golden_lanes_add(const struct golden_tables *tables, const uint32_t *a, const uint32_t *b,
                      uint32_t *y) {
    lanes odd = NO_LANES;
    (void)tables;
    return store(y, add(load(a), load(b), &odd), &odd);
}

bool golden_lanes_mul(const struct golden_tables *tables, const uint32_t *a, const uint32_t *b,
                      uint32_t *y) {
    lanes odd = NO_LANES;
    (void)tables;
    return store(y, mul(load(a), load(b), &odd), &odd);
}

bool golden_lanes_sigmoid(const struct golden_tables *tables, const uint32_t *x,
                          const uint32_t *unused, uint32_t *y) {
    lanes odd = NO_LANES;
    (void)unused;
    return store(y, sigmoid(tables, load(x), &odd), &odd);
}

bool golden_lanes_gelu(const struct golden_tables *tables, const uint32_t *x,
                       const uint32_t *unused, uint32_t *y) {
    lanes odd = NO_LANES;
    (void)unused;
    return store(y, gelu(tables, load(x), &odd), &odd);
}

bool golden_lanes_swiglu(const struct golden_tables *tables, const uint32_t *gate,
                         const uint32_t *up, uint32_t *y) {
    lanes odd = NO_LANES;
    const vector x = load(gate);
    const vector silu = mul(x, sigmoid(tables, x, &odd), &odd);
    return store(y, mul(silu, load(up), &odd), &odd);
}

bool golden_lanes_geglu(const struct golden_tables *tables, const uint32_t *gate,
                        const uint32_t *up, uint32_t *y) {
    lanes odd = NO_LANES;
    return store(y, mul(gelu(tables, load(gate), &odd), load(up), &odd), &odd);
}

bool golden_lanes_norm(const uint32_t *x, uint32_t r, const uint32_t *gain, uint32_t *y) {
    lanes odd = NO_LANES;
    return store(y, mul(mul(load(x), all(r), &odd), load(gain), &odd), &odd);
}

bool golden_lanes_weights(const struct golden_tables *tables, const uint32_t *z,
                          const uint32_t *greatest, uint32_t *w) {
    lanes odd = NO_LANES;
    const vector e = exp_16(tables, add(load(z), minus(load(greatest)), &odd));
    return store(w, fixed_16(e), &odd);
}

bool golden_lanes_turn(const uint32_t *cosine, const uint32_t *sine, bool halves, size_t apart,
                       const uint32_t *x, uint32_t *y) {
    const size_t second = halves ? apart : GOLDEN_LANES;
    const vector c = load(cosine), s = load(sine), back = minus(s);
    vector u = load(x), v = load(x + second);
    lanes odd = NO_LANES;
    if (!halves) {
        const vector first = u;
        u = every_second(first, v, 0);
        v = every_second(first, v, 1);
    }
    vector to_u = add(mul(u, c, &odd), mul(v, back, &odd), &odd);
    vector to_v = add(mul(u, s, &odd), mul(v, c, &odd), &odd);
    if (!halves) {
        const vector first = to_u;
        to_u = in_turn(first, to_v, 0);
        to_v = in_turn(first, to_v, 1);
    }
    store(y, to_u, &odd);
    return store(y + second, to_v, &odd);
}
