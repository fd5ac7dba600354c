/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf diff`: how two files differ, a line a difference. Where things lie in a file, and their
 * order, is no difference; the type of a value is one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "csrc/base/text.h"
#include "csrc/gguf/dequant.h"
#include "error_sums.h"
#include "gguf_tools/commands.h"
#include "show.h"

#define AT_ONCE 8192u /* weights, a multiple of all blocks */

struct diff_settings {
    const char *a, *b;
};

static const struct diff_settings defaults = {NULL, NULL};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(diff_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "A", TEXT, a, .required = true),
    ROW(NULL, "B", TEXT, b, .required = true),
};
#undef ROW

const struct options gguf_diff_options = {
    .program = "gguf diff",
    .about = "Says how GGUF file B differs from A: metadata, tensors, and the error of their "
             "values. Exit status: 0 equal, 1 different, 2 one cannot be read.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

static int compare(struct gguf_string a, struct gguf_string b) {
    const uint64_t common = a.size < b.size ? a.size : b.size;
    const int order = common > 0 ? memcmp(a.data, b.data, (size_t)common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static bool same_bytes(const uint8_t *a, uint64_t a_size, const uint8_t *b, uint64_t b_size) {
    return a_size == b_size && (a_size == 0 || memcmp(a, b, (size_t)a_size) == 0);
}

static void begin(const char *what, struct gguf_string name) {
    printf("%s ", what);
    text_line(stdout, name.data, (size_t)name.size);
    fputs(": ", stdout);
}

/* ---- metadata ---- */

static bool same_value(const struct gguf_kv *a, const struct gguf_kv *b) {
    if (a->type != b->type)
        return false;
    if (a->type == GGUF_STRING)
        return compare(a->text, b->text) == 0;
    if (a->type == GGUF_ARRAY)
        return a->array.type == b->array.type && a->array.count == b->array.count &&
               same_bytes(a->array.data, a->array.size, b->array.data, b->array.size);
    const uint32_t size = gguf_value_type_bytes(a->type);
    return same_bytes(a->data, size, b->data, size);
}

/* The first element that differs, of arrays of one type; UINT64_MAX: one is the other's begin. */
static uint64_t first_difference(const struct gguf_array *a, const struct gguf_array *b) {
    const uint32_t size = gguf_value_type_bytes(a->type);
    uint64_t at_a = 0, at_b = 0;
    for (uint64_t i = 0; i < a->count && i < b->count; i++)
        if (a->type == GGUF_STRING
                ? compare(gguf_array_next_string(a, &at_a), gguf_array_next_string(b, &at_b)) != 0
                : memcmp(a->data + i * size, b->data + i * size, size) != 0)
            return i;
    return UINT64_MAX;
}

static void show_element(const struct gguf_array *a, uint64_t index) {
    uint64_t offset = 0;
    struct gguf_string text = {"", 0};
    for (uint64_t i = 0; i <= index && a->type == GGUF_STRING; i++)
        text = gguf_array_next_string(a, &offset);
    if (a->type == GGUF_STRING)
        show_text(stdout, text, 40);
    else
        show_scalar(stdout, a->type, a->data + index * gguf_value_type_bytes(a->type));
}

static void show_typed(const struct gguf_kv *kv, bool typed) {
    if (typed)
        printf("%s ", gguf_value_type_name(kv->type));
    show_value(stdout, kv);
}

static void print_values(const struct gguf_kv *a, const struct gguf_kv *b) {
    const bool lists =
        a->type == GGUF_ARRAY && b->type == GGUF_ARRAY && a->array.type == b->array.type;
    const uint64_t first = lists ? first_difference(&a->array, &b->array) : UINT64_MAX;
    begin("key", a->key);
    if (first != UINT64_MAX) {
        printf("%" PRIu64 " and %" PRIu64 " x %s, first difference at %" PRIu64 ": ",
               a->array.count, b->array.count, gguf_value_type_name(a->array.type), first);
        show_element(&a->array, first);
        fputs(" | ", stdout);
        show_element(&b->array, first);
    } else {
        show_typed(a, a->type != b->type);
        fputs(" | ", stdout);
        show_typed(b, a->type != b->type);
    }
    putchar('\n');
}

/* Of how a model is cut into files. */
static bool is_of_split(struct gguf_string key) {
    return key.size > 6 && memcmp(key.data, "split.", 6) == 0;
}

static uint64_t diff_metadata(const struct gguf *a, const struct gguf *b) {
    uint64_t differences = 0;
    for (uint64_t i = 0, k = 0; i < a->kv_count || k < b->kv_count;) {
        const struct gguf_kv *x = i < a->kv_count ? &a->kvs[a->kv_order[i]] : NULL;
        const struct gguf_kv *y = k < b->kv_count ? &b->kvs[b->kv_order[k]] : NULL;
        const int order = x == NULL ? 1 : y == NULL ? -1 : compare(x->key, y->key);
        i += order <= 0;
        k += order >= 0;
        if (is_of_split(order <= 0 ? x->key : y->key) || (order == 0 && same_value(x, y)))
            continue;
        differences++;
        if (order == 0) {
            print_values(x, y);
            continue;
        }
        begin("key", order < 0 ? x->key : y->key);
        printf("only in %s: ", order < 0 ? "A" : "B");
        show_value(stdout, order < 0 ? x : y);
        putchar('\n');
    }
    return differences;
}

/* ---- tensors ---- */

static void add_errors(const struct gguf_tensor *a, const struct gguf_tensor *b,
                       struct error_sums *e) {
    float x[AT_ONCE], y[AT_ONCE];
    const uint64_t count = a->ne[0] * a->ne[1] * a->ne[2] * a->ne[3];
    for (uint64_t at = 0; at < count; at += AT_ONCE) {
        const uint64_t part = count - at < AT_ONCE ? count - at : AT_ONCE;
        (void)dequant_row(a->type, a->data + type_row_bytes(type_info_of(a->type), at), x, part);
        (void)dequant_row(b->type, b->data + type_row_bytes(type_info_of(b->type), at), y, part);
        error_sums_add(e, x, y, part, at);
    }
}

static void print_errors(const struct error_sums *e) {
    printf("rms error %.3e, relative %.3e", error_sums_rms(e), error_sums_relative(e));
    if (e->worst > 0)
        printf(", worst %.3e at element %" PRIu64 ": %.9g | %.9g", e->worst, e->worst_at,
               (double)e->source, (double)e->result);
    if (e->odd > 0)
        printf(", %" PRIu64 " not finite in one, first element %" PRIu64, e->odd, e->odd_at);
}

/* Both have it. Returns whether it differs. */
static bool diff_tensor(const struct gguf_tensor *a, const struct gguf_tensor *b) {
    const bool shape = memcmp(a->ne, b->ne, sizeof a->ne) != 0, type = a->type != b->type;
    struct error_sums e = {0};
    if (!shape && !type && same_bytes(a->data, a->size, b->data, b->size))
        return false;
    begin("tensor", a->name);
    if (shape) {
        char x[SHAPE_SIZE], y[SHAPE_SIZE];
        shape_text(a, x);
        shape_text(b, y);
        printf("%s | %s", x, y);
    }
    if (type)
        printf("%s%s | %s", shape ? ", " : "", type_info_of(a->type)->name,
               type_info_of(b->type)->name);
    if (!shape) {
        fputs(type ? ", " : "", stdout);
        if (dequant_known(a->type) && dequant_known(b->type)) {
            add_errors(a, b, &e);
            print_errors(&e);
        } else {
            printf("values of types that cannot be read");
        }
    }
    putchar('\n');
    fflush(stdout);
    return true;
}

static uint64_t diff_tensors(const struct gguf *a, const struct gguf *b) {
    uint64_t differences = 0;
    for (uint64_t i = 0, k = 0; i < a->tensor_count || k < b->tensor_count;) {
        const struct gguf_tensor *x = i < a->tensor_count ? &a->tensors[a->tensor_order[i]] : NULL;
        const struct gguf_tensor *y = k < b->tensor_count ? &b->tensors[b->tensor_order[k]] : NULL;
        const int order = x == NULL ? 1 : y == NULL ? -1 : compare(x->name, y->name);
        i += order <= 0;
        k += order >= 0;
        if (order == 0) {
            differences += diff_tensor(x, y);
            continue;
        }
        const struct gguf_tensor *t = order < 0 ? x : y;
        char shape[SHAPE_SIZE];
        shape_text(t, shape);
        begin("tensor", t->name);
        printf("only in %s: %s %s\n", order < 0 ? "A" : "B", type_info_of(t->type)->name, shape);
        differences++;
    }
    return differences;
}

int gguf_diff(int argc, char **argv) {
    struct diff_settings s;
    struct gguf *a = NULL, *b = NULL;
    struct ls_error err;
    const int told = gguf_options(&gguf_diff_options, argc, argv, &s);
    if (told >= 0)
        return told;
    int status = GGUF_BAD_INPUT;
    if (gguf_open(s.a, &a, &err) == 0 && gguf_open(s.b, &b, &err) == 0) {
        const uint64_t metadata = diff_metadata(a, b), tensors = diff_tensors(a, b);
        status = metadata + tensors == 0 ? GGUF_DONE : GGUF_FAILED;
    } else {
        fprintf(stderr, "gguf diff: %s\n", err.text);
    }
    gguf_close(a);
    gguf_close(b);
    return status;
}
