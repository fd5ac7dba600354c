/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The program `gguf`: tools around model files, one subcommand each.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "commands.h"

static const struct command commands[] = {
    {"inspect", "show the metadata and the tensors of a file", gguf_inspect},
    {"make", "make a llama model of any shape with random weights", gguf_make},
    {"stories", "write short stories to train on, or check them", gguf_stories},
    {"train", "fit a llama model to a text", gguf_train},
    {"quantize", "convert a model to another tensor type", gguf_quantize},
    {"perplexity", "measure a model on a text", gguf_perplexity},
    {"sample", "text from a model by the float reference", gguf_sample},
    {"tokenize", "the token ids of a text", gguf_tokenize},
    {"detokenize", "the text of token ids", gguf_detokenize},
};

static const struct command_set program = {"gguf", ", of Lockstep", commands,
                                           sizeof commands / sizeof commands[0]};

static int run(const struct command *command, int argc, char **argv) {
    int status = command->run(argc, argv);
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != GGUF_DONE)
        return status;
    fprintf(stderr, "gguf %s: cannot write the output\n", command->name);
    return GGUF_FAILED;
}

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of fflush, not the end of a training */
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0 || fcntl(STDERR_FILENO, F_GETFD) < 0) {
        fputs("gguf: standard output or error is closed: a file would take its place\n", stderr);
        return GGUF_FAILED;
    }
    int status;
    const struct command *command = command_find(&program, argc, argv, &status);
    return command == NULL ? status : run(command, argc - 1, argv + 1);
}
