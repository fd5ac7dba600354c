/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as a part of a run (sim --parts), of the first segment or of the last one.
 * It is as good as none, and then nothing has changed, or what it tells lies within what there is.
 * An even first byte: the rest is the file. An odd one: the file of a sound part with the rest over
 * it, at the offset that the next two bytes tell, and the sum that it asks for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "csrc/base/text.h"
#include "no_device.h"
#include "sim/run/sim_jobs.h"

#define FOLDER "build/fuzz/part/"
#define PARTS  "build/fuzz/parts"

enum { CONTEXT = 12, SEGMENTS = 2, SEAM = 4, VOCAB = 8, ROWS = 3 };
static struct jobs jobs;
static char *sound[SEGMENTS];
static size_t sound_size[SEGMENTS];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The one thing that is wanted of those who simulate segments. */
void sim_flag_set(uint32_t *flag) {
    *flag = 1;
}

static void check(bool good, const char *what) {
    if (!good) {
        fprintf(stderr, "fuzz_part: %s\n", what);
        abort();
    }
}

static void write_file(uint32_t segment, const void *bytes, size_t size) {
    char path[40];
    snprintf(path, sizeof path, PARTS "/part-%u", segment + 1);
    FILE *file = fopen(path, "wb");
    check(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "no file");
}

static void is_text(const char *text, size_t room) {
    check(memchr(text, '\0', room) != NULL, "a text without end");
}

static void use(const struct sim_segment *s) {
    const struct sim_run *r = &s->result;
    const struct sim_tally *seams[] = {&s->begin.tally, &s->end.tally};
    check(s->kept && s->generated >= s->first && s->generated <= s->last, "more than its tokens");
    for (uint32_t i = 0; i < s->generated; i++)
        check(s->tokens[i] < VOCAB, "no token of the model");
    check(s->row_count <= SIM_SEGMENT_WINDOWS && s->witnesses <= CONTEXT, "more than there is");
    for (int i = 0; i < 2; i++)
        check(seams[i]->rows <= s->row_count && seams[i]->witnesses <= s->witnesses,
              "a seam behind the end");
    check(s->finished || (s->ended && s->index + 1 < SEGMENTS), "it has no end");
    is_text(s->error.text, sizeof s->error.text);
    is_text(r->message, sizeof r->message);
    is_text(r->unwritten.text, sizeof r->unwritten.text);
    is_text(r->not_explained.text, sizeof r->not_explained.text);
    is_text(r->power.first, sizeof r->power.first);
    check(r->verdict <= SIM_INERT || r->verdict == SIM_INTERRUPTED, "no verdict");
    check(r->timed_out + r->explained + r->power.known + r->power.late + s->word + s->past <= 6,
          "neither true nor false");
}

static void begin(uint32_t i) {
    struct sim_segment *s = &jobs.all->segments[i];
    uint32_t *const tokens = s->tokens;
    struct ls_witness *const witness = s->witness;
    struct sim_window_row *const rows = s->rows;
    memset(s, 0, sizeof *s);
    s->all = jobs.all;
    s->index = i;
    s->first = i == 0 ? 0 : SEAM;
    s->last = i == 0 ? SEAM : CONTEXT - 2;
    s->tokens = tokens;
    s->witness = witness;
    s->rows = rows;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3)
        return 0;
    const uint32_t i = data[0] / 2 % SEGMENTS;
    if (data[0] % 2 == 0) {
        write_file(i, data + 1, size - 1);
    } else {
        const size_t room = sound_size[i] - SHA256_HEX;
        const size_t at = (size_t)(data[1] | data[2] << 8) % room;
        char *file = malloc(sound_size[i]);
        struct sha256 sum;
        check(file != NULL, "no memory");
        memcpy(file, sound[i], room);
        memcpy(file + at, data + 3, size - 3 < room - at ? size - 3 : room - at);
        sha256_start(&sum);
        sha256_add(&sum, file, room);
        sha256_finish(&sum, file + room);
        write_file(i, file, sound_size[i]);
        free(file);
    }
    begin(i);
    const struct sim_segment before = jobs.all->segments[i];
    if (part_read(&jobs, i))
        use(&jobs.all->segments[i]);
    else
        check(memcmp(&before, &jobs.all->segments[i], sizeof before) == 0, "something is left");
    return 0;
}

/* A sound part of each segment to begin with. */
int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static struct ls_model model = {.vocab = VOCAB, .layers = 1};
    static struct sim_options options = {.parts = PARTS};
    static struct sim_run run = {.options = &options, .model = &model, .context = CONTEXT};
    struct ls_error err = {""};
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    mkdir(FOLDER, 0777);
    jobs = (struct jobs){.run = &run, .all = calloc(1, sizeof *jobs.all), .key = "key"};
    check(jobs.all != NULL, "no memory");
    jobs.all->count = SEGMENTS;
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        struct sim_segment *s = &jobs.all->segments[i];
        char path[60], head = (char)(2 * i);
        s->tokens = calloc(CONTEXT + 1, sizeof *s->tokens);
        s->witness = calloc(CONTEXT + 1, sizeof *s->witness);
        s->rows = mmap(NULL, SIM_SEGMENT_WINDOWS * sizeof *s->rows, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        check(s->tokens != NULL && s->witness != NULL && s->rows != MAP_FAILED, "no memory");
        begin(i);
        s->generated = s->last;
        s->ended = i == 0;
        s->finished = i == 1;
        s->row_count = s->end.tally.rows = ROWS;
        s->witnesses = s->end.tally.witnesses = 2;
        check(part_write(&jobs, i, &err) == 0, err.text);
        snprintf(path, sizeof path, PARTS "/part-%u", i + 1);
        sound[i] = text_read(path, &sound_size[i], &err);
        check(sound[i] != NULL, err.text);
        begin(i);
        check(part_read(&jobs, i), "a sound part is none");
        snprintf(path, sizeof path, FOLDER "whole-%u", i + 1);
        FILE *out = fopen(path, "wb");
        check(out != NULL, "no seed");
        fwrite(&head, 1, 1, out);
        fwrite(sound[i], 1, sound_size[i], out);
        fclose(out);
    }
    return 0;
}
