/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The table of commands, and help.
 */
#include <string.h>

#include "inside.h"

const struct console_command console_commands[] = {
    {"backend", "[rtl|golden|auto|float]",
     "who computes: the device, the golden model, it when the device is lost, the float reference",
     0, 1, cmd_backend, COMPLETE_WORD, "rtl|golden|auto|float"},
    {"load", "[NAME] FILE", "a model onto the device, or onto one of its own", 1, 2, cmd_load,
     COMPLETE_FILE, NULL},
    {"unload", "[NAME]", "the model off the device; a device without one goes", 0, 1, cmd_unload,
     COMPLETE_INSTANCE, NULL},
    {"models", "", "that are loaded", 0, 0, cmd_models, COMPLETE_NOTHING, NULL},
    {"instances", "[NAME]", "the devices; NAME: commands are for this one", 0, 1, cmd_instances,
     COMPLETE_INSTANCE, NULL},
    {"info", "", "about the model", 0, 0, cmd_info, COMPLETE_NOTHING, NULL},
    {"infer", "TEXT", "what the model goes on with", 1, CONSOLE_WORDS, cmd_infer, COMPLETE_NOTHING,
     NULL},
    {"chat", "[TEXT]", "says it and answers; without TEXT forgets what was said", 0, CONSOLE_WORDS,
     cmd_chat, COMPLETE_NOTHING, NULL},
    {"status", "", "BUSY, MODEL_READY, TOKEN_READY, EOG, ERROR, THROTTLED", 0, 0, cmd_status,
     COMPLETE_NOTHING, NULL},
    {"stats", "", "what the device and the check have counted", 0, 0, cmd_stats, COMPLETE_NOTHING,
     NULL},
    {"profile", "[on|off]", "cycles and host time of each part of the work", 0, 1, cmd_profile,
     COMPLETE_WORD, "on|off"},
    {"bench", "", "prompts of 10, 50, 100 tokens; 1, 10, 50 generated", 0, 0, cmd_bench,
     COMPLETE_NOTHING, NULL},
    {"diag", "", "self-test: the device is switched off and on", 0, 0, cmd_diag, COMPLETE_NOTHING,
     NULL},
    {"config", "[NAME VALUE]", "settings of device and requests", 0, 2, cmd_config,
     COMPLETE_SETTING, NULL},
    {"regs", "[BEGINNING]", "registers that can be read, with their fields", 0, 1, cmd_regs,
     COMPLETE_REGISTER, NULL},
    {"read", "REGISTER", "by name or offset", 1, 1, cmd_read, COMPLETE_REGISTER, NULL},
    {"write", "REGISTER VALUE", "of a bare device", 2, 2, cmd_write, COMPLETE_REGISTER, NULL},
    {"fifo", "", "levels and flags of the token FIFOs", 0, 0, cmd_fifo, COMPLETE_NOTHING, NULL},
    {"irq", "[wait [CYCLES]]", "causes of the interrupt; waits for it", 0, 2, cmd_irq,
     COMPLETE_WORD, "wait"},
    {"reset", "", "the device off and on, with the same model", 0, 0, cmd_reset, COMPLETE_NOTHING,
     NULL},
    {"power", "", "energy by unit, power, temperature", 0, 0, cmd_power, COMPLETE_NOTHING, NULL},
    {"throttle", "[off|on|hot]", "self-regulation by temperature; sets it", 0, 1, cmd_throttle,
     COMPLETE_WORD, "off|on|hot"},
    {"top", "[TEXT]", "units, sequences, heat, now or pass by pass while TEXT goes on", 0,
     CONSOLE_WORDS, cmd_top, COMPLETE_NOTHING, NULL},
    {"trace", "[off|FILE]", "a waveform of what the device does from now on", 0, 1, cmd_trace,
     COMPLETE_FILE, NULL},
    {"help", "[COMMAND]", "this list", 0, 1, cmd_help, COMPLETE_COMMAND, NULL},
    {"quit", "", "the end", 0, 0, cmd_quit, COMPLETE_NOTHING, NULL},
    {0},
};

int cmd_help(struct console *c, int argc, char **argv, cJSON *out) {
    cJSON *rows = cJSON_AddArrayToObject(out, "commands");
    for (const struct console_command *k = console_commands; k->name != NULL; k++) {
        if (argc > 1 && strcmp(argv[1], k->name) != 0)
            continue;
        cJSON *row = cJSON_CreateObject();
        cJSON_AddItemToArray(rows, row);
        cJSON_AddStringToObject(row, "command", k->name);
        cJSON_AddStringToObject(row, "arguments", k->arguments);
        cJSON_AddStringToObject(row, "help", k->help);
    }
    return rows->child != NULL ? 0 : console_fail(c, "%s: no such command", argv[1]);
}

int cmd_quit(struct console *c, int argc, char **argv, cJSON *out) {
    (void)argc, (void)argv, (void)out;
    c->ending = c->shown = true;
    return 0;
}
