/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * What the files of the console share.
 *
 *     if (console_check(c, lockstep_reset(console_now(c)->device)) != 0)
 *         return -1;
 *     cJSON_AddStringToObject(out, "reset", console_now(c)->name);
 */
#ifndef LOCKSTEP_CONSOLE_INSIDE_H
#define LOCKSTEP_CONSOLE_INSIDE_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "console.h"
#include "csrc/base/error.h"
#include "csrc/chat/chat.h"
#include "sim/library/lockstep.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CONSOLE_INSTANCES 16u
#define CONSOLE_WORDS     64
#define CONSOLE_NAME      32
#define CONSOLE_MESSAGES  256u
#define CONSOLE_PATH      1024

/* What `config` sets: of devices that are opened, and of requests. */
struct console_settings {
    struct lockstep_settings device;
    struct lockstep_layout layout;  /* without a draft_model: */
    char draft_model[CONSOLE_PATH]; /* empty: none */
    struct lockstep_request request;
};

/* A device and what is on it. */
struct instance {
    char name[CONSOLE_NAME];
    struct lockstep *device;
    struct lockstep_settings settings; /* that it was opened with */
    char *path;                        /* of its model; NULL: bare */
    cJSON *messages;                   /* of the conversation; NULL: none */
};

struct console {
    struct console_settings settings;
    struct instance *instances[CONSOLE_INSTANCES]; /* [count] */
    uint32_t count, current;
    bool json;             /* the command's answer */
    bool shown;            /* the command has printed its answer itself */
    bool stopped;          /* Ctrl-C came while it ran */
    bool ending;           /* quit */
    struct ls_error error; /* of the command that failed */
};

/* What can stand for a command's last word, for completion. */
enum console_completes {
    COMPLETE_NOTHING,
    COMPLETE_FILE,
    COMPLETE_REGISTER,
    COMPLETE_INSTANCE,
    COMPLETE_SETTING,
    COMPLETE_COMMAND,
    COMPLETE_WORD
};

struct console_command {
    const char *name, *arguments, *help;
    int least, most; /* words behind the name */
    /* Returns 0, or -1 with c->error. */
    int (*run)(struct console *c, int argc, char **argv, cJSON *out);
    enum console_completes completes;
    const char *words; /* COMPLETE_WORD: "on|off" */
};

extern const struct console_command console_commands[]; /* name NULL behind the last */

struct instance *console_now(struct console *c);                    /* the current one */
struct instance *console_find(struct console *c, const char *name); /* NULL: there is none */

/* 0 if `status` is no error of the current device, or else -1 with its line. */
int console_check(struct console *c, int status);
__attribute__((format(printf, 2, 3))) int console_fail(struct console *c, const char *format, ...);

/* A device of c->settings with this model (NULL: bare) in place of the instance's; if it fails all
 * stays as it was. */
int console_open(struct console *c, struct instance *in, const char *path);
/* Opens the device anew with one of `names`, behind which stands NULL, for a setting. */
int console_choice(struct console *c, struct instance *in, uint32_t *setting,
                   const char *const *names, const char *word);
struct instance *console_add(struct console *c, const char *name); /* NULL with c->error */
/* How conversations with its model are written, to be closed; NULL and c->error. */
struct chat *console_chat(struct console *c, struct instance *in);

void console_close(struct instance *in);

/* A number, also 0x..; -1 with c->error. */
int console_number(struct console *c, const char *text, uint64_t most, uint64_t *number);

/* ---- interrupt.c: Ctrl-C ---- */

/* From now on it belongs to a command of this device, or, if NULL, to nobody. patient: the first
 * one is left to the command, which looks at console_stopped; others end the device's work. */
void console_interrupts(struct lockstep *device, bool patient);
bool console_stopped(void); /* it came since then */
void console_catch(void);   /* once, at the beginning */

/* ---- request.c: one request at a time ---- */

struct answer {
    char *text; /* [size], owned */
    size_t size, room;
    uint32_t count;
    uint32_t end;       /* enum lockstep_end */
    bool shows;         /* its text is printed as it comes */
    double first, last; /* seconds from the beginning to these tokens */
    double begun;
    int (*on_pass)(struct console *c, struct answer *answer); /* or NULL; -1 ends it */
    double pictured;                                          /* when it last did */
};

/* Runs it to its end; Ctrl-C cancels it. Returns 0, or -1 with c->error. The text is the caller's
 * to free. */
int console_request(struct console *c, const struct lockstep_request *request,
                    struct answer *answer);
const char *console_end_name(uint32_t end);
/* The words behind the command, apart by blanks; to be freed. */
char *console_join(int argc, char **argv);
double console_seconds(void);

/* ---- registers.c ---- */

/* The index of a register by name, or by its address; -1 with c->error. */
int console_register(struct console *c, const char *name, struct lockstep_register *found,
                     uint32_t *index);

/* Adds each field of a register. */
int console_add_fields(struct console *c, cJSON *out, const char *name);

/* ---- settings.c ---- */

const char *console_setting(uint32_t index); /* its name; NULL behind the last */
int console_set(struct console *c, const char *name, const char *value, bool *of_device);
void console_show_settings(const struct console *c, cJSON *out);

/* ---- show.c ---- */

/* For a person. */
void console_show(FILE *out, const cJSON *object);

/* ---- commands ---- */

int cmd_backend(struct console *c, int argc, char **argv, cJSON *out);
int cmd_load(struct console *c, int argc, char **argv, cJSON *out);
int cmd_unload(struct console *c, int argc, char **argv, cJSON *out);
int cmd_models(struct console *c, int argc, char **argv, cJSON *out);
int cmd_instances(struct console *c, int argc, char **argv, cJSON *out);
int cmd_info(struct console *c, int argc, char **argv, cJSON *out);
int cmd_infer(struct console *c, int argc, char **argv, cJSON *out);
int cmd_chat(struct console *c, int argc, char **argv, cJSON *out);
int cmd_stats(struct console *c, int argc, char **argv, cJSON *out);
int cmd_profile(struct console *c, int argc, char **argv, cJSON *out);
int cmd_bench(struct console *c, int argc, char **argv, cJSON *out);
int cmd_diag(struct console *c, int argc, char **argv, cJSON *out);
int cmd_config(struct console *c, int argc, char **argv, cJSON *out);
int cmd_regs(struct console *c, int argc, char **argv, cJSON *out);
int cmd_read(struct console *c, int argc, char **argv, cJSON *out);
int cmd_write(struct console *c, int argc, char **argv, cJSON *out);
int cmd_fifo(struct console *c, int argc, char **argv, cJSON *out);
int cmd_irq(struct console *c, int argc, char **argv, cJSON *out);
int cmd_status(struct console *c, int argc, char **argv, cJSON *out);
int cmd_reset(struct console *c, int argc, char **argv, cJSON *out);
int cmd_power(struct console *c, int argc, char **argv, cJSON *out);
int cmd_throttle(struct console *c, int argc, char **argv, cJSON *out);
int cmd_top(struct console *c, int argc, char **argv, cJSON *out);
int cmd_trace(struct console *c, int argc, char **argv, cJSON *out);
int cmd_help(struct console *c, int argc, char **argv, cJSON *out);
int cmd_quit(struct console *c, int argc, char **argv, cJSON *out);

/* ---- input.c: where lines come from ---- */

struct console_input;

/* A terminal with history and completion if standard input is one and no file is named. Returns
 * NULL with `err`. */
struct console_input *input_open(struct console *c, const char *file, struct ls_error *err);
bool input_is_terminal(const struct console_input *input);

/* The next line, without its end, until the next call; NULL: there is none, or, with `err`, it
 * cannot be had. Ctrl-C gives an empty one. */
const char *input_line(struct console_input *input, struct ls_error *err);
uint32_t input_number(const struct console_input *input); /* of that line, from 1 */
void input_close(struct console_input *input);

#ifdef __cplusplus
}
#endif
#endif
