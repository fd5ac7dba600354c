/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The program `gguf`: tools around model files, one subcommand each.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static const struct gguf_command commands[] = {
    {"inspect", "show the metadata and the tensors of a file", gguf_inspect},
    {"make", "make a llama model of any shape with random weights", gguf_make},
    {"stories", "write short stories to train on, or check them", gguf_stories},
    {"train", "fit a llama model to a text", gguf_train},
    {"quantize", "convert a model to F32, F16, Q8_0 or Q4_0", gguf_quantize},
    {"perplexity", "measure a model on a text", gguf_perplexity},
    {"sample", "text from a model by the float reference", gguf_sample},
    {"tokenize", "the token ids of a text", gguf_tokenize},
    {"detokenize", "the text of token ids", gguf_detokenize},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_help(FILE *out) {
    fputs("usage: gguf COMMAND [arguments]\n\ncommands:\n", out);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  %-11s %s\n", commands[i].name, commands[i].help);
    fputs("\n`gguf COMMAND --help` shows a command's options.\n", out);
}

/* Runs a subcommand under its full name, which getopt puts before its complaints. */
static int run(const struct gguf_command *command, int argc, char **argv) {
    char name[32];
    snprintf(name, sizeof name, "gguf %s", command->name);
    argv[0] = name;
    int status = command->run(argc, argv);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != GGUF_DONE)
        return status;
    fprintf(stderr, "%s: cannot write the output\n", name);
    return GGUF_FAILED;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of fflush, not the end of a training */
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0 || fcntl(STDERR_FILENO, F_GETFD) < 0) {
        fputs("gguf: standard output or error is closed: a file would take its place\n", stderr);
        return GGUF_FAILED;
    }
    if (argc < 2) {
        print_help(stderr);
        return GGUF_BAD_INPUT;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return GGUF_DONE;
    }
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return run(&commands[i], argc - 1, argv + 1);
    fprintf(stderr, "gguf: %s: no such command: see `gguf --help`\n", argv[1]);
    return GGUF_BAD_INPUT;
}
