/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Every candidate is looked at; what those that fit have in common is the answer.
 */
#include "complete.h"

#include <dirent.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "inside.h"

struct look {
    const char *word; /* [size] that it must begin with */
    size_t size;
    bool any_case;
    uint32_t count;
    char common[256]; /* of all that fit */
    bool is_folder;   /* the last one: more follows */
    FILE *list;       /* or NULL */
};

static void offer(struct look *k, const char *name) {
    size_t n = 0;
    if (k->any_case ? strncasecmp(name, k->word, k->size) != 0
                    : strncmp(name, k->word, k->size) != 0)
        return;
    if (k->list != NULL)
        fprintf(k->list, "%s%s", k->count == 0 ? "\n" : "  ", name);
    if (k->count++ == 0)
        snprintf(k->common, sizeof k->common, "%s", name);
    while (k->common[n] != '\0' && k->common[n] == name[n])
        n++;
    k->common[n] = '\0';
}

static void offer_files(struct look *k) {
    char path[512], whole[800];
    snprintf(path, sizeof path, "%.*s", (int)k->size, k->word);
    char *name = strrchr(path, '/');
    name = name != NULL ? name + 1 : path;
    const int folder = (int)(name - path);
    char folder_path[512];
    snprintf(folder_path, sizeof folder_path, "%.*s", folder, path);
    DIR *d = opendir(folder != 0 ? folder_path : ".");
    for (const struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
        struct stat s;
        if (e->d_name[0] == '.' && *name != '.')
            continue;
        snprintf(whole, sizeof whole, "%s%s", folder_path, e->d_name);
        const bool is_folder = stat(whole, &s) == 0 && S_ISDIR(s.st_mode);
        if (is_folder)
            strncat(whole, "/", sizeof whole - strlen(whole) - 1);
        if (strncmp(whole, k->word, k->size) == 0)
            k->is_folder = is_folder;
        offer(k, whole);
    }
    if (d != NULL)
        closedir(d);
}

static void offer_words(struct look *k, const char *words) {
    char text[128], *rest = text;
    snprintf(text, sizeof text, "%s", words);
    for (char *each; (each = strsep(&rest, "|")) != NULL;)
        offer(k, each);
}

static void offer_commands(struct look *k) {
    for (const struct console_command *each = console_commands; each->name != NULL; each++)
        offer(k, each->name);
}

static void offer_registers(struct look *k) {
    struct lockstep_register r;
    k->any_case = true;
    for (uint32_t i = 0; lockstep_get_register(i, &r, sizeof r) == LOCKSTEP_OK; i++)
        offer(k, r.name);
}

static void look(struct console *c, struct look *k, const char *line, size_t size) {
    size_t first = strspn(line, " \t"), from = size;
    const size_t end = first + strcspn(line + first, " \t\n");
    const struct console_command *command = console_commands;
    while (from > first && line[from - 1] != ' ' && line[from - 1] != '\t')
        from--;
    k->word = line + from;
    k->size = size - from;
    if (from <= first) {
        offer_commands(k);
        return;
    }
    while (command->name != NULL && (strncmp(command->name, line + first, end - first) != 0 ||
                                     strlen(command->name) != end - first))
        command++;
    switch (command->name != NULL ? command->completes : COMPLETE_NOTHING) {
    case COMPLETE_FILE:
        offer_files(k);
        break;
    case COMPLETE_REGISTER:
        offer_registers(k);
        break;
    case COMPLETE_INSTANCE:
        for (uint32_t i = 0; i < c->count; i++)
            offer(k, c->instances[i]->name);
        break;
    case COMPLETE_SETTING:
        for (uint32_t i = 0; console_setting(i) != NULL; i++)
            offer(k, console_setting(i));
        break;
    case COMPLETE_COMMAND:
        offer_commands(k);
        break;
    case COMPLETE_WORD:
        offer_words(k, command->words);
        break;
    case COMPLETE_NOTHING:
        break;
    }
}

bool complete_word(struct console *c, const char *line, size_t size, char *added, size_t room) {
    struct look k = {0};
    look(c, &k, line, size);
    const bool one = k.count == 1;
    snprintf(added, room, "%s%s", k.count != 0 ? k.common + k.size : "",
             one && !k.is_folder ? " " : "");
    return one;
}

bool complete_list(struct console *c, const char *line, size_t size, FILE *out) {
    struct look k = {.list = out};
    look(c, &k, line, size);
    if (k.count != 0)
        fputc('\n', out);
    fflush(out);
    return k.count != 0;
}
