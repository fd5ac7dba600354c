/* SPDX-License-Identifier: Apache-2.0 */
/* SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The program `gguf`: tools around model files, one subcommand each.
 */
#include <signal.h>
#include <stdio.h>

#include "commands.h"
#include "csrc/base/output.h"

static const struct command commands[] = {
    {"inspect", "show the metadata and the tensors of a file", gguf_inspect},
    {"verify", "say what is wrong with files, and their digests", gguf_verify},
    {"diff", "how two files differ: metadata, tensors, values", gguf_diff},
    {"make", "make a model of any shape with random weights", gguf_make},
    {"import-llama2c", "make a model of a checkpoint of llama2.c", gguf_import_llama2c},
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
    struct ls_error err;
    if (output_standard_end(&err) == 0 || status != GGUF_DONE)
        return status;
    fprintf(stderr, "gguf %s: %s\n", command->name, err.text);
    return GGUF_FAILED;
}

int main(int argc, char **argv) {
    struct ls_error err;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of fflush, not the end of a training */
    signal(SIGXFSZ, SIG_IGN); /* so is a limit of its size */
    if (output_standard_open(&err) != 0) {
        fprintf(stderr, "gguf: %s\n", err.text);
        return GGUF_FAILED;
    }
    int status;
    const struct command *command = command_find(&program, argc, argv, &status);
    if (command != NULL)
        return run(command, argc - 1, argv + 1);
    if (status != GGUF_DONE || output_standard_end(&err) == 0)
        return status;
    fprintf(stderr, "gguf: %s\n", err.text);
    return GGUF_FAILED;
}
