/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * One lock. The thread lets go of it while the device computes.
 */
#include "engine.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "watch.h"

#define SNAPSHOT_SECONDS 0.25 /* between looks at the device's counters while it works */

struct engine {
    struct engine_settings settings;
    struct lockstep *device; /* the thread's, once that runs */
    struct lockstep_model_info model;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t work; /* something to do */
    pthread_cond_t idle; /* nothing is left */
    struct generation *all;
    struct engine_task *tasks;
    uint32_t alive, waiting; /* generations that are not over; that the device has not taken */
    bool news;               /* the golden model has begun to go on with something */
    bool stopping, cancelling, ending, started;
    struct engine_status status;
    double snapshot;
    struct watch *watch;
};

void engine_lock(struct engine *e) {
    pthread_mutex_lock(&e->lock);
}

void engine_unlock(struct engine *e) {
    pthread_mutex_unlock(&e->lock);
}

const struct lockstep_model_info *engine_model(const struct engine *e) {
    return &e->model;
}

/* ---- generations ---- */

/* Under the lock, like all that follows unless it says otherwise. */
static void wake(struct generation *g) {
    if (g->wake != NULL)
        g->wake(g->context);
}

static void finish(struct engine *e, struct generation *g, enum lockstep_end end) {
    if (g->over)
        return;
    g->over = true;
    g->end = end;
    e->alive--;
    if (g->waiting)
        e->waiting--;
    g->waiting = false;
    if (g->first > 0) {
        e->status.prompt_seconds += g->first - g->begun;
        e->status.generation_seconds += g->last - g->first;
    }
    wake(g);
}

/* Frees what is dropped and over. */
static void sweep(struct engine *e) {
    for (struct generation **at = &e->all; *at != NULL;) {
        struct generation *g = *at;
        if (!g->dropped || !g->over) {
            at = &g->next;
            continue;
        }
        *at = g->next;
        generation_free(g);
    }
    if (e->alive == 0)
        pthread_cond_broadcast(&e->idle);
}

int engine_submit(struct engine *e, struct generation *g) {
    int status = -1;
    engine_lock(e);
    if (!e->stopping && e->alive < e->model.sequences + e->settings.queue) {
        struct generation **at = &e->all;
        while (*at != NULL)
            at = &(*at)->next;
        *at = g;
        g->engine = e;
        g->waiting = true;
        e->waiting++;
        e->alive++;
        status = 0;
        pthread_cond_signal(&e->work);
    }
    engine_unlock(e);
    return status;
}

void engine_drop(struct engine *e, struct generation *g) {
    if (g == NULL)
        return;
    engine_lock(e);
    g->wake = NULL;
    if (g->engine == NULL) { /* it was never submitted */
        generation_free(g);
    } else {
        g->dropped = true;
        g->socket = -1;
        pthread_cond_signal(&e->work);
    }
    engine_unlock(e);
}

void engine_task(struct engine *e, struct engine_task *task) {
    struct engine_task **at = &e->tasks;
    engine_lock(e);
    while (*at != NULL)
        at = &(*at)->next;
    *at = task;
    if (e->stopping) {
        task->over = true;
        task->status = LOCKSTEP_INTERRUPTED;
        snprintf(task->error, sizeof task->error, "the server is being stopped");
    }
    pthread_cond_signal(&e->work);
    engine_unlock(e);
}

void engine_task_drop(struct engine *e, struct engine_task *task) {
    if (task == NULL)
        return;
    engine_lock(e);
    task->wake = NULL;
    task->dropped = true;
    pthread_cond_signal(&e->work);
    engine_unlock(e);
}

/* ---- the thread ---- */

/* Without the lock. */
static void do_task(struct engine *e, struct engine_task *k) {
    const double begin = generation_now();
    k->status = k->action == ENGINE_SAVE
                    ? lockstep_save_sequence(e->device, k->sequence, k->path, &k->tokens)
                : k->action == ENGINE_RESTORE
                    ? lockstep_restore_sequence(e->device, k->sequence, k->path, &k->tokens)
                    : lockstep_erase_sequence(e->device, k->sequence, &k->tokens);
    k->seconds = generation_now() - begin;
    if (k->status != LOCKSTEP_OK)
        snprintf(k->error, sizeof k->error, "%s", lockstep_error(e->device));
}

/* Those whose sequence is free. Under the lock, as above: only this thread takes tasks out. */
static void do_tasks(struct engine *e) {
    for (struct engine_task **at = &e->tasks; *at != NULL;) {
        struct engine_task *k = *at;
        struct lockstep_sequence q;
        if (k->dropped) {
            *at = k->next;
            free(k);
            continue;
        }
        at = &k->next;
        if (k->over ||
            (lockstep_get_sequence(e->device, k->sequence, &q, sizeof q) == LOCKSTEP_OK &&
             q.request != 0))
            continue;
        engine_unlock(e);
        do_task(e, k);
        engine_lock(e);
        k->over = true;
        if (k->wake != NULL)
            k->wake(k->context);
    }
}

/* From lockstep_step and lockstep_cancel, without the lock. */
static void on_token(void *context, const struct lockstep_event *event) {
    struct generation *g = context;
    struct engine *e = g->engine;
    engine_lock(e);
    e->news = e->news || (event->golden && g->golden == 0);
    const bool kept = generation_keep(g, event);
    if (kept && event->token != UINT32_MAX)
        watch_token(e->watch, g, event);
    if (!kept)
        snprintf(g->error, sizeof g->error, "out of memory for the text");
    if (event->last && event->end == LOCKSTEP_END_FAILED) {
        snprintf(g->error, sizeof g->error, "%s", lockstep_error(e->device));
        g->status = LOCKSTEP_DEVICE_FAILED;
    }
    g->stop = event->stop;
    g->sequence = event->sequence;
    g->reused = event->reused;
    if (event->last)
        finish(e, g, *g->error != '\0' ? LOCKSTEP_END_FAILED : (enum lockstep_end)event->end);
    else if (kept)
        wake(g);
    engine_unlock(e);
}

static bool is_gone(const struct generation *g) {
    char byte;
    return g->dropped ||
           (g->socket >= 0 && recv(g->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0);
}

/* Gives the device what is new, and takes from it what nobody waits for. */
static void exchange(struct engine *e) {
    for (struct generation *g = e->all; g != NULL; g = g->next) {
        const bool gone = e->cancelling || is_gone(g) || (g->error[0] != '\0' && !g->over);
        if (g->over)
            continue;
        if (gone && !g->submitted) {
            finish(e, g, LOCKSTEP_END_CANCELLED);
        } else if (gone) {
            const uint64_t id = g->id;
            engine_unlock(e); /* the list only grows at its end, and only this thread frees */
            lockstep_cancel(e->device, id);
            engine_lock(e);
        } else if (!g->submitted) {
            struct lockstep_request r = g->request;
            r.tokens = g->tokens;
            r.token_count = g->count;
            r.text = NULL;
            r.on_token = on_token;
            r.context = g;
            g->submitted = true;
            g->waiting = false;
            e->waiting--;
            g->begun = generation_now();
            g->status = lockstep_submit(e->device, &r, &g->id);
            if (g->status != LOCKSTEP_OK) {
                snprintf(g->error, sizeof g->error, "%s", lockstep_error(e->device));
                finish(e, g, LOCKSTEP_END_FAILED);
            }
        }
    }
}

/* Whoever runs the server is told once of each loss that the golden model went on from. */
static void tell_losses(struct engine *e, const struct lockstep_telemetry *now) {
    if (now->losses == e->status.telemetry.losses)
        return;
    snprintf(e->status.last_loss, sizeof e->status.last_loss, "%s", lockstep_error(e->device));
    fprintf(stderr, "lockstep: the device was lost (%s): the golden model goes on%s\n",
            e->status.last_loss, now->out ? "; it fails its self-test" : "; it is back");
}

static void look(struct engine *e, bool now) {
    struct lockstep_telemetry t;
    if (!now && generation_now() - e->snapshot < SNAPSHOT_SECONDS)
        return;
    e->snapshot = generation_now();
    e->news = false;
    engine_unlock(e);
    lockstep_get_telemetry(e->device, &t, sizeof t);
    engine_lock(e);
    tell_losses(e, &t);
    e->status.telemetry = t;
}

static bool has_tasks(const struct engine *e) {
    const struct engine_task *k = e->tasks;
    while (k != NULL && k->over && !k->dropped)
        k = k->next;
    return k != NULL;
}

static void *run(void *context) {
    struct engine *e = context;
    engine_lock(e);
    for (;;) {
        do_tasks(e);
        exchange(e);
        sweep(e);
        for (uint32_t i = 0; i < e->model.sequences && i < ENGINE_SEQUENCES; i++)
            lockstep_get_sequence(e->device, i, &e->status.sequences[i],
                                  sizeof *e->status.sequences);
        if (e->alive == 0) {
            look(e, true);
            const bool idle = e->alive == 0 && !has_tasks(e); /* the lock was open */
            if (idle && e->ending)
                break;
            if (idle)
                pthread_cond_wait(&e->work, &e->lock);
            continue;
        }
        engine_unlock(e);
        watch_before(e->watch, e->device);
        const int status = lockstep_step(e->device);
        if (status >= 0)
            watch_behind(e->watch, e->device);
        engine_lock(e);
        e->status.steps++;
        if (status < 0) { /* all generations have heard of it, unless memory failed */
            e->status.lost++;
            snprintf(e->status.last_loss, sizeof e->status.last_loss, "%s",
                     lockstep_error(e->device));
            for (struct generation *g = e->all; g != NULL; g = g->next)
                if (g->submitted && !g->over && *g->error == '\0')
                    snprintf(g->error, sizeof g->error, "%s", e->status.last_loss);
            engine_unlock(e);
            lockstep_reset(e->device);
            engine_lock(e);
        }
        look(e, e->news);
    }
    engine_unlock(e);
    return NULL;
}

/* ---- open and close ---- */

int engine_open(const struct engine_settings *settings, struct engine **engine,
                struct ls_error *err) {
    struct engine *e = calloc(1, sizeof *e);
    struct lockstep_layout layout;
    char why[256] = "out of memory";
    *engine = e;
    if (e == NULL)
        return ls_error_set(err, "%s", why);
    e->settings = *settings;
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->work, NULL);
    pthread_cond_init(&e->idle, NULL);
    lockstep_layout_defaults(&layout, sizeof layout);
    layout.sequences = settings->sequences;
    layout.context = settings->context;
    layout.draft_model = settings->draft_model;
    e->device = lockstep_open(&settings->device, why, sizeof why);
    if (e->device == NULL)
        return ls_error_set(err, "%s", why);
    if (lockstep_load(e->device, settings->model, &layout) != LOCKSTEP_OK ||
        lockstep_get_model(e->device, &e->model, sizeof e->model) != LOCKSTEP_OK)
        return ls_error_set(err, "%s", lockstep_error(e->device));
    lockstep_get_telemetry(e->device, &e->status.telemetry, sizeof e->status.telemetry);
    e->watch = watch_open(e->device);
    if (e->watch == NULL)
        return ls_error_set(err, "out of memory");
    if (pthread_create(&e->thread, NULL, run, e) != 0)
        return ls_error_set(err, "no thread for the device");
    e->started = true;
    return 0;
}

void engine_state(struct engine *e, struct engine_status *status) {
    engine_lock(e);
    *status = e->status;
    status->waiting = e->waiting;
    engine_unlock(e);
}

uint64_t engine_clock(const struct engine *e) {
    return e->settings.device.clock_hz;
}

struct watch *engine_watch(struct engine *e) {
    return e->watch;
}

bool engine_is_golden(struct engine *e) {
    engine_lock(e);
    const bool out = e->status.telemetry.out != 0;
    engine_unlock(e);
    return out;
}

void engine_stop(struct engine *e, double seconds) {
    struct timespec until;
    if (!e->started)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)seconds;
    engine_lock(e);
    e->stopping = true;
    while (e->alive != 0 && pthread_cond_timedwait(&e->idle, &e->lock, &until) == 0)
        ;
    e->cancelling = e->ending = true;
    pthread_cond_signal(&e->work);
    engine_unlock(e);
    pthread_join(e->thread, NULL);
    e->started = false;
}

void engine_close(struct engine *e) {
    if (e == NULL)
        return;
    engine_stop(e, 0);
    watch_close(e->watch);
    lockstep_close(e->device);
    while (e->all != NULL) {
        struct generation *next = e->all->next;
        generation_free(e->all);
        e->all = next;
    }
    while (e->tasks != NULL) {
        struct engine_task *next = e->tasks->next;
        free(e->tasks);
        e->tasks = next;
    }
    pthread_cond_destroy(&e->work);
    pthread_cond_destroy(&e->idle);
    pthread_mutex_destroy(&e->lock);
    free(e);
}
