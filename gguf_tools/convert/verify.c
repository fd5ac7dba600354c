/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf verify`: whether files are whole and sound. The reader checks the structure and stops at
 * its first fault, since what follows hangs on it; then come metadata, vocabulary, the order of the
 * tensors and every weight. What was looked at is given back, so that memory stays small.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "csrc/base/sha256.h"
#include "csrc/base/text.h"
#include "csrc/gguf/dequant.h"
#include "findings.h"
#include "gguf_tools/commands.h"
#include "show.h"

#define PIECE    ((uint64_t)1 << 22) /* bytes hashed at a time; a multiple of a page */
#define AT_ONCE  16384u              /* weights, a multiple of all blocks */
#define LONG_RUN ((uint64_t)1 << 27) /* bytes from which on progress is shown */

struct verify_settings {
    char **files;
    int count;
    bool sha256;
};

static const struct verify_settings defaults = {NULL, 0, false};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(verify_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "FILE...", REST, files, .second = offsetof(struct verify_settings, count),
        .required = true),
    ROW("sha256", NULL, FLAG, sha256, .help = "print the digest of each file and tensor"),
};
#undef ROW

const struct options gguf_verify_options = {
    .program = "gguf verify",
    .about = "Says what is wrong with GGUF files, a line each: structure, vocabulary, and weights "
             "that are not finite. Exit status: 0 nothing is, 2 something is.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

void finding(struct findings *f, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    const int size = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    f->count++;
    text_line(stdout, f->path, strlen(f->path));
    fputs(": ", stdout);
    text_line(stdout, text, size < (int)sizeof text ? (size_t)size : sizeof text - 1);
    putchar('\n');
    fflush(stdout);
}

/* ---- how far it is ---- */

struct progress {
    uint64_t all, done; /* bytes to look at */
    bool shown;
    int percent;
};

static void progress_add(struct progress *p, uint64_t bytes) {
    p->done += bytes;
    const int percent = (int)(100.0 * (double)p->done / (double)p->all);
    if (!p->shown || percent == p->percent)
        return;
    p->percent = percent;
    fprintf(stderr, "\rgguf verify: %d %%%s", percent, p->done == p->all ? "\r\33[K" : "");
    fflush(stderr);
}

/* ---- what the map holds ---- */

/* Lets go of what was read of the map, which can be read again. */
static void release(const struct gguf *g, uint64_t at, uint64_t size) {
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t from = (at + page - 1) / page * page, to = (at + size) / page * page;
    if (g->mapped && to > from)
        (void)madvise((void *)(uintptr_t)(g->map + from), (size_t)(to - from), MADV_DONTNEED);
}

static void digest(const struct gguf *g, uint64_t at, uint64_t size, struct progress *p,
                   char hex[SHA256_HEX]) {
    struct sha256 sum;
    sha256_start(&sum);
    for (uint64_t done = 0; done < size;) {
        const uint64_t part = size - done < PIECE ? size - done : PIECE;
        sha256_add(&sum, g->map + at + done, part);
        release(g, at + done, part);
        progress_add(p, part);
        done += part;
    }
    sha256_finish(&sum, hex);
}

static void print_digests(const struct gguf *g, struct progress *p) {
    char hex[SHA256_HEX], path[GGUF_PATH_SIZE];
    for (uint32_t i = 0; i < g->parts; i++) {
        gguf_part_path(g, i, path);
        digest(g, g->part != NULL ? g->part[i].at : 0, g->part != NULL ? g->part[i].size : g->size,
               p, hex);
        printf("%s  ", hex);
        text_line(stdout, path, strlen(path));
        putchar('\n');
    }
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        digest(g, t->offset, t->size, p, hex);
        printf("%s  ", hex);
        text_line(stdout, g->path, strlen(g->path));
        putchar(' ');
        text_line(stdout, t->name.data, (size_t)t->name.size);
        putchar('\n');
        fflush(stdout);
    }
}

/* ---- metadata ---- */

static void verify_metadata(struct findings *f, const struct gguf *g) {
    struct gguf_string arch;
    if (gguf_get_string(g, "general.architecture", &arch) != GGUF_FOUND)
        finding(f, "general.architecture: no such text");
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_kv *kv = &g->kvs[i];
        const bool list = kv->type == GGUF_ARRAY;
        const enum gguf_value_type type = list ? kv->array.type : kv->type;
        if (type != GGUF_F32 && type != GGUF_F64)
            continue;
        const uint64_t count = list ? kv->array.count : 1;
        uint64_t odd = 0, first = 0;
        double value = 0;
        for (uint64_t k = 0; k < count; k++) {
            const uint8_t *data = list ? kv->array.data : kv->data;
            const double x = load_scalar(type, data + k * gguf_value_type_bytes(type)).real;
            /* tokens that are never chosen may have a score of minus infinity */
            if ((list ? isnan(x) : !isfinite(x)) && odd++ == 0) {
                first = k;
                value = x;
            }
        }
        if (odd > 0)
            finding(f,
                    "%.*s: %" PRIu64 " of %" PRIu64 " values are not finite, first %" PRIu64 ": %g",
                    (int)(kv->key.size < 200 ? kv->key.size : 200), kv->key.data, odd, count, first,
                    value);
    }
}

/* ---- where tensors lie ---- */

static int compare_offsets(const void *a, const void *b) {
    const struct gguf_tensor *x = *(const struct gguf_tensor *const *)a;
    const struct gguf_tensor *y = *(const struct gguf_tensor *const *)b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The tensors of a part, `count` of them in order: nothing between them and behind them. */
static void verify_gaps(struct findings *f, const struct gguf *g, uint32_t part,
                        const struct gguf_tensor *const *t, uint64_t count) {
    const uint64_t at = g->part != NULL ? g->part[part].at : 0;
    const uint64_t size = g->part != NULL ? g->part[part].size : g->size;
    uint64_t next = part == 0 ? g->data_offset : 0; /* of a later part the reader keeps none */
    for (uint64_t i = 0; i < count; i++) {
        if (next != 0 && t[i]->offset > next)
            finding(f, "tensor %.*s: %" PRIu64 " bytes before it belong to no tensor",
                    (int)t[i]->name.size, t[i]->name.data, t[i]->offset - next);
        const uint64_t end = t[i]->offset - at + t[i]->size;
        next = at + (end + g->alignment - 1) / g->alignment * g->alignment;
    }
    if (count > 0 && at + size > next)
        finding(f, "%" PRIu64 " bytes behind the last tensor%s belong to none", at + size - next,
                g->parts > 1 ? " of a part" : "");
}

static void verify_places(struct findings *f, const struct gguf *g) {
    const struct gguf_tensor **order = calloc((size_t)g->tensor_count + 1, sizeof *order);
    if (order == NULL) {
        finding(f, "tensors: out of memory");
        return;
    }
    for (uint64_t i = 0; i < g->tensor_count; i++)
        order[i] = &g->tensors[i];
    qsort(order, (size_t)g->tensor_count, sizeof *order, compare_offsets);
    uint64_t first = 0;
    for (uint32_t part = 0; part < g->parts; part++) {
        const uint64_t end = g->part != NULL ? g->part[part].at + g->part[part].size : g->size;
        uint64_t count = 0;
        while (first + count < g->tensor_count && order[first + count]->offset < end)
            count++;
        verify_gaps(f, g, part, order + first, count);
        first += count;
    }
    free(order);
}

/* ---- weights ---- */

/* Those that are not finite among `count` (whole blocks) from `at` on. */
static uint64_t count_odd(const struct gguf_tensor *t, uint64_t at, uint64_t count, uint64_t *first,
                          double *value) {
    float values[AT_ONCE];
    uint64_t odd = 0;
    const uint8_t *data = t->data + type_row_bytes(type_info_of(t->type), at);
    if (t->type != GGML_TYPE_F64)
        (void)dequant_row(t->type, data, values, count);
    for (uint64_t i = 0; i < count; i++) {
        const double x =
            t->type == GGML_TYPE_F64 ? load_scalar(GGUF_F64, data + 8 * i).real : (double)values[i];
        if (!isfinite(x) && odd++ == 0) {
            *first = at + i;
            *value = x;
        }
    }
    return odd;
}

/* Whether its weights could be looked at. Integers are finite. */
static bool verify_weights(struct findings *f, const struct gguf *g, const struct gguf_tensor *t,
                           struct progress *p) {
    const uint64_t count = t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
    uint64_t odd = 0, first = 0;
    double value = 0;
    const bool whole = t->type >= GGML_TYPE_I8 && t->type <= GGML_TYPE_I64;
    if (whole || (t->type != GGML_TYPE_F64 && !dequant_known(t->type))) {
        progress_add(p, t->size);
        return whole;
    }
    for (uint64_t at = 0; at < count; at += AT_ONCE) {
        const uint64_t part = count - at < AT_ONCE ? count - at : AT_ONCE;
        uint64_t here = 0;
        double x = 0;
        const uint64_t more = count_odd(t, at, part, &here, &x);
        if (odd == 0 && more > 0) {
            first = here;
            value = x;
        }
        odd += more;
        const uint64_t from = type_row_bytes(type_info_of(t->type), at);
        const uint64_t bytes = type_row_bytes(type_info_of(t->type), part);
        if (at / AT_ONCE % 64 == 63)
            release(g, t->offset, from + bytes);
        progress_add(p, bytes);
    }
    release(g, t->offset, t->size);
    if (odd > 0)
        finding(f,
                "tensor %.*s: %" PRIu64 " of %" PRIu64 " elements are not finite, first "
                "element %" PRIu64 ": %g",
                (int)t->name.size, t->name.data, odd, count, first, value);
    return true;
}

/* What was looked at, of a file without a finding. */
struct looked {
    uint64_t elements, unread; /* of tensors whose type can be read, and others */
    enum ggml_type type;       /* one of the others */
};

static struct looked verify_tensors(struct findings *f, const struct gguf *g, struct progress *p) {
    struct looked l = {0, 0, GGML_TYPE_F32};
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        const uint64_t count = t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
        if (verify_weights(f, g, t, p)) {
            l.elements += count;
        } else {
            l.unread += count;
            l.type = t->type;
        }
    }
    return l;
}

static void print_sound(const struct gguf *g, const struct looked *l) {
    struct gguf_array tokens = {.count = 0};
    (void)gguf_get_array(g, "tokenizer.ggml.tokens", &tokens);
    text_line(stdout, g->path, strlen(g->path));
    printf(": sound: %" PRIu64 " tokens, %" PRIu64 " tensors, %" PRIu64 " elements finite",
           tokens.count, g->tensor_count, l->elements);
    if (l->unread > 0)
        printf(", %" PRIu64 " of types that cannot be read (%s)", l->unread,
               type_info_of(l->type)->name);
    putchar('\n');
}

static bool verify(const char *path, const struct verify_settings *s) {
    struct findings f = {path, 0};
    struct progress p = {0};
    struct gguf *g;
    struct ls_error err;
    if (gguf_open(path, &g, &err) != 0) {
        text_line(stdout, err.text, strlen(err.text)); /* it begins with the file's name */
        putchar('\n');
        return false;
    }
    for (uint64_t i = 0; i < g->tensor_count; i++)
        p.all += g->tensors[i].size * (s->sha256 ? 2 : 1);
    p.all += s->sha256 ? g->size : 0;
    p.shown = p.all > LONG_RUN && isatty(STDERR_FILENO);
    if (s->sha256)
        print_digests(g, &p);
    verify_metadata(&f, g);
    verify_vocabulary(&f, g);
    verify_places(&f, g);
    const struct looked l = verify_tensors(&f, g, &p);
    if (f.count == 0)
        print_sound(g, &l);
    gguf_close(g);
    return f.count == 0;
}

int gguf_verify(int argc, char **argv) {
    struct verify_settings s;
    const int told = gguf_options(&gguf_verify_options, argc, argv, &s);
    if (told >= 0)
        return told;
    bool sound = true;
    for (int i = 0; i < s.count; i++)
        sound &= verify(s.files[i], &s);
    return sound ? GGUF_DONE : GGUF_BAD_INPUT;
}
