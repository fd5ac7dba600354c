#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The library as programs meet it: what `make install` puts down, what can be seen of it, examples
# built against it, two configurations in one process, Python where it is.
#
#   tests/system/test_installed.sh [SCRATCH]       default build/installed; MAKE and CC may be set
set -u
scratch=${1:-build/installed}
checks=0 failures=0
make=${MAKE:-make}
cc=${CC:-cc}
rm -rf "$scratch" && mkdir -p "$scratch" || exit 1
root=$(cd "$scratch" && pwd)

is() { # is WHAT ACTUAL EXPECTED
    checks=$((checks + 1))
    [ "$2" = "$3" ] && return
    failures=$((failures + 1))
    printf '%s:\n%s\nnot\n%s\n' "$1" "$2" "$3"
}
has() { # has WHAT FILE PATTERN
    checks=$((checks + 1))
    grep -q -- "$3" "$2" && return
    failures=$((failures + 1))
    echo "$1: no '$3' in:"
    head -n 5 "$2"
}

for config in small single; do
    env -u MAKEFLAGS -u MAKELEVEL "$make" install CONFIG=$config DESTDIR="$root/dest" PREFIX=/opt/lockstep >"$scratch/install.log" 2>&1
    is "make install CONFIG=$config" "$? $(cat "$scratch/install.log" | grep -v '^compiling\|^verilating')" "0 "
done
odd="/it's \$here"
env -u MAKEFLAGS -u MAKELEVEL "$make" install CONFIG=small DESTDIR="$root/odd" PREFIX="$odd" >"$scratch/odd.log" 2>&1
is "a PREFIX with a quote, a blank and a dollar" "$? $(ls "$root/odd$odd/lib/liblockstep-small.so")" \
    "0 $root/odd$odd/lib/liblockstep-small.so"
env -u MAKEFLAGS -u MAKELEVEL "$make" install CONFIG=small DESTDIR= PREFIX=here >"$scratch/refused.log" 2>&1
is "a PREFIX that is no path from /" "$?" 2
has "a PREFIX that is no path from /" "$scratch/refused.log" 'PREFIX=here'
prefix=$root/dest/opt/lockstep
is "what is installed" "$(cd "$prefix" && find . ! -type d | sort | tr '\n' ' ')" "./bin/lockstep-gguf \
./bin/lockstep-single ./bin/lockstep-small ./include/lockstep.h ./include/lockstep_registers.h \
./lib/liblockstep-single.so ./lib/liblockstep-single.so.1 ./lib/liblockstep-single.so.1.0.0 \
./lib/liblockstep-small.so ./lib/liblockstep-small.so.1 ./lib/liblockstep-small.so.1.0.0 \
./lib/pkgconfig/lockstep-single.pc ./lib/pkgconfig/lockstep-small.pc "

# Outside only what the header declares is seen, all of it with the version.
library=$prefix/lib/liblockstep-small.so
nm -D --defined-only "$library" | awk '$2 != "A" {print $3}' | sort >"$scratch/seen"
grep -o '^LOCKSTEP_API.*\blockstep_[a-z_]*(\|^ *lockstep_[a-z_]*(' "$prefix/include/lockstep.h" |
    sed 's/.*\(lockstep_[a-z_]*\)(/\1@@LOCKSTEP_1/' | sort >"$scratch/declared"
is "symbols against declarations" "$(diff "$scratch/declared" "$scratch/seen")" ""
is "soname" "$(objdump -p "$library" | awk '/SONAME/ {print $2}')" liblockstep-small.so.1
printf 'int f(void) __attribute__((visibility("default")));\nint f(void) { return 1; }\n' >"$scratch/planted.c"
"$cc" -shared -fPIC "$scratch/planted.c" -o "$scratch/planted.so"
is "planted: another symbol" "$(nm -D --defined-only "$scratch/planted.so" | awk '$3 == "f" {print $3}')" f

# The header by itself, in both languages.
for language in "c -std=c99" "c++ -std=c++11"; do
    echo '#include <lockstep.h>' >"$scratch/alone.c"
    # shellcheck disable=SC2086
    "$cc" -x $language -Wall -Wextra -Wpedantic -Werror -I"$prefix/include" -fsyntax-only "$scratch/alone.c"
    is "the header alone as $language" "$?" 0
done

# The flags that pkg-config gives, or would give.
if command -v pkg-config >/dev/null 2>&1; then
    flags=$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --define-variable=prefix="$prefix" --cflags --libs lockstep-small)
    is "flags of a folder with a blank" "$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --define-variable=prefix='/a b' \
        --cflags --libs lockstep-small | sed 's/ *$//')" '-I/a\ b/include -L/a\ b/lib -llockstep-small'
else
    flags="-I$prefix/include -L$prefix/lib -llockstep-small"
    echo "SKIP installed: no pkg-config: its flags are written out"
fi
for example in stream driver; do
    # shellcheck disable=SC2086
    "$cc" -Wall -Wextra -Werror "docs/examples/$example.c" $flags -o "$scratch/$example"
    is "$example.c is built" "$?" 0
done
export LD_LIBRARY_PATH="$prefix/lib"
model=build/tests/models/stories-Q8_0.gguf
story=', there was a clever boy named Jonah. He'
is "stream" "$("$scratch/stream" $model 'Once upon a time' 14 2>&1)" "$story"
is "stream without a model" "$("$scratch/stream" none.gguf a 1 2>&1 >/dev/null)" "none.gguf: No such file or directory"
"$scratch/driver" >"$scratch/driver.log" 2>&1
is "driver" "$?" 0
has "driver" "$scratch/driver.log" '2 lanes, 2 slots, 128-bit port'
has "driver" "$scratch/driver.log" 'checksum as sent'
has "driver" "$scratch/driver.log" 'error [1-9]'
has "driver" "$scratch/driver.log" 'after a soft reset: error 0'

# Two configurations in one process, whose devices take turns.
cat >"$scratch/two.c" <<'END'
#include <dlfcn.h>
#include <lockstep.h>
#include <stdio.h>
#include <string.h>
struct side {
    int (*step)(struct lockstep *);
    struct lockstep *device;
    char text[200];
};
static void show(void *context, const struct lockstep_event *e) {
    struct side *s = context;
    strncat(s->text, e->text, e->text_bytes);
}
static int begin(struct side *s, const char *path, const char *model) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    struct lockstep_request r;
    if (library == NULL)
        return puts(dlerror());
#define GET(name) __typeof__(&lockstep_##name) name = (__typeof__(name))dlsym(library, "lockstep_" #name)
    GET(open); GET(load); GET(submit); GET(request_defaults); GET(configuration); GET(error);
    s->step = (__typeof__(s->step))dlsym(library, "lockstep_step");
    printf("%s\n", configuration());
    s->device = open(NULL, s->text, sizeof s->text);
    if (s->device == NULL || load(s->device, model, NULL) != LOCKSTEP_OK)
        return puts(s->device ? error(s->device) : s->text);
    request_defaults(&r, sizeof r);
    r.text = "Once upon a time";
    r.max_tokens = 14;
    r.on_token = show;
    r.context = s;
    return submit(s->device, &r, NULL);
}
int main(int argc, char **argv) {
    static struct side a, b;
    int going = 3;
    if (argc != 4 || begin(&a, argv[1], argv[3]) != 0 || begin(&b, argv[2], argv[3]) != 0)
        return 1;
    while (going) {
        if ((going & 1) && a.step(a.device) != LOCKSTEP_OK)
            going &= ~1;
        if ((going & 2) && b.step(b.device) != LOCKSTEP_OK)
            going &= ~2;
    }
    printf("%s\n%s\n", a.text, b.text);
    return 0;
}
END
"$cc" -I"$prefix/include" "$scratch/two.c" -ldl -o "$scratch/two"
is "small and single in one process" \
    "$("$scratch/two" "$library" "$prefix/lib/liblockstep-single.so" $model)" \
    "$(printf 'small\nsingle\n%s\n%s' "$story" "$story")"

if command -v python3 >/dev/null 2>&1; then
    is "Python" "$(python3 docs/examples/stream.py "$library" $model 5 'Once upon a time' 'One day' 2>&1 | cut -c 1-60)" \
        "$(printf '[1] 5 tokens: Once upon a time%s\n' "$("$scratch/stream" $model 'Once upon a time' 5)"
           python3 docs/examples/stream.py "$library" $model 5 'One day' | sed 's/^.1/[2/' | cut -c 1-60)"
    is "Python without a model" "$(python3 docs/examples/stream.py "$library" none.gguf 5 a 2>&1)" \
        "none.gguf: No such file or directory"
else
    echo "SKIP installed: no python3"
fi

if [ "$failures" -ne 0 ]; then
    echo "FAIL installed ($failures of $checks checks)"
    exit 1
fi
echo "PASS installed ($checks checks)"
