/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * getopt_long, and numbers that must be numbers.
 */
#include "sim/run/sim_options.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char help_text[] =
    "usage: lockstep sim MODEL.gguf -p TEXT [options]\n"
    "\n"
    "Runs a GGUF model on the Verilog device and compares every word that the device commits\n"
    "with the golden model, bit for bit.\n"
    "\n"
    "  -p, --prompt TEXT       prompt; repeat it to run several sequences side by side\n"
    "  -n, --tokens N          tokens to generate for each prompt (64)\n"
    "      --backend NAME      rtl: the device, checked (default); golden or float: that model "
    "alone\n"
    "      --report FILE       write the report as JSON (docs/report.md)\n"
    "      --context N         positions of a sequence (what prompt and tokens need)\n"
    "\n"
    "choosing tokens\n"
    "      --temp T            temperature; 0 is greedy (0)\n"
    "      --top-k K           from the K most probable tokens, 1..64 (40)\n"
    "      --top-p P           from the fewest tokens that reach probability P (0.95)\n"
    "      --repeat-penalty R  against the last 64 tokens; 1 is off (1)\n"
    "      --seed N            of the choice and of the weight memory (1)\n"
    "\n"
    "the device and its memory\n"
    "      --front-door        stream the weights through the device's loader, with a checksum\n"
    "      --slots N           prompt tokens to a pass, at most (all slots of the device)\n"
    "      --latency N         cycles from a read request to its first beat (40)\n"
    "      --jitter N          up to N cycles more for each burst (0)\n"
    "      --gaps N            cycles without a beat, of 256 (0)\n"
    "      --clock MHZ         clock at which device time is told (500)\n"
    "      --cycle-limit N     give up after N cycles\n"
    "      --no-reference      leave out the float reference\n"
    "\n"
    "energy, heat and self-regulation (docs/power.md)\n"
    "      --throttle MODE     off (default), on, or hot: begins just below the target\n"
    "      --profile FILE      energy of events and heat of the body (45 nm)\n"
    "      --power-cap MW      slow down towards it, by pace_max at most: no hard bound\n"
    "      --token-rate R      tokens a second, at most\n"
    "      --power DIR         write CSVs of power, cycles and energy into DIR\n"
    "\n"
    "looking inside (docs/debugging.md); FSTs need a build for tracing, "
    "build/CONFIG-trace/lockstep\n"
    "      --trace FILE        write an FST, of the whole run or of\n"
    "      --token N             the pass of the token at position N, and in it only\n"
    "      --op NAME             an op, by tensor (blk.2.attn_q) or name (ROPE)\n"
    "      --layer N             a layer\n"
    "      --cycles A:B          cycles A to B; there the run ends, unless --fail is given\n"
    "      --trigger S=V[,S=V]   the moment when signals S have values V; or 'difference'\n"
    "      --before N, --after N cycles added to either side (100)\n"
    "      --most MB             ... but no more than a file of about MB megabytes (40)\n"
    "      --start-token N     let the golden model compute what comes before position N\n"
    "      --checkpoint FILE   write the state every so many tokens, --every N (100), and at the "
    "end\n"
    "      --resume FILE       go on from such a state, with the same prompt and settings\n"
    "      --timeline NAME     write NAME.json (for ui.perfetto.dev), and of the last pass\n"
    "                          NAME.svg, a picture, and NAME.txt, its ops; any build\n"
    "      --commits FILE      log every committed word\n"
    "      --fail DIR          on a difference or an error write into DIR what explains it\n"
    "\n"
    "planted faults, to see the check fail\n"
    "      --flip-weight A:B   bit B of the byte at offset A of the file arrives flipped\n"
    "      --flip-kv W:B       bit B of word W of the KV SRAM flips after the first token\n"
    "      --port-error A      the read that holds the byte at offset A is answered with an error\n"
    "      --port-hang A       ... is never answered\n"
    "      --miscount N        every op is predicted to take N cycles more than it should\n"
    "\n"
    "exit status: 0 all equal, 1 a difference, 2 bad usage or input, 3 device error or time-out\n";

const char *sim_options_help(void) {
    return help_text;
}

static int parse_u64(const char *name, const char *text, uint64_t most, uint64_t *value,
                     struct ls_error *err) {
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    if (*text == '\0' || *text == '-' || *end != '\0' || errno != 0 || *value > most)
        return ls_error_set(err, "--%s: '%s' is not a whole number from 0 to %llu", name, text,
                            (unsigned long long)most);
    return 0;
}

static int parse_u32(const char *name, const char *text, uint32_t most, uint32_t *value,
                     struct ls_error *err) {
    uint64_t wide;
    if (parse_u64(name, text, most, &wide, err) != 0)
        return -1;
    *value = (uint32_t)wide;
    return 0;
}

static int parse_real(const char *name, const char *text, double least, double most, double *value,
                      struct ls_error *err) {
    char *end;
    *value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !isfinite(*value) || *value < least || *value > most)
        return ls_error_set(err, "--%s: '%s' is not a number from %g to %g", name, text, least,
                            most);
    return 0;
}

static int parse_place(const char *name, const char *text, uint64_t *place, uint32_t most_bit,
                       uint32_t *bit, struct ls_error *err) {
    char *end;
    errno = 0;
    *place = strtoull(text, &end, 0);
    if (end == text || *end != ':' || errno != 0)
        return ls_error_set(err, "--%s: '%s' is not ADDRESS:BIT", name, text);
    return parse_u32(name, end + 1, most_bit, bit, err);
}

static int parse_cycles(const char *text, uint64_t *first, uint64_t *last, struct ls_error *err) {
    char *end;
    errno = 0;
    *first = strtoull(text, &end, 0);
    if (end == text || *end != ':' || errno != 0 || *text == '-')
        return ls_error_set(err, "--cycles: '%s' is not FIRST:LAST", text);
    if (parse_u64("cycles", end + 1, UINT64_MAX - 1, last, err) != 0)
        return -1;
    return *first <= *last ? 0 : ls_error_set(err, "--cycles: %s ends before it begins", text);
}

static int parse_backend(const char *text, enum sim_backend *backend, struct ls_error *err) {
    static const char *const names[] = {"rtl", "golden", "float"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *backend = (enum sim_backend)i;
            return 0;
        }
    return ls_error_set(err, "--backend: '%s' is none of rtl, golden, float", text);
}

static int parse_throttle(const char *text, enum sim_throttle *throttle, struct ls_error *err) {
    static const char *const names[] = {"off", "on", "hot"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *throttle = (enum sim_throttle)i;
            return 0;
        }
    return ls_error_set(err, "--throttle: '%s' is none of off, on, hot", text);
}

enum {
    OPT_BACKEND = 256,
    OPT_REPORT,
    OPT_CONTEXT,
    OPT_TEMP,
    OPT_TOP_K,
    OPT_TOP_P,
    OPT_REPEAT,
    OPT_SEED,
    OPT_FRONT,
    OPT_SLOTS,
    OPT_LATENCY,
    OPT_JITTER,
    OPT_GAPS,
    OPT_CLOCK,
    OPT_LIMIT,
    OPT_TRACE,
    OPT_TOKEN,
    OPT_OP,
    OPT_LAYER,
    OPT_CYCLES,
    OPT_TRIGGER,
    OPT_MOST,
    OPT_BEFORE,
    OPT_AFTER,
    OPT_FAIL,
    OPT_START,
    OPT_RESUME,
    OPT_CHECKPOINT,
    OPT_EVERY,
    OPT_COMMITS,
    OPT_TIMELINE,
    OPT_THROTTLE,
    OPT_PROFILE,
    OPT_CAP,
    OPT_RATE,
    OPT_POWER,
    OPT_NO_REFERENCE,
    OPT_FLIP_WEIGHT,
    OPT_FLIP_KV,
    OPT_PORT_ERROR,
    OPT_PORT_HANG,
    OPT_MISCOUNT
};

static const struct option long_options[] = {
    {"prompt", required_argument, NULL, 'p'},
    {"tokens", required_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {"backend", required_argument, NULL, OPT_BACKEND},
    {"report", required_argument, NULL, OPT_REPORT},
    {"context", required_argument, NULL, OPT_CONTEXT},
    {"temp", required_argument, NULL, OPT_TEMP},
    {"top-k", required_argument, NULL, OPT_TOP_K},
    {"top-p", required_argument, NULL, OPT_TOP_P},
    {"repeat-penalty", required_argument, NULL, OPT_REPEAT},
    {"seed", required_argument, NULL, OPT_SEED},
    {"front-door", no_argument, NULL, OPT_FRONT},
    {"slots", required_argument, NULL, OPT_SLOTS},
    {"latency", required_argument, NULL, OPT_LATENCY},
    {"jitter", required_argument, NULL, OPT_JITTER},
    {"gaps", required_argument, NULL, OPT_GAPS},
    {"clock", required_argument, NULL, OPT_CLOCK},
    {"cycle-limit", required_argument, NULL, OPT_LIMIT},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"token", required_argument, NULL, OPT_TOKEN},
    {"op", required_argument, NULL, OPT_OP},
    {"layer", required_argument, NULL, OPT_LAYER},
    {"cycles", required_argument, NULL, OPT_CYCLES},
    {"trigger", required_argument, NULL, OPT_TRIGGER},
    {"most", required_argument, NULL, OPT_MOST},
    {"before", required_argument, NULL, OPT_BEFORE},
    {"after", required_argument, NULL, OPT_AFTER},
    {"fail", required_argument, NULL, OPT_FAIL},
    {"start-token", required_argument, NULL, OPT_START},
    {"resume", required_argument, NULL, OPT_RESUME},
    {"checkpoint", required_argument, NULL, OPT_CHECKPOINT},
    {"every", required_argument, NULL, OPT_EVERY},
    {"commits", required_argument, NULL, OPT_COMMITS},
    {"timeline", required_argument, NULL, OPT_TIMELINE},
    {"throttle", required_argument, NULL, OPT_THROTTLE},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"power-cap", required_argument, NULL, OPT_CAP},
    {"token-rate", required_argument, NULL, OPT_RATE},
    {"power", required_argument, NULL, OPT_POWER},
    {"no-reference", no_argument, NULL, OPT_NO_REFERENCE},
    {"flip-weight", required_argument, NULL, OPT_FLIP_WEIGHT},
    {"flip-kv", required_argument, NULL, OPT_FLIP_KV},
    {"port-error", required_argument, NULL, OPT_PORT_ERROR},
    {"port-hang", required_argument, NULL, OPT_PORT_HANG},
    {"miscount", required_argument, NULL, OPT_MISCOUNT},
    {NULL, 0, NULL, 0}};

static int take_option(struct sim_options *o, int opt, const char *arg, struct ls_error *err) {
    uint64_t wide = 0;
    int bad = 0;
    switch (opt) {
    case 'p':
        if (o->prompt_count == SIM_PROMPTS)
            return ls_error_set(err, "--prompt: at most %d prompts", SIM_PROMPTS);
        o->prompts[o->prompt_count++] = arg;
        return 0;
    case 'h':
        o->help = true;
        return 0;
    case 'n':
        return parse_u32("tokens", arg, 1u << 20, &o->tokens, err);
    case OPT_BACKEND:
        return parse_backend(arg, &o->backend, err);
    case OPT_REPORT:
        o->report = arg;
        return 0;
    case OPT_CONTEXT:
        return parse_u32("context", arg, 1u << 20, &o->context, err);
    case OPT_TEMP:
        return parse_real("temp", arg, 0, 100, &o->sampling.temperature, err);
    case OPT_TOP_K:
        return parse_u32("top-k", arg, SAMPLER_LIST, &o->sampling.top_k, err);
    case OPT_TOP_P:
        return parse_real("top-p", arg, 0, 1, &o->sampling.top_p, err);
    case OPT_REPEAT:
        return parse_real("repeat-penalty", arg, 0.1, 10, &o->sampling.repeat_penalty, err);
    case OPT_SEED:
        bad = parse_u64("seed", arg, UINT64_MAX, &o->sampling.seed, err);
        o->memory.seed = o->sampling.seed;
        return bad;
    case OPT_FRONT:
        o->front_door = true;
        return 0;
    case OPT_SLOTS:
        return parse_u32("slots", arg, 255, &o->pass_slots, err);
    case OPT_LATENCY:
        return parse_u32("latency", arg, 1u << 20, &o->memory.latency, err);
    case OPT_JITTER:
        return parse_u32("jitter", arg, 1u << 20, &o->memory.jitter, err);
    case OPT_GAPS:
        return parse_u32("gaps", arg, 255, &o->memory.gaps, err);
    case OPT_CLOCK:
        bad = parse_u64("clock", arg, 100000, &wide, err);
        o->clock_hz = wide * 1000000;
        return bad;
    case OPT_LIMIT:
        return parse_u64("cycle-limit", arg, UINT64_MAX, &o->cycle_limit, err);
    case OPT_TRACE:
        o->trace = arg;
        return 0;
    case OPT_TOKEN:
        return parse_u32("token", arg, WINDOW_ANY - 1, &o->window.token, err);
    case OPT_OP:
        o->window.op = arg;
        return 0;
    case OPT_LAYER:
        return parse_u32("layer", arg, WINDOW_ANY - 1, &o->window.layer, err);
    case OPT_CYCLES:
        return parse_cycles(arg, &o->trace_first, &o->trace_last, err);
    case OPT_TRIGGER:
        o->window.trigger = arg;
        return 0;
    case OPT_MOST:
        bad = parse_u64("most", arg, 1000000, &wide, err);
        o->trace_most = wide * 1000000;
        return bad;
    case OPT_BEFORE:
        return parse_u64("before", arg, UINT32_MAX, &o->window.before, err);
    case OPT_AFTER:
        return parse_u64("after", arg, UINT32_MAX, &o->window.after, err);
    case OPT_START:
        return parse_u32("start-token", arg, 1u << 20, &o->start_token, err);
    case OPT_RESUME:
        o->resume = arg;
        return 0;
    case OPT_CHECKPOINT:
        o->checkpoint = arg;
        return 0;
    case OPT_EVERY:
        return parse_u32("every", arg, 1u << 20, &o->every, err);
    case OPT_COMMITS:
        o->commits = arg;
        return 0;
    case OPT_TIMELINE:
        o->timeline = arg;
        return 0;
    case OPT_FAIL:
        o->fail = arg;
        return 0;
    case OPT_THROTTLE:
        return parse_throttle(arg, &o->power.throttle, err);
    case OPT_PROFILE:
        o->power.profile = arg;
        return 0;
    case OPT_CAP:
        return parse_u32("power-cap", arg, 4000000, &o->power.cap_mw, err);
    case OPT_RATE:
        return parse_real("token-rate", arg, 0, 1e9, &o->power.token_rate, err);
    case OPT_POWER:
        o->power.folder = arg;
        return 0;
    case OPT_NO_REFERENCE:
        o->reference = false;
        return 0;
    case OPT_FLIP_WEIGHT:
        return parse_place("flip-weight", arg, &o->memory.flip_address, 7, &o->memory.flip_bit,
                           err);
    case OPT_FLIP_KV:
        o->flip_kv = true;
        bad = parse_place("flip-kv", arg, &wide, 516, &o->flip_kv_bit, err);
        o->flip_kv_word = (uint32_t)wide;
        return bad;
    case OPT_PORT_ERROR:
        return parse_u64("port-error", arg, UINT64_MAX - 1, &o->memory.error_address, err);
    case OPT_PORT_HANG:
        return parse_u64("port-hang", arg, UINT64_MAX - 1, &o->memory.hang_address, err);
    case OPT_MISCOUNT:
        return parse_u32("miscount", arg, 1000, &o->miscount, err);
    default:
        return ls_error_set(err, "unknown option or missing value; try 'lockstep sim --help'");
    }
}

/* What does not go together. */
static int check_together(const struct sim_options *o, struct ls_error *err) {
    const bool by_cycles = o->trace_last != UINT64_MAX;
    if ((window_wants(&o->window) || by_cycles) && o->trace == NULL)
        return ls_error_set(err,
                            "--token, --op, --layer, --cycles and --trigger say what goes into "
                            "--trace FILE, which is missing");
    if (window_wants(&o->window) && by_cycles)
        return ls_error_set(err, "--cycles does not go with --token, --op, --layer or --trigger");
    if (o->window.trigger != NULL &&
        (o->window.token != WINDOW_ANY || o->window.op != NULL || o->window.layer != WINDOW_ANY))
        return ls_error_set(err, "--trigger does not go with --token, --op or --layer");
    if ((o->checkpoint != NULL || o->resume != NULL || o->start_token != 0) &&
        (o->prompt_count != 1 || o->backend != SIM_RTL))
        return ls_error_set(err, "--start-token, --checkpoint and --resume go with one prompt and "
                                 "the device");
    if ((o->trace != NULL || o->timeline != NULL || o->commits != NULL) && o->backend != SIM_RTL)
        return ls_error_set(err, "--trace, --timeline and --commits look into the device, which "
                                 "--backend leaves out");
    if (o->backend != SIM_RTL &&
        (o->power.throttle != SIM_THROTTLE_OFF || o->power.profile != NULL ||
         o->power.folder != NULL || o->power.cap_mw != 0 || o->power.token_rate > 0))
        return ls_error_set(err, "--throttle, --profile, --power-cap, --token-rate and --power go "
                                 "with the device, --backend rtl");
    return 0;
}

int sim_options_parse(int argc, char **argv, struct sim_options *o, struct ls_error *err) {
    int opt;
    *o = (struct sim_options){
        .tokens = 64,
        .sampling = {.temperature = 0, .top_k = 40, .top_p = 0.95, .repeat_penalty = 1, .seed = 1},
        .reference = true,
        .memory = weight_mem_defaults(),
        .clock_hz = 500000000,
        .window = window_request_none(),
        .trace_last = UINT64_MAX,
        .trace_most = 40000000,
        .every = 100,
        .arguments = (const char *const *)argv,
        .argument_count = argc,
    };
    opterr = 0;
    optind = 1;
    while ((opt = getopt_long(argc, argv, "p:n:h", long_options, NULL)) != -1)
        if (take_option(o, opt, optarg, err) != 0)
            return -1;
    if (o->help)
        return 0;
    if (optind + 1 != argc)
        return ls_error_set(err, "%s; try 'lockstep sim --help'",
                            optind == argc ? "a model is missing" : "more than one model is named");
    o->model = argv[optind];
    if (o->prompt_count == 0)
        return ls_error_set(err, "a prompt is missing: -p TEXT");
    if (o->tokens == 0)
        return ls_error_set(err, "--tokens: 0 tokens leave nothing to do; ask for 1 or more");
    if (o->sampling.top_k == 0)
        return ls_error_set(err, "--top-k: choose 1 to %d", SAMPLER_LIST);
    if (o->every == 0)
        return ls_error_set(err, "--every: 0 tokens are no distance");
    o->power.clock_hz = o->clock_hz;
    if (o->clock_hz == 0)
        return ls_error_set(err, "--clock: a clock of 0 MHz does not run");
    return check_together(o, err);
}
