/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The pre-tokenisers and their regular expressions. Names and expressions are
 * those of the models' own tokenizer.json files, as llama.cpp's llama-vocab.cpp
 * collects them (https://github.com/ggml-org/llama.cpp, MIT). Where llama.cpp
 * comes near an expression that its own engine lacks the classes for (tekken,
 * gpt-4o), the one of the tokenizer.json stands here. None of them takes more
 * than linear time on any text. See docs/tokenizers.md.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "pretokenizer.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/utf8.h"

/* White space is the Unicode property: PCRE2's own \s has U+180E besides. */
#define S     "\\p{White_Space}"
#define NOT_S "\\P{White_Space}"

/* Short forms after an apostrophe, in lower case and in any. */
#define SHORT     "'s|'t|'re|'ve|'m|'ll|'d"
#define SHORT_ANY "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
/* All white space but for the last one before a word, which belongs to the word. */
#define SPACES S "+(?!" NOT_S ")|" S "+"

#define GPT2 SHORT "| ?\\p{L}+| ?\\p{N}+| ?[^" S "\\p{L}\\p{N}]+|" SPACES
/* As GPT-4's: words with one character of any kind before them, digits in groups. */
#define WORDS(digits)                                                                              \
    SHORT_ANY "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" digits "| ?[^" S "\\p{L}\\p{N}]+[\\r\\n]*|" S      \
              "*[\\r\\n]+|" SPACES
/* As GPT-4o's: a word ends where a capital follows a small letter. */
#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define CASES(ending, digits)                                                                      \
    "[^\\r\\n\\p{L}\\p{N}]?" UPPER "*" LOWER "+" ending "|[^\\r\\n\\p{L}\\p{N}]?" UPPER "+" LOWER  \
    "*" ending "|" digits "| ?[^" S "\\p{L}\\p{N}]+[\\r\\n/]*|" S "*[\\r\\n]+|" SPACES

#define CJK   "[\\x{4E00}-\\x{9FA5}\\x{800}-\\x{4E00}\\x{AC00}-\\x{D7FF}]+"
#define BLOOM " ?[^(" S "|.,!?\\x{2026}\\x{3002}\\x{FF0C}\\x{3001}\\x{964}\\x{6D4}\\x{60C})]+"
#define DEEPSEEK_LETTERS                                                                           \
    S "?[A-Za-z\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{1BC}-\\x{1BF}"             \
      "\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}\\x{370}-\\x{373}\\x{376}\\x{377}\\x{37B}-\\x{37D}"       \
      "\\x{37F}\\x{386}\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}\\x{3A3}-\\x{3F5}"                \
      "\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}\\x{10A0}-\\x{10C5}"                     \
      "\\x{13A0}-\\x{13F5}\\x{13F8}-\\x{13FD}\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}"               \
      "\\x{1D00}-\\x{1D2B}\\x{1D6B}-\\x{1D77}\\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}"               \
      "\\x{1F18}-\\x{1F1D}\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}\\x{1F50}-\\x{1F57}\\x{1F59}"      \
      "\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}\\x{1FBE}"       \
      "\\x{1FC2}-\\x{1FC4}\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}\\x{1FD6}-\\x{1FDB}"               \
      "\\x{1FE0}-\\x{1FEC}\\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}"                \
      "\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\\x{2124}\\x{2126}\\x{2128}"                 \
      "\\x{212A}-\\x{212D}\\x{212F}-\\x{2134}\\x{2139}\\x{213C}-\\x{213F}\\x{2145}-\\x{2149}"      \
      "\\x{214E}\\x{2183}\\x{2184}\\x{2C00}-\\x{2C7B}\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}"       \
      "\\x{2CF2}\\x{2CF3}\\x{A640}-\\x{A66D}\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}"                \
      "\\x{A771}-\\x{A787}\\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}\\x{FB00}-\\x{FB06}"               \
      "\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}\\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}"             \
      "\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\\x{10CC0}-\\x{10CF2}"       \
      "\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}]+"
/* The expression ends in \s+$; that a match begins its run of spaces keeps the time linear. */
#define SPACES_AT_END "(?<!" S ")" S "++\\z"

static const struct description {
    const char *names; /* a space behind each */
    const char *steps[PRETOKENIZER_STEPS + 1];
    bool whole_words, add_bos;
} descriptions[] = {
    {"default ", {"[\\p{P}$+<=>^~|]+", GPT2, "\\p{N}+", "[0-9][0-9][0-9]"}, false, false},
    {"gpt-2 phi-2 mpt olmo jais trillion granite-docling gigachat a.x-4.0 mellum exaone4 "
     "modern-bert ",
     {GPT2},
     false,
     false},
    {"starcoder refact command-r smollm codeshell exaone minerva-7b mellum2 ",
     {"\\p{N}", GPT2},
     false,
     false},
    {"falcon ", {"[\\p{P}$+<=>^~|`]+", GPT2, "[0-9][0-9][0-9]"}, false, false},
    {"llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 ",
     {WORDS("\\p{N}{1,3}")},
     true,
     true},
    {"dbrx smaug-bpe chatglm-bpe glm4 ", {WORDS("\\p{N}{1,3}")}, false, false},
    {"qwen2 deepseek-r1-qwen kormo megrez stablelm2 hunyuan solar-open grok-2 ",
     {WORDS("\\p{N}")},
     false,
     false},
    {"qwen35 ",
     {SHORT_ANY "|[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+|\\p{N}| ?[^" S
                "\\p{L}\\p{M}\\p{N}]+[\\r\\n]*|" S "*[\\r\\n]+|" SPACES},
     false,
     false},
    {"seed-coder ",
     {SHORT_ANY "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^" S "\\p{L}\\p{N}\\r\\n]+|" S
                "*[\\r\\n]+|" SPACES},
     false,
     false},
    {"bailingmoe bailingmoe2 llada-moe ",
     {SHORT_ANY "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^" S "\\p{L}\\p{N}]+[\\r\\n]*|" S
                "*[\\r\\n]|" SPACES},
     false,
     false},
    {"tekken ", {CASES("", "\\p{N}")}, true, true},
    {"gpt-4o llama4 kanana2 minimax-m2 ",
     {CASES("(?:" SHORT_ANY ")?", "\\p{N}{1,3}")},
     false,
     false},
    {"deepseek-llm ",
     {"[\\r\\n]", DEEPSEEK_LETTERS,
      S "?[!-/:-~\\x{FF01}-\\x{FF0F}\\x{FF1A}-\\x{FF5E}\\x{2018}-\\x{201F}\\x{3000}-\\x{3002}]+",
      SPACES_AT_END, CJK, "\\p{N}+"},
     false,
     false},
    {"deepseek-coder ", {"[\\r\\n]", S "?\\p{L}+", S "?\\p{P}+", CJK, "\\p{N}"}, false, false},
    {"deepseek-v3 hunyuan-dense joyai-llm ",
     {"\\p{N}{1,3}", "[\\x{4E00}-\\x{9FA5}\\x{3040}-\\x{309F}\\x{30A0}-\\x{30FF}]+",
      "[!-/:-@\\[-`{-~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+"
      "| ?[\\p{P}\\p{S}]+[\\r\\n]*|" S "*[\\r\\n]+|" SPACES},
     false,
     false},
    {"poro-chat bloom gpt3-finnish ", {BLOOM}, false, false},
    {"viking ", {BLOOM, "\\p{N}"}, false, false},
};

static const struct description *find_description(struct gguf_string name) {
    for (size_t i = 0; i < sizeof descriptions / sizeof descriptions[0]; i++)
        for (const char *at = descriptions[i].names, *end; *at != '\0'; at = end + 1) {
            end = strchr(at, ' ');
            if ((uint64_t)(end - at) == name.size && memcmp(at, name.data, name.size) == 0)
                return &descriptions[i];
        }
    return NULL;
}

int pretokenizer_open(const char *path, struct gguf_string name, struct pretokenizer **p,
                      struct ls_error *err) {
    *p = NULL;
    const struct description *d = find_description(name);
    if (d == NULL)
        return ls_error_set(err,
                            "%s: tokenizer.ggml.pre: pre-tokeniser %.*s is not supported: see "
                            "docs/tokenizers.md for those that are",
                            path, name.size > 40 ? 40 : (int)name.size, name.data);
    *p = calloc(1, sizeof **p);
    if (*p == NULL)
        return ls_error_set(err, "%s: tokenizer: out of memory", path);
    (*p)->whole_words = d->whole_words;
    (*p)->add_bos = d->add_bos;
    for (size_t i = 0; d->steps[i] != NULL; i++) {
        int code;
        PCRE2_SIZE at;
        pcre2_code *step = pcre2_compile((PCRE2_SPTR)d->steps[i], PCRE2_ZERO_TERMINATED,
                                         PCRE2_UTF | PCRE2_UCP, &code, &at, NULL);
        if (step == NULL) {
            pretokenizer_close(*p);
            *p = NULL;
            if (code == PCRE2_ERROR_HEAP_FAILED)
                return ls_error_set(err, "%s: tokenizer: out of memory", path);
            return ls_error_set(err,
                                "%s: tokenizer.ggml.pre: PCRE2 does not know the expression of "
                                "%.*s: install PCRE2 10.40 or later",
                                path, (int)name.size, name.data);
        }
        (void)pcre2_jit_compile(step, PCRE2_JIT_COMPLETE); /* where it cannot: slower */
        (*p)->steps[(*p)->step_count++] = step;
    }
    return 0;
}

void pretokenizer_close(struct pretokenizer *p) {
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->step_count; i++)
        pcre2_code_free(p->steps[i]);
    free(p);
}

/* ---- cutting ---- */

struct cuts {
    uint32_t *ends;
    size_t count, capacity;
};

static int add_cut(struct cuts *cuts, size_t end) {
    if (cuts->count == cuts->capacity) {
        const size_t capacity = cuts->capacity * 2 + 64;
        uint32_t *ends = realloc(cuts->ends, capacity * sizeof *ends);
        if (ends == NULL)
            return -1;
        cuts->ends = ends;
        cuts->capacity = capacity;
    }
    cuts->ends[cuts->count++] = (uint32_t)end;
    return 0;
}

/* Cuts text[start, end), a subject of its own, before and behind every match. Returns 0, -1 if out
 * of memory, or an error of PCRE2. */
static int cut_piece(const pcre2_code *step, pcre2_match_data *match, const char *text,
                     size_t start, size_t end, struct cuts *out) {
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer(match);
    size_t done = start;
    while (done < end) {
        const int status = pcre2_match(step, (PCRE2_SPTR)text + start, end - start, done - start,
                                       PCRE2_NO_UTF_CHECK, match, NULL);
        if (status == PCRE2_ERROR_NOMATCH)
            break;
        if (status < 0)
            return status;
        const size_t from = start + found[0], to = start + found[1];
        if (to == from)
            break; /* no expression here matches nothing */
        if ((from > done && add_cut(out, from) != 0) || add_cut(out, to) != 0)
            return -1;
        done = to;
    }
    return done < end ? add_cut(out, end) : 0;
}

/* All steps over a text that is sound UTF-8. */
static int cut_text(const struct pretokenizer *p, const char *text, size_t size,
                    struct cuts *cuts) {
    pcre2_match_data *match = pcre2_match_data_create(8, NULL);
    int status = match == NULL || add_cut(cuts, size) != 0 ? -1 : 0;
    for (size_t i = 0; i < p->step_count && status == 0; i++) {
        struct cuts out = {NULL, 0, 0};
        for (size_t k = 0; k < cuts->count && status == 0; k++)
            status = cut_piece(p->steps[i], match, text, k > 0 ? cuts->ends[k - 1] : 0,
                               cuts->ends[k], &out);
        free(cuts->ends);
        *cuts = out;
    }
    pcre2_match_data_free(match);
    return status;
}

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* The text with each byte that is no UTF-8 replaced; to be freed. */
static char *sound_copy(const char *text, size_t size, size_t *copied) {
    char *copy = malloc(3 * size);
    size_t used = 0;
    for (size_t at = 0, n; copy != NULL && at < size; at += n) {
        n = utf8_size(text + at, size - at);
        memcpy(copy + used, n > 0 ? text + at : REPLACEMENT, n > 0 ? n : 3);
        used += n > 0 ? n : 3;
        n += n == 0;
    }
    *copied = used;
    return copy;
}

/* Cuts of the copy as cuts of the text. */
static void map_cuts(const char *text, size_t size, struct cuts *cuts) {
    size_t at = 0, copied = 0;
    for (size_t i = 0; i < cuts->count; i++) {
        while (copied < cuts->ends[i]) {
            const size_t n = utf8_size(text + at, size - at);
            copied += n > 0 ? n : 3;
            at += n > 0 ? n : 1;
        }
        cuts->ends[i] = (uint32_t)at;
    }
}

int pretokenizer_split(const struct pretokenizer *p, const char *text, uint32_t size,
                       uint32_t **ends, size_t *count, struct ls_error *err) {
    struct cuts cuts = {NULL, 0, 0};
    int status = 0;
    if (size > 0 && utf8_sound(text, size) == size) {
        status = cut_text(p, text, size, &cuts);
    } else if (size > 0) {
        size_t copied;
        char *copy = sound_copy(text, size, &copied);
        status = copy == NULL ? -1 : cut_text(p, copy, copied, &cuts);
        free(copy);
        if (status == 0)
            map_cuts(text, size, &cuts);
    }
    if (status != 0) {
        free(cuts.ends);
        return status == -1 || status == PCRE2_ERROR_NOMEMORY
                   ? ls_error_set(err, "text: out of memory: give a shorter text")
                   : ls_error_set(err,
                                  "text: PCRE2 gives up with error %d: give a "
                                  "shorter text",
                                  status);
    }
    *ends = cuts.ends;
    *count = cuts.count;
    return 0;
}
