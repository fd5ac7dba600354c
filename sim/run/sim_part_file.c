/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * A segment in a file, for the same program on machines of one kind: a header, the segment as it
 * lies in memory, its tokens, witnesses and power windows, and a SHA-256 of all before it. Pointers
 * in it mean nothing. That any bytes may have a right sum, too, must do no harm.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/folder.h"
#include "csrc/base/output.h"
#include "sim_jobs.h"

#define NAME_ROOM 16 /* "part-16" */

struct header {
    char magic[16];
    char key[SHA256_HEX];
    uint32_t segment;                  /* bytes */
    uint64_t anchor, rest_first, rest; /* struct sim_segments */
};
#define MAGIC "lockstep part\n"

static void name_of(uint32_t segment, char name[NAME_ROOM]) {
    snprintf(name, NAME_ROOM, "part-%u", segment + 1);
}

/* ---- what a part depends on ---- */

static int add_file(struct sha256 *sum, const char *path, struct ls_error *err) {
    char bytes[1 << 16];
    size_t size;
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return ls_error_set(err, "%s: %s", path, strerror(errno));
    while ((size = fread(bytes, 1, sizeof bytes, file)) > 0)
        sha256_add(sum, bytes, size);
    const bool whole = !ferror(file);
    fclose(file);
    return whole ? 0 : ls_error_set(err, "%s: cannot be read", path);
}

/* A number that was given as an option. Of texts, what they name is added. */
static void add_option(struct sha256 *sum, const struct option_row *row,
                       const struct sim_options *o) {
    static const size_t sizes[] = {
        [OPTION_FLAG] = sizeof(bool),       [OPTION_OFF] = sizeof(bool),
        [OPTION_U32] = sizeof(uint32_t),    [OPTION_U64] = sizeof(uint64_t),
        [OPTION_REAL] = sizeof(double),     [OPTION_U64_PAIR] = sizeof(uint64_t),
        [OPTION_CHOICE] = sizeof(uint32_t), [OPTION_CHOICE_OF] = sizeof(uint32_t),
    };
    const char *at = (const char *)o;
    if (row->name != NULL && strcmp(row->name, "part") == 0)
        return;
    sha256_add(sum, at + row->field, sizes[row->kind]);
    if (row->kind == OPTION_U64_PAIR)
        sha256_add(sum, at + row->second, sizes[row->kind]);
}

int part_key(const struct sim_run *run, char key[SHA256_HEX], struct ls_error *err) {
    const struct sim_options *o = run->options;
    const struct options table = sim_options_table(o);
    const char *plusargs = getenv("LOCKSTEP_PLUSARGS"); /* they switch planted faults on */
    struct sha256 sum;
    sha256_start(&sum);
    if (add_file(&sum, "/proc/self/exe", err) != 0 ||
        (o->power.profile != NULL && add_file(&sum, o->power.profile, err) != 0))
        return -1;
    sha256_add(&sum, run->model->gguf->map, run->model->gguf->size);
    sha256_add(&sum, run->texts[0].prompt, run->texts[0].prompt_count * sizeof(uint32_t));
    if (plusargs != NULL)
        sha256_add(&sum, plusargs, strlen(plusargs));
    for (size_t i = 0; i < table.row_count; i++)
        add_option(&sum, &table.rows[i], o);
    sha256_finish(&sum, key);
    return 0;
}

/* ---- the file ---- */

/* What follows the segment itself. */
struct pieces {
    size_t sizes[3];
    void *at[3];
};

static struct pieces pieces_of(const struct sim_segment *s) {
    return (struct pieces){{s->generated * sizeof *s->tokens, s->witnesses * sizeof *s->witness,
                            s->row_count * sizeof *s->rows},
                           {s->tokens, s->witness, s->rows}};
}

static void put(FILE *file, struct sha256 *sum, const void *bytes, size_t size) {
    fwrite(bytes, 1, size, file);
    sha256_add(sum, bytes, size);
}

int part_write(const struct jobs *j, uint32_t segment, struct ls_error *err) {
    const struct sim_segment *s = &j->all->segments[segment];
    const struct pieces p = pieces_of(s);
    struct header header = {.magic = MAGIC,
                            .segment = sizeof *s,
                            .anchor = j->all->anchor,
                            .rest_first = j->all->rest_first,
                            .rest = j->all->rest};
    struct sha256 sum;
    struct output out;
    char name[NAME_ROOM], digest[SHA256_HEX];
    memcpy(header.key, j->key, sizeof header.key);
    name_of(segment, name);
    if (folder_make(j->run->options->parts, err) != 0 ||
        output_open_in(&out, j->run->options->parts, name, err) != 0)
        return -1;
    sha256_start(&sum);
    put(out.file, &sum, &header, sizeof header);
    put(out.file, &sum, s, sizeof *s);
    for (size_t i = 0; i < 3; i++)
        put(out.file, &sum, p.at[i], p.sizes[i]);
    sha256_finish(&sum, digest);
    fwrite(digest, sizeof digest, 1, out.file);
    return output_close(&out, err);
}

static bool get(FILE *file, struct sha256 *sum, void *bytes, size_t size) {
    if (fread(bytes, 1, size, file) != size)
        return false;
    sha256_add(sum, bytes, size);
    return true;
}

/* ---- what it tells can be worked with ---- */

static bool is_bool(const bool *value) {
    unsigned char byte;
    memcpy(&byte, value, sizeof byte);
    return byte <= 1;
}

#define IS_TEXT(text) (memchr(text, '\0', sizeof(text)) != NULL)

static bool is_verdict(const enum sim_verdict *verdict) {
    int number;
    memcpy(&number, verdict, sizeof number);
    return (number >= SIM_PASS && number <= SIM_INERT) || number == SIM_INTERRUPTED;
}

/* Of the run, what is taken over from its last segment. */
static bool is_result(const struct sim_run *r, const struct ls_model *model) {
    const struct sim_power_result *p = &r->power;
    return is_verdict(&r->verdict) && IS_TEXT(r->message) && IS_TEXT(r->not_explained.text) &&
           IS_TEXT(r->unwritten.text) && is_bool(&r->timed_out) && is_bool(&r->explained) &&
           is_bool(&p->known) && is_bool(&p->late) && IS_TEXT(p->first) &&
           p->layers <= model->layers && p->settings.window_log2 < 32;
}

/* A part ends at a seam, where another follows, or has come to the end of the text. */
static bool is_sound(const struct jobs *j, const struct sim_segment *s) {
    const struct sim_tally *begin = &s->begin.tally, *end = &s->end.tally;
    for (uint32_t i = 0; i < s->generated; i++)
        if (s->tokens[i] >= j->run->model->vocab)
            return false;
    return s->generated >= s->first && s->generated <= s->last &&
           (s->finished != 0 || (s->ended != 0 && s->index + 1 < j->all->count)) &&
           begin->rows <= s->row_count && end->rows <= s->row_count &&
           begin->witnesses <= s->witnesses && end->witnesses <= s->witnesses &&
           is_bool(&s->word) && is_bool(&s->past) && IS_TEXT(s->error.text) &&
           is_result(&s->result, j->run->model);
}

/* It may be any bytes. */
static bool take(FILE *file, const struct jobs *j, struct sim_segment *s) {
    const uint32_t room = j->run->context;
    struct header header;
    struct sha256 sum;
    char digest[SHA256_HEX], written[SHA256_HEX];
    const struct sim_segment mine = *s;
    sha256_start(&sum);
    if (!get(file, &sum, &header, sizeof header) ||
        memcmp(header.magic, MAGIC, sizeof MAGIC) != 0 || header.segment != sizeof *s ||
        memcmp(header.key, j->key, sizeof header.key) != 0 || !get(file, &sum, s, sizeof *s))
        return false;
    s->all = mine.all;
    s->tokens = mine.tokens;
    s->witness = mine.witness;
    s->rows = mine.rows;
    s->joined = s->alone = s->barred = 0;
    s->kept = true;
    const struct pieces p = pieces_of(s);
    if (s->index != mine.index || s->first != mine.first || s->last != mine.last ||
        s->generated > room || s->witnesses > room || s->row_count > SIM_SEGMENT_WINDOWS)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!get(file, &sum, p.at[i], p.sizes[i]))
            return false;
    sha256_finish(&sum, digest);
    if (fread(written, sizeof written, 1, file) != 1 ||
        memcmp(digest, written, sizeof digest) != 0 || fgetc(file) != EOF || !is_sound(j, s))
        return false;
    if (header.anchor == 0) /* the text ended before it was known */
        return true;
    j->all->anchor = header.anchor;
    j->all->rest_first = header.rest_first;
    j->all->rest = header.rest;
    sim_flag_set(&j->all->anchored);
    return true;
}

bool part_read(struct jobs *j, uint32_t segment) {
    struct sim_segment *s = &j->all->segments[segment];
    const struct sim_segment before = *s;
    char name[NAME_ROOM], *path;
    name_of(segment, name);
    if (asprintf(&path, "%s/%s", j->run->options->parts, name) < 0)
        return false;
    FILE *file = fopen(path, "rbe");
    free(path);
    const bool whole = file != NULL && take(file, j, s);
    if (!whole)
        *s = before;
    if (file != NULL)
        fclose(file);
    return whole;
}
