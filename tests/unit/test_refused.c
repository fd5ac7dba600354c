/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the system may refuse the reader and the tokenizers: each of their allocations and maps in
 * turn, files that go, shrink or cannot be looked at while a model is opened, and PCRE2. They say
 * so in one line, and give back all that they had. Calls of the C library and of PCRE2 are
 * those below, which fail when they are told to.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <dlfcn.h>
#include <fcntl.h>
#include <pcre2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "csrc/gguf/gguf.h"
#include "tests/kit/host_test.h"
#include "tests/kit/vocab_file.h"

#define SEEN __attribute__((visibility("default")))

/* ---- memory ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void __libc_free(void *block);

/* Of this thread: a library may have others, which begin when they please. */
static _Thread_local unsigned long asked, from; /* since refuse(), and the one that fails, or 0 */
static _Thread_local bool all_behind;           /* and those after it */
static _Thread_local long blocks;               /* not freed yet */

static bool fails(void) {
    if (from == 0 || ++asked < from || (asked > from && !all_behind))
        return false;
    errno = ENOMEM;
    return true;
}

static void refuse(unsigned long call, bool behind) {
    asked = 0;
    from = call;
    all_behind = behind;
}

SEEN void *malloc(size_t size) {
    void *block = fails() ? NULL : __libc_malloc(size);
    blocks += block != NULL;
    return block;
}

SEEN void *calloc(size_t count, size_t size) {
    void *block = fails() ? NULL : __libc_calloc(count, size);
    blocks += block != NULL;
    return block;
}

SEEN void *realloc(void *old, size_t size) {
    void *block = fails() ? NULL : __libc_realloc(old, size);
    blocks += old == NULL && block != NULL;
    return block;
}

SEEN void free(void *block) {
    blocks -= block != NULL;
    __libc_free(block);
}

SEEN void *mmap(void *address, size_t length, int protect, int flags, int fd, off_t at) {
    void *(*next)(void *, size_t, int, int, int, off_t);
    void *found = dlsym(RTLD_NEXT, "mmap");
    memcpy(&next, &found, sizeof next);
    return fails() ? MAP_FAILED : next(address, length, protect, flags, fd, at);
}

/* ---- files and PCRE2 ---- */

#define PART "build/tests/refused/part-0000%u-of-00003.gguf"

static unsigned looks, look_at; /* at files since change_at(), and the one that changes something */
static void (*change)(void);    /* NULL: the look itself fails */

static void change_at(unsigned look, void (*what)(void)) {
    looks = 0;
    look_at = look;
    change = what;
}

SEEN int fstat(int fd, struct stat *st) {
    if (++looks == look_at && change == NULL) {
        errno = EIO;
        return -1;
    }
    if (looks == look_at)
        change();
    return fstatat(fd, "", st, AT_EMPTY_PATH);
}

static int compile_code, match_code; /* what PCRE2 says instead of an answer; 0: it answers */

SEEN pcre2_code *pcre2_compile(PCRE2_SPTR text, PCRE2_SIZE size, uint32_t options, int *code,
                               PCRE2_SIZE *at, pcre2_compile_context *context) {
    pcre2_code *(*next)(PCRE2_SPTR, PCRE2_SIZE, uint32_t, int *, PCRE2_SIZE *,
                        pcre2_compile_context *);
    void *found = dlsym(RTLD_NEXT, "pcre2_compile_8");
    memcpy(&next, &found, sizeof next);
    *code = compile_code;
    return compile_code != 0 ? NULL : next(text, size, options, code, at, context);
}

SEEN int pcre2_match(const pcre2_code *step, PCRE2_SPTR text, PCRE2_SIZE size, PCRE2_SIZE start,
                     uint32_t options, pcre2_match_data *data, pcre2_match_context *context) {
    int (*next)(const pcre2_code *, PCRE2_SPTR, PCRE2_SIZE, PCRE2_SIZE, uint32_t,
                pcre2_match_data *, pcre2_match_context *);
    void *found = dlsym(RTLD_NEXT, "pcre2_match_8");
    memcpy(&next, &found, sizeof next);
    return match_code != 0 ? match_code : next(step, text, size, start, options, data, context);
}

/* ---- what is tried ---- */

/* A part of three, with a tensor and a key that says which it is. */
static void write_part(unsigned no) {
    static const char *const keys[] = {"split.no", "split.count"};
    char path[64], tensor[3] = {'t', (char)('0' + no), '\0'};
    snprintf(path, sizeof path, PART, no + 1);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        abort();
    const struct {
        char magic[4];
        uint32_t version;
        uint64_t tensors, kvs;
    } header = {{'G', 'G', 'U', 'F'}, 3, 1, 2};
    fwrite(&header, sizeof header, 1, file);
    for (unsigned k = 0; k < 2; k++) {
        const uint64_t size = strlen(keys[k]);
        const uint32_t type = GGUF_U16;
        const uint16_t value = (uint16_t)(k == 0 ? no : 3);
        fwrite(&size, sizeof size, 1, file);
        fwrite(keys[k], (size_t)size, 1, file);
        fwrite(&type, sizeof type, 1, file);
        fwrite(&value, sizeof value, 1, file);
    }
    const uint64_t name = 2, row = 4, offset = 0;
    const uint32_t dims = 1, type = GGML_TYPE_F32;
    const char data[64] = {0};
    fwrite(&name, sizeof name, 1, file);
    fwrite(tensor, 2, 1, file);
    fwrite(&dims, sizeof dims, 1, file);
    fwrite(&row, sizeof row, 1, file);
    fwrite(&type, sizeof type, 1, file);
    fwrite(&offset, sizeof offset, 1, file);
    fwrite(data, (size_t)(31 - (ftell(file) - 1) % 32) + 16, 1, file);
    fclose(file);
}

static const char *opened; /* the file that `opens` opens */
static struct gguf *vocabulary;
static struct tokenizer *tokenizer;
static char text[2048];
static size_t ids_of_text; /* 0: it has not been encoded yet */

static int opens(struct ls_error *err) {
    struct gguf *g;
    const int status = gguf_open(opened, &g, err);
    gguf_close(g);
    return status;
}

static int reads_vocabulary(struct ls_error *err) {
    struct tokenizer *t;
    const int status = tokenizer_open(vocabulary, &t, err);
    tokenizer_close(t);
    return status;
}

/* All of the text, special tokens among it, and back; other bytes than those are an error. */
static int encodes(struct ls_error *err) {
    uint32_t *ids;
    size_t count, size, used = 0;
    const char *bytes;
    struct token_stream stream = token_stream_start();
    const unsigned flags = TOKENIZER_ADD_BOS | TOKENIZER_PARSE_SPECIAL | TOKENIZER_ADD_EOS;
    if (tokenizer_encode(tokenizer, text, strlen(text), flags, &ids, &count, err) != 0)
        return ids == NULL ? -1 : ls_error_set(err, "ids without an encoding");
    if (ids_of_text == 0)
        ids_of_text = count;
    int status = count == ids_of_text ? 0 : ls_error_set(err, "%zu ids", count);
    for (size_t i = 0; i < count && status == 0; i++) {
        status = token_stream_put(tokenizer, &stream, ids[i], &bytes, &size, err);
        if (status == 0 && strncmp(text + used, bytes, size) != 0)
            status = ls_error_set(err, "other bytes at %zu", used);
        used += status == 0 ? size : 0;
    }
    token_stream_finish(&stream, &bytes, &size);
    free(ids);
    return status == 0 && used != strlen(text) ? ls_error_set(err, "%zu bytes", used) : status;
}

/* Each of its allocations fails in turn, alone and with all behind it. */
static void starve(struct host_test *t, const char *what, int (*run)(struct ls_error *),
                   unsigned long least) {
    unsigned long told = 0;
    run(&(struct ls_error){""}); /* what PCRE2 keeps for good is there */
    for (unsigned long n = 1, behind = 0; behind < 2; n++) {
        struct ls_error err = {""};
        const long before = blocks;
        refuse(n, behind != 0);
        const int status = run(&err);
        const bool reached = asked >= n;
        refuse(0, false);
        CHECK(t, status == 0 || strstr(err.text, "memory") != NULL, "%s, allocation %lu: %s", what,
              n, err.text);
        CHECK(t, blocks == before, "%s, allocation %lu: %ld blocks are left", what, n,
              blocks - before);
        CHECK(t, reached || status == 0, "%s: fails by itself: %s", what, err.text);
        told += status != 0;
        if (!reached) {
            behind++;
            n = 0;
        }
    }
    CHECK(t, told >= least, "%s: only %lu are told", what, told);
}

static void fails_with(struct host_test *t, int (*run)(struct ls_error *), const char *message) {
    struct ls_error err = {""};
    const long before = blocks;
    CHECK(t, run(&err) == -1 && strstr(err.text, message) != NULL, "'%s', not '%s'", err.text,
          message);
    CHECK(t, blocks == before, "%s: %ld blocks are left", message, blocks - before);
}

/* ---- the tests ---- */

static void shrink(void) {
    char path[64];
    snprintf(path, sizeof path, PART, 2u);
    if (truncate(path, 64) != 0)
        abort();
}

static void empty(void) {
    char path[64];
    snprintf(path, sizeof path, PART, 3u);
    if (truncate(path, 0) != 0)
        abort();
}

static void delete(void) {
    char path[64];
    snprintf(path, sizeof path, PART, 2u);
    unlink(path);
}

/* A model in three parts is looked at seven times: the file that is given, then each part for its
 * size, then each part to be mapped. */
static void test_files(struct host_test *t) {
    char first[64];
    snprintf(first, sizeof first, PART, 1u);
    opened = HOST_TINY;
    starve(t, "a model", opens, 10);
    change_at(1, NULL);
    fails_with(t, opens, HOST_TINY ": cannot open: Input/output error");
    for (unsigned no = 0; no < 3; no++)
        write_part(no);
    opened = first;
    change_at(0, NULL);
    CHECK(t, opens(NULL) == 0 && looks == 7, "%u looks", looks);
    starve(t, "a model in parts", opens, 20);
    static const struct {
        unsigned look;
        void (*change)(void);
        const char *message;
    } changes[] = {
        {2, delete, "part 2 of 3 of the model is missing: "},
        {5, delete, "part-00002-of-00003.gguf: cannot open: No such file"},
        {6, shrink, "part-00002-of-00003.gguf: cannot map the file: it has changed"},
        {7, empty, "part-00003-of-00003.gguf: empty file"},
        {4, NULL, "part 3 of 3 of the model is missing: "},
        {6, NULL, "part-00002-of-00003.gguf: cannot open: Input/output error"},
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        for (unsigned no = 0; no < 3; no++)
            write_part(no);
        change_at(changes[i].look, changes[i].change);
        fails_with(t, opens, changes[i].message);
    }
    change_at(0, NULL);
}

/* A vocabulary with merges, special tokens, and one longer than what a stream has room for. */
static void open_vocabulary(struct host_test *t, bool pieces, const char *pre) {
    struct vocab_file v;
    struct ls_error err = {""};
    char name[1200], mark[8];
    if (pieces) {
        vocab_spm(&v);
        vocab_add(&v, "\xe2\x96\x81", TOKEN_NORMAL, 0);
        vocab_add(&v, "ab", TOKEN_NORMAL, 1);
        vocab_add(&v, "abab", TOKEN_NORMAL, 2);
        vocab_add(&v, "cd", TOKEN_NORMAL, 9);
        vocab_add(&v, "bcd", TOKEN_NORMAL, 0);
        vocab_add(&v, "cda", TOKEN_NORMAL, 8);
    } else {
        vocab_bpe(&v, pre);
        vocab_merge(&v, "c", "d");
        vocab_merge(&v, "cd", "a");
        vocab_merge(&v, "a", "b");
        vocab_merge(&v, "ab", "ab");
        vocab_merge(&v, "b", "cd");
        vocab_add(&v, "</s>", TOKEN_CONTROL, 0);
        v.eos = 261;
    }
    v.add_eos = true;
    for (int i = 0; i < 20; i++) {
        snprintf(mark, sizeof mark, "[%c]", 'a' + i);
        vocab_add(&v, mark, TOKEN_USER_DEFINED, 0);
    }
    memset(name, '*', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    vocab_add(&v, name, TOKEN_USER_DEFINED, 0);
    vocabulary = vocab_write(&v, "build/tests/refused/vocabulary.gguf", &err);
    if (vocabulary == NULL || tokenizer_open(vocabulary, &tokenizer, &err) != 0) {
        printf("FAIL %s: %s\n", t->name, err.text);
        exit(1);
    }
    vocab_free(&v);
    ids_of_text = 0;
}

static void close_vocabulary(void) {
    tokenizer_close(tokenizer);
    gguf_close(vocabulary);
}

static void test_memory(struct host_test *t) {
    size_t used = 0;
    for (unsigned i = 0; i < 80; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, i < 20 ? "abab [%c]" : "ab 7,",
                                 'a' + (int)i % 20);
    memset(text + used, '*', 1199);
    used += 1199;
    /* 64 merges to begin with, the first of which makes room for two more */
    for (unsigned i = 0; i < 64; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, i == 31 ? "cd" : "ab");
    strcpy(text + used, "[a]a\xff"
                        "b");
    for (unsigned pieces = 0; pieces < 2; pieces++) {
        open_vocabulary(t, pieces != 0, "default");
        starve(t, pieces != 0 ? "SentencePiece" : "BPE", reads_vocabulary, 6);
        starve(t, pieces != 0 ? "a text in pieces" : "a text in words", encodes, 12);
        close_vocabulary();
    }
}

static void test_pcre2(struct host_test *t) {
    open_vocabulary(t, false, "gpt-2");
    compile_code = PCRE2_ERROR_HEAP_FAILED;
    fails_with(t, reads_vocabulary, "vocabulary.gguf: tokenizer: out of memory");
    compile_code = 147; /* an unknown property */
    fails_with(t, reads_vocabulary, "PCRE2 does not know the expression of gpt-2: install PCRE2");
    compile_code = 0;
    match_code = PCRE2_ERROR_NOMEMORY;
    fails_with(t, encodes, "text: out of memory: give a shorter text");
    match_code = PCRE2_ERROR_MATCHLIMIT;
    fails_with(t, encodes, "text: PCRE2 gives up with error -47: give a shorter text");
    match_code = 0;
    CHECK(t, encodes(NULL) == 0, "the text fails for good");
    close_vocabulary();
}

int main(void) {
    struct host_test t = {"refused", 0, 0};
    host_folder(&t);
    test_files(&t);
    test_memory(&t);
    test_pcre2(&t);
    return host_test_finish(&t);
}
