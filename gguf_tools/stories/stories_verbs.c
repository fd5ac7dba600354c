/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * English verbs in the four forms that a story needs: past and present, singular (third person)
 * and plural. Irregular verbs are listed; the others follow the spelling rules.
 */

#include "stories_verbs.h"

#include <stdio.h>
#include <string.h>

struct irregular {
    const char *base, *past, *third; /* third NULL: formed by rule */
};

static const struct irregular irregulars[] = {
    {"be", "was", "is"},
    {"have", "had", "has"},
    {"do", "did", "does"},
    {"can", "could", "can"},
    {"cannot", "could not", "cannot"},
    {"beat", "beat", NULL},
    {"become", "became", NULL},
    {"begin", "began", NULL},
    {"blow", "blew", NULL},
    {"break", "broke", NULL},
    {"bring", "brought", NULL},
    {"buy", "bought", NULL},
    {"come", "came", NULL},
    {"cost", "cost", NULL},
    {"dig", "dug", NULL},
    {"fall", "fell", NULL},
    {"feel", "felt", NULL},
    {"find", "found", NULL},
    {"forget", "forgot", NULL},
    {"get", "got", NULL},
    {"give", "gave", NULL},
    {"go", "went", "goes"},
    {"grow", "grew", NULL},
    {"hear", "heard", NULL},
    {"hide", "hid", NULL},
    {"hit", "hit", NULL},
    {"hold", "held", NULL},
    {"hurt", "hurt", NULL},
    {"keep", "kept", NULL},
    {"know", "knew", NULL},
    {"lead", "led", NULL},
    {"let", "let", NULL},
    {"lie", "lay", NULL},
    {"lose", "lost", NULL},
    {"make", "made", NULL},
    {"meet", "met", NULL},
    {"put", "put", NULL},
    {"read", "read", NULL},
    {"run", "ran", NULL},
    {"say", "said", NULL},
    {"see", "saw", NULL},
    {"send", "sent", NULL},
    {"shake", "shook", NULL},
    {"shine", "shone", NULL},
    {"shut", "shut", NULL},
    {"sing", "sang", NULL},
    {"sit", "sat", NULL},
    {"sleep", "slept", NULL},
    {"stand", "stood", NULL},
    {"swim", "swam", NULL},
    {"take", "took", NULL},
    {"teach", "taught", NULL},
    {"tell", "told", NULL},
    {"think", "thought", NULL},
    {"throw", "threw", NULL},
    {"wake", "woke", NULL},
    {"wear", "wore", NULL},
    {"win", "won", NULL},
};

/* Verbs that double their last letter in the past. */
static const char doubling[] =
    " nod hug stop trip clap grab hop skip step tap drop pat beg swap stir ";

static int is_vowel(char c) {
    return c != '\0' && strchr("aeiou", c) != NULL;
}

static void third_person(char *out, size_t cap, const char *verb, size_t n) {
    char last = verb[n - 1], before = n > 1 ? verb[n - 2] : '\0';
    if (last == 'y' && !is_vowel(before))
        snprintf(out, cap, "%.*sies", (int)n - 1, verb);
    else if (last == 's' || last == 'x' || last == 'z' || last == 'o' ||
             (last == 'h' && (before == 's' || before == 'c')))
        snprintf(out, cap, "%ses", verb);
    else
        snprintf(out, cap, "%ss", verb);
}

static void regular_past(char *out, size_t cap, const char *verb, size_t n) {
    char last = verb[n - 1], before = n > 1 ? verb[n - 2] : '\0';
    char key[32];
    snprintf(key, sizeof key, " %s ", verb);
    if (last == 'e')
        snprintf(out, cap, "%sd", verb);
    else if (last == 'y' && !is_vowel(before))
        snprintf(out, cap, "%.*sied", (int)n - 1, verb);
    else if (strstr(doubling, key) != NULL)
        snprintf(out, cap, "%s%ced", verb, last);
    else
        snprintf(out, cap, "%sed", verb);
}

void verb_form(char *out, size_t cap, const char *verb, int past, int plural) {
    size_t n = strlen(verb);
    for (size_t i = 0; i < sizeof irregulars / sizeof irregulars[0]; i++) {
        const struct irregular *v = &irregulars[i];
        if (strcmp(v->base, verb) != 0)
            continue;
        if (strcmp(verb, "be") == 0 && plural)
            snprintf(out, cap, "%s", past ? "were" : "are");
        else if (past)
            snprintf(out, cap, "%s", v->past);
        else if (plural)
            snprintf(out, cap, "%s", verb);
        else if (v->third != NULL)
            snprintf(out, cap, "%s", v->third);
        else
            third_person(out, cap, verb, n);
        return;
    }
    if (n == 0)
        out[0] = '\0';
    else if (past)
        regular_past(out, cap, verb, n);
    else if (plural)
        snprintf(out, cap, "%s", verb);
    else
        third_person(out, cap, verb, n);
}
