/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A template from its text to its output.
 */
#include "jinja.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

#define TEMPLATE_MOST ((size_t)1 << 20)  /* bytes of its text, */
#define TREE_MOST     ((size_t)64 << 20) /* and of what it becomes */
#define MEMORY_MOST   ((size_t)128 << 20)
#define STEPS_MOST    ((uint64_t)20 << 20)
#define DEPTH_MOST    600

struct jinja {
    struct arena arena;
    struct node *body;
};

enum jinja_verdict jinja_open(struct jinja **opened, const char *text, size_t size,
                              struct ls_error *err) {
    struct jinja *t = calloc(1, sizeof *t);
    *opened = NULL;
    if (t == NULL || size > TEMPLATE_MOST) {
        ls_error_set(err, t == NULL ? "out of memory" : "the template has more than 1 MiB");
        free(t);
        return JINJA_TOO_MUCH;
    }
    t->arena = arena_start(TREE_MOST);
    struct reading reading = {.arena = &t->arena, .err = err};
    const struct lexeme *lexemes = lex(&reading, text, size);
    if (lexemes != NULL)
        t->body = parse_template(&reading, lexemes);
    if (reading.verdict == JINJA_DONE)
        *opened = t;
    else
        jinja_close(t);
    return reading.verdict;
}

void jinja_close(struct jinja *t) {
    if (t == NULL)
        return;
    arena_free(&t->arena);
    free(t);
}

/* ---- a run ---- */

struct value run_fail(struct rendering *r, enum jinja_verdict verdict, const char *format, ...) {
    char text[400];
    va_list arguments;
    if (r->verdict == JINJA_DONE) {
        r->verdict = verdict;
        va_start(arguments, format);
        vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        ls_error_set(r->err, "line %u: %s", (unsigned)r->line, text);
    }
    return value_none();
}

bool run_failed(const struct rendering *r) {
    return r->verdict != JINJA_DONE;
}

bool run_step(struct rendering *r, size_t work) {
    const uint64_t steps = 1 + work / 64;
    if (steps > r->steps)
        run_fail(r, JINJA_TOO_MUCH, "the template takes too many steps");
    else
        r->steps -= steps;
    return !run_failed(r);
}

bool run_down(struct rendering *r) {
    if (++r->depth > DEPTH_MOST)
        run_fail(r, JINJA_TOO_MUCH, "more than %d levels nest", DEPTH_MOST);
    return !run_failed(r);
}

void run_up(struct rendering *r) {
    r->depth--;
}

void run_add(struct rendering *r, struct buffer *buffer, const char *bytes, size_t size) {
    if (run_step(r, size) && !buffer_add(&r->arena, buffer, bytes, size))
        run_fail(r, JINJA_TOO_MUCH, "the template takes too much memory");
}

struct value run_text(const struct buffer *b) {
    return value_text(b->bytes != NULL ? b->bytes : "", b->size);
}

enum jinja_verdict jinja_run(const struct jinja *t, const cJSON *context, time_t now, char **out,
                             struct ls_error *err) {
    struct buffer text = {0};
    struct frame frame = {0};
    struct rendering r = {.arena = arena_start(MEMORY_MOST),
                          .out = &text,
                          .frame = &frame,
                          .steps = STEPS_MOST,
                          .now = now,
                          .err = err};
    const cJSON *each;
    cJSON_ArrayForEach(each, context) run_set(
        &r, (struct text_view){each->string, strlen(each->string)}, value_from_json(&r, each));
    run_body(&r, t->body);
    *out = NULL;
    if (!run_failed(&r) && (*out = malloc(text.size + 1)) == NULL)
        run_fail(&r, JINJA_TOO_MUCH, "out of memory");
    if (*out != NULL) {
        if (text.size != 0)
            memcpy(*out, text.bytes, text.size);
        (*out)[text.size] = '\0';
    }
    arena_free(&r.arena);
    return r.verdict;
}
