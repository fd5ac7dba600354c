/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Pre-tokenisers: texts cut by hand, by the expressions that docs/tokenizers.md
 * describes; every name of that page; bytes that are no UTF-8; long texts of
 * one kind, which must not take more than linear time.
 */
#include "csrc/tokenizer/pretokenizer.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"

#include <string.h>

#define NEL       "\xc2\x85"     /* U+0085: white space */
#define SEPARATOR "\xe1\xa0\x8e" /* U+180E: was white space before Unicode 6.3 */
#define ACUTE     "\xcc\x81"     /* U+0301 */

static unsigned flagged, flagged_bos; /* names whose words stay whole, that want BOS */

/* `words` has a '|' between two words. */
static const struct {
    const char *name, *words;
} cuts[] = {
    {"gpt-2", "I|'m| | here|\n\n| x|1| don|'t|!"},
    {"gpt-2", "I|'|M| 12345|..."},
    {"gpt-2", "x| | " SEPARATOR "|y"},
    {"gpt-2", "x|  |" NEL "|y"},
    {"phi-2", "tabs|\t|\t|in|\t\n"},
    {"default", "x|$|y|`|z| |123|45| |½"},
    {"falcon", "(|a|)| |123|45|`|x"},
    {"starcoder", "a|1|2| b|²| |3"},
    {"smollm", "a|1|2| b"},
    {"llama-bpe", "I|'M| |123|45| a|\r\n\r\n| | b|?\n"},
    {"llama3", "(foo|)| .|bar|\t|\tx"},
    {"dbrx", "x|   \n\n|  | y"},
    {"qwen2", "(foo|)|1|2|3| a|'LL|.\r\n"},
    {"qwen2", "e|" ACUTE "t"},
    {"qwen35", "e" ACUTE "t|1|2"},
    {"seed-coder", "x|!|\n|1"},
    {"qwen2", "x|!\n|1"},
    {"bailingmoe", "it|'s|1|2|\n\n|x"},
    {"tekken", "Hello|World| HTTPServer| |1|2|/\n/"},
    {"gpt-4o", "don't| STOP's| |123|4|/\n/|École|À"},
    {"deepseek-llm", "Ü|ber| |12| |中文|。|\n| | x|!|  "},
    {"deepseek-coder", "foo|_|bar| |1|2|\n"},
    {"deepseek-v3", "x|123|45| .|foo|,bar|かな|e" ACUTE "t"},
    {"bloom", " a|,|b1"},
    {"viking", " a|,|b|1"},
    {"gpt-2", "a|\xff|b| \xe2\x82|c|\xf0\x9f"},
    {"qwen2", "a|\xe2\x82|z|\xe9z|1|\xc0\xaf\n"},
};

static struct pretokenizer *open_named(struct host_test *t, const char *name, size_t size) {
    struct pretokenizer *p = NULL;
    struct ls_error err = {""};
    CHECK(t, pretokenizer_open("x.gguf", (struct gguf_string){name, size}, &p, &err) == 0, "%s",
          err.text);
    return p;
}

/* Whether the words are those of `marked`, a text with bars between them. */
static bool cuts_as(struct host_test *t, const struct pretokenizer *p, const char *marked) {
    char text[128];
    uint32_t expected[64], *ends, size = 0;
    size_t words = 0, count;
    struct ls_error err = {""};
    for (const char *c = marked; *c != '\0'; c++) {
        if (*c == '|')
            expected[words++] = size;
        else
            text[size++] = *c;
    }
    expected[words++] = size;
    CHECK(t, pretokenizer_split(p, text, size, &ends, &count, &err) == 0, "%s", err.text);
    const bool same = count == words && memcmp(ends, expected, words * sizeof *ends) == 0;
    free(ends);
    return same;
}

static void test_cuts(struct host_test *t) {
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct pretokenizer *p = open_named(t, cuts[i].name, strlen(cuts[i].name));
        CHECK(t, cuts_as(t, p, cuts[i].words), "%s: not %s", cuts[i].name, cuts[i].words);
        pretokenizer_close(p);
    }
    struct pretokenizer *p = open_named(t, "gpt-2", 5); /* the comparison can fail */
    CHECK(t, !cuts_as(t, p, "a |b") && !cuts_as(t, p, "a| |b"), "a wrong cut passes");
    uint32_t *ends;
    size_t count;
    CHECK(t, pretokenizer_split(p, "", 0, &ends, &count, NULL) == 0 && count == 0, "%zu", count);
    pretokenizer_close(p);
}

/* Calls `use` with every name in the page's table of pre-tokenisers. */
static unsigned each_name(struct host_test *t,
                          void (*use)(struct host_test *, struct pretokenizer *)) {
    size_t size;
    unsigned names = 0;
    char *page = host_read("docs/tokenizers.md", &size);
    for (char *line = strstr(page, "| `tokenizer.ggml.pre`"); line != NULL && *line == '|';) {
        char *end = strchr(line, '\n'), *cell = strchr(line + 1, '|');
        for (char *name = strchr(line, '`'); name != NULL && name < cell;) {
            char *close = strchr(name + 1, '`');
            struct gguf_string text = {name + 1, (uint64_t)(close - name - 1)};
            if (!gguf_string_equals(text, "tokenizer.ggml.pre")) {
                struct pretokenizer *p = open_named(t, text.data, (size_t)text.size);
                use(t, p);
                pretokenizer_close(p);
                names++;
            }
            name = strchr(close + 1, '`');
        }
        line = end + 1;
    }
    free(page);
    return names;
}

static void cut_long(struct host_test *t, struct pretokenizer *p) {
    static const char *const units[] = {" ",  "A",  "a",   "7",   "\n",   "\r\n \t", "'",
                                        "-/", "中", ACUTE, "aA1", "\xff", NEL};
    const uint32_t size = 1 << 16;
    char *text = malloc(size + 8);
    for (size_t k = 0; k < sizeof units / sizeof units[0] && text != NULL && p != NULL; k++) {
        uint32_t *ends, used = 0;
        size_t count;
        struct ls_error err = {""};
        for (const size_t n = strlen(units[k]); used < size; used += (uint32_t)n)
            memcpy(text + used, units[k], n);
        text[used++] = '5';
        CHECK(t, pretokenizer_split(p, text, used, &ends, &count, &err) == 0, "%s", err.text);
        size_t empty = 0;
        for (size_t i = 1; i < count; i++)
            empty += ends[i - 1] >= ends[i];
        CHECK(t, empty == 0, "%zu words of '%s' are empty", empty, units[k]);
        CHECK(t, count > 0 && ends[count - 1] == used, "the end of '%s'", units[k]);
        free(ends);
    }
    free(text);
}

/* Of llama-bpe, its like and tekken a word that is a token stays whole, and BOS comes first. */
static void check_flags(struct host_test *t, struct pretokenizer *p) {
    (void)t;
    flagged += p->whole_words;
    flagged_bos += p->add_bos;
}

static void test_flags(struct host_test *t) {
    static const char *const names[] = {"llama-bpe", "llama3",   "llama-v3", "falcon3", "falcon-h1",
                                        "pixtral",   "midm-2.0", "lfm2",     "tekken"};
    enum { NAMES = sizeof names / sizeof names[0] };
    for (size_t i = 0; i < NAMES; i++) {
        struct pretokenizer *p = open_named(t, names[i], strlen(names[i]));
        CHECK(t, p->whole_words && p->add_bos, "%s", names[i]);
        pretokenizer_close(p);
    }
    each_name(t, check_flags);
    CHECK(t, flagged == NAMES && flagged_bos == NAMES, "%u and %u names have these flags", flagged,
          flagged_bos);
}

/* Without memory nothing opens and nothing is cut, unless it is but for speed, and nothing is
 * left. */
static void test_memory(struct host_test *t) {
    static const char *const texts[] = {"a b", "a \xff b", ""};
    const struct gguf_string name = {"deepseek-llm", 12};
    struct ls_error err;
    long before = 0;
    bool refused = true;
    for (long after = 0; refused && after < 1000; after++) {
        struct pretokenizer *p = NULL;
        if (after == 1)
            before = blocks_held(); /* the library keeps some from its first use on */
        err.text[0] = '\0';
        blocks_refuse(after + 1);
        const int status = pretokenizer_open("x.gguf", name, &p, &err);
        refused = blocks_refused();
        CHECK(t, (status == 0 || refused) && (p == NULL) == (status != 0), "block %ld: %d", after,
              status);
        CHECK(t, status == 0 || strstr(err.text, "x.gguf: tokenizer: out of memory") != NULL, "%s",
              err.text);
        pretokenizer_close(p);
        CHECK(t, after == 0 || blocks_held() == before, "block %ld: %ld are left", after,
              blocks_held() - before);
    }
    struct pretokenizer *p = open_named(t, name.data, (size_t)name.size);
    for (size_t i = 0; i < 3; i++) {
        before = blocks_held();
        refused = true;
        for (long after = 0; refused && after < 1000; after++) {
            uint32_t *ends = NULL;
            size_t count = 0;
            blocks_refuse(after + 1);
            const int status =
                pretokenizer_split(p, texts[i], (uint32_t)strlen(texts[i]), &ends, &count, &err);
            refused = blocks_refused();
            CHECK(t, status == 0 || refused, "'%s', block %ld: %d", texts[i], after, status);
            CHECK(t, status == 0 || strstr(err.text, "text: out of memory") != NULL, "%s",
                  err.text);
            if (status == 0)
                free(ends);
            CHECK(t, blocks_held() == before, "'%s', block %ld: %ld are left", texts[i], after,
                  blocks_held() - before);
        }
    }
    pretokenizer_close(p);
}

static void test_unknown(struct host_test *t) {
    static const char *const names[] = {"no-such", "", "gpt", "gpt-2 ", "gpt-2 phi-2"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct pretokenizer *p;
        struct ls_error err = {""};
        const struct gguf_string name = {names[i], strlen(names[i])};
        CHECK(t, pretokenizer_open("x.gguf", name, &p, &err) != 0 && p == NULL, "'%s'", names[i]);
        CHECK(t,
              strstr(err.text, "x.gguf: tokenizer.ggml.pre: ") != NULL &&
                  strstr(err.text, names[i]) != NULL,
              "%s", err.text);
    }
}

int main(void) {
    struct host_test t = {"pretokenizer", 0, 0};
    test_cuts(&t);
    test_unknown(&t);
    test_flags(&t);
    test_memory(&t);
    CHECK(&t, each_name(&t, cut_long) > 40, "names in docs/tokenizers.md");
    return host_test_finish(&t);
}
