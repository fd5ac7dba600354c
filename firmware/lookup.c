/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The longest suffix first, its newest place first.
 */
#include "lookup.h"

static int is_same(const uint32_t *a, const uint32_t *b, uint32_t count) {
    while (count != 0 && *a == *b) {
        a++;
        b++;
        count--;
    }
    return count == 0;
}

uint32_t lookup_draft(const uint32_t *tokens, uint32_t count, uint32_t *drafts, uint32_t most) {
    for (uint32_t n = LOOKUP_MOST; n != 0; n--)
        for (uint32_t end = count; end-- > n;) { /* a place ends before `end` */
            if (!is_same(tokens + end - n, tokens + count - n, n))
                continue;
            for (uint32_t i = 0; i < most; i++)
                drafts[i] = end + i < count ? tokens[end + i] : drafts[end + i - count];
            return most;
        }
    return 0;
}
