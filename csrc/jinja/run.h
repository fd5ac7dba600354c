/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A template while it runs. A failure is kept, the first one counts, and what goes on behind it
 * does nothing: no step is left.
 */
#ifndef LS_JINJA_RUN_H
#define LS_JINJA_RUN_H

#include "tree.h"

#ifdef __cplusplus
extern "C" {
#endif

struct variable {
    struct text_view name;
    struct value value;
    struct variable *next;
};

/* What is set where: a loop's turn, a macro's call, a captured block; the template. */
struct frame {
    struct variable *variables;
    struct frame *outer; /* seen through, but not set */
};

struct macro {
    const struct node *node;
    struct frame *frame; /* in which it stands */
};

enum flow { FLOW_ON, FLOW_BREAK, FLOW_CONTINUE };

struct rendering {
    struct arena arena;
    struct buffer *out;
    struct frame *frame;
    uint64_t steps; /* left */
    unsigned depth; /* of evaluations in each other */
    uint32_t line;
    enum flow flow;
    time_t now;
    enum jinja_verdict verdict;
    struct ls_error *err;
    /* Where memory has run out: */
    struct list no_list;
    struct dict no_dict;
};

__attribute__((format(printf, 3, 4))) struct value
run_fail(struct rendering *run, enum jinja_verdict verdict, const char *format, ...);
bool run_failed(const struct rendering *run);

/* Work of so many bytes or items; false: a failure. */
bool run_step(struct rendering *run, size_t work);

/* Too deep: a failure. Each is followed by run_up. */
bool run_down(struct rendering *run);
void run_up(struct rendering *run);

void run_add(struct rendering *run, struct buffer *buffer, const char *bytes, size_t size);
struct value run_text(const struct buffer *buffer); /* of what is in it */
void run_set(struct rendering *run, struct text_view name, struct value value);

/* ---- run.c, expression.c ---- */

void run_body(struct rendering *run, const struct node *body);
struct value run_macro(struct rendering *run, const struct macro *macro, const struct node *call);
struct value run_capture(struct rendering *run, const struct node *body);
struct value evaluate(struct rendering *run, const struct node *node);

/* ---- operators.c ---- */

struct value operate(struct rendering *run, struct text_view name, struct value a, struct value b);
bool compare(struct rendering *run, struct text_view name, struct value a, struct value b);
bool contains(struct rendering *run, struct value whole, struct value part);
bool is_key(struct rendering *run, struct value value); /* of a dict; false: a failure */

/* ---- access.c ---- */

struct value get_attribute(struct rendering *run, struct value of, struct text_view name);
struct value get_item(struct rendering *run, struct value of, struct value index);

/* bounds: NONE if not given */
struct value get_slice(struct rendering *run, struct value of, const struct value bounds[3]);

/* ---- what has a name: filters, tests, functions, methods ---- */

#define SLOTS 4

struct arguments {
    struct value *values; /* [count] */
    size_t count;
    struct pair *named; /* [named_count], keys are texts */
    size_t named_count;
};

/* a: one value for each parameter, UNDEFINED if it is not given; or, without parameters, as called.
 */
typedef struct value builtin_run(struct rendering *run, struct value self,
                                 const struct arguments *a);

struct builtin {
    const char *name;
    builtin_run *run;
    const char *parameters; /* "old,new,count"; NULL: it reads its arguments itself */
    unsigned needed;        /* of them */
};

struct arguments evaluate_arguments(struct rendering *run, const struct node *list);
struct value call_builtin(struct rendering *run, const struct builtin *builtin, struct value self,
                          const struct arguments *arguments);

/* NULL: there is none */
const struct builtin *find_filter(struct text_view name);
const struct builtin *find_list_filter(struct text_view name);
const struct builtin *find_test(struct text_view name);
const struct builtin *find_function(struct text_view name);
const struct builtin *find_method(struct value of, struct text_view name);

struct value apply_filter(struct rendering *run, struct text_view name, struct value self,
                          const struct arguments *arguments);
bool apply_test(struct rendering *run, struct text_view name, struct value self,
                const struct arguments *arguments);

/* ---- texts: what filters and methods share ---- */

struct value text_strip(struct rendering *run, struct text_view text, struct value letters,
                        bool before, bool behind);
struct value text_case(struct rendering *run, struct text_view text, char how); /* u, l, c, t */
struct value text_replace(struct rendering *run, struct text_view text, struct value from,
                          struct value to, struct value count);

/* An integer that may be left out. */
int64_t argument_integer(struct rendering *run, struct value value, int64_t otherwise);

/* A text, or a failure and "". */
struct text_view argument_text(struct rendering *run, struct value value);

#ifdef __cplusplus
}
#endif
#endif
