/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * 32-bit words, little-endian as on every host that the project builds on: a header, the sampler,
 * the tokens, a word of 17 for each block of K and V, and a CRC-32 of all before it.
 */
#include "checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "csrc/base/output.h"
#include "golden_state.h"

#define MAGIC   0x4b43534cu /* "LSCK" */
#define VERSION 3u

struct header {
    uint32_t magic, version;
    uint32_t model; /* CRC-32 of act_bits and of the whole model file: every weight counts */
    uint32_t sampler_bytes;
    uint32_t known, prompt, computed;
    uint32_t blocks; /* of K and V */
};

static uint32_t model_mark(const struct golden *g) {
    const struct gguf *file = g->model->gguf;
    const uLong crc = crc32_z(0, (const Bytef *)&g->act_bits, sizeof g->act_bits);
    return (uint32_t)crc32_z(crc, file->map, file->size);
}

static uint32_t blocks_of(const struct golden *g, uint32_t positions) {
    return positions * g->model->layers * 2 * g->model->kv_heads * g->head_blocks;
}

/* The place of the n-th block in the file. */
static struct golden_kv_place place_of(const struct golden *g, uint32_t n) {
    struct golden_kv_place p = {.block = n % g->head_blocks};
    n /= g->head_blocks;
    p.head = n % g->model->kv_heads;
    n /= g->model->kv_heads;
    p.value = n % 2;
    n /= 2;
    p.layer = n % g->model->layers;
    p.position = n / g->model->layers;
    return p;
}

static size_t total_bytes(const struct header *h) {
    return sizeof *h + h->sampler_bytes + 4 * (size_t)h->known +
           4 * GOLDEN_KV_BLOCK_WORDS * (size_t)h->blocks + 4;
}

int checkpoint_write(const char *path, const struct golden *g, const struct checkpoint *c,
                     struct ls_error *err) {
    const struct header h = {.magic = MAGIC,
                             .version = VERSION,
                             .model = model_mark(g),
                             .sampler_bytes = sizeof c->sampler,
                             .known = c->known,
                             .prompt = c->prompt,
                             .computed = c->computed,
                             .blocks = blocks_of(g, c->computed)};
    const size_t bytes = total_bytes(&h);
    uint8_t *image = calloc(1, bytes), *at = image;
    struct output out;
    if (image == NULL)
        return ls_error_set(err, "%s: out of memory", path);
    memcpy(at, &h, sizeof h);
    at += sizeof h;
    memcpy(at, &c->sampler, sizeof c->sampler);
    at += sizeof c->sampler;
    memcpy(at, c->tokens, 4 * (size_t)c->known);
    at += 4 * (size_t)c->known;
    for (uint32_t i = 0; i < h.blocks; i++, at += 4 * GOLDEN_KV_BLOCK_WORDS) {
        uint32_t word[GOLDEN_KV_BLOCK_WORDS];
        struct golden_kv_place place = place_of(g, i);
        place.sequence = c->sequence;
        golden_kv_get(g, &place, word);
        memcpy(at, word, sizeof word);
    }
    const uint32_t crc = (uint32_t)crc32_z(0, image, bytes - 4);
    memcpy(at, &crc, 4);

    int status = output_open(&out, path, err);
    if (status == 0) {
        fwrite(image, bytes, 1, out.file);
        status = output_close(&out, err);
    }
    free(image);
    return status;
}

/* Reads the whole file; NULL with `err`. */
static uint8_t *read_image(const char *path, size_t *bytes, struct ls_error *err) {
    FILE *file = fopen(path, "rb");
    uint8_t *image = NULL;
    long size = -1;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 &&
        fseek(file, 0, SEEK_SET) == 0)
        image = malloc((size_t)size);
    if (image != NULL && fread(image, (size_t)size, 1, file) != 1) {
        free(image);
        image = NULL;
    }
    if (image == NULL)
        ls_error_set(err, "%s: %s", path, file == NULL ? strerror(errno) : "cannot be read");
    if (file != NULL)
        fclose(file);
    *bytes = image != NULL ? (size_t)size : 0;
    return image;
}

/* Tokens that the model has; mantissas and a shift as docs/numerics.md has them. */
static bool is_sound(const struct golden *g, const struct header *h, const uint8_t *tokens) {
    const uint8_t *at = tokens + 4 * (size_t)h->known;
    uint32_t token, word[GOLDEN_KV_BLOCK_WORDS];
    for (uint32_t i = 0; i < h->known; i++) {
        memcpy(&token, tokens + 4 * (size_t)i, 4);
        if (token >= g->model->vocab)
            return false;
    }
    for (uint32_t i = 0; i < h->blocks; i++, at += sizeof word) {
        memcpy(word, at, sizeof word);
        for (unsigned m = 0; m + 1 < GOLDEN_KV_BLOCK_WORDS; m++)
            if ((word[m] & 0xffffu) == 0x8000u || word[m] >> 16 == 0x8000u)
                return false;
        if (word[GOLDEN_KV_BLOCK_WORDS - 1] > 31)
            return false;
    }
    return true;
}

static int take_image(const char *path, const uint8_t *image, size_t bytes, struct golden *g,
                      struct checkpoint *c, struct ls_error *err) {
    struct header h;
    uint32_t crc;
    if (bytes < sizeof h + 4)
        return ls_error_set(err, "%s: not a checkpoint", path);
    memcpy(&h, image, sizeof h);
    memcpy(&crc, image + bytes - 4, 4);
    if (h.magic != MAGIC || h.version != VERSION || h.sampler_bytes != sizeof c->sampler)
        return ls_error_set(err, "%s: not a checkpoint of this version", path);
    if (bytes != total_bytes(&h) || crc != (uint32_t)crc32_z(0, image, bytes - 4))
        return ls_error_set(err, "%s: damaged: the checksum is another", path);
    if (h.model != model_mark(g))
        return ls_error_set(err, "%s: a checkpoint of another model", path);
    if (h.known > g->context || h.computed >= h.known || h.prompt == 0 || h.prompt > h.known ||
        h.blocks != blocks_of(g, h.computed))
        return ls_error_set(err, "%s: %u tokens do not fit a context of %u; raise --context", path,
                            h.known, g->context);
    if (!is_sound(g, &h, image + sizeof h + sizeof c->sampler))
        return ls_error_set(err, "%s: tokens, K or V that the model cannot have", path);
    c->tokens = calloc((size_t)g->context + 1, sizeof *c->tokens);
    if (c->tokens == NULL)
        return ls_error_set(err, "%s: out of memory", path);
    c->known = h.known;
    c->prompt = h.prompt;
    c->computed = h.computed;
    image += sizeof h;
    memcpy(&c->sampler, image, sizeof c->sampler);
    image += sizeof c->sampler;
    memcpy(c->tokens, image, 4 * (size_t)h.known);
    image += 4 * (size_t)h.known;
    for (uint32_t i = 0; i < h.blocks; i++, image += 4 * GOLDEN_KV_BLOCK_WORDS) {
        uint32_t word[GOLDEN_KV_BLOCK_WORDS];
        const struct golden_kv_place place = place_of(g, i);
        memcpy(word, image, sizeof word);
        golden_kv_set(g, &place, word);
    }
    golden_kv_resize(g, 0, h.computed);
    return 0;
}

int checkpoint_read(const char *path, struct golden *golden, struct checkpoint *c,
                    struct ls_error *err) {
    size_t bytes;
    uint8_t *image = read_image(path, &bytes, err);
    memset(c, 0, sizeof *c);
    const int status = image != NULL ? take_image(path, image, bytes, golden, c, err) : -1;
    free(image);
    return status;
}
