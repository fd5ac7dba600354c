/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Expands the story grammar. A rule's body is a list of members; a member is text with directives
 * (see stories.h). Expansion works on spans of the constant tables, so nothing is allocated. Which
 * member it is to be is the guide's business.
 */

#include "stories_expand.h"

#include "stories_grammar.h"
#include "stories_verbs.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LETTERS = 128, FIELD_MAX = 160, DEPTH_MAX = 24 };

/* What a letter of the grammar stands for: field 0, field 1, ... separated by '/'. */
struct binding {
    char text[FIELD_MAX];
    int chosen; /* bound by choice, so its bits have been counted */
    int used;   /* written at least once since */
};

struct writer {
    struct story *story;
    struct story_guide *guide;
    struct ls_error *err;
    int past;    /* the tense */
    int capital; /* the next letter is a capital */
    int article; /* an "a" that waits for the next word */
    int quote;   /* inside a quotation */
    struct binding letters[LETTERS];
};

static int expand(struct writer *w, struct story_span text, int depth);

static size_t span_length(struct story_span s) {
    return (size_t)(s.end - s.p);
}

static struct story_span span_of(const char *text) {
    struct story_span s = {text, text + strlen(text)};
    return s;
}

static int fail(struct writer *w, const char *what, struct story_span where) {
    int n = span_length(where) > 60 ? 60 : (int)span_length(where);
    return ls_error_set(w->err, "story grammar: %s: %.*s", what, n, where.p);
}

/* ---------------------------------------------------------------------------------------------
 * Writing: articles, capitals, quotation marks, spaces.
 */

static int put_char(struct writer *w, char c) {
    struct story *s = w->story;
    if (s->length + 4 >= STORY_TEXT_MAX)
        return ls_error_set(w->err, "story grammar: the story is too long");
    char last = s->length > 0 ? s->text[s->length - 1] : ' ';
    int opening = s->length > 0 && last == '"' && w->quote;
    if (c == ' ' && (last == ' ' || opening))
        return 0;
    if (strchr(".,!?;\"", c) != NULL && last == ' ' && !(c == '"' && w->quote))
        s->length--; /* no space before punctuation or a closing quotation mark */
    if (w->article && isalpha((unsigned char)c)) {
        w->article = 0;
        if (strchr("aeiouAEIOU", c) != NULL) {
            s->text[s->length - 1] = 'n';
            s->text[s->length++] = ' ';
        }
    }
    if (isalpha((unsigned char)c)) {
        if (w->capital || opening)
            c = (char)toupper((unsigned char)c);
        w->capital = 0;
    }
    s->text[s->length++] = c;
    return w->guide->written == NULL ? 0 : w->guide->written(w->guide, s);
}

static int put_text(struct writer *w, const char *text) {
    for (; *text != '\0'; text++)
        if (put_char(w, *text) != 0)
            return -1;
    return 0;
}

/* ---------------------------------------------------------------------------------------------
 * Members and choices.
 */

static struct story_span trim(struct story_span s) {
    while (s.p < s.end && *s.p == ' ')
        s.p++;
    while (s.p < s.end && s.end[-1] == ' ')
        s.end--;
    return s;
}

/* +1 for an opening bracket, -1 for a closing one, else 0. */
static int bracket(char c) {
    switch (c) {
    case '{':
    case '(':
    case '[':
    case '<':
        return 1;
    case '}':
    case ')':
    case ']':
    case '>':
        return -1;
    default:
        return 0;
    }
}

/* The end of the member (or half of a tense pair) that starts at p: the next `stop` outside all
 * brackets, or the end of the text.
 */
static const char *member_end(const char *p, const char *end, char stop) {
    for (int open = 0; p < end && (*p != stop || open != 0); p++)
        open += bracket(*p);
    return p;
}

static const char *closing(const char *p, const char *end) {
    for (int open = 0; p < end; p++)
        if ((open += bracket(*p)) == 0)
            return p;
    return NULL;
}

static int split(struct writer *w, struct story_span body, struct story_members *m) {
    m->count = m->total = 0;
    for (const char *p = body.p; p <= body.end;) {
        struct story_span s = {p, member_end(p, body.end, '|')};
        p = s.end + 1;
        s = trim(s);
        unsigned weight = 1;
        if (span_length(s) >= 2 && s.p[0] == '#' && isdigit((unsigned char)s.p[1])) {
            weight = 0;
            for (s.p++; s.p < s.end && isdigit((unsigned char)*s.p); s.p++)
                weight = 10 * weight + (unsigned)(*s.p - '0');
            s = trim(s);
        }
        if (m->count == STORY_MEMBERS_MAX)
            return fail(w, "too many members", body);
        m->text[m->count] = s;
        m->weight[m->count++] = weight;
        m->total += weight;
    }
    return 0;
}

/* Asks the guide for a member and counts its bits. */
static int choose(struct writer *w, const struct story_members *m, enum story_use use,
                  struct story_span *chosen) {
    unsigned pick = 0;
    if (w->guide->pick(w->guide, w->story, m, use, &pick) != 0)
        return -1;
    w->story->bits += log2((double)m->total / m->weight[pick]);
    *chosen = m->text[pick];
    return 0;
}

static const struct story_rule *find_rule(struct story_span name) {
    const struct story_rule *const tables[] = {story_words, story_frame,  story_openings,
                                               story_plots, story_plots2, story_plots3};
    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
        for (const struct story_rule *r = tables[t]; r->name != NULL; r++)
            if (strlen(r->name) == span_length(name) &&
                memcmp(r->name, name.p, span_length(name)) == 0)
                return r;
    return NULL;
}

/* ---------------------------------------------------------------------------------------------
 * Bindings.
 */

static void bind(struct writer *w, char letter, struct story_span text, const char *suffix,
                 int chosen) {
    struct binding *b = &w->letters[(unsigned char)letter];
    if (b->chosen && !b->used)
        w->story->unused++;
    size_t n = span_length(text), k = strlen(suffix);
    if (n + k >= FIELD_MAX)
        n = FIELD_MAX - 1 - k;
    memcpy(b->text, text.p, n);
    memcpy(b->text + n, suffix, k + 1);
    b->chosen = chosen;
    b->used = 0;
}

/* A member is taken when another letter holds a text that shares its first field. */
static int is_taken(const struct writer *w, char letter, struct story_span text) {
    size_t n = 0;
    while (n < span_length(text) && text.p[n] != '/')
        n++;
    for (int i = 0; i < LETTERS; i++) {
        const char *held = w->letters[i].text;
        if (i == letter || *held != *text.p || strncmp(held, text.p, n) != 0)
            continue;
        if (held[n] == '\0' || held[n] == '/')
            return 1;
    }
    return 0;
}

static int bind_choice(struct writer *w, char letter, struct story_span name) {
    const struct story_rule *rule = find_rule(name);
    struct story_members all, m = {.count = 0, .total = 0};
    if (rule == NULL)
        return fail(w, "no such rule", name);
    if (split(w, span_of(rule->body), &all) != 0)
        return -1;
    for (unsigned i = 0; i < all.count; i++) {
        if (is_taken(w, letter, all.text[i]))
            continue;
        m.text[m.count] = all.text[i];
        m.weight[m.count++] = all.weight[i];
        m.total += all.weight[i];
    }
    if (m.count == 0)
        return fail(w, "nothing left to choose from", name);
    struct story_span chosen;
    if (choose(w, &m, STORY_BIND, &chosen) != 0)
        return -1;
    bind(w, letter, chosen, rule->suffix, 1);
    return 0;
}

static int put_letter(struct writer *w, char letter, int field, int depth) {
    struct binding *b = &w->letters[(unsigned char)letter];
    struct story_span s = span_of(b->text);
    const char *p = b->text;
    for (; field > 0 && p != NULL; field--)
        p = (p = strchr(p, '/')) != NULL ? p + 1 : NULL;
    if (p == NULL || *b->text == '\0')
        return ls_error_set(w->err, "story grammar: $%c is not bound here: ...%.120s", letter,
                            w->story->text + (w->story->length > 120 ? w->story->length - 120 : 0));
    s.p = p;
    s.end = p + strcspn(p, "/");
    b->used = 1;
    return expand(w, s, depth + 1);
}

/* ---------------------------------------------------------------------------------------------
 * Directives. Each takes the text between its brackets.
 */

static int expand_members(struct writer *w, struct story_span body, int depth) {
    struct story_members m;
    struct story_span chosen;
    if (split(w, body, &m) != 0 || choose(w, &m, STORY_WRITE, &chosen) != 0)
        return -1;
    return expand(w, chosen, depth + 1);
}

static int expand_rule(struct writer *w, struct story_span name, int depth) {
    char key[FIELD_MAX];
    size_t n = span_length(name);
    if (n >= 32)
        return fail(w, "name too long", name);
    memcpy(key, name.p, n);
    key[n] = '\0';
    if (n >= 2 && key[n - 2] == '$') { /* <pal.$q>: the letter's text completes the name */
        struct binding *b = &w->letters[(unsigned char)key[n - 1]];
        b->used = 1;
        strcpy(key + n - 2, b->text);
    }
    const struct story_rule *rule = find_rule(span_of(key));
    return rule != NULL ? expand_members(w, span_of(rule->body), depth)
                        : fail(w, "no such rule", name);
}

static int expand_tense(struct writer *w, struct story_span pair, int depth) {
    struct story_span half = {pair.p, member_end(pair.p, pair.end, ';')};
    if (half.end == pair.end)
        return fail(w, "a tense pair needs two halves", pair);
    if (!w->past) {
        half.p = half.end + 1;
        half.end = pair.end;
    }
    return expand_members(w, half, depth);
}

static int expand_binding(struct writer *w, struct story_span s) {
    if (s.p[0] == '!') {
        w->past = s.p[1] == 'p' && s.p[2] == 'a';
        return 0;
    }
    if (span_length(s) < 2 || (s.p[1] != '=' && s.p[1] != ':'))
        return fail(w, "bad binding", s);
    struct story_span value = {s.p + 2, s.end};
    if (s.p[1] == '=')
        return bind_choice(w, s.p[0], value);
    int copied = 0;
    if (span_length(value) == 2 && value.p[0] == '$') { /* a copy stands for the choice itself */
        struct binding *b = &w->letters[(unsigned char)value.p[1]];
        copied = b->chosen && !b->used;
        b->used = 1;
        value = span_of(b->text);
    }
    value.end = member_end(value.p, value.end, '/');
    bind(w, s.p[0], value, "", copied);
    return 0;
}

static int expand_verb(struct writer *w, const char **p, const char *end) {
    char verb[32], form[40];
    int plural = *p < end && **p == '~';
    size_t n = 0;
    *p += plural;
    while (*p < end && isalpha((unsigned char)**p) && n + 1 < sizeof verb)
        verb[n++] = *(*p)++;
    verb[n] = '\0';
    verb_form(form, sizeof form, verb, w->past, plural);
    return put_text(w, form);
}

static int expand_bracket(struct writer *w, const char **p, const char *end, int depth) {
    struct story_span all = {*p, end}, in = {*p + 1, closing(*p, end)};
    if (in.end == NULL)
        return fail(w, "bracket without end", all);
    char kind = **p;
    *p = in.end + 1;
    if (kind == '{')
        return expand_members(w, in, depth);
    if (kind == '<')
        return expand_rule(w, in, depth);
    return kind == '(' ? expand_tense(w, in, depth) : expand_binding(w, in);
}

static int expand(struct writer *w, struct story_span text, int depth) {
    if (depth > DEPTH_MAX)
        return fail(w, "endless recursion", text);
    for (const char *p = text.p; p < text.end;) {
        char c = *p;
        int status = 0;
        if (bracket(c) > 0) {
            status = expand_bracket(w, &p, text.end, depth);
        } else if (c == '$' && p + 1 < text.end) {
            int digit = p + 2 < text.end && isdigit((unsigned char)p[2]);
            status = put_letter(w, p[1], digit ? p[2] - '0' : 0, depth);
            p += 2 + digit;
        } else if (c == '~') {
            p++;
            status = expand_verb(w, &p, text.end);
        } else if (c == '^') {
            w->capital = 1;
            p++;
        } else if (c == '*') {
            w->quote = !w->quote;
            status = put_char(w, '"');
            p++;
        } else if ((c == 'a' || c == 'A') && p + 1 < text.end && p[1] == '_') {
            status = put_char(w, c) != 0 || put_char(w, ' ') != 0 ? -1 : 0;
            w->article = 1;
            p += 2;
        } else {
            status = put_char(w, c);
            p++;
        }
        if (status != 0)
            return -1;
    }
    return 0;
}

int story_expand(struct story *story, struct story_guide *guide, struct ls_error *err) {
    struct writer w = {.story = story, .guide = guide, .err = err, .past = 1};
    memset(story, 0, sizeof *story);
    if (expand(&w, span_of("<story>"), 0) != 0)
        return -1;

    if (story->length > 0 && story->text[story->length - 1] == ' ')
        story->length--;
    story->text[story->length] = '\0';
    for (int i = 0; i < LETTERS; i++)
        story->unused += w.letters[i].chosen && !w.letters[i].used;
    story->words = story->length > 0;
    for (size_t i = 0; i < story->length; i++)
        story->words += story->text[i] == ' ';
    return 0;
}
