/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The story generator: every sentence begins with a capital and ends, quotations close, "a" and
 * "an" stand where they should, nothing of the grammar's notation is left; stories differ, words
 * are many, bits of choice agree with how often stories meet; the same seed tells the same stories.
 * Planted faults: the checks find a text that is spoiled in each of these ways.
 */
#include "host_test.h"
#include "stories.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { STORIES = 6000, WORDS_MOST = 4096 };

/* Words seen so far, sorted. */
struct words {
    char word[WORDS_MOST][24];
    unsigned count;
};

static void words_add(struct words *w, const char *word) {
    unsigned low = 0, high = w->count;
    while (low < high) {
        const unsigned middle = (low + high) / 2;
        const int order = strcmp(w->word[middle], word);
        if (order == 0)
            return;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (w->count == WORDS_MOST)
        return;
    memmove(w->word[low + 1], w->word[low], (w->count - low) * sizeof *w->word);
    snprintf(w->word[low], sizeof *w->word, "%s", word);
    w->count++;
}

static bool vowel(int c) {
    return strchr("aeiou", tolower(c)) != NULL;
}

/* "a" before a consonant, "an" before a vowel; by sound, so "an hour", "a uniform". */
static bool article_fits(const char *article, const char *next) {
    static const char *const silent[] = {"hour", "honest"};
    static const char *const spoken[] = {"uni", "use", "one", "eu"};
    bool wants_n = vowel(*next);
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        wants_n |= strncmp(next, silent[i], strlen(silent[i])) == 0;
    for (size_t i = 0; i < sizeof spoken / sizeof *spoken; i++)
        wants_n &= strncmp(next, spoken[i], strlen(spoken[i])) != 0;
    return wants_n == (article[1] == 'n');
}

/* What is wrong with a text; NULL if nothing. Its words, in lower case, go to `seen`. */
static const char *flaw(const char *text, struct words *seen) {
    unsigned quotes = 0;
    bool begins = true; /* a sentence */
    char before[24] = "";
    const size_t length = strlen(text);
    if (length == 0 || strchr(".!?\"", text[length - 1]) == NULL)
        return "it does not end";
    if (strpbrk(text, "<>{}[]()|$~^*_;#\n") != NULL)
        return "notation is left";
    if (strstr(text, "  ") != NULL || strstr(text, " ,") != NULL || strstr(text, " .") != NULL)
        return "spaces";
    for (const char *p = text; *p != '\0';) {
        char word[24];
        size_t n = 0;
        if (!isalpha((unsigned char)*p)) {
            quotes += *p == '"';
            begins |= strchr(".!?", *p) != NULL && p[1] == ' ' && quotes % 2 == 0;
            p++;
            continue;
        }
        if (begins && islower((unsigned char)*p))
            return "a sentence begins small";
        begins = false;
        for (; isalpha((unsigned char)*p) || *p == '\''; p++)
            if (n + 1 < sizeof word)
                word[n++] = (char)tolower((unsigned char)*p);
        word[n] = '\0';
        if ((strcmp(before, "a") == 0 || strcmp(before, "an") == 0) && !article_fits(before, word))
            return "a or an";
        if (strcmp(before, word) == 0 && strcmp(word, "that") != 0 && p[-(ptrdiff_t)n - 1] == ' ' &&
            isalpha((unsigned char)p[-(ptrdiff_t)n - 2]))
            return "a word stands twice";
        memcpy(before, word, sizeof before);
        words_add(seen, word);
    }
    return quotes % 2 == 0 ? NULL : "a quotation does not close";
}

static void test_texts(struct host_test *t) {
    static struct words seen;
    static struct story story, again;
    struct ls_error err = {""};
    unsigned long words = 0;
    unsigned shortest = 1000;
    for (unsigned i = 0; i < STORIES; i++) {
        CHECK(t, story_write(&story, 7, i, &err) == 0, "%s", err.text);
        const char *wrong = flaw(story.text, &seen);
        CHECK(t, wrong == NULL, "story %u: %s: %s", i, wrong, story.text);
        CHECK(t, story.unused == 0, "story %u: %u choices that say nothing: %s", i, story.unused,
              story.text);
        words += story.words;
        shortest = story.words < shortest ? story.words : shortest;
    }
    CHECK(t, seen.count >= 1500, "%u distinct words", seen.count);
    CHECK(t, shortest >= 60, "a story of %u words", shortest);
    printf("%u stories, %lu words, %u distinct; the shortest has %u\n", STORIES, words, seen.count,
           shortest);

    CHECK(t, story_write(&story, 9, 41, &err) == 0 && story_write(&again, 9, 41, &err) == 0, "%s",
          err.text);
    CHECK(t, strcmp(story.text, again.text) == 0 && story.bits == again.bits, "the same story");
    CHECK(t, story_write(&again, 10, 41, &err) == 0 && strcmp(story.text, again.text) != 0,
          "another seed");
}

/* Two stories of b bits meet with a chance of 2^-b: among 6000 none may, at 40 bits or more. */
static void test_bits(struct host_test *t) {
    static struct story story;
    struct ls_error err = {""};
    static uint64_t mark[STORIES];
    double least = INFINITY, total = 0;
    unsigned meet = 0;
    for (unsigned i = 0; i < STORIES; i++) {
        CHECK(t, story_write(&story, 3, i, &err) == 0, "%s", err.text);
        mark[i] = UINT64_C(14695981039346656037); /* FNV-1a */
        for (const char *p = story.text; *p != '\0'; p++)
            mark[i] = (mark[i] ^ (uint8_t)*p) * UINT64_C(1099511628211);
        for (unsigned k = 0; k < i; k++)
            meet += mark[k] == mark[i];
        least = story.bits < least ? story.bits : least;
        total += story.bits;
    }
    CHECK(t, meet == 0, "%u pairs of stories are equal", meet);
    CHECK(t, least >= 40, "a story of %.1f bits", least);
    printf("%.2f bits of choice a story, at least %.1f\n", total / (double)STORIES, least);
}

static void test_planted(struct host_test *t) {
    static const char *const spoiled[][2] = {
        {"A boy had a apple.", "a or an"},
        {"A boy had an pear.", "a or an"},
        {"A boy ran. he fell.", "a sentence begins small"},
        {"A boy said, \"Oh no!", "a quotation does not close"},
        {"A boy ran", "it does not end"},
        {"A boy ran ran home.", "a word stands twice"},
        {"A boy ~run.", "notation is left"},
        {"A boy  ran.", "spaces"},
    };
    static struct words seen;
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
        const char *wrong = flaw(spoiled[i][0], &seen);
        CHECK(t, wrong != NULL && strcmp(wrong, spoiled[i][1]) == 0, "%s: %s", spoiled[i][0],
              wrong != NULL ? wrong : "nothing found");
    }
    CHECK(t,
          flaw("A boy had an apple. \"An hour ago,\" he said, \"it was a unicorn.\"", &seen) ==
              NULL,
          "a good text");
}

int main(void) {
    struct host_test t = {"stories", 0, 0};
    test_texts(&t);
    test_bits(&t);
    test_planted(&t);
    return host_test_finish(&t);
}
