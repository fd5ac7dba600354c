/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The rules of docs/tokenizers.md on small vocabularies, with ids derived by
 * hand: merging, special tokens, BOS and EOS, spaces, what ends a generation,
 * bytes without a token, long token texts; and what is refused.
 */
#include "csrc/tokenizer/tokenizer.h"
#include "tests/kit/blocks.h"
#include "tests/kit/host_test.h"
#include "tests/kit/vocab_file.h"

#include <stdarg.h>

#define FILE_NAME "build/tests/tokenizer_rules/odd.gguf"
#define G         "\xc4\xa0"     /* U+0120: a space in byte-level BPE */
#define LOW       "\xe2\x96\x81" /* U+2581: a space in SentencePiece */

struct opened {
    struct gguf *gguf;
    struct tokenizer *tokenizer;
};

static struct opened open_vocab(struct host_test *t, struct vocab_file *v) {
    struct opened o = {NULL, NULL};
    struct ls_error err = {""};
    o.gguf = vocab_write(v, FILE_NAME, &err);
    CHECK(t, o.gguf != NULL && tokenizer_open(o.gguf, &o.tokenizer, &err) == 0, "%s", err.text);
    if (o.tokenizer == NULL)
        exit(host_test_finish(t));
    return o;
}

static void close_vocab(struct opened *o) {
    tokenizer_close(o->tokenizer);
    gguf_close(o->gguf);
}

/* Whether a text gives these ids; the list ends with -1. */
static bool gives(const struct opened *o, const char *text, unsigned flags, ...) {
    uint32_t *ids;
    size_t count, i = 0;
    va_list expected;
    if (tokenizer_encode(o->tokenizer, text, strlen(text), flags, &ids, &count, NULL) != 0)
        return false;
    va_start(expected, flags);
    bool same = true;
    for (int id; (id = va_arg(expected, int)) >= 0; i++)
        same = same && i < count && ids[i] == (uint32_t)id;
    va_end(expected);
    free(ids);
    return same && i == count;
}

/* Whether ids (a list that ends with -1) give a text. */
static bool tells(const struct opened *o, const char *text, ...) {
    char got[256];
    size_t used = 0, size;
    const char *bytes;
    struct token_stream stream = token_stream_start();
    va_list ids;
    va_start(ids, text);
    for (int id; (id = va_arg(ids, int)) >= 0;) {
        if (token_stream_put(o->tokenizer, &stream, (uint32_t)id, &bytes, &size, NULL) != 0)
            used = sizeof got;
        if (used + size < sizeof got)
            memcpy(got + used, bytes, size);
        used += size;
    }
    va_end(ids);
    token_stream_finish(&stream, &bytes, &size);
    if (used + size < sizeof got)
        memcpy(got + used, bytes, size);
    used += size;
    return used == strlen(text) && memcmp(got, text, used) == 0;
}

/* ---- byte-level BPE ---- */

/* Tokens 0..255 are the bytes; then those of the rules, in the order of their ranks. */
static void test_merging(struct host_test *t) {
    struct vocab_file v;
    vocab_bpe(&v, "gpt-2");
    const int th = (int)vocab_merge(&v, "t", "h"), the = (int)vocab_merge(&v, "th", "e");
    const int space_the = (int)vocab_merge(&v, G, "the"), he = (int)vocab_merge(&v, "h", "e");
    const int aa = (int)vocab_merge(&v, "a", "a"), aaaa = (int)vocab_merge(&v, "aa", "aa");
    const int space_t = (int)vocab_merge(&v, G, "t");
    struct opened o = open_vocab(t, &v);
    CHECK(t, gives(&o, "the", 0, the, -1), "the");
    CHECK(t, gives(&o, "he", 0, he, -1), "he");
    CHECK(t, gives(&o, "th he", 0, th, ' ', he, -1), "no rule joins a space and he");
    CHECK(t, gives(&o, "a the", 0, 'a', space_the, -1), "a space and the");
    CHECK(t, gives(&o, " t th", 0, space_t, ' ', th, -1), "t h goes before space t");
    CHECK(t, gives(&o, "aaa", 0, aa, 'a', -1), "leftmost first");
    CHECK(t, gives(&o, "aaaaaaa", 0, aaaa, aa, 'a', -1), "aaaaaaa");
    CHECK(t, gives(&o, "aa aa", 0, aa, ' ', aa, -1), "words stay apart");
    CHECK(t, gives(&o, "\xc3\xa9\xff", 0, 0xc3, 0xa9, 0xff, -1), "bytes");
    CHECK(t, gives(&o, "", 0, -1), "empty");
    CHECK(t, tells(&o, " the\n\xff", space_the, '\n', 0xff, -1), "and back");
    CHECK(t, !gives(&o, "the", 0, th, 'e', -1) && !tells(&o, "x", 'y', -1), "wrong ids pass");
    close_vocab(&o);
    vocab_free(&v);

    vocab_bpe(&v, "llama-bpe"); /* a word that is a token needs no rules; only the whole word */
    const int whole = (int)vocab_add(&v, G "zebra", TOKEN_NORMAL, 0);
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, " zebra", 0, whole, -1), "a whole word");
    CHECK(t, gives(&o, "zeb", 0, 'z', 'e', 'b', -1), "part of one");
    close_vocab(&o);
    v.pre = "dbrx";
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, " zebra", 0, ' ', 'z', 'e', 'b', 'r', 'a', -1), "without that rule");
    close_vocab(&o);
    vocab_free(&v);
}

static void test_special(struct host_test *t) {
    struct vocab_file v;
    vocab_bpe(&v, "gpt-2");
    const int im = (int)vocab_add(&v, "<|im_end|>", TOKEN_CONTROL, 0);
    const int user = (int)vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
    const int longer = (int)vocab_add(&v, "<u>>", TOKEN_USER_DEFINED, 0);
    const int early = (int)vocab_add(&v, "b<u", TOKEN_USER_DEFINED, 0);
    const int spaces = (int)vocab_add(&v, "  ", TOKEN_USER_DEFINED, 0);
    const int bos = (int)vocab_add(&v, "<bos>", TOKEN_CONTROL, 0);
    v.bos = (uint32_t)bos;
    v.eos = (uint32_t)im;
    v.add_eos = 1;
    struct opened o = open_vocab(t, &v);
    const unsigned parse = TOKENIZER_PARSE_SPECIAL, ends = TOKENIZER_ADD_BOS | TOKENIZER_ADD_EOS;
    CHECK(t, gives(&o, "a<|im_end|>", parse, 'a', im, -1), "a control token");
    CHECK(t, gives(&o, "<|im_end|>", 0, '<', '|', 'i', 'm', '_', 'e', 'n', 'd', '|', '>', -1),
          "the same as text");
    CHECK(t, gives(&o, "a<u>b", 0, 'a', user, 'b', -1), "a user-defined token is always found");
    CHECK(t, gives(&o, "<u>>", 0, longer, -1), "the longest");
    CHECK(t, gives(&o, "b<u>>", 0, 'b', longer, -1),
          "the longest, though another begins before it");
    CHECK(t, gives(&o, "b<u", 0, early, -1), "the shorter one where it is alone");
    CHECK(t, gives(&o, "b<u>", 0, 'b', user, -1), "of two equally long, the lower id");
    CHECK(t, gives(&o, "     a", 0, spaces, spaces, ' ', 'a', -1), "from the left");
    CHECK(t, gives(&o, "a", ends, 'a', im, -1), "EOS alone: the model wants no BOS");
    CHECK(t, tells(&o, "a<u>b", 'a', user, im, 'b', -1), "control tokens have no text");
    close_vocab(&o);
    v.add_bos = 1;
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "a", ends, bos, 'a', im, -1) && gives(&o, "", TOKENIZER_ADD_BOS, bos, -1),
          "BOS and EOS");
    CHECK(t, gives(&o, "a", 0, 'a', -1), "neither unless asked");
    close_vocab(&o);
    v.pre = "llama-bpe";
    v.add_bos = -1;
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "a", TOKENIZER_ADD_BOS, bos, 'a', -1), "llama-bpe wants BOS");
    close_vocab(&o);
    v.add_bos = 0;
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "a", TOKENIZER_ADD_BOS, 'a', -1), "unless the file says no");
    close_vocab(&o);
    vocab_free(&v);
}

/* Texts that a merge could turn into a control token never do. */
static void test_control_is_no_text(struct host_test *t) {
    struct vocab_file v;
    vocab_bpe(&v, "gpt-2");
    const int eot = (int)vocab_merge(&v, "E", "OT"), ot = (int)vocab_merge(&v, "O", "T");
    v.types[eot] = TOKEN_CONTROL;
    struct opened o = open_vocab(t, &v);
    CHECK(t, gives(&o, "EOT", 0, 'E', ot, -1), "BPE");
    close_vocab(&o);
    vocab_free(&v);
    vocab_spm(&v);
    const int low = (int)vocab_add(&v, LOW, TOKEN_NORMAL, -1);
    const int s = (int)vocab_add(&v, "s>", TOKEN_NORMAL, -1);
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "<s>", 0, low, 3 + '<', s, -1), "SentencePiece");
    close_vocab(&o);
    vocab_free(&v);
}

static void test_missing_bytes(struct host_test *t) {
    struct vocab_file v;
    vocab_bpe(&v, "qwen2"); /* DeepSeek's way: added tokens with the texts of byte characters */
    v.types[0xf8] = TOKEN_USER_DEFINED;
    v.types['q'] = TOKEN_USER_DEFINED;
    const int place = (int)vocab_add(&v, "", TOKEN_UNUSED, 0); /* padding */
    const int foreign = (int)vocab_add(&v, "\xe6\x97\xa5", TOKEN_NORMAL, 0);
    v.tokens['q'].data = strcpy((char *)(uintptr_t)v.tokens['q'].data, "\x01");
    struct opened o = open_vocab(t, &v);
    CHECK(t, gives(&o, "\xf8", 0, 0xef, 0xbf, 0xbd, -1), "no UTF-8 has the byte: U+FFFD");
    CHECK(t, gives(&o, "a\xc3\xb8", 0, 'a', 0xf8, -1), "the text of that token");
    CHECK(t, tells(&o, "\xc3\xb8", 0xf8, -1), "and back");
    CHECK(t, gives(&o, "aqb", 0, 'a', 'b', -1), "a byte that has none is left out");
    CHECK(t, tells(&o, "a\xe6\x97\xa5", 'a', place, foreign, -1),
          "a piece of no bytes' characters is itself");
    close_vocab(&o);
    vocab_free(&v);
    vocab_spm(&v);
    v.types[3 + 'q'] = v.types[3 + 0xc3] = TOKEN_NORMAL;
    strcpy((char *)(uintptr_t)v.tokens[3 + 'q'].data, "<0x__>");
    strcpy((char *)(uintptr_t)v.tokens[3 + 0xc3].data, "<0y__>");
    const int low = (int)vocab_add(&v, LOW, TOKEN_NORMAL, -9);
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "aq\xc3\xa9", 0, low, 3 + 'a', 0, 0, 3 + 0xa9, -1), "or is unknown");
    close_vocab(&o);
    vocab_free(&v);
}

/* ---- SentencePiece ---- */

static void test_spaces(struct host_test *t) {
    struct vocab_file v;
    vocab_spm(&v);
    const int low = (int)vocab_add(&v, LOW, TOKEN_NORMAL, -9);
    const int a = (int)vocab_add(&v, "a", TOKEN_NORMAL, -8),
              b = (int)vocab_add(&v, "b", TOKEN_NORMAL, -8);
    const int low_a = (int)vocab_add(&v, LOW "a", TOKEN_NORMAL, -2);
    const int ab = (int)vocab_add(&v, "ab", TOKEN_NORMAL, -1);
    const int user = (int)vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
    const int gap = (int)vocab_add(&v, "  ", TOKEN_USER_DEFINED, 0);
    const int control = (int)vocab_add(&v, "z", TOKEN_CONTROL, 0);
    struct opened o = open_vocab(t, &v);
    CHECK(t, gives(&o, "a", 0, low_a, -1), "a space in front");
    CHECK(t, gives(&o, "ab", 0, low, ab, -1), "the better score first");
    CHECK(t, gives(&o, "a", TOKENIZER_ADD_BOS, 1, low_a, -1), "BOS unless the file says no");
    CHECK(t, gives(&o, "b<u>a", 0, low, b, user, low_a, -1), "a space behind a special token");
    CHECK(t, gives(&o, "a<s>a", TOKENIZER_PARSE_SPECIAL, low_a, 1, low_a, -1), "likewise");
    CHECK(t, tells(&o, "b<u>a", low, b, user, low_a, -1), "and not when it is told");
    CHECK(t, tells(&o, "  a", gap, low_a, -1), "a user-defined token keeps its spaces");
    CHECK(t, gives(&o, "a\xc3\xa9\xff", 0, low_a, 3 + 0xc3, 3 + 0xa9, 3 + 0xff, -1), "bytes");
    CHECK(t, gives(&o, "az", 0, low_a, 3 + 'z', -1), "a character that is a control token (%d)",
          control);
    close_vocab(&o);
    v.add_space = 0;
    v.add_bos = 0;
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "a<u>a", TOKENIZER_ADD_BOS, a, user, a, -1), "no space, no BOS");
    CHECK(t, tells(&o, " a", low_a, -1), "a space that is the text's own");
    close_vocab(&o);
    v.add_space = -1;
    v.types[gap] = TOKEN_UNUSED;
    v.remove_spaces = 1;
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "  a    a ", 0, low_a, low_a, -1), "spaces at the ends and doubled");
    CHECK(t, gives(&o, "    ", 0, -1), "nothing but spaces");
    CHECK(t, gives(&o, "a  <u>  a", 0, low_a, low, user, low, low_a, -1), "around a special token");
    close_vocab(&o);
    v.remove_spaces = -1;
    v.name = "My Phi-3 mini";
    o = open_vocab(t, &v);
    CHECK(t, gives(&o, "<u> \n\ta", 0, user, low_a, -1), "phi-3 strips behind special tokens");
    CHECK(t, gives(&o, "<s> a", TOKENIZER_PARSE_SPECIAL, 1, low, low_a, -1), "but not behind <s>");
    close_vocab(&o);
    vocab_free(&v);
}

/* ---- what ends a generation ---- */

static void test_ends(struct host_test *t) {
    static const char *const texts[] = {"<|endoftext|>", "<|im_end|>",  "<|eot_id|>",  "<|eom_id|>",
                                        "<end_of_turn>", "<|fim_pad|>", "<|file_sep|>"};
    struct vocab_file v;
    vocab_bpe(&v, "qwen2");
    for (size_t i = 0; i < 7; i++) /* 256.. */
        vocab_add(&v, texts[i], i % 2 == 0 ? TOKEN_CONTROL : TOKEN_NORMAL, 0);
    v.eos = 260;
    struct opened o = open_vocab(t, &v);
    uint32_t ends[16] = {0};
    CHECK(t, tokenizer_eog_ids(o.tokenizer, ends, 16) == 7, "%zu",
          tokenizer_eog_ids(o.tokenizer, ends, 16));
    /* eos, then eot (<|eot_id|> is the first text that tells it) and eom, then by id */
    CHECK(t,
          ends[0] == 260 && ends[1] == 258 && ends[2] == 259 && ends[3] == 256 && ends[4] == 257 &&
              ends[5] == 261 && ends[6] == 262,
          "%u %u %u %u", ends[0], ends[1], ends[2], ends[3]);
    memset(ends, 0, sizeof ends);
    CHECK(t, tokenizer_eog_ids(o.tokenizer, ends, 2) == 7 && ends[1] == 258 && ends[2] == 0,
          "the first two");
    CHECK(t,
          tokenizer_is_eog(o.tokenizer, 262) && !tokenizer_is_eog(o.tokenizer, 255) &&
              !tokenizer_is_eog(o.tokenizer, UINT32_MAX),
          "is it one");
    CHECK(t, tells(&o, "ab", 'a', 257, 'b', -1), "such a token has no text, whatever its type");
    close_vocab(&o);
    vocab_add(&v, "<|return|>", TOKEN_CONTROL, 0);
    vocab_add(&v, "<|call|>", TOKEN_CONTROL, 0);
    const uint32_t end = vocab_add(&v, "<|end|>", TOKEN_CONTROL, 0);
    o = open_vocab(t, &v);
    CHECK(t, tokenizer_is_eog(o.tokenizer, end - 1) && !tokenizer_is_eog(o.tokenizer, end),
          "<|end|> ends but a part of a message where <|return|> and <|call|> are");
    close_vocab(&o);
    vocab_add(&v, "</s>", TOKEN_CONTROL, 0);
    const uint32_t response = vocab_add(&v, "<|tool_response>", TOKEN_CONTROL, 0);
    const int channel = (int)vocab_add(&v, "<|channel|>", TOKEN_CONTROL, 0);
    o = open_vocab(t, &v);
    CHECK(t,
          tokenizer_is_eog(o.tokenizer, response) && !tokenizer_is_eog(o.tokenizer, response - 1),
          "</s> is a text where <|tool_response> is");
    CHECK(t, tells(&o, "a</s><|channel|>", 'a', (int)response - 1, channel, -1), "and is shown");
    close_vocab(&o);
    vocab_free(&v);
}

/* The end of a part of a message, where certain others are: llama.cpp's rule. */
static void test_parts_of_messages(struct host_test *t) {
    static const struct {
        const char *others[3];
        bool ends; /* <|end|> does */
    } cases[] = {{{"<|return|>", "<|call|>"}, false},
                 {{"<|call|>", "<|flush|>"}, false},
                 {{"<|calls|>", "<|flush|>"}, false},
                 {{"<|return|>", "<|flush|>"}, true},
                 {{"<|return|>", "<|calls|>"}, true},
                 {{"<|call|>", "<|calls|>"}, true},
                 {{"<|return|>"}, true},
                 {{"<|call|>"}, true},
                 {{"<|flush|>"}, true},
                 {{"<|calls|>"}, true},
                 {{"<|return|>", "<|call|>", "<|flush|>"}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vocab_file v;
        uint32_t ends[8] = {0}, others = 0;
        vocab_bpe(&v, "gpt-2");
        const uint32_t end = vocab_add(&v, "<|end|>", TOKEN_CONTROL, 0);
        for (; others < 3 && cases[i].others[others] != NULL; others++)
            vocab_add(&v, cases[i].others[others], TOKEN_NORMAL, 0);
        struct opened o = open_vocab(t, &v);
        CHECK(t, tokenizer_is_eog(o.tokenizer, end) == cases[i].ends, "case %zu", i);
        CHECK(t, tells(&o, cases[i].ends ? "a" : "a<|end|>", 'a', (int)end, -1), "case %zu", i);
        const size_t count = tokenizer_eog_ids(o.tokenizer, ends, 8);
        CHECK(t, count == others + cases[i].ends, "case %zu: %zu ends", i, count);
        for (uint32_t k = 0; k < others; k++)
            CHECK(t, tokenizer_is_eog(o.tokenizer, end + 1 + k), "case %zu: other %u", i, k);
        close_vocab(&o);
        vocab_free(&v);
    }
}

/* Each text that tells an end does so by itself, whatever the token's type; such a token and those
 * of code are not shown. Parts of a message are, though files call them control tokens. */
static void test_texts_of_ends(struct host_test *t) {
    static const char *const ends[] = {"<|eot_id|>",
                                       "<|im_end|>",
                                       "<|end|>",
                                       "<|return|>",
                                       "<|call|>",
                                       "<|flush|>",
                                       "<|calls|>",
                                       "<end_of_turn>",
                                       "<|endoftext|>",
                                       "</s>",
                                       "<|eom_id|>",
                                       "<EOT>",
                                       "_<EOT>",
                                       "[EOT]",
                                       "[EOS]",
                                       "<|end_of_text|>",
                                       "<eos>",
                                       "<turn|>",
                                       "<|tool_response>",
                                       "<end_of_utterance>",
                                       "[e~[",
                                       "<|fim_pad|>",
                                       "<fim-pad>",
                                       "<fim_pad>",
                                       "<PAD>",
                                       "[PAD]",
                                       "<|fim_repo|>",
                                       "<|repo_name|>",
                                       "<fim-repo>",
                                       "<REPO>",
                                       "<reponame>",
                                       "<|file_sep|>",
                                       "<\xef\xbd\x9c"
                                       "end" LOW "of" LOW "sentence\xef\xbd\x9c>"};
    static const char *const code[] = {"<|fim_prefix|>", "<fim-prefix>", "<fim_suffix>",
                                       "<|suffix|>",     "<|middle|>",   "<|fim_middle|>"};
    static const char *const shown[] = {"<|channel|>", "<|message|>", "<|start|>", "<|constrain|>"};
    enum { ENDS = sizeof ends / sizeof *ends, CODE = sizeof code / sizeof *code, SHOWN = 4 };
    for (size_t i = 0; i < ENDS + CODE + SHOWN; i++) {
        struct vocab_file v;
        uint32_t ids[4] = {0};
        const bool is_end = i < ENDS, is_shown = i >= ENDS + CODE;
        const char *text = is_end ? ends[i] : is_shown ? shown[i - ENDS - CODE] : code[i - ENDS];
        vocab_bpe(&v, "gpt-2");
        const uint32_t id = vocab_add(&v, text, is_shown ? TOKEN_CONTROL : TOKEN_NORMAL, 0);
        struct opened o = open_vocab(t, &v);
        CHECK(t, tokenizer_is_eog(o.tokenizer, id) == is_end, "%s", text);
        CHECK(t, tokenizer_eog_ids(o.tokenizer, ids, 4) == is_end, "%s", text);
        CHECK(t, tells(&o, is_shown ? text : "", (int)id, -1), "%s", text);
        close_vocab(&o);
        vocab_free(&v);
    }
}

/* Which names of models make white space behind special tokens none of the text. */
static void test_names_of_models(struct host_test *t) {
    static const struct {
        const char *name;
        bool strips;
    } names[] = {{"phi3", true},      {"Phi-3", true},     {"phi-3.5 mini", true},
                 {"my phi3", true},   {"PHI3 mini", true}, {"x Phi-3", true},
                 {"phi-", false},     {"phi", false},      {"p", false},
                 {"phi 3", false},    {"phi-4", false},    {"phi-2 of 3", false},
                 {"philips3", false}, {"hi3", false}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct vocab_file v;
        vocab_spm(&v);
        const int low = (int)vocab_add(&v, LOW, TOKEN_NORMAL, -9);
        const int a = (int)vocab_add(&v, "a", TOKEN_NORMAL, -8);
        const int user = (int)vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
        v.name = names[i].name;
        v.add_space = 0;
        struct opened o = open_vocab(t, &v);
        CHECK(t,
              names[i].strips ? gives(&o, "<u> \t\n\v\f\ra", 0, user, a, -1)
                              : gives(&o, "<u> a", 0, user, low, a, -1),
              "%s", names[i].name);
        CHECK(t, !names[i].strips || gives(&o, "<u>  <u> a ", 0, user, user, a, low, -1), "%s",
              names[i].name);
        close_vocab(&o);
        vocab_free(&v);
    }
}

/* Special tokens of any first byte, and many of one. */
static void test_many_special(struct host_test *t) {
    struct vocab_file v;
    vocab_bpe(&v, "gpt-2");
    static const char *const texts[] = {
        "\x01", "\xf4\x8f\xbf\xbf", "aa", "a", "aab", "aabb", "ab", "b", "~~~", "\x7f\x7f"};
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    int id[TEXTS];
    for (size_t i = 0; i < TEXTS; i++)
        if (strcmp(texts[i], "a") == 0 || strcmp(texts[i], "b") == 0) {
            id[i] = texts[i][0];
            v.types[id[i]] = TOKEN_USER_DEFINED;
        } else {
            id[i] = (int)vocab_add(&v, texts[i], TOKEN_USER_DEFINED, 0);
        }
    struct opened o = open_vocab(t, &v);
    for (size_t i = 0; i < TEXTS; i++)
        CHECK(t, gives(&o, texts[i], 0, id[i], -1), "special token %zu", i);
    CHECK(t, gives(&o, "aabbaabab", 0, id[5], id[4], id[6], -1), "the longest first");
    CHECK(t, gives(&o, "aaab", 0, id[3], id[4], -1), "the longest, wherever it is");
    CHECK(t, gives(&o, "aaaa", 0, id[2], id[2], -1), "of two, the left one");
    CHECK(t, gives(&o, "x\x01y~~~~z", 0, 'x', id[0], 'y', id[8], '~', 'z', -1), "between texts");
    close_vocab(&o);
    vocab_free(&v);
}

/* Without memory a vocabulary does not open, and a text has no tokens, unless it is but for
 * speed; nothing is left. */
static void test_memory(struct host_test *t) {
    static const char text[] = "the ab<u>c <|im_end|> the\xff";
    for (int kind = 0; kind < 2; kind++) {
        struct vocab_file v;
        struct ls_error err = {""};
        if (kind == 0) {
            vocab_bpe(&v, "gpt-2");
            vocab_merge(&v, "t", "h");
            vocab_merge(&v, "th", "e");
        } else {
            vocab_spm(&v);
            vocab_add(&v, LOW, TOKEN_NORMAL, -9);
            vocab_add(&v, "ab", TOKEN_NORMAL, -1);
        }
        vocab_add(&v, "<|im_end|>", TOKEN_CONTROL, 0);
        vocab_add(&v, "<u>", TOKEN_USER_DEFINED, 0);
        struct opened o = open_vocab(t, &v); /* what libraries keep, they have from here on */
        const long before = blocks_held();
        long after = 0;
        for (bool refused = true; refused && after < 1000; after++) {
            struct tokenizer *tokenizer = NULL;
            err.text[0] = '\0';
            blocks_refuse(after + 1);
            const int status = tokenizer_open(o.gguf, &tokenizer, &err);
            refused = blocks_refused();
            CHECK(t,
                  (status == 0 || (status == -1 && refused)) &&
                      (tokenizer == NULL) == (status != 0),
                  "block %ld: status %d", after, status);
            CHECK(t, status == 0 || strstr(err.text, "out of memory") != NULL, "block %ld: %s",
                  after, err.text);
            tokenizer_close(tokenizer);
            CHECK(t, blocks_held() == before, "block %ld: %ld are left", after,
                  blocks_held() - before);
        }
        CHECK(t, after > 5 && after < 1000, "%ld blocks", after);
        after = 0;
        for (bool refused = true; refused && after < 1000; after++) {
            uint32_t *ids = NULL;
            size_t count = 0;
            err.text[0] = '\0';
            blocks_refuse(after + 1);
            const int status =
                tokenizer_encode(o.tokenizer, text, sizeof text - 1,
                                 TOKENIZER_PARSE_SPECIAL | TOKENIZER_ADD_BOS, &ids, &count, &err);
            refused = blocks_refused();
            CHECK(t, status == 0 || (status == -1 && refused), "block %ld of a text: status %d",
                  after, status);
            CHECK(t, status == 0 || strstr(err.text, "out of memory") != NULL, "block %ld: %s",
                  after, err.text);
            if (status == 0)
                free(ids);
            CHECK(t, blocks_held() == before, "block %ld of a text: %ld are left", after,
                  blocks_held() - before);
        }
        CHECK(t, after > 3 && after < 1000, "%ld blocks of a text", after);
        close_vocab(&o);
        vocab_free(&v);
    }
}

/* ---- tokens by themselves ---- */

static bool shows(const struct opened *o, uint32_t id, size_t room, const char *text) {
    char got[64];
    const size_t size = tokenizer_show(o->tokenizer, id, got, room);
    return size == strlen(text) && memcmp(got, text, size) == 0;
}

static void test_show(struct host_test *t) {
    struct vocab_file v;
    vocab_bpe(&v, "gpt-2");
    const uint32_t word = vocab_add(&v, G "the", TOKEN_NORMAL, 0);
    const uint32_t end = vocab_add(&v, "<|im_end|>", TOKEN_CONTROL, 0);
    struct opened o = open_vocab(t, &v);
    CHECK(t, shows(&o, word, 64, " the") && shows(&o, word, 3, " t"), "a word, and cut");
    CHECK(t, shows(&o, end, 64, "<|im_end|>") && shows(&o, 0xe2, 64, "\xe2"), "a name, a byte");
    CHECK(t, shows(&o, end + 1, 64, ""), "no token");
    close_vocab(&o);
    vocab_free(&v);
    vocab_spm(&v);
    const uint32_t piece = vocab_add(&v, LOW "a" LOW, TOKEN_NORMAL, 0);
    o = open_vocab(t, &v);
    CHECK(t, shows(&o, piece, 64, " a ") && shows(&o, 3 + '\n', 64, "<0x0A>"), "a piece, a byte");
    char got[64];
    CHECK(t, tokenizer_text(o.tokenizer, 3 + '\n', got, 64) == 1 && got[0] == '\n', "the byte");
    CHECK(t, tokenizer_text(o.tokenizer, piece, got, 64) == 3 && got[1] == 'a', "the piece");
    close_vocab(&o);
    vocab_free(&v);
}

/* ---- long texts of tokens ---- */

static void test_long_token(struct host_test *t) {
    struct vocab_file v;
    char *text = malloc(5001);
    memset(text, 'x', 5000);
    memcpy(text + 4998, "\xe2\x82", 3); /* ends within a character */
    vocab_bpe(&v, "gpt-2");
    vocab_add(&v, text, TOKEN_USER_DEFINED, 0);
    struct opened o = open_vocab(t, &v);
    struct token_stream stream = token_stream_start();
    const char *bytes;
    size_t size;
    CHECK(t, token_stream_put(o.tokenizer, &stream, 0xf0, &bytes, &size, NULL) == 0 && size == 0,
          "%zu", size);
    CHECK(t,
          token_stream_put(o.tokenizer, &stream, 256, &bytes, &size, NULL) == 0 && size == 4999 &&
              bytes[0] == '\xf0' && memcmp(bytes + 1, text, 4998) == 0,
          "%zu bytes", size);
    CHECK(t,
          token_stream_put(o.tokenizer, &stream, 0xac, &bytes, &size, NULL) == 0 && size == 3 &&
              memcmp(bytes, "\xe2\x82\xac", 3) == 0,
          "%zu bytes", size);
    CHECK(t, token_stream_put(o.tokenizer, &stream, 256, &bytes, &size, NULL) == 0, "%zu", size);
    token_stream_finish(&stream, &bytes, &size);
    CHECK(t, size == 2, "%zu bytes in the end", size);
    close_vocab(&o);
    vocab_free(&v);
    free(text);
}

/* ---- refusals ---- */

static void spoil_type(struct vocab_file *v) {
    v->types[7] = 7;
}
static void spoil_type_zero(struct vocab_file *v) {
    v->types[7] = 0;
}
static void spoil_byte(struct vocab_file *v) {
    v->types['a'] = TOKEN_BYTE;
}
static void spoil_twice(struct vocab_file *v) {
    vocab_add(v, "th", TOKEN_CONTROL, 0);
}
static void spoil_no_tokens(struct vocab_file *v) {
    v->count = 0;
}
static void spoil_model(struct vocab_file *v) {
    v->model = "bert";
}
static void spoil_no_model(struct vocab_file *v) {
    v->model = NULL;
}
static void spoil_pre(struct vocab_file *v) {
    v->pre = "hal-9000";
}
static void spoil_bos(struct vocab_file *v) {
    v->bos = (uint32_t)v->count;
}
static void spoil_eos(struct vocab_file *v) {
    v->eos = 1000000;
}
static void spoil_add_bos(struct vocab_file *v) {
    v->add_bos = 1;
}
static void spoil_add_eos(struct vocab_file *v) {
    v->add_eos = 1;
}
static void spoil_rule_part(struct vocab_file *v) {
    vocab_merge(v, "zz", "z");
}
static void spoil_rule_whole(struct vocab_file *v) {
    vocab_merge(v, "t", "q");
    v->count--;
}
static void spoil_rule_twice(struct vocab_file *v) {
    vocab_merge(v, "t", "h");
    v->count--;
}
static void spoil_rule_space(struct vocab_file *v) {
    v->merges[1].size = 2;
}
static void spoil_rule_end(struct vocab_file *v) { /* behind it lies the next one's size: ' ' */
    v->merges[1].size = 2;
    vocab_merge(v, "fifteen bytes..", "and 16 bytes....");
    v->count--;
}
static void spoil_rule_long(struct vocab_file *v) {
    vocab_merge(v, "0123456789abcdefghijklmno", "0123456789abcdefghijklmno");
    v->count--;
}
static void spoil_rule_empty(struct vocab_file *v) {
    v->merges[1].size = 0;
}
static void spoil_rule_right(struct vocab_file *v) {
    v->merges[1].size = 3;
}
static void spoil_no_rules(struct vocab_file *v) {
    v->no_merges = true;
}
static void spoil_pre_kind(struct vocab_file *v) {
    v->pre = NULL;
    v->odd_number = "tokenizer.ggml.pre";
}
static void spoil_types_kind(struct vocab_file *v) {
    free(v->types);
    v->types = NULL;
    v->odd_number = "tokenizer.ggml.token_type";
}
static void spoil_bool_kind(struct vocab_file *v) {
    v->odd_text = "tokenizer.ggml.add_bos_token";
}
static void spoil_eot(struct vocab_file *v) {
    v->odd_number = "tokenizer.ggml.eot_token_id";
}
static void spoil_charsmap(struct vocab_file *v) {
    vocab_free(v);
    vocab_spm(v);
    v->odd_list = "tokenizer.ggml.precompiled_charsmap";
}

static const struct {
    void (*spoil)(struct vocab_file *);
    const char *text;
} refusals[] = {
    {spoil_type, "tokenizer.ggml.token_type: token 7: 7 is no type"},
    {spoil_type_zero, "tokenizer.ggml.token_type: token 7: 0 is no type"},
    {spoil_byte, "token 97: a byte token not written"},
    {spoil_twice, "token 258 has the text of token 256"},
    {spoil_no_tokens, "tokenizer.ggml.tokens: no list"},
    {spoil_model, "tokenizer.ggml.model: bert is not supported"},
    {spoil_no_model, "tokenizer.ggml.model: missing"},
    {spoil_pre, "tokenizer.ggml.pre: pre-tokeniser hal-9000 is not supported"},
    {spoil_bos, "tokenizer.ggml.bos_token_id: not a token"},
    {spoil_eos, "tokenizer.ggml.eos_token_id: not a token"},
    {spoil_add_bos, "tokenizer.ggml.add_bos_token: true, but there is no bos_token_id"},
    {spoil_add_eos, "tokenizer.ggml.add_eos_token: true, but there is no eos_token_id"},
    {spoil_rule_part, "tokenizer.ggml.merges: rule 2 (zz z): not two tokens"},
    {spoil_rule_whole, "tokenizer.ggml.merges: rule 2 (t q): not two tokens"},
    {spoil_rule_twice, "tokenizer.ggml.merges: rule 2 is rule 0 again"},
    {spoil_rule_space, "tokenizer.ggml.merges: rule 1 (th): not two tokens"},
    {spoil_rule_end, "tokenizer.ggml.merges: rule 1 (th): not two tokens"},
    {spoil_rule_long, "rule 2 (0123456789abcdefghijklmno 0123456789abcd): not two tokens"},
    {spoil_rule_empty, "tokenizer.ggml.merges: rule 1 (): not two tokens"},
    {spoil_rule_right, "tokenizer.ggml.merges: rule 1 (th ): not two tokens"},
    {spoil_no_rules, "tokenizer.ggml.merges: no list of merges"},
    {spoil_pre_kind, "tokenizer.ggml.pre: not a string"},
    {spoil_types_kind, "tokenizer.ggml.token_type: not one int32 a token"},
    {spoil_bool_kind, "tokenizer.ggml.add_bos_token: not a bool"},
    {spoil_eot, "tokenizer.ggml.eot_token_id: not a token"},
    {spoil_charsmap, "tokenizer.ggml.precompiled_charsmap: normalising a text is not supported"},
};

static void test_refusals(struct host_test *t) {
    for (size_t i = 0; i <= sizeof refusals / sizeof refusals[0]; i++) {
        struct vocab_file v;
        struct tokenizer *tok = NULL;
        struct ls_error err = {""};
        vocab_bpe(&v, "gpt-2");
        vocab_merge(&v, "t", "h");
        vocab_merge(&v, "th", "e");
        const uint64_t count = v.count;
        const bool spoiled = i < sizeof refusals / sizeof refusals[0];
        if (spoiled)
            refusals[i].spoil(&v);
        struct gguf *g = vocab_write(&v, FILE_NAME, &err);
        const int status = g != NULL ? tokenizer_open(g, &tok, &err) : -2;
        CHECK(t, status == (spoiled ? -1 : 0), "%zu: status %d: %s", i, status, err.text);
        if (spoiled)
            CHECK(t,
                  strstr(err.text, FILE_NAME ": ") == err.text &&
                      strstr(err.text, refusals[i].text) != NULL,
                  "'%s', not '%s'", err.text, refusals[i].text);
        tokenizer_close(tok);
        gguf_close(g);
        v.count = v.count < count ? count : v.count;
        vocab_free(&v);
    }
}

static void test_long_text(struct host_test *t) {
    struct vocab_file v;
    struct ls_error err = {""};
    uint32_t *ids;
    size_t count;
    vocab_bpe(&v, "gpt-2");
    struct opened o = open_vocab(t, &v);
    CHECK(t,
          tokenizer_encode(o.tokenizer, "", ((size_t)1 << 28) + 1, 0, &ids, &count, &err) != 0 &&
              strstr(err.text, "give a shorter text") != NULL,
          "%s", err.text);
    close_vocab(&o);
    vocab_free(&v);
}

int main(void) {
    struct host_test t = {"tokenizer_rules", 0, 0};
    host_folder(&t);
    test_merging(&t);
    test_special(&t);
    test_control_is_no_text(&t);
    test_missing_bytes(&t);
    test_spaces(&t);
    test_ends(&t);
    test_parts_of_messages(&t);
    test_texts_of_ends(&t);
    test_names_of_models(&t);
    test_many_special(&t);
    test_memory(&t);
    test_show(&t);
    test_long_token(&t);
    test_refusals(&t);
    test_long_text(&t);
    remove(FILE_NAME);
    return host_test_finish(&t);
}
