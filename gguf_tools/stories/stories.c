/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Stories by chance: each choice of the grammar falls by the weights of its members.
 */

#include "stories.h"

#include "stories_expand.h"

struct chance {
    struct story_guide guide; /* first, so that a guide is a chance */
    uint64_t state;
};

/* splitmix64: every seed starts an independent stream. */
static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

static int pick_by_weight(struct story_guide *guide, const struct story *so_far,
                          const struct story_members *m, enum story_use use, unsigned *picked) {
    struct chance *chance = (struct chance *)guide;
    (void)so_far, (void)use;
    *picked = 0;
    if (m->count == 1)
        return 0;
    unsigned left = (unsigned)(next_random(&chance->state) >> 32) % m->total;
    while (left >= m->weight[*picked])
        left -= m->weight[(*picked)++];
    return 0;
}

int story_write(struct story *story, uint64_t seed, uint64_t index, struct ls_error *err) {
    struct chance chance = {{.pick = pick_by_weight}, seed * 0xd1342543de82ef95U + index};
    next_random(&chance.state);
    chance.state ^= index << 32;
    return story_expand(story, &chance.guide, err);
}
