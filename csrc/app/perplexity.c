/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * Running values and the end, as users of llama.cpp know them.
 */
#include "perplexity.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "csrc/base/output.h"
#include "sim/run/perplexity.h"

static volatile bool interrupted;

static void on_interrupt(int number) {
    (void)number;
    interrupted = true;
}

static int fail(const char *text) {
    fprintf(stderr, "lockstep: %s\n", text);
    return SIM_BAD_INPUT;
}

/* Whose perplexity the run is about. */
static int subject_of(const struct perplexity *p) {
    return p->options->backend == SIM_RTL      ? PERPLEXITY_DEVICE
           : p->options->backend == SIM_GOLDEN ? PERPLEXITY_GOLDEN
                                               : PERPLEXITY_FLOAT;
}

static void on_chunk(const struct perplexity *p, uint32_t chunk) {
    printf("[%" PRIu32 "]%.4f,", chunk + 1, perplexity_of(p, subject_of(p), chunk + 1).value);
    fflush(stdout);
}

static void print_values(const struct perplexity *p) {
    static const char *const names[] = {"device", "golden model", "float reference"};
    const int subject = subject_of(p);
    const struct perplexity_value own = perplexity_of(p, subject, p->done);
    printf("\nFinal estimate: PPL = %.4f +/- %.5f\n\n", own.value, own.error);
    for (int whose = 0; whose < PERPLEXITY_WHOSE; whose++) {
        if (p->nats[whose] == NULL)
            continue;
        const struct perplexity_value v = perplexity_of(p, whose, p->done);
        printf("  %-16s PPL = %.4f +/- %.5f", names[whose], v.value, v.error);
        if (whose != subject && whose == PERPLEXITY_GOLDEN)
            printf(": %s", v.value == own.value ? "the same logits to the last bit" : "others");
        else if (whose != subject)
            printf(": the %s's is %+.3g, %+.2g %%", names[subject], own.value - v.value,
                   100 * (own.value / v.value - 1));
        putchar('\n');
    }
}

int perplexity_main(int argc, char **argv) {
    struct perplexity_options options;
    struct perplexity p;
    struct ls_error err;
    const char *topic;
    switch (options_parse(&perplexity_table, argc, argv, &options, &topic, &err)) {
    case OPTIONS_BAD:
        return fail(err.text);
    case OPTIONS_HELP:
        options_print_help(&perplexity_table, topic, stdout);
        return output_standard_end(&err) == 0 ? 0 : fail(err.text);
    case OPTIONS_READ:
        break;
    }
    if (perplexity_open(&p, &options, &err) != 0) {
        perplexity_close(&p);
        return fail(err.text);
    }
    p.interrupted = &interrupted;
    p.on_chunk = on_chunk;
    signal(SIGINT, on_interrupt);
    signal(SIGTERM, on_interrupt);
    if (signal(SIGHUP, on_interrupt) == SIG_IGN)
        signal(SIGHUP, SIG_IGN); /* nohup */
    printf("perplexity: %" PRIu32 " chunks of %" PRIu32 " tokens, of each the last %" PRIu32
           " count\n",
           p.chunks, p.context, p.count);
    fflush(stdout);
    const enum sim_verdict verdict = perplexity_run(&p, &err);
    if (p.done != 0)
        print_values(&p);
    if (options.backend == SIM_RTL && verdict != SIM_BAD_INPUT)
        printf("  %" PRIu64 " words of the device compared with the golden model: %s\n", p.words,
               verdict == SIM_PASS ? "PASS" : "");
    if (verdict == SIM_BAD_INPUT)
        (void)fail(err.text);
    else if (p.message[0] != '\0')
        fprintf(stderr, "lockstep: %s\n", p.message);
    perplexity_close(&p);
    int status = sim_exit_status(verdict);
    if (output_standard_end(&err) != 0)
        status = fail(err.text);
    return status;
}
