/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Faults that options plant, to see the check fail: refused where they cannot act, and told where
 * nothing came of them, since a PASS would then say nothing of the check. An address counts from
 * the beginning of the file, of which the device reads tensors alone.
 */
#include <inttypes.h>

#include "csrc/golden/golden_kv.h"
#include "rtl.h"

static bool is_planted(const struct sim_options *o) {
    return o->memory.flip_address != WEIGHT_MEM_NONE ||
           o->memory.error_address != WEIGHT_MEM_NONE ||
           o->memory.hang_address != WEIGHT_MEM_NONE || o->flip_kv_word != WEIGHT_MEM_NONE ||
           o->miscount != 0;
}

static int check_address(const struct sim_run *run, const char *option, uint64_t address,
                         struct ls_error *err) {
    const struct gguf *g = run->model->gguf;
    uint64_t first = UINT64_MAX, end = 0;
    for (uint64_t i = 0; i < g->tensor_count; i++) {
        const struct gguf_tensor *t = &g->tensors[i];
        first = t->offset < first ? t->offset : first;
        end = t->offset + t->size > end ? t->offset + t->size : end;
    }
    if (address == WEIGHT_MEM_NONE || (address >= first && address < end))
        return 0;
    return ls_error_set(err,
                        "--%s %" PRIu64 ": the device never reads that byte; the tensors of %s are "
                        "bytes %" PRIu64 " to %" PRIu64,
                        option, address, run->options->model, first, end - 1);
}

/* Whether model and device have the places at which faults are planted. */
static int planted_open(struct session *session, void **self, struct ls_error *err) {
    struct rtl *rtl = rtl_of(session);
    const struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    if (check_address(run, "flip-weight", o->memory.flip_address, err) != 0 ||
        check_address(run, "port-error", o->memory.error_address, err) != 0 ||
        check_address(run, "port-hang", o->memory.hang_address, err) != 0)
        return -1;
    if (o->flip_kv_word != WEIGHT_MEM_NONE && o->flip_kv_word >= run->limits.kv_words)
        return ls_error_set(err,
                            "--flip-kv %" PRIu64 ": the KV SRAM of this device has words 0 to %u",
                            o->flip_kv_word, run->limits.kv_words - 1);
    *self = is_planted(o) ? rtl : NULL;
    return 0;
}

/* Whether a word of the KV SRAM holds a position that the run computed. */
static bool is_used(const struct sim_run *run, const struct scoreboard *board) {
    const uint32_t blocks = golden_kv_blocks(board->golden);
    struct golden_kv_place p = {0};
    for (p.sequence = 0; p.sequence < run->options->prompt_count; p.sequence++)
        for (p.layer = 0; p.layer < run->model->layers; p.layer++)
            for (p.value = 0; p.value < 2; p.value++)
                for (p.head = 0; p.head < run->model->kv_heads; p.head++)
                    for (p.position = 0; p.position < golden_kv_length(board->golden, p.sequence);
                         p.position++)
                        for (p.block = 0; p.block < blocks; p.block++)
                            if (golden_kv_address(board->golden, &p) == run->options->flip_kv_word)
                                return true;
    return false;
}

static void tell_kv(const struct sim_run *run, const struct scoreboard *board, char *text,
                    size_t room) {
    const uint64_t word = run->options->flip_kv_word;
    bool later = false; /* whether a sequence went on behind its first token */
    for (uint32_t i = 0; i < run->options->prompt_count; i++)
        later |= run->texts[i].generated_count > run->forwarded + 1;
    if (!later)
        snprintf(text, room, "--flip-kv %" PRIu64 ": the run ended with its first token", word);
    else if (!is_used(run, board))
        snprintf(text, room, "--flip-kv %" PRIu64 ": this run never used that word", word);
    else
        snprintf(text, room, "--flip-kv %" PRIu64 ": flipped, and no committed word came of it",
                 word);
}

/* Of a run that ended as if nothing were planted: what became of the first fault. */
static void planted_check(void *self) {
    const struct rtl *rtl = self;
    struct sim_run *run = rtl->run;
    const struct sim_options *o = run->options;
    const struct weight_mem *memory = &rtl->session.device.memory;
    char *text = run->message;
    const size_t room = sizeof run->message;
    const struct {
        const char *option, *came;
        uint64_t address, times;
    } reads[] = {
        {"flip-weight", "no committed word came of it", o->memory.flip_address, memory->flips},
        {"port-error", "the device ended all the same", o->memory.error_address, memory->errors},
        {"port-hang", "the device ended all the same", o->memory.hang_address, memory->hangs},
    };
    if (!rtl->session.right || run->window != NULL)
        return;
    run->verdict = SIM_INERT;
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        if (reads[i].address == WEIGHT_MEM_NONE)
            continue;
        if (reads[i].times == 0)
            snprintf(text, room, "--%s %" PRIu64 ": this run never read that byte", reads[i].option,
                     reads[i].address);
        else
            snprintf(text, room, "--%s %" PRIu64 ": read %" PRIu64 " times, and %s",
                     reads[i].option, reads[i].address, reads[i].times, reads[i].came);
        return;
    }
    if (o->flip_kv_word != WEIGHT_MEM_NONE)
        tell_kv(run, &rtl->session.board, text, room);
    else
        snprintf(text, room, "--miscount %u: no op was told to take other cycles", o->miscount);
}

const struct observer observe_planted = {.open = planted_open, .check = planted_check};
