/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as a model. It is refused with one line or opens, and then has every tensor
 * of its roles with the shape that its sizes ask for. Begins with a small model of each family.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "csrc/model/model.h"
#include "gguf_tools/convert/model_shape.h"
#include "gguf_tools/convert/vocabulary.h"

#define FOLDER "build/fuzz/model/"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_model: %s\n", what);
        abort();
    }
}

static void write_seed(enum family_number family, bool tied) {
    const struct model_shape shape = {.dim = 4,
                                      .hidden = 2,
                                      .layers = 1,
                                      .heads = 2,
                                      .kv_heads = 1,
                                      .vocab = 3,
                                      .context = 8,
                                      .type = GGML_TYPE_F32,
                                      .tied = tied,
                                      .family = family,
                                      .experts = family_at(family)->experts != 0 ? 2 : 0,
                                      .experts_used = family_at(family)->experts != 0};
    struct gguf_string pieces[3] = {{"<unk>", 5}, {"<s>", 3}, {"</s>", 4}};
    float scores[3] = {0};
    int32_t types[3] = {TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_CONTROL};
    const struct vocabulary v = {.count = 3, .pieces = pieces, .scores = scores, .types = types};
    static const uint8_t zeros[4096];
    struct gguf_writer *w;
    struct model_tensor t;
    struct ls_error err;
    char path[64];
    snprintf(path, sizeof path, FOLDER "%s%d", family_at(family)->arch, tied);
    if (gguf_writer_open(path, &w, &err) != 0)
        check(false, err.text);
    model_write_metadata(w, &shape, "seed");
    vocabulary_write(w, &v);
    for (uint32_t i = 0; model_tensor_at(&shape, i, &t); i++)
        model_declare(w, &t);
    for (uint64_t left; (left = gguf_writer_left(w)) > 0;)
        check(gguf_writer_data(w, zeros, left < sizeof zeros ? left : sizeof zeros) == 0,
              "a seed cannot be written");
    if (gguf_writer_finish(w, &err) != 0)
        check(false, err.text);
    struct ls_model *m;
    if (ls_model_open(path, &m, &err) != 0)
        check(false, err.text);
    ls_model_close(m);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    mkdir(FOLDER, 0777);
    for (int family = 0; family < FAMILY_COUNT; family++) {
        write_seed((enum family_number)family, false);
        write_seed((enum family_number)family, true);
    }
    return 0;
}

static void check_tensor(const struct ls_model *m, enum role role, const struct gguf_tensor *t) {
    const struct role_sizes sizes = ls_model_sizes(m);
    check(t != NULL, "a tensor is missing");
    if (role != ROLE_OUTPUT || !m->tied)
        check(t->ne[0] == role_columns(role, &sizes) && t->ne[1] == role_rows(role, &sizes) &&
                  t->ne[2] == role_matrices(role, &sizes),
              "a tensor of another shape");
    check(type_info_of(t->type)->decoded, "a type that the device does not decode");
}

static void use(const struct ls_model *m) {
    check(m->heads % m->kv_heads == 0 && m->n_rot <= m->head_dim && m->n_rot % 2 == 0, "heads");
    for (enum role role = 0; role < ROLES; role++) {
        if ((m->roles & ROLE_BIT(role)) == 0)
            continue;
        if (!role_is_of_layer(role))
            check_tensor(m, role, m->tensor[role]);
        for (uint32_t layer = 0; role_is_of_layer(role) && layer < m->layers; layer++)
            check_tensor(m, role, m->layer[layer].tensor[role]);
    }
    check(m->experts == 0 || (m->experts_used > 0 && m->experts_used <= m->experts), "experts");
    for (uint32_t i = 0; i < m->eog_count; i++)
        check(m->eog[i] < m->vocab, "an end that is no token");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct gguf *g;
    struct ls_model *m;
    struct ls_error err = {""};
    if (gguf_open_memory("fuzz", data, size, &g, &err) != 0)
        return 0;
    if (ls_model_from_gguf(g, &m, &err) == 0)
        use(m);
    else
        check(m == NULL && err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line");
    ls_model_close(m);
    return 0;
}
