/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf stories`: writes short stories, one a line, and says what their entropy is; or tells which
 * lines of a text are such stories.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "csrc/base/output.h"
#include "csrc/base/text.h"
#include "gguf_tools/commands.h"
#include "gguf_tools/interrupt.h"
#include "stories.h"
#include "stories_check.h"

struct request {
    const char *out, *bits, *check; /* paths; NULL if not given */
    uint64_t seed, words;
};

static const struct request defaults = {NULL, NULL, NULL, 1, 100000};

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(request, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

static const struct option_row option_rows[] = {
    ROW(NULL, "OUT", OUTPUT, out, .help = NULL),
    ROW("seed", "N", U64, seed, .help = "which stories"),
    ROW("words", "N", U64, words, .help = "stop after the story that brings the text to N words"),
    ROW("bits", "FILE", OUTPUT, bits,
        .help = "write each story's bits of choice, one line a story"),
    ROW("check", "FILE", TEXT, check, .excludes = "OUT seed words bits",
        .help = "PASS, or FAIL and where the line leaves the grammar; \"-\" is standard input"),
};
#undef ROW

const struct options gguf_stories_options = {
    .program = "gguf stories",
    .about =
        "Writes short stories, one a line, to OUT or standard output; the same options give the "
        "same text. Or tells of each line of FILE whether the generator could have written it.",
    .rows = option_rows,
    .row_count = sizeof option_rows / sizeof *option_rows,
    .defaults = &defaults,
    .size = sizeof defaults,
};

/* Standard output if there is no path. */
static int open_story_file(struct output *o, const char *path, struct ls_error *err) {
    *o = (struct output){.file = stdout};
    return path != NULL ? output_open(o, path, err) : 0;
}

/* ---------------------------------------------------------------------------------------------
 */

static int write_stories(struct output *out, struct output *bits, const struct request *r,
                         const volatile bool *interrupted, struct ls_error *err) {
    struct story story;
    uint64_t written = 0, count = 0;
    double total = 0;
    while (written < r->words && !ferror(out->file)) {
        if (*interrupted)
            return ls_error_set(err, "interrupted");
        if (story_write(&story, r->seed, count, err) != 0)
            return -1;
        fprintf(out->file, "%s\n", story.text);
        if (r->bits != NULL)
            fprintf(bits->file, "%.4f\n", story.bits);
        written += story.words;
        total += story.bits;
        count++;
    }
    if (count > 0)
        fprintf(r->out != NULL ? stdout : stderr,
                "%llu stories, %llu words; %.2f bits of choice a story, %.4f a word\n",
                (unsigned long long)count, (unsigned long long)written, total / (double)count,
                total / (double)written);
    return 0;
}

static int run_write(const struct request *r) {
    const volatile bool *interrupted = interrupt_watch();
    struct output out, bits = {.file = NULL};
    struct ls_error err;
    int status = open_story_file(&out, r->out, &err);
    if (status == 0 && r->bits != NULL)
        status = output_open(&bits, r->bits, &err);
    if (status == 0 && r->bits != NULL && output_is_same(&out, &bits))
        status = ls_error_set(&err, "%s: give --bits another file than the stories", r->bits);
    if (status == 0)
        status = write_stories(&out, &bits, r, interrupted, &err);
    if (status == 0)
        status = output_close(&bits, &err);
    if (status == 0)
        status = r->out != NULL ? output_close(&out, &err) : output_standard_end(&err);
    output_discard(&bits);
    if (r->out != NULL)
        output_discard(&out);
    if (status != 0)
        fprintf(stderr, "gguf stories: %s\n", err.text);
    return status == 0 ? GGUF_DONE : *interrupted ? GGUF_INTERRUPTED : GGUF_FAILED;
}

/* ---------------------------------------------------------------------------------------------
 */

/* The text from the word that holds byte `at`: the words that do not fit. */
static const char *word_at(const char *text, size_t at) {
    while (at > 0 && text[at - 1] != ' ')
        at--;
    return text + at;
}

static void print_fail(const char *text, size_t length, size_t fits) {
    const char *word = word_at(text, fits);
    const size_t left = length - (size_t)(word - text);
    printf("FAIL at byte %zu: ", fits);
    text_line(stdout, word, text_cut(word, left, 60));
    putchar('\n');
}

/* Prints a line for a text of `length` bytes. Returns 1 if it is a story, 0 if not, -1 on error. */
static int check_line(const char *text, size_t length) {
    size_t fits;
    struct ls_error err;
    int is_story = story_check(text, &fits, &err);
    if (is_story < 0)
        fprintf(stderr, "gguf stories: %s\n", err.text);
    else if (is_story && strlen(text) == length)
        puts("PASS");
    else
        print_fail(text, length, fits);
    return is_story < 0 ? -1 : is_story && strlen(text) == length;
}

static int check_lines(FILE *file, const char *path) {
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    uint64_t count = 0, stories = 0;
    int status = 0;
    while (status >= 0 && (n = getline(&line, &cap, file)) >= 0) {
        size_t length = (size_t)n;
        if (length > 0 && line[length - 1] == '\n')
            line[--length] = '\0';
        status = check_line(line, length);
        stories += status == 1;
        count++;
    }
    free(line);
    if (status < 0)
        return GGUF_FAILED;
    if (ferror(file) || count == 0) {
        fprintf(stderr, "gguf stories: %s: %s\n", path,
                ferror(file) ? strerror(errno) : "has no lines to check");
        return GGUF_BAD_INPUT;
    }
    printf("%llu of %llu are stories of the grammar\n", (unsigned long long)stories,
           (unsigned long long)count);
    return stories == count ? GGUF_DONE : GGUF_FAILED;
}

static int run_check(const char *path) {
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "gguf stories: %s: %s\n", path, strerror(errno));
        return GGUF_BAD_INPUT;
    }
    int status = check_lines(file, path);
    if (file != stdin)
        fclose(file);
    return status;
}

int gguf_stories(int argc, char **argv) {
    struct request r;
    const int told = gguf_options(&gguf_stories_options, argc, argv, &r);
    if (told >= 0)
        return told;
    return r.check != NULL ? run_check(r.check) : run_write(&r);
}
