/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * JSON by cJSON. Every figure is defined in docs/report.md.
 */
#include "report.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "csrc/base/output.h"
#include "csrc/base/text.h"
#include "csrc/base/text_json.h"
#include "report_power.h"

struct figures {
    uint64_t weight_bytes, generated;
    double cycles_per_token, mac_utilisation, port_utilisation;
    double cycles_per_s, mac_per_s, tokens_per_s;
    double cpu_seconds;
    uint64_t peak_rss_bytes;
};

static double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

static double seconds_of(const struct timeval *t) {
    return (double)t->tv_sec + 1e-6 * (double)t->tv_usec;
}

static struct figures work_out(const struct sim_run *run) {
    const struct fw_telemetry *d = &run->device;
    const uint32_t sequences = run->options->prompt_count;
    struct figures f = {0};
    struct rusage usage;
    for (uint32_t i = 0; i < sequences; i++)
        f.generated += run->texts[i].generated_count;
    f.generated -= run->forwarded;
    /* The first token of a sequence comes out of its prefill. */
    const uint64_t decoded = f.generated > sequences ? f.generated - sequences : 0;
    f.weight_bytes = d->weight_beats * (run->limits.port_bits / 8);
    f.cycles_per_token = ratio((double)(d->cycles - d->prefill_cycles), (double)decoded);
    f.mac_utilisation =
        ratio((double)d->macs, (double)d->cycles * 32 * run->limits.lanes * run->limits.slots);
    f.port_utilisation = ratio((double)d->weight_beats, (double)d->cycles);
    f.cycles_per_s = ratio((double)run->simulated_cycles, run->seconds);
    f.mac_per_s = ratio((double)d->macs, run->seconds);
    f.tokens_per_s = ratio((double)f.generated, run->seconds);
    static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN}; /* the processes of --jobs */
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        getrusage(whose[i], &usage);
        f.cpu_seconds += seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
        const uint64_t peak = (uint64_t)usage.ru_maxrss * 1024;
        f.peak_rss_bytes = peak > f.peak_rss_bytes ? peak : f.peak_rss_bytes;
    }
    return f;
}

static const char *verdict_text(enum sim_verdict verdict) {
    switch (verdict) {
    case SIM_PASS:
        return "PASS";
    case SIM_DIFFERENCE:
        return "DIFFERENCE";
    case SIM_BAD_INPUT:
        return "BAD_INPUT";
    case SIM_DEVICE_ERROR:
        return "DEVICE_ERROR";
    case SIM_STOPPED:
        return "STOPPED";
    case SIM_INTERRUPTED:
        return "INTERRUPTED";
    case SIM_INERT:
        return "INERT";
    }
    return "UNKNOWN";
}

static void add_tokens(cJSON *parent, const char *name, const uint32_t *tokens, uint32_t count) {
    cJSON *array = cJSON_AddArrayToObject(parent, name);
    for (uint32_t i = 0; i < count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber(tokens[i]));
}

/* How the report names what ended a sequence, and how the table does. */
static const struct {
    const char *name, *text;
} ends[] = {
    [SIM_END_BUDGET] = {"budget", "number of tokens asked for"},
    [SIM_END_EOG] = {"end_of_generation", "end of generation"},
    [SIM_END_CONTEXT] = {"context_full", "full context"},
    [SIM_END_LIMIT] = {"cycle_limit", "limit of cycles"},
    [SIM_END_DIFFERENCE] = {"difference", "difference"},
    [SIM_END_ERROR] = {"device_error", "error of the device"},
    [SIM_END_WINDOW] = {"window", "end of what is traced"},
    [SIM_END_INTERRUPT] = {"interrupted", "interrupt"},
};

static void print_ends(const struct sim_run *run, FILE *out) {
    fputs("  ended by   ", out);
    for (uint32_t i = 0; i < run->options->prompt_count; i++) {
        if (run->options->prompt_count > 1)
            fprintf(out, "%s [%u]", i > 0 ? "," : "", i);
        fprintf(out, " %s", ends[sim_run_end(run, i)].text);
    }
    fputc('\n', out);
}

static void add_text(cJSON *parent, const struct sim_run *run, uint32_t sequence) {
    const struct sim_text *text = &run->texts[sequence];
    add_tokens(parent, "prompt_tokens", text->prompt, text->prompt_count);
    add_tokens(parent, "generated_tokens", text->generated, text->generated_count);
    cJSON_AddStringToObject(parent, "stop_reason", ends[sim_run_end(run, sequence)].name);
    text_json_add(parent, "text", text->text ? text->text : "", text->text_size);
}

static const char *backend_name(enum sim_backend backend) {
    return backend == SIM_RTL ? "rtl" : backend == SIM_GOLDEN ? "golden" : "float";
}

/* Counts are exact in binary64 up to 2^53. */
static cJSON *build(const struct sim_run *run) {
    const struct fw_telemetry *d = &run->device;
    const struct figures f = work_out(run);
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "verdict", verdict_text(run->verdict));
    text_json_add(root, "message", run->message, strlen(run->message));
    cJSON_AddStringToObject(root, "backend", backend_name(run->options->backend));

    cJSON *model = cJSON_AddObjectToObject(root, "model");
    text_json_add(model, "file", run->options->model, strlen(run->options->model));
    cJSON_AddStringToObject(model, "arch", run->model->family->arch);
    cJSON_AddStringToObject(model, "quant", run->model->quant);
    cJSON_AddNumberToObject(model, "parameters", (double)run->model->parameters);

    cJSON *config = cJSON_AddObjectToObject(root, "config");
    cJSON_AddNumberToObject(config, "lanes", run->limits.lanes);
    cJSON_AddNumberToObject(config, "slots", run->limits.slots);
    cJSON_AddNumberToObject(config, "port_bits", run->limits.port_bits);
    cJSON_AddNumberToObject(config, "channels", run->limits.channels);
    cJSON_AddNumberToObject(config, "act_bits", run->limits.act_bits);
    cJSON_AddNumberToObject(config, "context", run->context);
    cJSON_AddNumberToObject(config, "clock_hz", (double)run->options->clock_hz);
    if (run->options->draft_model != NULL)
        text_json_add(config, "draft_model", run->options->draft_model,
                      strlen(run->options->draft_model));
    cJSON_AddNumberToObject(config, "seed", (double)run->options->sampling.seed);

    add_text(root, run, 0);
    if (run->options->prompt_count > 1) {
        cJSON *sequences = cJSON_AddArrayToObject(root, "sequences");
        for (uint32_t i = 0; i < run->options->prompt_count; i++) {
            cJSON *sequence = cJSON_CreateObject();
            add_text(sequence, run, i);
            cJSON_AddItemToArray(sequences, sequence);
        }
    }

    cJSON *lockstep = cJSON_AddObjectToObject(root, "lockstep");
    cJSON_AddNumberToObject(lockstep, "ops", (double)run->ops);
    cJSON_AddNumberToObject(lockstep, "words", (double)run->words);
    cJSON_AddNumberToObject(lockstep, "mismatches", (double)run->mismatches);

    cJSON *cycles = cJSON_AddObjectToObject(root, "cycles");
    cJSON_AddNumberToObject(cycles, "ops", (double)run->timed_ops);
    cJSON_AddNumberToObject(cycles, "mismatches", (double)run->mistimed);
    cJSON_AddBoolToObject(cycles, "exact",
                          run->options->memory.jitter == 0 && run->options->memory.gaps == 0);

    cJSON *reference = cJSON_AddObjectToObject(root, "reference");
    cJSON_AddNumberToObject(reference, "tokens", (double)run->witness.tokens);
    cJSON_AddNumberToObject(reference, "kl_mean", ls_witness_kl_mean(&run->witness));
    cJSON_AddNumberToObject(reference, "kl_max", run->witness.kl_max);
    cJSON_AddNumberToObject(reference, "top1_agreement", ls_witness_top1_agreement(&run->witness));
    cJSON_AddNumberToObject(reference, "max_abs_logit_error", run->witness.max_abs_logit_error);

    cJSON *device = cJSON_AddObjectToObject(root, "device");
    cJSON_AddNumberToObject(device, "cycles", (double)d->cycles);
    cJSON_AddNumberToObject(device, "macs", (double)d->macs);
    cJSON_AddNumberToObject(device, "weight_bytes", (double)f.weight_bytes);
    cJSON_AddNumberToObject(device, "cycles_per_token", f.cycles_per_token);
    cJSON_AddNumberToObject(device, "prefill_cycles", (double)d->prefill_cycles);
    cJSON_AddNumberToObject(device, "passes", (double)d->passes);
    cJSON_AddNumberToObject(device, "weight_stalls", (double)d->weight_stalls);
    cJSON_AddNumberToObject(device, "kv_reads", (double)d->kv_reads);
    cJSON_AddNumberToObject(device, "kv_writes", (double)d->kv_writes);
    cJSON_AddNumberToObject(device, "drafts", (double)d->drafts);
    cJSON_AddNumberToObject(device, "drafts_taken", (double)d->drafts_taken);
    cJSON_AddNumberToObject(device, "tokens_per_second", (double)d->tokens_per_second_milli / 1000);
    cJSON_AddNumberToObject(device, "mac_utilisation", f.mac_utilisation);
    cJSON_AddNumberToObject(device, "port_utilisation", f.port_utilisation);

    report_power_json(root, run, f.generated);

    cJSON *host = cJSON_AddObjectToObject(root, "host");
    cJSON_AddNumberToObject(host, "parts", run->parts == 0 ? 1 : run->parts);
    cJSON_AddNumberToObject(host, "seconds", run->seconds);
    cJSON_AddNumberToObject(host, "cpu_seconds", f.cpu_seconds);
    cJSON_AddNumberToObject(host, "load_seconds", run->load_seconds);
    cJSON_AddNumberToObject(host, "cycles", (double)run->simulated_cycles);
    cJSON_AddNumberToObject(host, "cycles_per_s", f.cycles_per_s);
    cJSON_AddNumberToObject(host, "mac_per_s", f.mac_per_s);
    cJSON_AddNumberToObject(host, "tokens_per_s", f.tokens_per_s);
    cJSON_AddNumberToObject(host, "peak_rss_bytes", (double)f.peak_rss_bytes);
    return root;
}

int report_write(const struct sim_run *run, const char *path, struct ls_error *err) {
    struct output out;
    cJSON *root = build(run);
    char *text = root == NULL ? NULL : cJSON_Print(root);
    int status = -1;
    cJSON_Delete(root);
    fflush(stdout); /* which may be the same file */
    if (text == NULL)
        return ls_error_set(err, "%s: out of memory for the report", path);
    if (output_open(&out, path, err) == 0) {
        fprintf(out.file, "%s\n", text);
        status = output_close(&out, err);
    }
    free(text);
    return status;
}

/* Each right draft saves its sequence a pass; others may need that one. */
static void print_drafts(const struct sim_run *run, FILE *out) {
    const struct fw_telemetry *d = &run->device;
    const char *from = run->options->draft_model;
    fprintf(out, "  drafts      %" PRIu64 " from ", d->drafts);
    text_line(out, from != NULL ? from : "the text", strlen(from != NULL ? from : "the text"));
    fprintf(out, ", right %" PRIu64 ": %" PRIu64 " tokens in %" PRIu64 " passes", d->drafts_taken,
            d->tokens_out, d->passes);
    if (run->options->prompt_count == 1)
        fprintf(out, ", %" PRIu64 " saved", d->drafts_taken);
    fputc('\n', out);
}

static void print_device(const struct sim_run *run, const struct figures *f, FILE *out) {
    const struct fw_telemetry *d = &run->device;
    fprintf(out, "  device      %u lanes, %u slots, %u-bit port, %u-bit activations\n",
            run->limits.lanes, run->limits.slots, run->limits.port_bits, run->limits.act_bits);
    fprintf(out, "  cycles      %" PRIu64 ", of these prefill %" PRIu64 "; %.0f a decoded token\n",
            d->cycles, d->prefill_cycles, f->cycles_per_token);
    fprintf(out,
            "  at %4.0f MHz %.1f tokens/s; %" PRIu64 " MACs (%.1f %% of peak), %" PRIu64
            " weight bytes (port %.1f %% busy)\n",
            (double)run->options->clock_hz / 1e6, (double)d->tokens_per_second_milli / 1000,
            d->macs, 100 * f->mac_utilisation, f->weight_bytes, 100 * f->port_utilisation);
    if (run->options->drafts != 0)
        print_drafts(run, out);
    fprintf(out, "  simulated   %.2f s: %.3g cycles/s, %.3g MAC/s, %.3g tokens/s, %.0f MiB",
            run->seconds, f->cycles_per_s, f->mac_per_s, f->tokens_per_s,
            (double)f->peak_rss_bytes / 1048576);
    if (run->parts != 0)
        fprintf(out, "; put together from %u part%s", run->parts, run->parts == 1 ? "" : "s");
    fputc('\n', out);
    fprintf(out,
            "  lockstep    %" PRIu64 " ops, %" PRIu64 " words compared, %" PRIu64 " differences\n",
            run->ops, run->words, run->mismatches);
    if (run->assertions != 0)
        fprintf(out, "  assertions  %" PRIu32 " checked in every cycle\n", run->assertions);
    fprintf(out, "  timing      %" PRIu64 " ops, %s, %" PRIu64 " differences\n", run->timed_ops,
            run->options->memory.jitter == 0 && run->options->memory.gaps == 0
                ? "cycles compared with those predicted"
                : "cycles compared with the least predicted",
            run->mistimed);
}

int report_power(const struct sim_run *run, struct ls_error *err) {
    const char *folder = run->options->power.folder;
    return folder == NULL ? 0 : report_power_files(run, work_out(run).generated, folder, err);
}

void report_print(const struct sim_run *run, FILE *out) {
    const struct figures f = work_out(run);
    uint64_t prompt = 0;
    for (uint32_t i = 0; i < run->options->prompt_count; i++)
        prompt += run->texts[i].prompt_count;
    fputs("\n  model       ", out);
    text_line(out, run->options->model, strlen(run->options->model));
    fprintf(out, ", %s %s, %" PRIu64 " parameters\n", run->model->family->arch, run->model->quant,
            run->model->parameters);
    fprintf(out, "  tokens      %" PRIu64 " of prompt, %" PRIu64 " generated\n", prompt,
            f.generated);
    print_ends(run, out);
    if (run->options->backend == SIM_RTL)
        print_device(run, &f, out);
    else
        fprintf(out, "  host        %.2f s, %.3g tokens/s\n", run->seconds, f.tokens_per_s);
    report_power_print(run, f.generated, out);
    if (run->witness.tokens != 0)
        fprintf(out,
                "  reference   KL %.2g mean, %.2g max; top-1 agrees on %.1f %%; largest logit "
                "error %.2g\n",
                ls_witness_kl_mean(&run->witness), run->witness.kl_max,
                100 * ls_witness_top1_agreement(&run->witness), run->witness.max_abs_logit_error);
    fprintf(out, "  verdict     %s%s%s\n", verdict_text(run->verdict), run->message[0] ? ": " : "",
            run->message);
}
