/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * `gguf tokenize` and `gguf detokenize`: text to token ids and back, with any
 * GGUF that has a vocabulary; tensors are not needed.
 */
#include "csrc/tokenizer/tokenizer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gguf_tools/commands.h"

#define ROW(name, argument, kind, member, ...)                                                     \
    OPTION_ROW(tokenize_settings, name, argument, OPTION_##kind, member, 0, __VA_ARGS__)

struct tokenize_settings {
    const char *model, *text, *file, *split; /* the last three or NULL */
    bool special, bos;
};

static const struct tokenize_settings tokenize_defaults = {NULL, NULL, NULL, NULL, false, false};

static const struct option_row tokenize_rows[] = {
    ROW(NULL, "MODEL", TEXT, model, .required = true),
    ROW(NULL, "TEXT", TEXT, text, .help = NULL),
    ROW("special", NULL, FLAG, special,
        .help = "tokens like <|im_start|> in the text are these tokens"),
    ROW("bos", NULL, FLAG, bos,
        .help = "begin and end with the BOS and EOS tokens that the model wants"),
    ROW("file", "FILE", TEXT, file, .letter = 'f', .excludes = "TEXT",
        .help = "read the text from FILE; - is standard input"),
    ROW("split", "LINE", TEXT, split, .needs = "file",
        .help = "FILE holds several texts, each followed by a line that reads LINE; the newline "
                "before that line is not of the text"),
};
#undef ROW

const struct options gguf_tokenize_options = {
    .program = "gguf tokenize",
    .about = "Prints the token ids of a text, a line a text. Without TEXT and FILE it reads the "
             "text from standard input. MODEL may be a vocabulary alone.",
    .rows = tokenize_rows,
    .row_count = sizeof tokenize_rows / sizeof *tokenize_rows,
    .defaults = &tokenize_defaults,
    .size = sizeof tokenize_defaults,
};

struct detokenize_settings {
    const char *model;
    char **ids;
    int count;
};

static const struct detokenize_settings detokenize_defaults = {NULL, NULL, 0};

static const struct option_row detokenize_rows[] = {
    OPTION_ROW(detokenize_settings, NULL, "MODEL", OPTION_TEXT, model, 0, .required = true),
    OPTION_ROW(detokenize_settings, NULL, "ID...", OPTION_REST, ids, 0,
               .second = offsetof(struct detokenize_settings, count)),
};

const struct options gguf_detokenize_options = {
    .program = "gguf detokenize",
    .about = "Prints the text of token ids, byte by byte, and nothing else. Without ID it reads "
             "them from standard input, with white space between. Control tokens have no text.",
    .rows = detokenize_rows,
    .row_count = sizeof detokenize_rows / sizeof *detokenize_rows,
    .defaults = &detokenize_defaults,
    .size = sizeof detokenize_defaults,
};

struct bytes {
    char *data; /* [size], to be freed */
    size_t size;
};

/* All of a file, "-" being standard input. */
static int read_all(const char *path, struct bytes *out, struct ls_error *err) {
    const bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rb");
    size_t room = 1 << 16, got = 1;
    *out = (struct bytes){NULL, 0};
    if (file == NULL)
        return ls_error_set(err, "%s: %s", path, strerror(errno));
    while (got > 0) {
        char *data = realloc(out->data, room);
        if (data == NULL)
            break;
        out->data = data;
        got = fread(data + out->size, 1, room - out->size, file);
        out->size += got;
        room = out->size == room ? 2 * room : room;
    }
    const bool failed = ferror(file) != 0;
    if (!standard)
        fclose(file);
    if (!failed && got == 0)
        return 0;
    free(out->data);
    out->data = NULL;
    return ls_error_set(err, "%s: %s", path, failed ? "cannot be read" : "out of memory");
}

/* ---- tokenize ---- */

struct request {
    const struct tokenizer *tokenizer;
    const char *file, *split;
    unsigned flags; /* of tokenizer_encode */
};

static int print_ids(const struct request *r, const char *text, size_t size, struct ls_error *err) {
    uint32_t *ids;
    size_t count;
    if (tokenizer_encode(r->tokenizer, text, size, r->flags, &ids, &count, err) != 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        printf("%s%" PRIu32, i > 0 ? " " : "", ids[i]);
    putchar('\n');
    free(ids);
    return 0;
}

/* The next line that reads LINE, from `at` on; NULL if there is none. `at` begins a line. */
static const char *find_line(const char *at, const char *end, const char *line) {
    const size_t size = strlen(line);
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const size_t length = (size_t)((newline != NULL ? newline : end) - at);
        if (length == size && memcmp(at, line, size) == 0)
            return at;
        at = newline != NULL ? newline + 1 : end;
    }
    return NULL;
}

/* Each text that a line LINE follows, and what is left behind the last. */
static int print_texts(const struct request *r, const char *text, size_t size,
                       struct ls_error *err) {
    const char *at = text, *end = text + size;
    for (const char *line; (line = find_line(at, end, r->split)) != NULL;) {
        const size_t length = line > at ? (size_t)(line - at) - 1 : 0;
        if (print_ids(r, at, length, err) != 0)
            return -1;
        at = line + strlen(r->split);
        at += at < end; /* its newline */
    }
    return at < end ? print_ids(r, at, (size_t)(end - at), err) : 0;
}

static int tokenize(struct request *r, const char *text, struct ls_error *err) {
    struct bytes all;
    if (text != NULL)
        return print_ids(r, text, strlen(text), err);
    if (read_all(r->file != NULL ? r->file : "-", &all, err) != 0)
        return -1;
    const int status = r->split != NULL ? print_texts(r, all.data, all.size, err)
                                        : print_ids(r, all.data, all.size, err);
    free(all.data);
    return status;
}

/* ---- detokenize ---- */

struct printer {
    const struct tokenizer *tokenizer;
    struct token_stream stream;
};

static int print_text(struct printer *p, const char *word, struct ls_error *err) {
    char *end;
    const char *bytes;
    size_t size;
    errno = 0;
    const unsigned long long id = strtoull(word, &end, 10);
    if (errno != 0 || end == word || *end != '\0' || *word == '-' || id > UINT32_MAX)
        return ls_error_set(err, "%s: not a token id", word);
    if (token_stream_put(p->tokenizer, &p->stream, (uint32_t)id, &bytes, &size, err) != 0)
        return -1;
    fwrite(bytes, 1, size, stdout);
    return 0;
}

static int detokenize(const struct tokenizer *tokenizer, char **words, int count,
                      struct ls_error *err) {
    struct printer p = {tokenizer, token_stream_start()};
    const char *bytes;
    size_t size;
    int status = 0, got;
    char word[32];
    for (int i = 0; i < count && status == 0; i++)
        status = print_text(&p, words[i], err);
    while (count == 0 && status == 0 && (got = scanf("%31s", word)) == 1)
        status = print_text(&p, word, err);
    if (status == 0 && ferror(stdin) != 0)
        status = ls_error_set(err, "standard input cannot be read");
    token_stream_finish(&p.stream, &bytes, &size);
    fwrite(bytes, 1, size, stdout);
    return status;
}

/* ---- both ---- */

static int with_tokenizer(const char *command, const char *path,
                          int (*run)(const struct tokenizer *, void *, struct ls_error *),
                          void *context) {
    struct gguf *gguf;
    struct tokenizer *tokenizer;
    struct ls_error err;
    int status = gguf_open(path, &gguf, &err);
    if (status == 0) {
        status = tokenizer_open(gguf, &tokenizer, &err);
        if (status == 0) {
            status = run(tokenizer, context, &err);
            tokenizer_close(tokenizer);
        }
        gguf_close(gguf);
    }
    if (status != 0)
        fprintf(stderr, "%s: %s\n", command, err.text);
    return status == 0 ? GGUF_DONE : GGUF_BAD_INPUT;
}

struct tokenize_call {
    struct request request;
    const char *text; /* or NULL */
};

static int run_tokenize(const struct tokenizer *tokenizer, void *context, struct ls_error *err) {
    struct tokenize_call *call = context;
    call->request.tokenizer = tokenizer;
    return tokenize(&call->request, call->text, err);
}

int gguf_tokenize(int argc, char **argv) {
    struct tokenize_settings s;
    const int told = gguf_options(&gguf_tokenize_options, argc, argv, &s);
    if (told >= 0)
        return told;
    if (s.split != NULL && strchr(s.split, '\n') != NULL) {
        fputs("gguf tokenize: --split: a line holds no newline\n", stderr);
        return GGUF_BAD_INPUT;
    }
    struct tokenize_call call = {
        {NULL, s.file, s.split,
         (s.special ? (unsigned)TOKENIZER_PARSE_SPECIAL : 0) |
             (s.bos ? (unsigned)TOKENIZER_ADD_BOS | TOKENIZER_ADD_EOS : 0)},
        s.text};
    return with_tokenizer(gguf_tokenize_options.program, s.model, run_tokenize, &call);
}

static int run_detokenize(const struct tokenizer *tokenizer, void *context, struct ls_error *err) {
    const struct detokenize_settings *s = context;
    return detokenize(tokenizer, s->ids, s->count, err);
}

int gguf_detokenize(int argc, char **argv) {
    struct detokenize_settings s;
    const int told = gguf_options(&gguf_detokenize_options, argc, argv, &s);
    return told >= 0 ? told
                     : with_tokenizer(gguf_detokenize_options.program, s.model, run_detokenize, &s);
}
