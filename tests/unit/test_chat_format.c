/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Formats of conversations: which one a template makes, and what becomes of a conversation in it.
 */
#include "csrc/chat/chat_format.h"

#include "tests/kit/host_test.h"

static const struct chat_message talk[] = {
    {"system", " Be kind. "}, {"user", "Hello"}, {"assistant", " Hi there "}, {"user", " Who? "}};

/* A part of a template as models have it, its format, and the talk in it. */
static const struct {
    const char *text, *format, *prompt;
} cases[] = {
    {"{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n'}}", "chatml",
     "<|im_start|>system\n Be kind. <|im_end|>\n<|im_start|>user\nHello<|im_end|>\n"
     "<|im_start|>assistant\n Hi there <|im_end|>\n<|im_start|>user\n Who? <|im_end|>\n"
     "<|im_start|>assistant\n"},
    {"'<|im_start|>' + role + '<|im_sep|>'", "phi4",
     "<|im_start|>system<|im_sep|> Be kind. <|im_end|><|im_start|>user<|im_sep|>Hello<|im_end|>"
     "<|im_start|>assistant<|im_sep|> Hi there <|im_end|><|im_start|>user<|im_sep|> Who? "
     "<|im_end|><|im_start|>assistant<|im_sep|>"},
    {"{{ '[INST] ' + content + ' [/INST]' }}", "llama2",
     "[INST]  Be kind. \nHello [/INST] Hi there </s>[INST]  Who?  [/INST]"},
    {"'[INST] ' '<<SYS>>\n'", "llama2-sys",
     "[INST] <<SYS>>\n Be kind. \n<</SYS>>\n\nHello [/INST] Hi there </s>[INST]  Who?  [/INST]"},
    {"bos_token + '[INST] ' '<<SYS>>'", "llama2-sys-bos",
     "[INST] <<SYS>>\n Be kind. \n<</SYS>>\n\nHello [/INST] Hi there </s><s>[INST]  Who?  [/INST]"},
    {"'[INST] ' + content.strip()", "llama2-sys-strip",
     "[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nHello [/INST]Hi there</s>[INST] Who? [/INST]"},
    {"{{ ' [INST] ' + system_message + ' [/INST]' }}", "mistral-v1",
     " [INST]  Be kind. \n\nHello [/INST]  Hi there </s> [INST]  Who?  [/INST]"},
    {"'[INST] ' '[AVAILABLE_TOOLS]'", "mistral-v3",
     "[INST]  Be kind. \n\nHello[/INST] Hi there</s>[INST]  Who? [/INST]"},
    {"\"[INST]\" '[AVAILABLE_TOOLS]'", "mistral-v3-tekken",
     "[INST] Be kind. \n\nHello[/INST] Hi there </s>[INST] Who? [/INST]"},
    {"'[SYSTEM_PROMPT] ' '[INST] '", "mistral-v7",
     "[SYSTEM_PROMPT]  Be kind. [/SYSTEM_PROMPT][INST] Hello[/INST]  Hi there </s>[INST]  Who? "
     "[/INST]"},
    {"'<|user|>' '<|assistant|>' '<|end|>'", "phi3",
     "<|system|>\n Be kind. <|end|>\n<|user|>\nHello<|end|>\n<|assistant|>\n Hi there <|end|>\n"
     "<|user|>\n Who? <|end|>\n<|assistant|>\n"},
    {"'<|user|>' '<|endoftext|>'", "zephyr",
     "<|system|>\n Be kind. <|endoftext|>\n<|user|>\nHello<|endoftext|>\n<|assistant|>\n Hi there "
     "<|endoftext|>\n<|user|>\n Who? <|endoftext|>\n<|assistant|>\n"},
    {"'<start_of_turn>' + role", "gemma",
     "<start_of_turn>user\nBe kind.\n\nHello<end_of_turn>\n<start_of_turn>model\nHi there"
     "<end_of_turn>\n<start_of_turn>user\nWho?<end_of_turn>\n<start_of_turn>model\n"},
    {"'<|start_header_id|>' + role + '<|end_header_id|>'", "llama3",
     "<|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|><|start_header_id|>user"
     "<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHi "
     "there<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nWho?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n"},
    {"'USER: ' 'ASSISTANT: '", "vicuna",
     " Be kind. \n\nUSER: Hello\nASSISTANT:  Hi there </s>\nUSER:  Who? \nASSISTANT:"},
    {"'SYSTEM: ' 'USER: ' 'ASSISTANT: '", "vicuna-orca",
     "SYSTEM:  Be kind. \nUSER: Hello\nASSISTANT:  Hi there </s>\nUSER:  Who? \nASSISTANT:"},
    {"'### Instruction:' '<|EOT|>'", "deepseek",
     " Be kind. ### Instruction:\nHello\n### Response:\n Hi there \n<|EOT|>\n### Instruction:\n "
     "Who? \n### Response:\n"},
    {"'<|start_of_role|>'", "granite",
     "<|start_of_role|>system<|end_of_role|> Be kind. <|end_of_text|>\n<|start_of_role|>user"
     "<|end_of_role|>Hello<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|> Hi there "
     "<|end_of_text|>\n<|start_of_role|>user<|end_of_role|> Who? <|end_of_text|>\n"
     "<|start_of_role|>assistant<|end_of_role|>\n"},
    {"'[|system|]' '[|assistant|]' '[|endofturn|]'", "exaone3",
     "[|system|]Be kind.[|endofturn|]\n[|user|]Hello\n[|assistant|]Hi there[|endofturn|]\n"
     "[|user|]Who?\n[|assistant|]"},
    {"'[|system|]' '[|assistant|]' '[|endofturn|]' '[|tool|]'", NULL, NULL},
    {"{{ messages[0].content }}", NULL, NULL},
    {"", NULL, NULL},
};

int main(void) {
    struct host_test t = {"chat_format", 0, 0};
    char names[1000], *rest = NULL;
    unsigned count = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct chat_format *f = format_detect(cases[i].text, strlen(cases[i].text));
        const char *found = f != NULL ? format_name(f) : "none";
        CHECK(&t, strcmp(found, cases[i].format != NULL ? cases[i].format : "none") == 0, "%s: %s",
              cases[i].text, found);
        if (f == NULL)
            continue;
        char *prompt = format_apply(f, talk, 4, true);
        CHECK(&t, strcmp(prompt, cases[i].prompt) == 0, "%s:\n%s\nnot\n%s", found, prompt,
              cases[i].prompt);
        free(prompt);
    }
    char *prompt = format_apply(format_find("chatml"), talk + 1, 1, false);
    CHECK(&t, strcmp(prompt, "<|im_start|>user\nHello<|im_end|>\n") == 0, "%s", prompt);
    free(prompt);
    prompt = format_apply(format_find("chatml"), NULL, 0, true);
    CHECK(&t, strcmp(prompt, "<|im_start|>assistant\n") == 0, "%s", prompt);
    free(prompt);
    CHECK(&t, format_find("klingon") == NULL && format_find("") == NULL, "a format that is none");
    format_names(names, sizeof names);
    for (char *name = strtok_r(names, ", ", &rest); name != NULL;
         name = strtok_r(NULL, ", ", &rest), count++)
        CHECK(&t, format_find(name) != NULL, "%s", name);
    CHECK(&t, count > 30, "%u formats", count);
    format_names(names, 12); /* cut, and ended */
    CHECK(&t, strcmp(names, "chatml, phi") == 0, "%s", names);
    return host_test_finish(&t);
}
