/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Runs a template: the part of Jinja2 that chat templates are written in, with the settings that
 * they are written for (trim_blocks, lstrip_blocks, loop controls). What a template may use is
 * bounded: steps, memory, depth. docs/server.md says what there is.
 *
 *     struct jinja *t;
 *     char *prompt;
 *     if (jinja_open(&t, text, size, &err) != JINJA_DONE ||
 *         jinja_run(t, context, time(NULL), &prompt, &err) != JINJA_DONE)
 *         return fail(err.text); // "line 3: filter \"pprint\" is not supported"
 *     puts(prompt);
 *     free(prompt);
 *     jinja_close(t);
 */
#ifndef LS_JINJA_H
#define LS_JINJA_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <time.h>

#include "csrc/base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

struct jinja; /* a template that was read */

enum jinja_verdict {
    JINJA_DONE,
    JINJA_RAISED,  /* the template refuses the context: raise_exception */
    JINJA_WRONG,   /* no Jinja, or what Jinja2 would not do either */
    JINJA_BEYOND,  /* Jinja, but not supported */
    JINJA_TOO_MUCH /* steps, memory, depth */
};

/* Reads a template of `size` bytes; nothing of them is kept. *opened is to be closed, NULL unless
 * it is done. */
enum jinja_verdict jinja_open(struct jinja **opened, const char *text, size_t size,
                              struct ls_error *err);

/* Runs it with the members of `context` as its variables; now: what strftime_now tells. *out is to
 * be freed, NULL unless it is done. */
enum jinja_verdict jinja_run(const struct jinja *opened, const cJSON *context, time_t now,
                             char **out, struct ls_error *err);

/* NULL is allowed. */
void jinja_close(struct jinja *opened);

#ifdef __cplusplus
}
#endif
#endif
