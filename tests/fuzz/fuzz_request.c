/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * libFuzzer: any JSON is the body of a request, the first byte says of which endpoint. It is taken,
 * or refused with a reason; what was taken shows settings that, asked for again, are shown the
 * same. Bytes that no JSON has by itself stand for fields.
 */
#include "csrc/server/params.h"

#include <sys/stat.h>

#include "tests/kit/vocab_file.h"

#define FILE_NAME "build/fuzz/request.gguf"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct gguf *file; /* under the tokenizer, to the end */
static struct tokenizer *tokenizer;

static void check(bool good, const char *what, const char *body) {
    if (!good) {
        fprintf(stderr, "fuzz_request: %s: %s\n", what, body);
        abort();
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    struct vocab_file v;
    struct ls_error err = {""};
    (void)argc;
    (void)argv;
    mkdir("build/fuzz", 0777);
    vocab_spm(&v);
    for (char letter[] = "a"; letter[0] <= 'z'; letter[0]++)
        vocab_add(&v, letter, TOKEN_NORMAL, 0);
    file = vocab_write(&v, FILE_NAME, &err);
    check(file != NULL && tokenizer_open(file, &tokenizer, &err) == 0, err.text, "");
    vocab_free(&v);
    remove(FILE_NAME);
    return 0;
}

static char *expand(const char *first, const uint8_t *data, size_t size) {
    static const char *const words[32] = {"\"a\"",
                                          ",\"max_tokens\":1",
                                          ",\"stop\":\"a\"",
                                          ",\"stop\":[",
                                          ",\"stream_options\":{\"include_usage\":true}",
                                          ",\"n\":1",
                                          ",\"seed\":1",
                                          ",\"temperature\":1",
                                          ",\"top_k\":1",
                                          NULL,
                                          NULL,
                                          ",\"top_p\":1",
                                          ",\"min_p\":0",
                                          NULL,
                                          ",\"typical_p\":1",
                                          ",\"repeat_penalty\":1",
                                          ",\"repeat_last_n\":1",
                                          ",\"presence_penalty\":1",
                                          ",\"frequency_penalty\":1",
                                          ",\"speculative.n_max\":1",
                                          ",\"n_probs\":1",
                                          ",\"logprobs\":true",
                                          ",\"top_logprobs\":1",
                                          ",\"logit_bias\":{\"a\":",
                                          ",\"logit_bias\":[[1,",
                                          ",\"grammar\":\"root ::= ",
                                          ",\"json_schema\":{\"type\":",
                                          ",\"response_format\":{\"type\":\"json_",
                                          ",\"chat_template_kwargs\":{",
                                          ",\"mirostat\":0",
                                          "\"schema\":{",
                                          "null"};
    char *text = NULL;
    size_t count = 0;
    FILE *out = open_memstream(&text, &count);
    if (out == NULL)
        return NULL;
    fprintf(out, "{%s", first);
    for (size_t i = 0; i < size; i++)
        if (data[i] < 32 && words[data[i]] != NULL)
            fputs(words[data[i]], out);
        else
            fputc(data[i], out);
    fputc('}', out);
    fclose(out);
    return text;
}

/* What `body` is taken as, as the server shows it; NULL: refused. */
static char *settings(enum api api, const cJSON *body, cJSON **shown, const char *text) {
    struct params p;
    struct ls_error err = {""};
    char *out = NULL;
    const int status = params_read(&p, api, false, body, tokenizer, &err);
    check((status == 0) == (err.text[0] == '\0'), "no verdict", text);
    if (status == 0) {
        *shown = params_show(&p.request);
        cJSON_DeleteItemFromObject(*shown, "logit_bias"); /* shown otherwise than asked for */
        out = cJSON_PrintUnformatted(*shown);
    }
    params_release(&p);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct {
        enum api api;
        const char *first;
    } ways[] = {{API_NATIVE, "\"prompt\":\"a\""},
                {API_TEXT, "\"prompt\":[1]"},
                {API_CHAT, "\"messages\":[]"},
                {API_CHAT, "\"stream\":true"}};
    const unsigned way = size == 0 ? 0 : data[0] % 4;
    cJSON *shown = NULL, *again = NULL;
    char *text = expand(ways[way].first, data + (size != 0), size - (size != 0));
    cJSON *body = text != NULL ? cJSON_ParseWithOpts(text, NULL, 1) : NULL;
    char *first = body != NULL ? settings(ways[way].api, body, &shown, text) : NULL;
    if (first != NULL) {
        cJSON_AddStringToObject(shown, "prompt", "a");
        char *second = settings(API_NATIVE, shown, &again, text);
        check(second != NULL && strcmp(first, second) == 0, "settings that are not taken", first);
        free(second);
    }
    free(first);
    cJSON_Delete(again);
    cJSON_Delete(shown);
    cJSON_Delete(body);
    free(text);
    return 0;
}
