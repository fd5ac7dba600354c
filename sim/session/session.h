/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A device with its firmware, a model on it, and what looks on: what a run of `lockstep sim` and
 * an instance of the library have in common. As many of them as memory holds.
 *
 *     static const struct observer *const checks[] = {&observe_words, &observe_power,
 *                                                     &observe_cycles};
 *     struct session session;
 *     if (session_open(&session, &settings, &err) == 0 &&
 *         session_model(&session, model, &layout, &err) == 0 &&
 *         session_observe(&session, checks, 3, &err) == 0 &&
 *         session_load(&session, &err) == 0 && session.status == FW_OK) {
 *         session_begin(&session);
 *         run(&session.firmware);
 *         session_check(&session, true);
 *     }
 *     session_close(&session);
 */
#ifndef LOCKSTEP_SESSION_H
#define LOCKSTEP_SESSION_H

#include "csrc/model/model.h"
#include "firmware/driver.h"
#include "observer.h"
#include "sim/check/sim_cycles.h"
#include "sim/check/sim_power.h"

#ifdef __cplusplus
extern "C" {
#endif

struct session_settings {
    uint64_t seed; /* of the registers before reset */
    struct weight_mem_settings memory;
    struct sim_power_options power;
};

/* How the device's memories are shared out. */
struct session_layout {
    uint32_t sequences, context; /* positions of each */
    uint32_t list_size;          /* pairs of a SAMPLE commit; 0: greedy, on its own */
    bool checked;                /* the golden model computes beside the device */
    bool front_door;             /* the weights are streamed through the device's loader */
};

struct session {
    void *owner; /* the caller's; the observers of its own know it */
    struct session_settings settings;
    struct session_layout layout;
    const struct ls_model *model; /* NULL: none yet */
    struct device device;
    struct hal hal;
    struct sim_power power;
    struct fw_device firmware;
    struct fw_model fw_model;
    struct scoreboard board; /* board.golden is NULL if nothing is checked */
    struct sim_cycles cycles;
    enum fw_status status; /* of loading */
    bool stopping;         /* a commit was wrong, and its op is over */
    bool right;            /* session_check: nothing is wrong so far */
    char message[640];     /* what it is, one line, or empty */
    const struct observer *const *list;
    size_t count;     /* of them */
    void **observers; /* what each of them keeps; NULL: it takes no part */
};

/* Builds the device, resets it, finds it. `session->owner` is kept. Close it also after a failure.
 * All return 0, or -1 with `err`. */
int session_open(struct session *session, const struct session_settings *settings,
                 struct ls_error *err);

/* Puts the model's file behind the weight port. The model must live longer. */
int session_model(struct session *session, const struct ls_model *model,
                  const struct session_layout *layout, struct ls_error *err);

/* Opens the observers; the list must live longer. They are closed by session_close. */
int session_observe(struct session *session, const struct observer *const *list, size_t count,
                    struct ls_error *err);

/* Loads; session->status says what came of it. -1 is for memory of the host. */
int session_load(struct session *session, struct ls_error *err);

/* Loaded: what follows is the run. */
void session_begin(struct session *session);

/* Puts K and V of positions 0 .. positions - 1 of sequence 0 of `from` into a sequence, through the
 * back door; into the golden model too, which `from` may be. Between passes. */
void session_put_kv(struct session *session, const struct golden *from, uint32_t sequence,
                    uint32_t positions);

/* From now on nothing is told: what follows is no part of the run. */
void session_detach(struct session *session);

/* The device has stopped. right: nothing was wrong so far; then all is compared that can be
 * compared in the end. session->right and ->message say what came of it. */
void session_check(struct session *session, bool right);

/* What can be said of a device or firmware that did not go on. */
enum session_stop {
    SESSION_DIFFERENCE, /* of device and golden side */
    SESSION_ENOUGH,     /* all that was to be seen is */
    SESSION_TRACE,      /* the trace cannot be written */
    SESSION_INTERRUPTED,
    SESSION_LIMIT,   /* of cycles */
    SESSION_HANGS,   /* the device does nothing any more */
    SESSION_REFUSED, /* the model does not fit; firmware.refusal says why */
    SESSION_ERROR    /* of the device */
};

/* One line in `text`; fails: what the firmware returned. */
enum session_stop session_why(struct session *session, enum fw_status status, char *text,
                              size_t room);

/* Whether an assertion of the device failed (a build with them), with a line that says which. */
bool session_failure(const struct session *session, char *text, size_t room);

/* Closes the observers; what one of them could not write is told to on_unwritten, or nobody. */
void session_unobserve(struct session *session,
                       void (*on_unwritten)(void *owner, const struct ls_error *err));

void session_close(struct session *session);

#ifdef __cplusplus
}
#endif
#endif
