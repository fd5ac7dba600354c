/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any bytes as the files of a command of gguf, which the first byte chooses; the next
 * two say where the first file ends. It ends with 0, 1 or 2, and tells why, with one line of errors
 * at most. What was made of an alien file can be opened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csrc/gguf/gguf.h"
#include "gguf_tools/commands.h"

#define FOLDER "build/fuzz/commands/"
#define OUT    "build/fuzz/commands-out"

enum { WORDS = 8 };

/* A and B are the files. */
static const struct row {
    int (*run)(int argc, char **argv);
    const char *words[WORDS];
    bool makes; /* OUT */
} rows[] = {
    {gguf_import_llama2c, {"import-llama2c", "A", "B", OUT}, true},
    {gguf_inspect, {"inspect", "A"}, false},
    {gguf_inspect, {"inspect", "--json", "A"}, false},
    {gguf_verify, {"verify", "A"}, false},
    {gguf_diff, {"diff", "A", "B"}, false},
    {gguf_quantize, {"quantize", "A", OUT, "Q8_0"}, true},
    {gguf_quantize, {"quantize", "A", OUT, "Q4_K_M"}, true},
    {gguf_stories, {"stories", "--check", "A"}, false},
    {gguf_tokenize, {"tokenize", "B", "--file", "A", "--split", "x"}, false},
};
#define ROWS (sizeof rows / sizeof rows[0])

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what, const char *said) {
    if (!good) {
        fprintf(stderr, "fuzz_commands: %s: %s\n", what, said);
        abort();
    }
}

static int file_of(const uint8_t *data, size_t size, char path[40]) {
    const int fd = memfd_create("file", 0);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no file", "");
    snprintf(path, 40, "/proc/self/fd/%d", fd);
    return fd;
}

/* Its exit status; what it says goes to `said`, to be freed, what it prints to `printed`. */
static int call(const struct row *row, char *a, char *b, char **said, size_t *printed) {
    FILE *const screen = stdout, *const errors = stderr;
    char words[WORDS][40], *argv[WORDS + 1] = {NULL}, *text = NULL;
    size_t said_size;
    int argc = 0;
    for (; argc < WORDS && row->words[argc] != NULL; argc++) {
        const char *word = row->words[argc];
        argv[argc] = words[argc];
        snprintf(words[argc], sizeof words[argc], "%s",
                 strcmp(word, "A") == 0   ? a
                 : strcmp(word, "B") == 0 ? b
                                          : word);
    }
    stdout = open_memstream(&text, printed);
    stderr = open_memstream(said, &said_size);
    const int status = row->run(argc, argv);
    fclose(stdout);
    fclose(stderr);
    stdout = screen;
    stderr = errors;
    free(text);
    return status;
}

static void check_made(const char *said) {
    struct gguf *g;
    struct ls_error err = {""};
    check(gguf_open(OUT, &g, &err) == 0, "what was made does not open", err.text);
    gguf_close(g);
    check(said[0] == '\0', "it is made, but", said);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char a[40], b[40], *said = NULL;
    size_t printed;
    if (size < 3)
        return 0;
    const struct row *row = &rows[data[0] % ROWS];
    const size_t left = size - 3, cut = (size_t)(data[1] | data[2] << 8);
    const size_t first = cut < left ? cut : left;
    const int files[] = {file_of(data + 3, first, a), file_of(data + 3 + first, left - first, b)};
    remove(OUT);
    const int status = call(row, a, b, &said, &printed);
    check(status >= GGUF_DONE && status <= GGUF_BAD_INPUT, "another exit status", said);
    const char *end = strchr(said, '\n');
    check(end == NULL || end[1] == '\0', "more than one line", said);
    check(status == GGUF_DONE || end != NULL || printed != 0, "no line", said);
    if (status == GGUF_DONE && row->makes)
        check_made(said);
    else if (row->makes)
        check(access(OUT, F_OK) != 0, "a file is there", said);
    free(said);
    close(files[0]);
    close(files[1]);
    return 0;
}

static void put_seed(uint32_t row, const uint8_t *a, size_t a_size, const uint8_t *b,
                     size_t b_size) {
    char path[60];
    const uint8_t head[] = {(uint8_t)row, (uint8_t)a_size, (uint8_t)(a_size >> 8)};
    snprintf(path, sizeof path, FOLDER "seed-%u", row);
    FILE *out = fopen(path, "wb");
    check(out != NULL, "no seed", path);
    fwrite(head, 1, sizeof head, out);
    fwrite(a, 1, a_size, out);
    fwrite(b, 1, b_size, out);
    fclose(out);
}

/* A checkpoint and a tokenizer of llama2.c. */
static void put_llama2c(void) {
    static const int32_t header[] = {4, 4, 1, 1, 1, 4, 4};
    static const struct {
        int32_t longest;
        struct {
            float score;
            int32_t size;
            char text[4];
        } token[4];
    } tokenizer = {4, {{0, 4, "unk "}, {0, 4, "\n<s>"}, {0, 4, "</s>"}, {-1, 4, " a b"}}};
    uint8_t model[28 + 4 * 156] = {0};
    memcpy(model, header, sizeof header);
    put_seed(0, model, sizeof model, (const uint8_t *)&tokenizer, sizeof tokenizer);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static char path[] = "build/fuzz/commands.gguf";
    char *said = NULL;
    size_t printed;
    static const struct row make = {gguf_make,
                                    {"make", "A", "--dim=32", "--hidden=32", "--layers=1",
                                     "--heads=4", "--vocab=260", "--type=Q8_0"},
                                    false};
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    mkdir(FOLDER, 0777);
    put_llama2c();
    check(call(&make, path, path, &said, &printed) == 0, "no model", said);
    free(said);
    FILE *file = fopen(path, "rb");
    static uint8_t bytes[1 << 16];
    const size_t size = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    check(size != 0 && size < sizeof bytes && fclose(file) == 0, "no model", path);
    for (uint32_t i = 1; i < ROWS; i++) {
        static const uint8_t text[] = "Once\nx\nupon a time\n";
        const bool story = rows[i].run == gguf_stories;
        const bool texts = story || rows[i].run == gguf_tokenize;
        put_seed(i, texts ? text : bytes, texts ? sizeof text - 1 : size, bytes, story ? 0 : size);
    }
    return 0;
}
