/* SPDX-License-Identifier: Apache-2.0
 * SPDX-FileCopyrightText: 2026 The Lockstep authors
 *
 * The console as users have it: the session of docs/console.md word for word, every command's line
 * of JSON, failures with their lines, several devices, planted faults that the self-test must find,
 * profiles and pictures that add up, waveforms; at a terminal completion, history and Ctrl-C.
 */
#include <math.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>

#include "csrc/base/utf8.h"
#include "tests/kit/child.h"
#include "tests/kit/host_test.h"

#define PROGRAM "build/small/lockstep"
#define TRACED  "build/small-trace/lockstep"
#define SHIPPED "models/stories-600K-Q8_0.gguf"
#define FOLDER  "build/tests/console"

/* Runs the commands from a file; more: arguments of the program. */
static void console(struct child *c, const char *commands, const char *const *more) {
    const char *args[CHILD_ARGS] = {"console", "--file", FOLDER "/commands"};
    int n = 3;
    FILE *file = fopen(FOLDER "/commands", "w");
    if (file == NULL || fputs(commands, file) < 0 || fclose(file) != 0)
        abort();
    while (*more != NULL)
        args[n++] = *more++;
    child_start(c, PROGRAM, args, false);
    child_wait(c);
}
#define CONSOLE(c, commands, ...) console(c, commands, (const char *const[]){__VA_ARGS__, NULL})

/* Commands and answers of the session in the page. */
static void test_page(struct host_test *t) {
    static const char begin[] = "    $ " PROGRAM " console " SHIPPED "\n", prompt[] = "lockstep> ";
    size_t size;
    char *page = host_read("docs/console.md", &size), *line = strstr(page, begin), *rest;
    char *commands = calloc(1, size), *answers = calloc(1, size);
    struct child c;
    CHECK(t, line != NULL, "no session in the page");
    if (line != NULL) {
        rest = line + strlen(begin);
        while (strncmp(rest, "    ", 4) == 0 && (line = strsep(&rest, "\n")) != NULL) {
            const bool is_command = strncmp(line + 4, prompt, strlen(prompt)) == 0;
            strcat(is_command ? commands : answers, line + 4 + (is_command ? strlen(prompt) : 0));
            strcat(is_command ? commands : answers, "\n");
        }
        CONSOLE(&c, commands, SHIPPED);
        CHECK(t, c.status == 0 && strlen(answers) > 500 && strcmp(c.out, answers) == 0,
              "status %d, %s: the page has\n%s\nand not\n%s", c.status, c.err, answers, c.out);
        child_close(&c);
    }
    free(commands);
    free(answers);
    free(page);
}

static const cJSON *item(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Lines of JSON, [most]; returns how many, or -1 if one is none. */
static int parse(const char *out, cJSON **lines, int most) {
    char *copy = strdup(out), *rest = copy, *line;
    int count = 0;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0' && count >= 0) {
        cJSON *object = utf8_sound(line, strlen(line)) == strlen(line)
                            ? cJSON_ParseWithOpts(line, NULL, 1)
                            : NULL;
        if (count == most || !cJSON_IsObject(object) || !cJSON_IsString(item(object, "command")))
            count = -1;
        else
            lines[count++] = object;
    }
    free(copy);
    return count;
}

/* One line for each command, with these members. */
static void test_json(struct host_test *t) {
    static const struct {
        const char *line, *member;
    } rows[] = {
        {"info", "parameters"},
        {"status", "MODEL_READY"},
        {"config tokens 6", "setting"},
        {"config", "latency"},
        {"profile on", "profile"},
        {"infer a \"b c\" '\xff' \\\"", "text"},
        {"chat hi", "end"},
        {"chat", "forgotten"},
        {"profile", "parts"},
        {"stats", "words_compared"},
        {"bench", "peak_memory_bytes"},
        {"power", "units"},
        {"throttle", "throttled"},
        {"top", "sequences"},
        {"top once", "units"},
        {"trace off", "trace"},
        {"regs", "registers"},
        {"read 0x84", "fields"},
        {"fifo", "IN_LEVEL"},
        {"irq", "irq"},
        {"irq wait 10", "irq"}, /* the last pass raised it */
        {"diag", "tests"},
        {"load two " HOST_TINY, "family"},
        {"models", "models"},
        {"instances main", "instances"},
        {"reset", "reset"},
        {"unload two", "unloaded"},
        {"unload two", "unloaded"},
        {"config typical_p 0.5", "setting"},
        {"infer a", "text"},
        {"config typical_p 1", "setting"},
        {"backend float", "golden_tokens"},
        {"infer a", "text"},
        {"backend golden", "golden_tokens"},
        {"infer a", "text"},
        {"backend", "out"},
        {"help", "commands"},
        {"quit", "command"},
        {"no such command", "never run"},
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    char commands[4096] = "# all\n\n";
    cJSON *lines[ROWS];
    struct child c;
    for (size_t i = 0; i < ROWS; i++) {
        strcat(commands, rows[i].line);
        strcat(commands, "\n");
    }
    CONSOLE(&c, commands, HOST_TINY, "--json");
    const int count = parse(c.out, lines, ROWS);
    CHECK(t, c.status == 0 && count == ROWS - 1, "status %d, %d lines, %s\n%s", c.status, count,
          c.err, c.out);
    for (int i = 0; i < count; i++) {
        CHECK(t, item(lines[i], rows[i].member) != NULL && item(lines[i], "error") == NULL,
              "%s: no %s", rows[i].line, rows[i].member);
        cJSON_Delete(lines[i]);
    }
    child_close(&c);
}

/* What is wrong ends a script at its line, and nothing behind it is run. */
static void test_failures(struct host_test *t) {
    static const struct {
        const char *commands, *error;
    } rows[] = {
        {"status\nnonsense\nstatus\n", "line 2: nonsense: no such command"},
        {"\n# c\nread NOTHING\n", "line 3: NOTHING: no such register"},
        {"read\n", "line 1: read REGISTER"},
        {"status now\n", "line 1: status"},
        {"infer \"a\n", "line 1: a quote has no end"},
        {"load none.gguf\n", "line 1: none.gguf: No such file"},
        {"write CTRL 1\n", "line 1: with a model loaded"},
        {"config tokens -1\n", "line 1: -1: not a number"},
        {"config nothing 1\n", "line 1: config: no setting nothing"},
        {"config latency 0\n", "line 1: latency"},
        {"config draft_model none.gguf\n", "line 1: none.gguf: No such file"},
        {"config temperature 0x\n", "line 1: 0x: not a number"},
        {"config temperature 1000\ninfer a\n", "line 2: temperature: 0 to 100"},
        {"unload\nunload\n", "line 2: main: it has no model, and is the last"},
        {"unload\ninfer a\n", "line 2: no model is loaded"},
        {"profile\n", "line 1: the profile is off"},
        {"profile maybe\n", "line 1: profile: on or off"},
        {"instances x\n", "line 1: x: no such device"},
        {"unload\nirq wait 5\n", "line 2: no interrupt"},
        {"throttle x\n", "line 1: x: none of off, on, hot"},
        {"trace " FOLDER "/x.fst\n", "line 1: " FOLDER "/x.fst: this build has no tracing"},
        {"unload\ntop\n", "line 2: no model is loaded"},
        {"load \xff " HOST_TINY "\n", "line 1: ?: a name has"},
        {"load a\x01 " HOST_TINY "\n", "line 1: a?: a name has"},
    };
    struct child c;
    char many[200] = "infer";
    for (int i = 0; i < 64; i++)
        strcat(many, " a");
    CONSOLE(&c, many, HOST_TINY);
    CHECK(t, c.status == 1 && strstr(c.err, "put the text in quotes") != NULL, "%s", c.err);
    child_close(&c);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CONSOLE(&c, rows[i].commands, HOST_TINY);
        CHECK(t, c.status == 1 && strstr(c.err, rows[i].error) != NULL && child_lines(c.out) <= 3,
              "%s: status %d, %s%s", rows[i].commands, c.status, c.out, c.err);
        child_close(&c);
    }
    CONSOLE(&c, "nonsense\n", HOST_TINY, "--json");
    CHECK(t, c.status == 1 && strstr(c.out, "\"error\":\"nonsense: no such command") != NULL, "%s",
          c.out);
    child_close(&c);
    CONSOLE(&c, "", "none.gguf");
    CHECK(t, c.status == 2 && strstr(c.err, "none.gguf") != NULL, "%d %s", c.status, c.err);
    child_close(&c);
    CONSOLE(&c, "", "--config", "latency");
    CHECK(t, c.status == 2 && strstr(c.err, "NAME=VALUE") != NULL, "%d %s", c.status, c.err);
    child_close(&c);
}

/* Commands that cannot be read are no end of them. */
static void test_unread(struct host_test *t) {
    static const char nul[] = "infer a\0b\n";
    static const struct {
        const char *file, *error;
    } rows[] = {
        {FOLDER "/nul", "line 1: a NUL in the line"},
        {FOLDER, "line 1: " FOLDER ": Is a directory"},
    };
    struct child c;
    FILE *file = fopen(FOLDER "/nul", "w");
    if (file == NULL || fwrite(nul, sizeof nul - 1, 1, file) != 1 || fclose(file) != 0)
        abort();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        child_start(&c, PROGRAM,
                    (const char *const[]){"console", HOST_TINY, "--file", rows[i].file, NULL},
                    false);
        child_wait(&c);
        CHECK(t, c.status == 1 && c.out_size == 0 && strstr(c.err, rows[i].error) != NULL,
              "%s: status %d, %s%s", rows[i].file, c.status, c.out, c.err);
        child_close(&c);
    }
}

/* A setting is told as it is, to the last digit. */
static void test_settings(struct host_test *t) {
    static const char commands[] = "config seed 9007199254740993\nconfig\n";
    struct child c;
    CONSOLE(&c, commands, HOST_TINY, "--json");
    CHECK(t,
          c.status == 0 && strstr(c.out, ",\"seed\":9007199254740993,") != NULL &&
              strstr(c.out, ",\"draft_model\":null,") != NULL,
          "%s", c.out);
    child_close(&c);
    CONSOLE(&c, "config draft_model " HOST_TINY "\nconfig\nconfig draft_model none\nconfig\n",
            HOST_TINY, "--json");
    CHECK(t,
          c.status == 0 && strstr(c.out, ",\"draft_model\":\"" HOST_TINY "\",") != NULL &&
              strstr(c.out, ",\"draft_model\":null,") != NULL,
          "%s%s", c.out, c.err);
    child_close(&c);
    CONSOLE(&c, commands, HOST_TINY);
    CHECK(t, c.status == 0 && strstr(c.out, "  9007199254740993\n") != NULL, "%s", c.out);
    child_close(&c);
}

/* Commands stay with their device when one before it, itself, or one behind it goes. */
static void test_current(struct host_test *t) {
    static const struct {
        const char *chosen, *gone, *then;
    } rows[] = {{"a", "main", "a:"}, {"b", "main", "b:"}, {"a", "b", "a:"}, {"b", "b", "a:"}};
    struct child c;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char commands[400];
        snprintf(commands, sizeof commands,
                 "load a " HOST_TINY "\nload b " HOST_TINY "\ninstances %s\nunload %s\n"
                 "unload %s\nstatus\n",
                 rows[i].chosen, rows[i].gone, rows[i].gone);
        CONSOLE(&c, commands, HOST_TINY);
        const char *status = strstr(c.out, ": BUSY");
        CHECK(t,
              c.status == 0 && status != NULL &&
                  strncmp(status - strlen(rows[i].then) + 1, rows[i].then, strlen(rows[i].then)) ==
                      0,
              "%s, without %s: status %d, %s%s", rows[i].chosen, rows[i].gone, c.status, c.out,
              c.err);
        child_close(&c);
    }
}

/* The result of a self-test; "" if it is not there. */
static const char *result(const cJSON *answer, const char *name) {
    const cJSON *row;
    cJSON_ArrayForEach(row, item(answer, "tests")) {
        if (strcmp(item(row, "test")->valuestring, name) == 0)
            return item(row, "result")->valuestring;
    }
    return "";
}

static void test_diag(struct host_test *t) {
    static const char *const faults[] = {"flip_address", "error_address", "hang_address"};
    struct child c;
    cJSON *lines[4] = {NULL};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        char commands[200];
        snprintf(commands, sizeof commands, "diag\nconfig %s 20000\ndiag\nstatus\n", faults[i]);
        CONSOLE(&c, commands, HOST_TINY, "--json");
        const int count = parse(c.out, lines, 4);
        CHECK(t,
              c.status == 1 && count == 3 && strcmp(result(lines[0], "counters"), "pass") == 0 &&
                  strcmp(result(lines[2], "memory port"), "pass") == 0 &&
                  strcmp(result(lines[2], "token"), "FAIL") == 0 &&
                  strcmp(result(lines[2], "counters"), "") == 0 && item(lines[2], "error") != NULL,
              "%s: status %d, %d lines, %s%s", faults[i], c.status, count, c.out, c.err);
        while (count > 0 && lines[0] != NULL)
            for (int k = 0; k < 4; k++) {
                cJSON_Delete(lines[k]);
                lines[k] = NULL;
            }
        child_close(&c);
    }
}

/* Each part of the profile has its cycles, and together they are those that went by. */
static void test_profile(struct host_test *t) {
    struct child c;
    cJSON *lines[6];
    const cJSON *row;
    double sum = 0, layers = 0;
    int parts = 0;
    CONSOLE(&c, "config tokens 5\nprofile on\nstats\ninfer once\nprofile\nstats\n", HOST_TINY,
            "--json", "--config", "drafts=1,draft_model=" HOST_TINY);
    if (parse(c.out, lines, 6) != 6) {
        CHECK(t, false, "%s%s", c.out, c.err);
        return;
    }
    cJSON_ArrayForEach(row, item(lines[4], "parts")) {
        const char *name = item(row, "part")->valuestring;
        const double cycles = item(row, "cycles")->valuedouble;
        const bool of_host = strstr(name, "tokenise") != NULL || strcmp(name, "draft") == 0;
        CHECK(t, item(row, "count")->valuedouble > 0 && (cycles > 0) != of_host, "%s", name);
        CHECK(t, item(row, "host_s")->valuedouble > 0, "%s", name);
        sum += cycles;
        layers += strncmp(name, "layer", 5) == 0;
        parts++;
    }
    const double before = item(lines[2], "simulated_cycles")->valuedouble,
                 after = item(lines[5], "simulated_cycles")->valuedouble;
    /* looking at the counters takes some, too */
    CHECK(t, layers == 2 && parts == 10 && sum < after - before && sum > after - before - 1000,
          "%d parts, %.0f of %.0f cycles", parts, sum, after - before);
    CHECK(t,
          item(lines[5], "drafts_taken")->valuedouble == 2 &&
              item(lines[5], "drafts")->valuedouble == 2,
          "drafts of 5 tokens: %s", c.out);
    for (int i = 0; i < 6; i++)
        cJSON_Delete(lines[i]);
    child_close(&c);
}

static void test_throttle(struct host_test *t) {
    struct child c;
    cJSON *lines[3];
    CONSOLE(&c, "throttle hot\ninfer Once\nthrottle\n", SHIPPED, "--json", "--config", "tokens=6");
    const int count = parse(c.out, lines, 3);
    CHECK(t,
          c.status == 0 && count == 3 && item(lines[2], "pace")->valuedouble > 0 &&
              item(lines[2], "temperature_c")->valuedouble > 60,
          "status %d: %s%s", c.status, c.out, c.err);
    for (int i = 0; i < count; i++)
        cJSON_Delete(lines[i]);
    child_close(&c);
}

static double sum_of(const cJSON *rows, const char *member) {
    const cJSON *row;
    double sum = 0;
    cJSON_ArrayForEach(row, rows) {
        sum += item(row, member)->valuedouble;
    }
    return sum;
}

/* What top shows is what other commands tell, and of the request that it ran. */
static void test_top(struct host_test *t) {
    struct child c;
    cJSON *lines[5];
    CONSOLE(&c, "top\ntop once\nstats\npower\ntop\n", HOST_TINY, "--json", "--config", "tokens=5");
    const int count = parse(c.out, lines, 5);
    CHECK(t, c.status == 0 && count == 5, "status %d: %s%s", c.status, c.out, c.err);
    if (count == 5) {
        const cJSON *top = lines[1], *sequence = item(top, "sequences")->child;
        CHECK(t, fabs(sum_of(item(top, "classes"), "percent") - 100) < 1e-6, "%s", c.out);
        CHECK(t, fabs(sum_of(item(top, "units"), "percent") - 100) < 1e-6, "%s", c.out);
        CHECK(t,
              item(sequence, "generated")->valuedouble == 5 ||
                  item(top, "tokens")->valuedouble == 5,
              "%s", c.out);
        CHECK(t,
              item(top, "words_compared")->valuedouble ==
                      item(lines[2], "words_compared")->valuedouble &&
                  item(top, "words_compared")->valuedouble > 1000,
              "%s", c.out);
        CHECK(t,
              sum_of(item(top, "units"), "energy_uj") > 0 &&
                  sum_of(item(lines[0], "units"), "energy_uj") +
                          sum_of(item(top, "units"), "energy_uj") <=
                      sum_of(item(lines[3], "units"), "energy_uj"),
              "%s", c.out);
        CHECK(t,
              sum_of(item(lines[4], "units"), "energy_uj") <
                  sum_of(item(top, "units"), "energy_uj") / 2,
              "nothing ran since: %s", c.out);
    }
    for (int i = 0; i < count; i++)
        cJSON_Delete(lines[i]);
    child_close(&c);
    CONSOLE(&c, "top once\n", HOST_TINY, "--config", "tokens=5");
    CHECK(t,
          c.status == 0 && strstr(c.out, "\nsequence  request") != NULL &&
              strchr(c.out, 27) == NULL,
          "no plain picture: %s", c.out);
    child_close(&c);
}

/* A waveform from `trace FILE` to `trace off`; of one device at a time. */
static void test_trace(struct host_test *t) {
    static const char commands[] =
        "trace " FOLDER "/wave.fst\ninfer once\ntrace\nload two " HOST_TINY
        "\ntrace off\ninstances main\ntrace off\ninfer once\n"
        "trace " FOLDER "/more.fst\ninstances two\ntrace x.fst\n";
    static const char header[] = {0, 0, 0, 0, 0, 0, 0, 1, 0x49}; /* of an FST */
    struct child c;
    size_t size = 0;
    const char *args[] = {"console",  HOST_TINY,  "--file", FOLDER "/commands",
                          "--config", "tokens=2", NULL};
    FILE *file = fopen(FOLDER "/commands", "w");
    unlink(FOLDER "/wave.fst");
    unlink(FOLDER "/more.fst");
    if (file == NULL || fputs(commands, file) < 0 || fclose(file) != 0)
        abort();
    child_start(&c, TRACED, args, false);
    child_wait(&c);
    CHECK(t, c.status == 1 && strstr(c.err, "line 11: trace: main is traced") != NULL, "%d %s%s",
          c.status, c.out, c.err);
    CHECK(t, strstr(c.out, "trace  " FOLDER "/wave.fst") != NULL, "%s", c.out);
    char *wave =
        access(FOLDER "/wave.fst", R_OK) == 0 ? host_read(FOLDER "/wave.fst", &size) : NULL;
    CHECK(t, size > 10000 && memcmp(wave, header, sizeof header) == 0, "no waveform, %zu bytes",
          size);
    free(wave);
    CHECK(t, access(FOLDER "/more.fst", R_OK) == 0, "the end of the device is not its end");
    child_close(&c);
}

/* ---- at a terminal ---- */

struct terminal {
    int fd;
    pid_t pid;
    char seen[65536];
    size_t size;
};

static void type(struct terminal *m, const char *text) {
    if (write(m->fd, text, strlen(text)) < 0)
        abort();
}

/* Waits until `text` comes behind what was seen before; false: not in time. */
static bool comes(struct terminal *m, const char *text) {
    for (int i = 0; i < 600; i++) {
        char *at = strstr(m->seen, text);
        if (at != NULL) {
            memset(m->seen, ' ', (size_t)(at - m->seen) + strlen(text));
            return true;
        }
        struct timeval wait = {.tv_usec = 100000};
        fd_set set;
        FD_ZERO(&set);
        FD_SET(m->fd, &set);
        if (select(m->fd + 1, &set, NULL, NULL, &wait) > 0) {
            const ssize_t n = read(m->fd, m->seen + m->size, sizeof m->seen - 1 - m->size);
            if (n <= 0)
                return false;
            m->size += (size_t)n;
            m->seen[m->size] = '\0';
        }
    }
    return false;
}

/* The prompt comes, and with it raw mode, which libedit sets a moment later: a ^D before that would
 * be the end of a line of the terminal's own. */
static bool prompts(struct terminal *m) {
    struct termios now;
    if (!comes(m, "lockstep> "))
        return false;
    for (int i = 0; i < 1000; i++) {
        if (tcgetattr(m->fd, &now) == 0 && (now.c_lflag & ICANON) == 0)
            return true;
        usleep(10000);
    }
    return false;
}

static int start(struct terminal *m, const char *kind, const char *model) {
    *m = (struct terminal){0};
    m->pid = forkpty(&m->fd, NULL, NULL, NULL);
    if (m->pid == 0) {
        setenv("HOME", FOLDER, 1);
        setenv("TERM", kind, 1);
        execl(PROGRAM, PROGRAM, "console", model, (char *)NULL);
        _exit(127);
    }
    return m->pid < 0 ? -1 : 0;
}

static int end(struct terminal *m) {
    int status = -1;
    for (int i = 0; i < 300 && waitpid(m->pid, &status, WNOHANG) == 0; i++)
        usleep(100000);
    if (status == -1) {
        kill(m->pid, SIGKILL);
        waitpid(m->pid, NULL, 0);
    }
    close(m->fd);
    return status;
}

static void test_terminal(struct host_test *t) {
    static struct terminal m;
    unlink(FOLDER "/.lockstep_history");
    CHECK(t, start(&m, "dumb", SHIPPED) == 0 && prompts(&m), "no prompt");
    type(&m, "sta\t\t");
    CHECK(t, comes(&m, "status  stats"), "commands: %s", m.seen);
    type(&m, "\x15"
             "statu\t\n"); /* ^U empties the line */
    CHECK(t, comes(&m, "MODEL_READY=1") && prompts(&m), "status: %s", m.seen);
    type(&m, "read CONTEXT_M\t\n");
    CHECK(t, comes(&m, "0x00000400") && prompts(&m), "a register: %s", m.seen);
    type(&m, "load tiny build/tests/models/tin\t\n");
    CHECK(t, comes(&m, "tiny.gguf") && comes(&m, "chatml") && prompts(&m), "a file: %s", m.seen);
    type(&m, "instances ma\t\n");
    CHECK(t, comes(&m, "main  yes") && prompts(&m), "a device: %s", m.seen);
    type(&m, "nonsense\n");
    CHECK(t, comes(&m, "no such command") && prompts(&m), "it ends: %s", m.seen);
    type(&m, "infer Once upon a time\n");
    CHECK(t, comes(&m, "there was"), "no text: %s", m.seen);
    type(&m, "\x03");
    CHECK(t, comes(&m, "interrupted") && prompts(&m), "Ctrl-C: %s", m.seen);
    type(&m, "irq wait\n");
    CHECK(t, comes(&m, "cycle"), "irq: %s", m.seen); /* of the last pass */
    type(&m, "\x03"
             "config tokens 3\ninfer Once upon a time\n");
    CHECK(t, comes(&m, ", there was") && prompts(&m), "behind Ctrl-C: %s", m.seen);
    type(&m, "quit\n");
    CHECK(t, end(&m) == 0, "quit");
    CHECK(t, start(&m, "dumb", HOST_TINY) == 0 && prompts(&m), "no prompt");
    type(&m, "\x10\x10\x10\n"); /* ^P: quit, infer, config */
    CHECK(t, comes(&m, "setting") && prompts(&m), "history: %s", m.seen);
    type(&m, "\x04");
    CHECK(t, end(&m) == 0, "the end of input");
    CHECK(t, start(&m, "xterm", SHIPPED) == 0 && prompts(&m), "no prompt");
    type(&m, "config tokens 8\ntop Once upon a time\n");
    CHECK(t,
          comes(&m, "\033[?1049h") && comes(&m, "\033[Hclass") && comes(&m, "\033[J") &&
              comes(&m, "\033[Hclass") && comes(&m, "\033[?1049l") && prompts(&m),
          "top: %s", m.seen);
    type(&m, "quit\n");
    CHECK(t, end(&m) == 0, "quit");
}

int main(void) {
    struct host_test t = {"console", 0, 0};
    host_folder(&t);
    setenv("HOME", FOLDER, 1);
    test_page(&t);
    test_json(&t);
    test_failures(&t);
    test_unread(&t);
    test_current(&t);
    test_settings(&t);
    test_diag(&t);
    test_profile(&t);
    test_throttle(&t);
    test_top(&t);
    test_trace(&t);
    test_terminal(&t);
    return host_test_finish(&t);
}
