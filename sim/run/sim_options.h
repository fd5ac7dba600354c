/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The settings of a run, and the table of options that give them: one more is a field and a row
 * here, and what it is used for.
 *
 *     struct sim_options options;
 *     switch (sim_options_parse(argc, argv, &options, &topic, &err)) {
 *     case OPTIONS_HELP: sim_options_help(topic, stdout); return 0;
 *     case OPTIONS_BAD: return usage(err.text);
 *     case OPTIONS_READ: break;
 *     }
 */
#ifndef LOCKSTEP_SIM_OPTIONS_H
#define LOCKSTEP_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "csrc/base/options.h"
#include "firmware/sampler.h"
#include "sim/check/sim_power.h"
#include "sim/device/weight_mem.h"
#include "sim/trace/window.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_PROMPTS 16

enum sim_backend {
    SIM_RTL,    /* the Verilated device, checked against the golden model */
    SIM_GOLDEN, /* the golden model alone */
    SIM_FLOAT   /* the float reference alone */
};

struct sim_options {
    const char *model; /* path of a GGUF */
    const char *prompts[SIM_PROMPTS];
    uint32_t prompt_count;
    const char *text; /* file with the only prompt, or NULL */
    const char *ids;  /* the only prompt as tokens, "1,15,7", or NULL */
    uint32_t tokens;  /* to generate for each prompt */
    uint32_t context; /* positions; 0: what prompt and tokens need */
    enum sim_backend backend;
    const char *report; /* path of the JSON report, or NULL */
    struct sampler_settings sampling;
    bool front_door;
    bool reference;          /* run the float reference beside */
    uint32_t jobs;           /* segments that are simulated at once */
    const char *parts;       /* folder of segments that survive, or NULL */
    uint32_t part;           /* the only one to be simulated; 0: all that are not there */
    uint32_t threads;        /* of the golden model alone; 0: a core each */
    uint32_t pass_slots;     /* 0: all */
    uint32_t drafts;         /* of a pass, at most */
    const char *draft_model; /* path of the GGUF that guesses them; NULL: they come from the text */
    struct weight_mem_settings memory;
    uint64_t cycle_limit;             /* 0: a generous one from the model's size */
    uint64_t clock_hz;                /* that the device's seconds are told at */
    const char *trace;                /* FST to write, or NULL */
    struct window_request window;     /* what of the run goes into it; nothing: see the next two */
    uint64_t trace_first, trace_last; /* cycles that go into it; all by default */
    uint64_t trace_most;              /* bytes of it, about */
    uint32_t start_token;             /* position to begin at, 0: all of it */
    const char *resume;               /* checkpoint to begin from, or NULL */
    const char *checkpoint;           /* to write every `every` tokens, or NULL */
    uint32_t every;
    const char *timeline; /* .json, .svg and .txt are added to it, or NULL */
    const char *commits;  /* log of the commit port, or NULL */
    const char *fail;     /* folder for what explains a difference, or NULL */
    uint64_t
        flip_kv_word; /* planted: a bit of it flips after the first token; or WEIGHT_MEM_NONE */
    uint64_t flip_kv_bit;
    uint32_t miscount; /* planted: added to the predicted cycles of every op */
    struct sim_power_options power;
    const char *program;          /* argv[0] of the process, or NULL; set by main() */
    const char *const *arguments; /* of the subcommand, its name included */
    int argument_count;
};

/* Of which nothing was said. */
static inline struct sim_options sim_options_defaults(void) {
    const struct sim_options o = {
        .tokens = 64,
        .sampling = {.temperature = 0, .top_k = 40, .top_p = 0.95, .repeat_penalty = 1, .seed = 1},
        .reference = true,
        .jobs = 1,
        .memory = weight_mem_defaults(),
        .clock_hz = 500000000,
        .window = window_request_none(),
        .trace_last = UINT64_MAX,
        .trace_most = 40000000,
        .every = 100,
        .flip_kv_word = WEIGHT_MEM_NONE,
    };
    return o;
}

/* ---- the rows ---- */

enum sim_option_group { SIM_RUN, SIM_SAMPLING, SIM_DEVICE, SIM_POWER, SIM_INSIDE, SIM_FAULTS };

static const struct option_group sim_option_groups[] = {
    {"run", "what runs, and what is written of it"},
    {"sampling", "choosing tokens"},
    {"device", "the device and its memory"},
    {"power", "energy, heat and self-regulation (docs/power.md)"},
    {"inside", "waveforms, timeline, checkpoints, logs (docs/debugging.md)"},
    {"faults", "planted faults, to see the check fail"},
};

#define ROW(name, argument, kind, member, group, ...)                                              \
    OPTION_ROW(sim_options, name, argument, OPTION_##kind, member, group, __VA_ARGS__)
#define SECOND(member) .second = offsetof(struct sim_options, member)

static const struct option_row sim_option_rows[] = {
    ROW(NULL, "MODEL.gguf", TEXT, model, SIM_RUN, .required = true),
    ROW("prompt", "TEXT", TEXTS, prompts, SIM_RUN, .letter = 'p', SECOND(prompt_count),
        .most = SIM_PROMPTS, .first = true, .required = true,
        .help = "prompt; repeat it for sequences side by side"),
    ROW("tokens", "N", U32, tokens, SIM_RUN, .letter = 'n', .least = 1, .most = 1u << 20,
        .first = true, .help = "tokens to generate for each prompt"),
    ROW("text", "FILE", TEXT, text, SIM_RUN, .excludes = "prompt tokens",
        .help = "a text as prompt, one token behind it (docs/perplexity.md)"),
    ROW("ids", "N,N...", TEXT, ids, SIM_RUN, .excludes = "prompt text",
        .help = "tokens as prompt, in place of their text"),
    ROW("backend", "NAME", CHOICE, backend, SIM_RUN, .choices = "rtl|golden|float", .first = true,
        .help = "rtl, checked; golden or float: that model alone"),
    ROW("context", "N", U32, context, SIM_RUN, .least = 1, .most = 1u << 20,
        .help = "positions of a sequence (what prompt and tokens need)"),
    ROW("no-reference", NULL, OFF, reference, SIM_RUN, .help = "leave out the float reference"),
    ROW("jobs", "N", U32, jobs, SIM_RUN, .least = 1, .most = 16, .needs = "backend=rtl",
        .excludes = "jitter gaps power-cap token-rate trace timeline commits start-token "
                    "checkpoint resume flip-kv",
        .help = "parts that are simulated at once (docs/parallel.md)"),
    ROW("parts", "FOLDER", TEXT, parts, SIM_RUN, .needs = "jobs",
        .help = "keep parts there, and take those of earlier"),
    ROW("part", "K", U32, part, SIM_RUN, .least = 1, .most = 16, .needs = "parts",
        .help = "simulate that part alone, perhaps on another machine"),
    ROW("threads", "N", U32, threads, SIM_RUN, .least = 1, .most = 256, .needs = "backend=golden",
        .help = "threads that share each matrix (a core each)"),
    ROW("report", "FILE", OUTPUT, report, SIM_RUN, .first = true,
        .help = "write the report as JSON (docs/report.md)"),

    ROW("temp", "T", REAL, sampling.temperature, SIM_SAMPLING, .high = 100, .first = true,
        .help = "temperature; 0 is greedy"),
    ROW("top-k", "K", U32, sampling.top_k, SIM_SAMPLING, .least = 1, .most = SAMPLER_LIST,
        .help = "from the K most probable tokens, 1..64"),
    ROW("top-p", "P", REAL, sampling.top_p, SIM_SAMPLING, .high = 1,
        .help = "from the fewest tokens that reach probability P"),
    ROW("repeat-penalty", "R", REAL, sampling.repeat_penalty, SIM_SAMPLING, .low = 0.1, .high = 10,
        .help = "against the last 64 tokens; 1 is off"),
    ROW("seed", "N", U64, sampling.seed, SIM_SAMPLING, .first = true,
        .help = "of the choice and of the weight memory"),

    ROW("front-door", NULL, FLAG, front_door, SIM_DEVICE, .needs = "backend=rtl",
        .help = "stream the weights through the device's loader, with a checksum"),
    ROW("slots", "N", U32, pass_slots, SIM_DEVICE, .least = 1, .most = 255, .needs = "backend=rtl",
        .help = "prompt tokens to a pass, at most (all slots of the device)"),
    ROW("draft", "N", U32, drafts, SIM_DEVICE, .most = 15, .needs = "backend=rtl",
        .excludes = "jobs start-token checkpoint resume",
        .help = "guess N tokens from the text, for slots that nobody needs (0)"),
    ROW("draft-model", "FILE", TEXT, draft_model, SIM_DEVICE, .needs = "draft",
        .help = "a small model that guesses them, of the same vocabulary (docs/drafts.md)"),
    ROW("latency", "N", U32, memory.latency, SIM_DEVICE, .most = 1u << 20, .needs = "backend=rtl",
        .help = "cycles from a read request to its first beat"),
    ROW("jitter", "N", U32, memory.jitter, SIM_DEVICE, .most = 1u << 20, .needs = "backend=rtl",
        .help = "up to N cycles more for each burst"),
    ROW("gaps", "N", U32, memory.gaps, SIM_DEVICE, .most = 255, .needs = "backend=rtl",
        .help = "cycles without a beat, of 256"),
    ROW("clock", "MHZ", U64, clock_hz, SIM_DEVICE, .least = 1, .most = 100000, .scale = 1000000,
        .help = "clock at which device time is told"),
    ROW("cycle-limit", "N", U64, cycle_limit, SIM_DEVICE, .least = 1, .needs = "backend=rtl",
        .help = "give up after N cycles (many, by the model's size)"),

    ROW("throttle", "MODE", CHOICE, power.throttle, SIM_POWER, .choices = "off|on|hot",
        .first = true, .needs = "backend=rtl",
        .help = "pace by temperature: off, on or hot (begins hot)"),
    ROW("profile", "FILE", TEXT, power.profile, SIM_POWER, .needs = "backend=rtl",
        .help = "energy of events and heat of the body (45 nm)"),
    ROW("power-cap", "MW", U32, power.cap_mw, SIM_POWER, .most = 4000000, .needs = "backend=rtl",
        .help = "slow down towards it, by pace_max at most: no hard bound; 0: none"),
    ROW("token-rate", "R", REAL, power.token_rate, SIM_POWER, .high = 1e9, .needs = "backend=rtl",
        .help = "tokens a second, at most; 0: as many as there are"),
    ROW("power", "DIR", FOLDER, power.folder, SIM_POWER, .needs = "backend=rtl",
        .help = "write CSVs of power, cycles and energy into DIR"),

    ROW("trace", "FILE", OUTPUT, trace, SIM_INSIDE, .needs = "backend=rtl",
        .help = "write an FST, of the whole run or of what the next options choose; takes a build "
                "for tracing, build/CONFIG-trace/lockstep"),
    ROW("token", "N", U32, window.token, SIM_INSIDE, .most = WINDOW_ANY - 1, .needs = "trace",
        .help = "the pass of the token at position N, and in it only"),
    ROW("op", "NAME", TEXT, window.op, SIM_INSIDE, .needs = "trace",
        .help = "an op, by tensor (blk.2.attn_q) or name (ROPE)"),
    ROW("layer", "N", U32, window.layer, SIM_INSIDE, .most = WINDOW_ANY - 1, .needs = "trace",
        .help = "a layer"),
    ROW("cycles", "A:B", U64_PAIR, trace_first, SIM_INSIDE, SECOND(trace_last),
        .most_of_second = UINT64_MAX - 1, .needs = "trace", .excludes = "token op layer trigger",
        .help = "cycles A to B; there the run ends, unless --fail is given"),
    ROW("trigger", "S=V[,S=V]", TEXT, window.trigger, SIM_INSIDE, .needs = "trace",
        .excludes = "token op layer",
        .help = "the moment when signals S have values V; or 'difference'"),
    ROW("before", "N", U64, window.before, SIM_INSIDE, .most = UINT32_MAX, .needs = "trace",
        .help = "cycles added before it"),
    ROW("after", "N", U64, window.after, SIM_INSIDE, .most = UINT32_MAX, .needs = "trace",
        .help = "cycles added behind it"),
    ROW("most", "MB", U64, trace_most, SIM_INSIDE, .most = 1000000, .scale = 1000000,
        .needs = "trace", .help = "the trace ends at a file of about MB megabytes"),
    ROW("fail", "DIR", FOLDER, fail, SIM_INSIDE, .first = true,
        .help = "write what explains a difference or an error into DIR"),
    ROW("timeline", "NAME", OUTPUT, timeline, SIM_INSIDE, .first = true, .needs = "backend=rtl",
        .help = "write NAME.json (Perfetto), NAME.svg, NAME.txt"),
    ROW("commits", "FILE", OUTPUT, commits, SIM_INSIDE, .needs = "backend=rtl",
        .help = "log every committed word"),
    ROW("start-token", "N", U32, start_token, SIM_INSIDE, .most = 1u << 20, .needs = "backend=rtl",
        .help = "let the golden model compute what comes before position N"),
    ROW("checkpoint", "FILE", OUTPUT, checkpoint, SIM_INSIDE, .needs = "backend=rtl",
        .help = "write the state now and then, and at the end"),
    ROW("every", "N", U32, every, SIM_INSIDE, .least = 1, .most = 1u << 20, .needs = "checkpoint",
        .help = "tokens from one checkpoint to the next"),
    ROW("resume", "FILE", TEXT, resume, SIM_INSIDE, .needs = "backend=rtl",
        .help = "go on from a checkpoint, with the same prompt and settings"),

    ROW("flip-weight", "A:B", U64_PAIR, memory.flip_address, SIM_FAULTS, SECOND(memory.flip_bit),
        .most_of_second = 7, .first = true, .needs = "backend=rtl",
        .help = "flip bit B of the file's byte A on its way: a fault"),
    ROW("flip-kv", "W:B", U64_PAIR, flip_kv_word, SIM_FAULTS, SECOND(flip_kv_bit),
        .most_of_second = 516, .needs = "backend=rtl",
        .help = "bit B of word W of the KV SRAM flips after the first token"),
    ROW("port-error", "A", U64, memory.error_address, SIM_FAULTS, .most = UINT64_MAX - 1,
        .needs = "backend=rtl",
        .help = "the read that holds the byte at offset A is answered with an error"),
    ROW("port-hang", "A", U64, memory.hang_address, SIM_FAULTS, .most = UINT64_MAX - 1,
        .needs = "backend=rtl",
        .help = "the read that holds the byte at offset A is never answered"),
    ROW("miscount", "N", U32, miscount, SIM_FAULTS, .least = 1, .most = 1000,
        .needs = "backend=rtl",
        .help = "every op is predicted to take N cycles more than it should"),
};
#undef ROW
#undef SECOND

/* argv[0] is the subcommand. As options_parse(). */
enum options_result sim_options_parse(int argc, char **argv, struct sim_options *options,
                                      const char **topic, struct ls_error *err);

void sim_options_help(const char *topic, FILE *out);

/* The table with them. */
struct options sim_options_table(const struct sim_options *defaults);

#ifdef __cplusplus
}
#endif
#endif
