/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The story generator: every sentence begins with a capital and ends, quotations close, "a" and
 * "an" stand where they should, nothing of the grammar's notation is left; stories differ, words
 * are many, bits of choice agree with how often stories meet; the same seed tells the same stories;
 * things are one or many, people he or she throughout. The recogniser knows every story, and none
 * with a word changed. Planted faults: the checks find a text that is spoiled in each of these
 * ways.
 */
#include "gguf_tools/commands.h"
#include "gguf_tools/stories/stories.h"
#include "gguf_tools/stories/stories_check.h"
#include "gguf_tools/stories/stories_grammar.h"
#include "tests/kit/host_test.h"

#include <ctype.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { STORIES = 6000, WORDS_MOST = 4096, RECOGNISED = 1000 };

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

/* 'm' or 'f' for a name of the grammar, 0 for another word. */
static char gender(const char *word) {
    static const char *const sets[] = {"boy",  "palboy",  "hebeast",  "palhebeast",
                                       "girl", "palgirl", "shebeast", "palshebeast"};
    const size_t n = strcspn(word, " ,.!?'\"");
    for (const struct story_rule *rule = story_words; rule->name != NULL; rule++)
        for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
            if (strcmp(rule->name, sets[i]) == 0)
                for (const char *p = rule->body; *p != '\0'; p += strcspn(p, "|"), p += *p == '|')
                    if (strncmp(p, word, n) == 0 && (p[n] == '|' || p[n] == '\0'))
                        return i < 4 ? 'm' : 'f';
    return 0;
}

/* 'm', 'f' or 0: what the first pronoun of a text says, before `end`. */
static char pronoun(const char *text, const char *end) {
    static const char *const words[] = {"he", "him", "his", "himself", "she", "her", "herself"};
    for (const char *p = text; p < end; p += strspn(p, " ,.!?'\"")) {
        const size_t n = strcspn(p, " ,.!?'\"");
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strlen(words[i]) == n && strncasecmp(p, words[i], n) == 0)
                return i < 4 ? 'm' : 'f';
        p += n;
    }
    return 0;
}

/* Where a text that begins with a name has another one; its end if it has none. */
static const char *next_person(const char *text) {
    const size_t n = strcspn(text, " ,.!?'\"");
    const char *p = text + n;
    for (; *p != '\0'; p++)
        if (!isalpha((unsigned char)p[-1]) && gender(p) != 0 && strncmp(p, text, n) != 0)
            break;
    return p;
}

static bool starts(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* What is wrong with the people of a text; NULL if nothing. */
static const char *crooked_people(const char *text) {
    bool hero_met = false;
    for (const char *p = text; *p != '\0'; p++) {
        if (p > text && isalpha((unsigned char)p[-1]))
            continue;
        const char is = gender(p);
        const char *after = p + strcspn(p, " ,"), *end = p + strcspn(p, ".!?");
        if (is != 0 && !hero_met) {
            const char said = pronoun(p, next_person(p));
            hero_met = true;
            if (said != 0 && said != is)
                return "the hero's pronoun";
        }
        if (is != 0 && starts(after, is == 'f' ? ", a boy" : ", a girl"))
            return "a boy or a girl";
        if (is != 0 && starts(after, " with tears") && pronoun(after, end) != is)
            return "the speaker's pronoun";
        if (starts(p, "boy named ") && gender(p + 10) != 'm')
            return "a boy's name";
        if (starts(p, "girl named ") && gender(p + 11) != 'f')
            return "a girl's name";
    }
    return NULL;
}

/* What is wrong with the things of a text; NULL if nothing. */
static const char *crooked_things(const char *text) {
    static const char *const many[] = {"nuts", "raisins", "oats", "eggs", "lemons"};
    static const char *const hidden[] = {"under ", "inside ", "behind ", " in the "};
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        char wrong[2][40];
        snprintf(wrong[0], sizeof wrong[0], "the %s. It ", many[i]);
        snprintf(wrong[1], sizeof wrong[1], "the %s, but it ", many[i]);
        if (strstr(text, wrong[0]) != NULL || strstr(text, wrong[1]) != NULL)
            return "it is many";
    }
    if (strstr(text, "s to h") != NULL && strstr(text, "\"This belonged") != NULL)
        return "this is many";
    const char *seen = strstr(text, ", where everyone"), *put = seen;
    while (put != NULL && put > text && *put != '.')
        put--;
    for (size_t i = 0; seen != NULL && i < sizeof hidden / sizeof *hidden; i++) {
        const char *where = strstr(put, hidden[i]);
        if (where != NULL && where < seen)
            return "nobody can see it there";
    }
    return NULL;
}

static const char *crooked(const char *text) {
    const char *wrong = crooked_people(text);
    return wrong != NULL ? wrong : crooked_things(text);
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
        wrong = crooked(story.text);
        CHECK(t, wrong == NULL, "story %u: %s: %s", i, wrong, story.text);
        CHECK(t, story.unused == 0, "story %u: %u choices that say nothing: %s", i, story.unused,
              story.text);
        words += story.words;
        shortest = story.words < shortest ? story.words : shortest;
    }
    CHECK(t, seen.count >= 1500, "%u distinct words", seen.count);
    CHECK(t, shortest >= 50, "a story of %u words", shortest);
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

static void test_planted_crooked(struct host_test *t) {
    static const char *const spoiled[][2] = {
        {"Tom was shy. She ran. He fell.", "the hero's pronoun"},
        {"Lily ran. She saw Tom. \"Oh,\" said Tom with tears in her eyes.",
         "the speaker's pronoun"},
        {"Lily met a boy named Amina. She ran.", "a boy's name"},
        {"Tom met a girl named Ravi. He ran.", "a girl's name"},
        {"Tom saw Amina, a boy who was new. He ran.", "a boy or a girl"},
        {"Tom pointed at the eggs. It was still in the bag. He ran.", "it is many"},
        {"Tom gave the rings to his aunt, who said, \"This belonged to me.\"", "this is many"},
        {"Tom put the card under the bed, where everyone could see it. He ran.",
         "nobody can see it there"},
    };
    for (size_t i = 0; i < sizeof spoiled / sizeof *spoiled; i++) {
        const char *wrong = crooked(spoiled[i][0]);
        CHECK(t, wrong != NULL && strcmp(wrong, spoiled[i][1]) == 0, "%s: %s", spoiled[i][0],
              wrong != NULL ? wrong : "nothing found");
    }
    CHECK(t, crooked("Tom likes eggs. It is Monday, and he runs.") == NULL, "a good text");
}

static void test_recogniser(struct host_test *t) {
    static struct story story;
    struct ls_error err = {""};
    size_t fits = 0;
    for (unsigned i = 0; i < RECOGNISED; i++) {
        CHECK(t, story_write(&story, 11, i, &err) == 0, "%s", err.text);
        const int is_story = story_check(story.text, &fits, &err);
        CHECK(t, is_story == 1, "story %u: %s", i, is_story < 0 ? err.text : story.text + fits);
        if (i % 4 != 0)
            continue;
        char *last = strrchr(story.text, 'e');
        *last = 'x';
        CHECK(t, story_check(story.text, &fits, &err) == 0, "story %u, misspelt", i);
        CHECK(t, fits <= (size_t)(last - story.text), "story %u: up to byte %zu", i, fits);
    }
}

/* One word changed: the changed story is refused at that word, or where it no longer fits. */
static void test_refused(struct host_test *t) {
    static const char text[] =
        "Once upon a time, there was a kind boy named Tom. He loved to fly kites. One day, Tom met "
        "his friend Amina by the lake. Tom had an old kite, and Amina had a red drum. \"Let us "
        "trade,\" said Amina softly. \"My drum for your kite.\" Tom agreed at once. But at night, "
        "Tom missed the kite and could not sleep. So Tom went to see Amina, and Amina was already "
        "on the way with the kite. \"We are both silly,\" said Amina, and they laughed. Tom had "
        "learned that sharing is better than trading.";
    static const struct {
        const char *from, *to; /* the last `from` of the text */
        const char *left;      /* what does not fit */
    } changes[] = {
        {"Tom", "Ben", "Ben had learned"},
        {"Amina", "Julia", "Julia, and they"},
        {"kite", "kitten", "ten."},
        {"drum", "doll", "oll for"},
        {"He loved", "She loved", "She"},
        {"by the lake", "in the lake", "in the lake"},
        {"an old", "a old", " old"},
        {"went", "goes", "goes to see"},
        {"softly", "soft", " soft."},
        {"sharing", "winning", " winning"},
        {"friend Amina", "friend Amin", " by the"},
        {"trading.", "trading. Tom", " Tom"},
        {"the way with", "way with", "way with"},
        {"both silly,", "both silly", "\" said"},
    };
    struct ls_error err = {""};
    size_t fits = 0;
    CHECK(t, story_check(text, &fits, &err) == 1, "%s", text + fits);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char changed[sizeof text + 16];
        const char *at = NULL;
        for (const char *p = text; (p = strstr(p, changes[i].from)) != NULL; p++)
            at = p;
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, changes[i].to,
                 at + strlen(changes[i].from));
        CHECK(t, story_check(changed, &fits, &err) == 0, "accepted: %s", changed);
        CHECK(t, starts(changed + fits, changes[i].left), "not from here on: %s", changed + fits);
    }
    CHECK(t, story_check("", &fits, &err) == 0 && fits == 0, "no text");
    CHECK(t, story_check("Once upon a time,", &fits, &err) == 0 && fits == 17, "a beginning");
}

/* Runs `gguf stories` with arguments; the list ends with NULL. */
static int run(char **argv) {
    int argc = 0;
    while (argv[argc] != NULL)
        argc++;
    return gguf_stories(argc, argv);
}
#define RUN(...) run((char *[]){"stories", __VA_ARGS__, NULL})

static bool exists(const char *path) {
    return access(path, F_OK) == 0;
}

static void test_command(struct host_test *t) {
    char folder[] = "build/tests/stories/XXXXXX", out[64], part[80], same[80];
    CHECK(t, mkdtemp(folder) != NULL, "%s", folder);
    snprintf(out, sizeof out, "%s/text", folder);
    snprintf(part, sizeof part, "%s.part", out);
    snprintf(same, sizeof same, "%s/./text", folder);
    CHECK(t, RUN(out, "--words", "300", "--bits", same) == GGUF_FAILED, "one file for both");
    CHECK(t, !exists(out) && !exists(part), "it is left behind");
    CHECK(t, RUN(out, "--words", "300") == GGUF_DONE && !exists(part), "a text");
    CHECK(t, RUN("--check", out) == GGUF_DONE, "its stories are stories");
    CHECK(t, RUN("--check", out, "--words", "3") == GGUF_BAD_INPUT, "both at once");
    CHECK(t, RUN("--check", folder) == GGUF_BAD_INPUT, "a folder to read");
    CHECK(t, RUN(folder) == GGUF_FAILED, "a folder to write");

    FILE *file = fopen(out, "a");
    if (file != NULL) {
        fputs("Once upon a time, there was a kind boy named Rosa.\n", file);
        fclose(file);
    }
    CHECK(t, RUN("--check", out) == GGUF_FAILED, "a line that is no story");
    unlink(out);

    struct rlimit before, small = {4096, 4096};
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN); /* a write past the limit fails instead */
    fflush(stdout);
    setrlimit(RLIMIT_FSIZE, &small);
    const int status = RUN(out, "--words", "10000");
    setrlimit(RLIMIT_FSIZE, &before);
    CHECK(t, status == GGUF_FAILED && !exists(out) && !exists(part), "no room: %d", status);
    rmdir(folder);
}

int main(void) {
    struct host_test t = {"stories", 0, 0};
    host_folder(&t);
    test_texts(&t);
    test_bits(&t);
    test_planted(&t);
    test_planted_crooked(&t);
    test_recogniser(&t);
    test_refused(&t);
    test_command(&t);
    return host_test_finish(&t);
}
