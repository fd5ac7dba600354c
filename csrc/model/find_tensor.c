/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * From a role to bytes of the file.
 */
#include "find_tensor.h"

#include <inttypes.h>
#include <stdio.h>

#include "csrc/gguf/dequant.h"

/* Tensors that files have in one, and how that one is named; the parts are its rows, or its
 * elements where it is a vector, in the order of the roles. */
static const struct fusion {
    const char *name;
    uint64_t parts;
} fusions[] = {
    {"attn_qkv.weight", ROLE_BIT(ROLE_ATTN_Q) | ROLE_BIT(ROLE_ATTN_K) | ROLE_BIT(ROLE_ATTN_V)},
    {"attn_qkv.bias",
     ROLE_BIT(ROLE_ATTN_Q_BIAS) | ROLE_BIT(ROLE_ATTN_K_BIAS) | ROLE_BIT(ROLE_ATTN_V_BIAS)},
    {"ffn_up.weight", ROLE_BIT(ROLE_FFN_GATE) | ROLE_BIT(ROLE_FFN_UP)},
};

/* What the whole of it must be, and where a part lies in it; both in rows, of a vector in columns.
 */
struct place {
    const struct gguf_tensor *whole;
    uint64_t first, count, of;
};

static const struct gguf_tensor *tensor_named(const struct ls_model *m, uint32_t layer,
                                              const char *bare) {
    char name[ROLE_NAME_SIZE];
    snprintf(name, sizeof name, "blk.%" PRIu32 ".%s", layer, bare);
    return gguf_find_tensor(m->gguf, name);
}

/* The fused tensor that holds the role in this layer, if the file has one and not the first of its
 * parts alone. */
static bool find_fused(const struct ls_model *m, enum role role, uint32_t layer,
                       struct place *place) {
    const struct role_sizes sizes = ls_model_sizes(m);
    const bool experts = m->experts != 0;
    const uint64_t roles =
        family_required(m->family, experts) | family_optional(m->family, experts);
    for (size_t i = 0; i < sizeof fusions / sizeof *fusions; i++) {
        const struct fusion *f = &fusions[i];
        if ((f->parts & ROLE_BIT(role)) == 0 || (f->parts & ~roles) != 0)
            continue;
        *place = (struct place){.whole = tensor_named(m, layer, f->name)};
        bool apart = false; /* has parts of their own */
        uint64_t alone = 0; /* rows of the part that the whole is named as */
        for (enum role part = 0; part < ROLES; part++) {
            if ((f->parts & ROLE_BIT(part)) == 0)
                continue;
            const uint64_t size =
                role_is_vector(part) ? role_columns(part, &sizes) : role_rows(part, &sizes);
            const struct gguf_tensor *own = tensor_named(m, layer, role_bare_name(part));
            apart = apart || (place->of == 0 && own != NULL);
            alone = own != NULL && own == place->whole ? size : alone;
            place->first += part < role ? size : 0;
            place->count = part == role ? size : place->count;
            place->of += size;
        }
        return place->whole != NULL && !apart && (alone == 0 || place->whole->ne[1] != alone);
    }
    return false;
}

bool model_has_role(const struct ls_model *m, enum role role) {
    char name[ROLE_NAME_SIZE];
    struct place place;
    role_name(role, 0, name);
    return gguf_find_tensor(m->gguf, name) != NULL || find_fused(m, role, 0, &place);
}

static int refuse_type(const struct ls_model *m, const struct gguf_tensor *t, bool vector,
                       struct ls_error *err) {
    const char *name = type_info_of(t->type)->name;
    if (vector && t->type != GGML_TYPE_F32)
        return ls_error_set(err, "%s: tensor %.*s: type %s where F32 is needed: %s", m->gguf->path,
                            (int)t->name.size, t->name.data, name,
                            dequant_known(t->type) ? "`gguf quantize IN OUT Q8_0` makes it so"
                                                   : "convert the original model again");
    if (!type_info_of(t->type)->decoded)
        return ls_error_set(err,
                            "%s: tensor %.*s: type %s is not supported: convert the original model "
                            "to F16 or Q8_0, for `gguf quantize` cannot read it",
                            m->gguf->path, (int)t->name.size, t->name.data, name);
    return 0;
}

/* The part of a sound fused tensor; a vector as one row. */
static int make_view(struct ls_model *m, const struct place *p, bool vector,
                     const struct gguf_tensor **out, struct ls_error *err) {
    struct gguf_tensor *view = &m->views[m->view_count++];
    const uint64_t unit = p->whole->size / p->of; /* bytes of a row, or of an element */
    *view = *p->whole;
    view->ne[0] = vector ? p->count : view->ne[0];
    view->ne[1] = vector ? 1 : p->count;
    view->offset += p->first * unit;
    view->data += p->first * unit;
    view->size = p->count * unit;
    *out = view;
    if (view->offset % 2 == 0)
        return 0;
    return ls_error_set(err,
                        "%s: tensor %.*s: its part from row %" PRIu64
                        " on lies at an odd address: `gguf quantize IN OUT Q8_0` makes it even",
                        m->gguf->path, (int)view->name.size, view->name.data, p->first);
}

/* "64 x 63", "64 x 96 x 8" */
static void shape_text(char text[96], const uint64_t *ne, uint32_t dims) {
    size_t size = 0;
    for (uint32_t d = 0; d < dims; d++)
        size += (size_t)snprintf(text + size, 96 - size, "%s%" PRIu64, d > 0 ? " x " : "", ne[d]);
}

static int refuse_shape(const struct ls_model *m, const struct gguf_tensor *t,
                        const uint64_t needed[3], struct ls_error *err) {
    char has[96], needs[96];
    const uint32_t dims = t->n_dims > 2 ? t->n_dims : 2;
    shape_text(has, t->ne, dims);
    shape_text(needs, needed, needed[2] > 1 ? 3 : 2);
    return ls_error_set(err, "%s: tensor %.*s: %s where %s is needed: convert the model again",
                        m->gguf->path, (int)t->name.size, t->name.data, has, needs);
}

/* Gains of which the file has a row for each head. */
static bool has_row_a_head(const struct ls_model *m, enum role role) {
    return (ROLES_HEAD_NORMS & ROLE_BIT(role)) != 0 && m->family->head_norm == HEAD_NORM_OWN;
}

int model_find_tensor(struct ls_model *m, enum role role, uint32_t layer, bool *used,
                      const struct gguf_tensor **out, struct ls_error *err) {
    const struct role_sizes sizes = ls_model_sizes(m);
    uint64_t columns = role_columns(role, &sizes), rows = role_rows(role, &sizes);
    const uint64_t matrices = role_matrices(role, &sizes);
    const bool vector = role_is_vector(role);
    char name[ROLE_NAME_SIZE];
    struct place place;
    role_name(role, layer, name);
    const struct gguf_tensor *t = gguf_find_tensor(m->gguf, name);
    const bool fused = role_is_of_layer(role) && find_fused(m, role, layer, &place);
    if (fused) {
        t = place.whole;
        columns = vector ? place.of : columns;
        rows = vector ? rows : place.of;
    }
    const bool by_heads = has_row_a_head(m, role);
    if (by_heads) {
        place = (struct place){.whole = t, .count = columns, .of = columns};
        rows = columns / m->head_dim;
        columns = m->head_dim;
    }
    if (t == NULL)
        return ls_error_set(err, "%s: tensor %s: missing: give a complete %s model", m->gguf->path,
                            name, m->family->arch);
    if (t->ne[0] != columns || t->ne[1] != rows || t->ne[2] != matrices || t->ne[3] != 1)
        return refuse_shape(m, t, (uint64_t[]){columns, rows, matrices}, err);
    if (refuse_type(m, t, vector, err) != 0)
        return -1;
    used[t - m->gguf->tensors] = true;
    *out = t;
    return fused || by_heads ? make_view(m, &place, vector, out, err) : 0;
}
