/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as a checkpoint of sim, of the library and of the server, into a golden
 * model of one layer. It is refused with one line, or read, and then the same when it is written
 * again, and the model goes on from it. An even first byte: the rest is the file. An odd one: the
 * rest stands behind a sound beginning, with the size and the checksum that it asks for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "csrc/base/text.h"
#include "csrc/golden/checkpoint.h"
#include "csrc/golden/golden_choose.h"
#include "gguf_tools/convert/model_shape.h"
#include "gguf_tools/convert/vocabulary.h"

#define FOLDER "build/fuzz/checkpoint/"
#define AGAIN  "build/fuzz/checkpoint-again"

enum { CONTEXT = 6, VOCAB = 8, HEADER = 8, KNOWN = 4, PROMPT = 5, COMPUTED = 6, BLOCKS = 7 };
static const struct sampler_settings settings = {
    .temperature = 0.5, .top_k = 4, .top_p = 1, .repeat_penalty = 1.5, .seed = 7};
static struct ls_model *model;
static struct golden *golden;
static uint32_t sound[HEADER]; /* of a sound file, */
static uint32_t of_position;   /* its blocks of K and V */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_checkpoint: %s\n", what);
        abort();
    }
}

/* The words of a header, then what follows it, as much as that asks for; to be freed. */
static uint8_t *mend(const uint8_t *data, size_t size, size_t *bytes) {
    uint32_t header[HEADER], crc;
    memcpy(header, sound, sizeof header);
    for (uint32_t i = KNOWN; i <= COMPUTED && size != 0; i++, data++, size--)
        header[i] = *data % (CONTEXT + 3);
    header[BLOCKS] = header[COMPUTED] * of_position;
    *bytes = sizeof header + sizeof(struct sampler) + 4 * (size_t)header[KNOWN] +
             4 * GOLDEN_KV_BLOCK_WORDS * (size_t)header[BLOCKS] + 4;
    uint8_t *file = calloc(1, *bytes);
    check(file != NULL, "no memory");
    memcpy(file, header, sizeof header);
    const size_t room = *bytes - sizeof header - 4;
    memcpy(file + sizeof header, data, size < room ? size : room);
    crc = (uint32_t)crc32_z(0, file, *bytes - 4);
    memcpy(file + *bytes - 4, &crc, 4);
    return file;
}

static void go_on(struct checkpoint *c) {
    struct ls_error err = {""};
    c->sampler.settings = settings; /* which those who read it compare with what was asked for */
    for (uint32_t i = c->computed; i < c->known; i++)
        if (golden_run(golden, 0, 0, i, c->tokens[i], i + 1 == c->known, &err) != 0) {
            check(err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line");
            return;
        }
    check(golden_choose(model, &c->sampler, golden_logits(golden, 0)) < VOCAB, "no token");
}

static void use(struct checkpoint *c, const uint8_t *file, size_t bytes) {
    struct ls_error err = {""};
    size_t again;
    check(c->known <= CONTEXT && c->computed < c->known && c->prompt != 0 && c->prompt <= c->known,
          "more than there is");
    for (uint32_t i = 0; i < c->known; i++)
        check(c->tokens[i] < VOCAB, "no token of the model");
    check(checkpoint_write(AGAIN, golden, c, &err) == 0, err.text);
    char *text = text_read(AGAIN, &again, &err);
    check(text != NULL && again == bytes && memcmp(text, file, bytes) == 0,
          "another checkpoint when it is written again");
    free(text);
    go_on(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct ls_error err = {""};
    struct checkpoint c;
    char path[40];
    if (size == 0)
        return 0;
    uint8_t *mended = data[0] % 2 != 0 ? mend(data + 1, size - 1, &size) : NULL;
    const uint8_t *file = mended != NULL ? mended : data + 1;
    size -= mended == NULL;
    const int fd = memfd_create("checkpoint", 0);
    check(fd >= 0 && write(fd, file, size) == (ssize_t)size, "no file");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (checkpoint_read(path, golden, &c, &err) == 0)
        use(&c, file, size);
    else
        check(c.tokens == NULL && err.text[0] != '\0' && strchr(err.text, '\n') == NULL, "no line");
    free(c.tokens);
    close(fd);
    free(mended);
    return 0;
}

static void make_model(const char *path) {
    const struct model_shape shape = {.dim = 8,
                                      .hidden = 8,
                                      .layers = 1,
                                      .heads = 2,
                                      .kv_heads = 1,
                                      .vocab = VOCAB,
                                      .context = CONTEXT,
                                      .type = GGML_TYPE_F32,
                                      .family = FAMILY_llama};
    struct gguf_string pieces[VOCAB] = {{"<unk>", 5}, {"<s>", 3}, {"</s>", 4}, {"a", 1},
                                        {"b", 1},     {"c", 1},   {"d", 1},    {"e", 1}};
    float scores[VOCAB] = {0}, values[64];
    int32_t types[VOCAB] = {TOKEN_UNKNOWN, TOKEN_CONTROL, TOKEN_CONTROL, 1, 1, 1, 1, 1};
    const struct vocabulary v = {
        .count = VOCAB, .pieces = pieces, .scores = scores, .types = types};
    struct gguf_writer *w;
    struct model_tensor t;
    struct ls_error err = {""};
    check(gguf_writer_open(path, &w, &err) == 0, err.text);
    model_write_metadata(w, &shape, "seed");
    vocabulary_write(w, &v);
    for (uint32_t i = 0; model_tensor_at(&shape, i, &t); i++)
        model_declare(w, &t);
    for (int i = 0; i < 64; i++)
        values[i] = (float)((i * 37 + 11) % 64 - 31) / 64;
    for (uint64_t left; (left = gguf_writer_left(w)) > 0;)
        check(gguf_writer_data(w, values, left < sizeof values ? left : sizeof values) == 0,
              "no model");
    check(gguf_writer_finish(w, &err) == 0, err.text);
}

/* A sound file to begin with, as it is and without what is mended. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct ls_error err = {""};
    uint32_t tokens[CONTEXT] = {1, 3, 4, 5};
    struct checkpoint c = {.tokens = tokens, .known = 4, .prompt = 3, .computed = 3};
    size_t size;
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    mkdir(FOLDER, 0777);
    make_model("build/fuzz/checkpoint.gguf");
    check(ls_model_open("build/fuzz/checkpoint.gguf", &model, &err) == 0 &&
              golden_open(model, 16, 1, 1, CONTEXT, &golden, &err) == 0,
          err.text);
    sampler_init(&c.sampler, &settings);
    for (uint32_t i = 0; i < c.computed; i++)
        check(golden_run(golden, 0, 0, i, tokens[i], false, &err) == 0, err.text);
    check(checkpoint_write(AGAIN, golden, &c, &err) == 0, err.text);
    char *file = text_read(AGAIN, &size, &err);
    check(file != NULL && size > sizeof sound, err.text);
    memcpy(sound, file, sizeof sound);
    of_position = sound[BLOCKS] / c.computed;
    for (int odd = 0; odd < 2; odd++) {
        const uint8_t head[] = {(uint8_t)odd, 4, 3, 3};
        FILE *out = fopen(odd ? FOLDER "mended" : FOLDER "whole", "wb");
        check(out != NULL, "no seed");
        fwrite(head, 1, odd ? 4 : 1, out);
        fwrite(file + (odd ? sizeof sound : 0), 1, size - (odd ? sizeof sound : 0), out);
        fclose(out);
    }
    free(file);
    return 0;
}
