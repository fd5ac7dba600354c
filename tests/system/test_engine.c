/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The device's thread: generations from several threads at once, dropped at any moment, refused
 * when the queue is full; a device that is lost by a flipped weight tells those that ran on it, and
 * serves the next as if nothing had been.
 */
#include "csrc/server/engine.h"

#include "csrc/model/model.h"
#include "tests/kit/host_test.h"
#include "tests/kit/random.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS = 6, EACH = 8, BAD = 200, TOKENS = 6 };

static struct generation *make(uint32_t a, uint32_t b, uint64_t seed, uint32_t tokens) {
    struct lockstep_request r;
    uint32_t *prompt = malloc(3 * sizeof *prompt);
    prompt[0] = 1, prompt[1] = a, prompt[2] = b;
    lockstep_request_defaults(&r, sizeof r);
    r.max_tokens = tokens;
    r.temperature = 1;
    r.seed = seed;
    return generation_make(prompt, 3, &r);
}

static void wait_for(struct engine *e, struct generation *g) {
    bool over = false;
    for (int i = 0; i < 60000 && !over; i++) {
        engine_lock(e);
        over = g->over;
        engine_unlock(e);
        if (!over)
            usleep(1000);
    }
}

/* Whether it ended as it should, with tokens of which none is the bad one. */
static bool is_good(struct engine *e, struct generation *g) {
    engine_lock(e);
    bool good = g->over && g->generated != 0 &&
                (g->end == LOCKSTEP_END_LENGTH || g->end == LOCKSTEP_END_OF_TEXT);
    for (uint32_t i = 0; i < g->generated; i++)
        good = good && g->ids[i] != BAD;
    engine_unlock(e);
    return good;
}

/* ---- a weight that is wrong for one token alone ---- */

static void test_lost(struct host_test *t, struct engine_settings settings) {
    struct ls_model *model;
    struct ls_error err = {""};
    struct engine *e;
    struct engine_status status;
    CHECK(t, ls_model_open(HOST_TINY, &model, &err) == 0, "%s", err.text);
    const struct gguf_tensor *embedding = model->tensor[ROLE_TOKEN_EMBD];
    settings.device.flip_address = embedding->offset + embedding->size / embedding->ne[1] * BAD + 4;
    ls_model_close(model);
    CHECK(t, engine_open(&settings, &e, &err) == 0, "%s", err.text);
    for (uint32_t round = 0; round < 2; round++) {
        struct generation *well = make(5, 6, 2, 1), *bad = make(7, BAD, 3, TOKENS);
        CHECK(t, engine_submit(e, well) == 0, "refused");
        wait_for(e, well);
        CHECK(t, is_good(e, well), "before: end %d, %s", (int)well->end, well->error);
        CHECK(t, engine_submit(e, bad) == 0, "refused");
        wait_for(e, bad);
        CHECK(t,
              bad->over && bad->end == LOCKSTEP_END_FAILED &&
                  strstr(bad->error, "first difference: token 200 ") != NULL,
              "end %d: %s", (int)bad->end, bad->error);
        engine_drop(e, well);
        engine_drop(e, bad);
        engine_state(e, &status);
        CHECK(t, status.lost == round + 1 && strstr(status.last_loss, "token 200 ") != NULL,
              "lost %u times: %s", (uint32_t)status.lost, status.last_loss);
    }
    engine_stop(e, 0);
    engine_close(e);
}

/* ---- many at once ---- */

struct crowd {
    struct host_test *t;
    struct engine *engine;
    uint32_t number, finished, dropped, wrong;
    uint32_t (*alone)[TOKENS];
};

static void *come_and_go(void *context) {
    struct crowd *c = context;
    uint64_t random = c->number;
    for (uint32_t i = 0; i < EACH; i++) {
        const uint32_t which = random_below(&random, EACH);
        struct generation *g = make(10 + which, 20, which, TOKENS);
        if (engine_submit(c->engine, g) != 0) {
            engine_drop(c->engine, g);
            c->wrong++;
        } else if (random_below(&random, 3) == 0) {
            usleep(random_below(&random, 3000));
            engine_drop(c->engine, g);
            c->dropped++;
        } else {
            wait_for(c->engine, g);
            engine_lock(c->engine);
            c->wrong += !g->over || g->generated == 0 ||
                        memcmp(g->ids, c->alone[which], g->generated * sizeof *g->ids) != 0;
            engine_unlock(c->engine);
            engine_drop(c->engine, g);
            c->finished++;
        }
    }
    return NULL;
}

static void test_crowd(struct host_test *t, const struct engine_settings *settings) {
    static uint32_t alone[EACH][TOKENS];
    struct crowd crowd[THREADS];
    pthread_t threads[THREADS];
    struct ls_error err = {""};
    struct engine *e;
    CHECK(t, engine_open(settings, &e, &err) == 0, "%s", err.text);
    for (uint32_t i = 0; i < EACH; i++) {
        struct generation *g = make(10 + i, 20, i, TOKENS);
        engine_submit(e, g);
        wait_for(e, g);
        memcpy(alone[i], g->ids, g->generated * sizeof *g->ids);
        engine_drop(e, g);
    }
    uint32_t finished = 0, dropped = 0, wrong = 0;
    for (uint32_t i = 0; i < THREADS; i++) {
        crowd[i] = (struct crowd){.t = t, .engine = e, .number = i, .alone = alone};
        pthread_create(&threads[i], NULL, come_and_go, &crowd[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        finished += crowd[i].finished;
        dropped += crowd[i].dropped;
        wrong += crowd[i].wrong;
    }
    CHECK(t, wrong == 0 && finished + dropped == THREADS * EACH && dropped > 3,
          "%u finished, %u dropped, %u wrong", finished, dropped, wrong);

    /* The end: what runs is cancelled, what comes is refused. */
    struct generation *g = make(10, 20, 1, 0);
    CHECK(t, engine_submit(e, g) == 0, "refused");
    engine_stop(e, 0);
    CHECK(t, g->over && g->end == LOCKSTEP_END_CANCELLED, "end %d", (int)g->end);
    struct generation *late = make(10, 20, 1, 1);
    CHECK(t, engine_submit(e, late) == -1, "it is taken");
    engine_drop(e, late);
    engine_drop(e, g);
    engine_close(e);
}

static void test_queue(struct host_test *t, struct engine_settings settings) {
    struct generation *g[4];
    struct ls_error err = {""};
    struct engine *e;
    settings.sequences = 1;
    settings.queue = 2;
    CHECK(t, engine_open(&settings, &e, &err) == 0, "%s", err.text);
    for (uint32_t i = 0; i < 4; i++) {
        g[i] = make(10, 20 + i, i, 0);
        CHECK(t, engine_submit(e, g[i]) == (i < 3 ? 0 : -1), "generation %u", i);
    }
    for (uint32_t i = 0; i < 4; i++)
        engine_drop(e, g[i]);
    engine_stop(e, 60); /* dropped: there is nothing to wait for */
    engine_close(e);
}

int main(void) {
    struct host_test t = {"engine", 0, 0};
    struct engine_settings settings = {.model = HOST_TINY, .queue = 64};
    struct engine *e;
    struct ls_error err;
    lockstep_settings_defaults(&settings.device, sizeof settings.device);
    test_lost(&t, settings);
    test_crowd(&t, &settings);
    test_queue(&t, settings);
    settings.model = "none.gguf";
    CHECK(&t, engine_open(&settings, &e, &err) == -1 && strstr(err.text, "none.gguf") != NULL, "%s",
          err.text);
    engine_close(e);
    return host_test_finish(&t);
}
