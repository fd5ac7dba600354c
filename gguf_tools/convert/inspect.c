/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf inspect`: the metadata and the tensor table of a file, for a person or
 * as JSON. Shows any sound GGUF, whatever the architecture or the types.
 */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "csrc/base/text_json.h"
#include "csrc/gguf/gguf.h"
#include "gguf_tools/commands.h"
#include "inspect_model.h"
#include "show.h"

struct inspect_settings {
    const char *file;
    bool json, pieces;
};

static const struct inspect_settings defaults = {NULL, false, false};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(inspect_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "FILE", TEXT, file, .required = true),
    ROW("json", NULL, FLAG, json,
        .help = "one JSON object: file, parts, bytes, version, alignment, metadata, tensors"),
    ROW("pieces", NULL, FLAG, pieces, .excludes = "json",
        .help = "the vocabulary as wave viewers want it: token, hexadecimal, and its text"),
};
#undef ROW

const struct options gguf_inspect_options = {
    .program = "gguf inspect",
    .about = "Shows the metadata and the tensors of a GGUF file.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

/* ---- for a person ---- */

/* Tensors, parameters and bytes of each type, and of all. */
static void print_totals(const struct gguf *g) {
    struct {
        uint64_t tensors, parameters, bytes;
    } of[LOCKSTEP_TYPE_LIMIT + 1] = {0}; /* the last one: all */
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        const unsigned rows[] = {t->type, LOCKSTEP_TYPE_LIMIT};
        for (int k = 0; k < 2; k++) {
            of[rows[k]].tensors++;
            of[rows[k]].parameters += t->ne[0] * t->ne[1] * t->ne[2] * t->ne[3];
            of[rows[k]].bytes += t->size;
        }
    }
    printf("\ntotals\n  %-8s %8s %16s %16s\n", "type", "tensors", "parameters", "bytes");
    for (unsigned k = 0; k <= LOCKSTEP_TYPE_LIMIT; k++)
        if (of[k].tensors > 0)
            printf("  %-8s %8" PRIu64 " %16" PRIu64 " %16" PRIu64 "\n",
                   k < LOCKSTEP_TYPE_LIMIT ? type_info_of(k)->name : "all", of[k].tensors,
                   of[k].parameters, of[k].bytes);
    printf("\n%" PRIu64 " parameters\n", of[LOCKSTEP_TYPE_LIMIT].parameters);
}

static void print_person(const struct gguf *g) {
    char parts[64] = "";
    if (g->parts != 1) /* offsets count through all of them */
        snprintf(parts, sizeof parts, ", %" PRIu32 " parts one behind the other", g->parts);
    printf("%s: GGUF version %" PRIu32 "%s, %" PRIu64 " bytes, tensor data at %" PRIu64
           ", alignment %" PRIu32 "\n\nmetadata (%" PRIu64 ")\n",
           g->path, g->version, parts, g->size, g->data_offset, g->alignment, g->kv_count);
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_kv *kv = &g->kvs[i];
        printf("  %-*.*s  ", 42, (int)kv->key.size, kv->key.data);
        show_value(stdout, kv);
        putchar('\n');
    }
    printf("\ntensors (%" PRIu64 ")\n  %-28s %-8s %-22s %14s %14s\n", g->tensor_count, "name",
           "type", "shape", "offset", "bytes");
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        char shape[SHAPE_SIZE];
        shape_text(t, shape);
        printf("  %-28.*s %-8s %-22s %14" PRIu64 " %14" PRIu64 "\n", (int)t->name.size,
               t->name.data, type_info_of((uint32_t)t->type)->name, shape, t->offset, t->size);
    }
    print_totals(g);
    inspect_model(stdout, g->path);
}

/* ---- as JSON ---- */

/* Written in full: cJSON's numbers are doubles, exact only up to 2^53. */
static cJSON *json_u64(uint64_t value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    return cJSON_CreateRaw(digits);
}

static cJSON *json_scalar(enum gguf_value_type type, const uint8_t *data) {
    struct scalar s = load_scalar(type, data);
    char digits[32];
    switch (s.kind) {
    case SCALAR_BOOL:
        return cJSON_CreateBool(s.bits != 0);
    case SCALAR_FLOAT:
        return cJSON_CreateNumber(s.real);
    case SCALAR_SIGNED:
        snprintf(digits, sizeof digits, "%" PRId64, s.integer);
        return cJSON_CreateRaw(digits);
    default:
        return json_u64(s.bits);
    }
}

static void add_strings(cJSON *metadata, const char *key, const struct gguf_array *a) {
    struct text_view *texts = calloc((size_t)a->count + 1, sizeof *texts);
    uint64_t offset = 0;
    for (uint64_t i = 0; i < a->count && texts != NULL; i++) {
        const struct gguf_string text = gguf_array_next_string(a, &offset);
        texts[i] = (struct text_view){text.data, (size_t)text.size};
    }
    text_json_add_array(metadata, key, texts, texts != NULL ? (size_t)a->count : 0);
    free(texts);
}

static void add_value(cJSON *metadata, const char *key, const struct gguf_kv *kv) {
    const struct gguf_array *a = &kv->array;
    if (kv->type == GGUF_STRING) {
        text_json_add(metadata, key, kv->text.data, (size_t)kv->text.size);
    } else if (kv->type != GGUF_ARRAY) {
        cJSON_AddItemToObject(metadata, key, json_scalar(kv->type, kv->data));
    } else if (a->type == GGUF_STRING) {
        add_strings(metadata, key, a);
    } else {
        cJSON *json = cJSON_AddArrayToObject(metadata, key);
        for (uint64_t i = 0; i < a->count; i++)
            cJSON_AddItemToArray(
                json, json_scalar(a->type, a->data + i * gguf_value_type_bytes((uint32_t)a->type)));
    }
}

static cJSON *json_tensor(const struct gguf_tensor *t) {
    cJSON *json = cJSON_CreateObject(), *shape = cJSON_CreateArray();
    text_json_add(json, "name", t->name.data, (size_t)t->name.size);
    cJSON_AddStringToObject(json, "type", type_info_of((uint32_t)t->type)->name);
    for (uint32_t d = 0; d < t->n_dims; d++)
        cJSON_AddItemToArray(shape, json_u64(t->ne[d]));
    cJSON_AddItemToObject(json, "shape", shape);
    cJSON_AddItemToObject(json, "offset", json_u64(t->offset));
    cJSON_AddItemToObject(json, "bytes", json_u64(t->size));
    return json;
}

static int print_json(const struct gguf *g) {
    cJSON *root = cJSON_CreateObject();
    text_json_add(root, "file", g->path, strlen(g->path));
    cJSON_AddItemToObject(root, "parts", json_u64(g->parts));
    cJSON_AddItemToObject(root, "bytes", json_u64(g->size));
    cJSON_AddItemToObject(root, "version", json_u64(g->version));
    cJSON_AddItemToObject(root, "alignment", json_u64(g->alignment));
    cJSON_AddItemToObject(root, "data_offset", json_u64(g->data_offset));
    cJSON *metadata = cJSON_AddObjectToObject(root, "metadata");
    for (uint64_t i = 0; i < g->kv_count; i++) {
        const struct gguf_string name = g->kvs[i].key;
        char *key = NULL;
        size_t size;
        FILE *out = open_memstream(&key, &size);
        if (out == NULL)
            continue;
        text_line(out, name.data, (size_t)name.size);
        if (fclose(out) == 0)
            add_value(metadata, key, &g->kvs[i]);
        free(key);
    }
    cJSON *tensors = cJSON_AddArrayToObject(root, "tensors");
    for (uint64_t i = 0; i < g->tensor_count; i++)
        cJSON_AddItemToArray(tensors, json_tensor(&g->tensors[i]));
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    if (text == NULL)
        return -1;
    puts(text);
    cJSON_free(text);
    return 0;
}

/* A line a token: five digits, as the device's token buses have, and its piece without blanks. */
static int print_pieces(const struct gguf *g) {
    const struct gguf_kv *kv = gguf_find_kv(g, "tokenizer.ggml.tokens");
    uint64_t offset = 0;
    if (kv == NULL || kv->type != GGUF_ARRAY || kv->array.type != GGUF_STRING)
        return -1;
    for (uint64_t i = 0; i < kv->array.count; i++) {
        const struct gguf_string piece = gguf_array_next_string(&kv->array, &offset);
        printf("%05" PRIx64 " ", i);
        char shown[80];
        text_copy(shown, sizeof shown, piece.data, (size_t)piece.size);
        for (char *c = shown; *c != '\0'; c++)
            *c = *c == ' ' ? '_' : *c;
        puts(shown);
    }
    return 0;
}

int gguf_inspect(int argc, char **argv) {
    struct inspect_settings s;
    const int told = gguf_options(&gguf_inspect_options, argc, argv, &s);
    if (told >= 0)
        return told;
    struct gguf *g;
    struct ls_error err;
    if (gguf_open(s.file, &g, &err) != 0) {
        fprintf(stderr, "gguf inspect: %s\n", err.text);
        return GGUF_BAD_INPUT;
    }
    int status = 0;
    if (s.pieces && print_pieces(g) != 0) {
        fprintf(stderr, "gguf inspect: %s: no vocabulary\n", s.file);
        gguf_close(g);
        return GGUF_BAD_INPUT;
    }
    if (s.json)
        status = print_json(g);
    else if (!s.pieces)
        print_person(g);
    gguf_close(g);
    if (status != 0)
        fputs("gguf inspect: out of memory\n", stderr);
    return status == 0 ? GGUF_DONE : GGUF_FAILED;
}
