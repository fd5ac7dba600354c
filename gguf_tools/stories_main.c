/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf stories`: writes short stories, one a line, and says what their entropy is.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "stories.h"

static const char help[] =
    "usage: gguf stories OUT [options]\n\n"
    "Writes short stories, one a line; the same options give the same text.\n\n"
    "  --seed N      which stories (1)\n"
    "  --words N     stop after the story that brings the text to N words (100000)\n"
    "  --bits FILE   write each story's bits of choice, one line a story\n"
    "  --help        this text\n";

static const struct option long_options[] = {
    {"seed", required_argument, NULL, 's'},
    {"words", required_argument, NULL, 'w'},
    {"bits", required_argument, NULL, 'b'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int parse(const char *text, uint64_t *value) {
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && text[0] != '-' ? 0 : -1;
}

/* Writes the stories. `bits` may be NULL. */
static int write_stories(FILE *out, FILE *bits, uint64_t seed, uint64_t words) {
    struct story *story = malloc(sizeof *story);
    struct ls_error err;
    uint64_t written = 0, count = 0;
    double total = 0;
    int status = story == NULL ? -1 : 0;
    while (status == 0 && written < words) {
        if (story_write(story, seed, count, &err) != 0) {
            fprintf(stderr, "gguf stories: %s\n", err.text);
            status = -1;
            break;
        }
        fprintf(out, "%s\n", story->text);
        if (bits != NULL)
            fprintf(bits, "%.4f\n", story->bits);
        written += story->words;
        total += story->bits;
        count++;
    }
    if (status == 0 && count > 0)
        printf("%llu stories, %llu words; %.2f bits of choice a story, %.4f a word\n",
               (unsigned long long)count, (unsigned long long)written, total / (double)count,
               total / (double)written);
    free(story);
    return status;
}

/* Closes a file that was written; says so if something was lost. */
static int finish(FILE *f, const char *path) {
    int failed = ferror(f);
    if (fclose(f) == 0 && !failed)
        return 0;
    fprintf(stderr, "gguf stories: %s: cannot be written\n", path);
    return -1;
}

static FILE *create(const char *path) {
    FILE *f = fopen(path, "w");
    if (f == NULL)
        fprintf(stderr, "gguf stories: %s: %s\n", path, strerror(errno));
    return f;
}

int gguf_stories(int argc, char **argv) {
    uint64_t seed = 1, words = 100000;
    const char *bits_path = NULL;
    int option, bad = 0;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            return GGUF_DONE;
        }
        if (option == '?')
            return GGUF_BAD_INPUT;
        if (option == 'b')
            bits_path = optarg;
        else
            bad |= parse(optarg, option == 's' ? &seed : &words);
    }
    if (bad || argc - optind != 1) {
        fputs("gguf stories: give OUT and whole numbers: see `gguf stories --help`\n", stderr);
        return GGUF_BAD_INPUT;
    }

    FILE *out = create(argv[optind]);
    FILE *bits = bits_path != NULL && out != NULL ? create(bits_path) : NULL;
    int status = out == NULL || (bits_path != NULL && bits == NULL) ? -1 : 0;
    if (status == 0)
        status = write_stories(out, bits, seed, words);
    if (bits != NULL && finish(bits, bits_path) != 0)
        status = -1;
    if (out != NULL && finish(out, argv[optind]) != 0)
        status = -1;
    return status == 0 ? GGUF_DONE : GGUF_FAILED;
}
