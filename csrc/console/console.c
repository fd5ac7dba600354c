/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * From lines to commands to answers.
 */
#include "console.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "csrc/base/text.h"
#include "inside.h"

int console_fail(struct console *c, const char *format, ...) {
    char text[sizeof c->error.text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return ls_error_set(&c->error, "%s", text);
}

int console_check(struct console *c, int status) {
    return status >= 0 ? 0 : console_fail(c, "%s", lockstep_error(console_now(c)->device));
}

int console_number(struct console *c, const char *text, uint64_t most, uint64_t *number) {
    char *end;
    errno = 0;
    *number = strtoull(text, &end, 0);
    if (end == text || *end != '\0' || *text == '-' || errno != 0 || *number > most)
        return console_fail(c, "%s: not a number, or above %" PRIu64, text, most);
    return 0;
}

/* Cuts a line into words in place: quotes and \ hold blanks, # begins a comment. Returns how many,
 * or -1 with c->error. */
static int cut(struct console *c, char *line, char **words) {
    int count = 0;
    char *to = line, quote = '\0';
    bool inside = false;
    for (const char *at = line; *at != '\0'; at++) {
        if (quote == '\0' && (*at == ' ' || *at == '\t' || *at == '\r')) {
            if (inside)
                *to++ = '\0';
            inside = false;
            continue;
        }
        if (!inside && *at == '#')
            break;
        if (!inside && count == CONSOLE_WORDS)
            return console_fail(c, "more than %d words: put the text in quotes", CONSOLE_WORDS);
        if (!inside)
            words[count++] = to;
        inside = true;
        if (*at == '\\' && quote != '\'' && at[1] != '\0')
            *to++ = *++at;
        else if (*at == quote)
            quote = '\0';
        else if (quote == '\0' && (*at == '"' || *at == '\''))
            quote = *at;
        else
            *to++ = *at;
    }
    *to = '\0';
    return quote == '\0' ? count : console_fail(c, "a quote has no end");
}

/* Takes --json out. */
static int take_json(struct console *c, int count, char **words) {
    int kept = 0;
    for (int i = 0; i < count; i++)
        if (strcmp(words[i], "--json") == 0)
            c->json = true;
        else
            words[kept++] = words[i];
    return kept;
}

static const struct console_command *find(const char *name) {
    const struct console_command *k = console_commands;
    while (k->name != NULL && strcmp(k->name, name) != 0)
        k++;
    return k->name != NULL ? k : NULL;
}

static int call(struct console *c, int argc, char **argv, cJSON *out) {
    const struct console_command *k = find(argv[0]);
    if (k == NULL)
        return console_fail(c, "%s: no such command; help lists them", argv[0]);
    if (argc - 1 < k->least || argc - 1 > k->most)
        return console_fail(c, "%s %s", k->name, k->arguments);
    console_interrupts(console_now(c)->device, false);
    const int status = k->run(c, argc, argv, out);
    c->stopped = console_stopped();
    console_interrupts(NULL, false);
    return status;
}

static void print_json(const cJSON *object) {
    char *text = cJSON_PrintUnformatted(object);
    if (text != NULL)
        puts(text);
    cJSON_free(text);
}

/* Of a word that came from outside, only what is UTF-8 may stand in JSON. */
static void add_text(cJSON *out, const char *name, const char *text) {
    char clean[1024];
    text_copy(clean, sizeof clean, text, strlen(text));
    cJSON_AddStringToObject(out, name, clean);
}

static int run_line(struct console *c, const char *text, bool json) {
    char *words[CONSOLE_WORDS] = {0}, *line = strdup(text);
    cJSON *out = cJSON_CreateObject();
    int status = -1;
    c->json = json;
    c->shown = false;
    c->error.text[0] = '\0';
    if (line == NULL || out == NULL) {
        console_fail(c, "out of memory");
    } else {
        int count = cut(c, line, words);
        count = count > 0 ? take_json(c, count, words) : count;
        if (count > 0) {
            add_text(out, "command", words[0]);
            status = call(c, count, words, out);
        } else {
            status = count;
            c->shown = true;
            c->json = c->json && count < 0;
        }
    }
    if (status != 0 && c->json)
        add_text(out, "error", c->error.text);
    if (c->json) {
        print_json(out);
    } else if (status == 0 && !c->shown) {
        console_show(stdout, out);
    }
    fflush(stdout);
    cJSON_Delete(out);
    free(line);
    return status;
}

/* "latency=100,seed=3" */
static int configure(struct console *c, const char *config) {
    char *text = strdup(config), *rest = text;
    int status = text != NULL ? 0 : console_fail(c, "out of memory");
    for (char *each; status == 0 && (each = strsep(&rest, ",")) != NULL;) {
        char *value = strchr(each, '=');
        bool of_device;
        if (value == NULL)
            status = console_fail(c, "--config %s: NAME=VALUE", each);
        else
            *value++ = '\0';
        if (status == 0)
            status = console_set(c, each, value, &of_device);
    }
    free(text);
    return status;
}

static int run_lines(struct console *c, struct console_input *input, bool json) {
    const bool terminal = input_is_terminal(input);
    const char *line;
    console_interrupts(NULL, false);
    while (!c->ending) {
        c->error.text[0] = '\0';
        line = input_line(input, &c->error);
        if (line == NULL && c->error.text[0] == '\0')
            break;
        if (line != NULL && run_line(c, line, json) == 0)
            continue;
        if (terminal)
            fprintf(stderr, "%s\n", c->error.text);
        else
            fprintf(stderr, "lockstep: line %" PRIu32 ": %s\n", input_number(input), c->error.text);
        if (!terminal)
            return c->stopped ? 130 : 1;
    }
    return 0;
}

int console_run(const struct console_options *options) {
    struct console c = {0};
    struct console_input *input = NULL;
    struct instance *first;
    int status = 2;
    lockstep_settings_defaults(&c.settings.device, sizeof c.settings.device);
    lockstep_layout_defaults(&c.settings.layout, sizeof c.settings.layout);
    lockstep_request_defaults(&c.settings.request, sizeof c.settings.request);
    console_catch();
    if ((options->config == NULL || configure(&c, options->config) == 0) &&
        (first = console_add(&c, "main")) != NULL && console_open(&c, first, options->model) == 0 &&
        (input = input_open(&c, options->file, &c.error)) != NULL)
        status = run_lines(&c, input, options->json);
    else
        fprintf(stderr, "lockstep: %s\n", c.error.text);
    console_interrupts(NULL, false);
    if (input != NULL)
        input_close(input);
    for (uint32_t i = 0; i < c.count; i++)
        console_close(c.instances[i]);
    return status;
}
