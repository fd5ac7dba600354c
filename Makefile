# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `make` prints what there is. Everything is built under build/; CONFIG chooses the device
# (scripts/configs.mk), V=1 shows the commands.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory $(if $(V),,--silent)
Q := $(if $(V),,@)

include scripts/configs.mk scripts/typed.mk

ifneq ($(words $(CURDIR)),1)
  $(error make cannot work in '$(CURDIR)': its name has a blank; move the folder to one without)
endif
ifneq ($(word 2,$(MAKECMDGOALS)),)
# Several goals are made one after the other, as named; each of them in parallel inside. So whatever
# goals share (packages, objects, build/fail) is made by one at a time, with any -j.
.NOTPARALLEL:
.PHONY: $(sort $(MAKECMDGOALS))
$(sort $(MAKECMDGOALS)):
	+$(Q)$(MAKE) $@
else

.DELETE_ON_ERROR:
.SECONDARY:

# ---- tools: looked up when used, because `deps` may just have installed them ----
CC = $(shell scripts/find_tool cc)
CXX = $(shell scripts/find_tool c++)
CLANG_FORMAT = $(shell scripts/find_tool clang-format)
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
  -Wmissing-prototypes -Werror
# clang 19 warns of processors with AVX10 that one of their features brings another
NATIVE := -march=native -Wno-unknown-warning-option -Wno-invalid-feature-combination
CFLAGS := -O3 $(NATIVE) -ffp-contract=off -g
SHARED := -fPIC -fvisibility=hidden
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -I. $(WARNINGS) $(CFLAGS) $(SHARED) -MMD -MP
CXXFLAGS := $(NATIVE)
LIBS := -lopenblas -lcjson -lpcre2-8 -lz -lm -lpthread

GGUF_PACKAGES := clang-19 libopenblas-dev libcjson-dev libpcre2-dev zlib1g-dev
BUILD_PACKAGES := verilator g++ libmicrohttpd-dev libedit-dev $(GGUF_PACKAGES)
TEST_PACKAGES := $(BUILD_PACKAGES) libclang-rt-19-dev iverilog yosys z3 clang-format-19 \
  gtkwave gnuplot-nox xvfb xauth procps munge slurmctld slurmd slurm-client

# ---- sources: what lies in a folder belongs to it ----
HOST_C := $(filter-out csrc/app/% csrc/console/% csrc/server/%,$(wildcard csrc/*/*.c)) $(wildcard firmware/*.c generated/*.c)
SIM_C := $(filter-out %/configuration.c,$(wildcard sim/*/*.c)) csrc/app/sim_options.c csrc/app/serve_options.c csrc/app/console_options.c
GGUF_C := $(filter-out gguf_tools/main.c,$(wildcard gguf_tools/*.c gguf_tools/*/*.c))
RTL := $(wildcard rtl/*.v rtl/*/*.v)
RTL_HEADERS := $(wildcard rtl/*.vh rtl/*/*.vh generated/*.vh)
objects = $(patsubst %.c,build/obj/%.o,$(1))

##@ Use
.PHONY: help sim farm
help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z_-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nMODEL=file.gguf PROMPT="text" N=tokens CONFIG=%s THROTTLE=off|on|hot JOBS=n ASSERT=1 ARGS="..."\n' \
	  "$(subst $() ,|,$(CONFIGS))"
	@echo 'ARGS: --profile, --power-cap, --token-rate and the others of build/lockstep sim --help all;'
	@echo "blanks separate words, quotes and \\ hold them together as in a shell; nothing else is special"

# With ASSERT=1 the device checks the properties of its modules, too (docs/debugging.md, Assertions).
DEVICE = $(CONFIG)$(if $(filter 1,$(ASSERT)),-assert)
sim: deps ## run a model on the device, every word checked
	$(Q)$(MAKE) -j2 build/$(DEVICE)/lockstep \
	  $(if $(filter default,$(DEVICE)),build/lockstep)
	@mkdir -p build/sim && rm -rf build/fail
	$(Q)scripts/sim build/$(DEVICE)/lockstep -n $(if $(filter file,$(origin N)),200,"$$TYPED_N") \
	  --throttle "$$TYPED_THROTTLE" $(if $(value JOBS),--jobs "$$TYPED_JOBS") \
	  --report build/sim/report.json --fail build/fail \
	  || SECOND="$$TYPED_SECOND" MAKE="$(MAKE)" scripts/look_inside $$? build/fail \
	  build/$(DEVICE)-trace/lockstep

farm: deps ## the same in JOBS parts on the nodes of a Slurm cluster: docs/parallel.md
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep
	$(Q)JOBS="$$TYPED_JOBS" scripts/farm build/farm build/$(CONFIG)/lockstep -n "$$TYPED_N" --throttle "$$TYPED_THROTTLE"

##@ Develop
.PHONY: build tune test lint regress mutate mutate-rtl upsets coverage coverage-rtl coverage-points coverage-c abuse starve fuzz soak format generate bench bench-shapes page-shots clients clean deps test-deps
build: deps ## build the programs: build/lockstep, build/gguf
	$(Q)$(MAKE) -j2 build/lockstep build/gguf

# A second build of the device counts what runs; the profile it leaves in build/CONFIG serves all
# builds of that configuration from then on. What has changed since is compiled without.
tune: deps ## build CONFIG's program by a profile of a run of MODEL: docs/benchmarks.md
	$(Q)scripts/install_packages llvm-19
	@case "$(CXX)" in clang++*) ;; *) echo "make tune needs clang, not $(CXX)"; exit 1 ;; esac
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep
	@rm -rf build/$(CONFIG)-tune && mkdir -p build/$(CONFIG)-tune/gen
	@cp build/$(CONFIG)/gen/*.cpp build/$(CONFIG)/gen/*.h build/$(CONFIG)/gen/*.mk build/$(CONFIG)-tune/gen
	$(Q)$(MAKE) -j2 -f scripts/verilated.mk DIR=build/$(CONFIG)-tune PORTS=$(abspath $(DEVICE_PORTS)) CXX="$(CXX)" \
	  CXXFLAGS="$(CXXFLAGS) $(SHARED) -fprofile-instr-generate" build/$(CONFIG)-tune/lib.a
	$(Q)$(MAKE) LIBS="$(LIBS) -fprofile-instr-generate" build/$(CONFIG)-tune/lockstep
	$(Q)LLVM_PROFILE_FILE=build/$(CONFIG)-tune/device.profraw build/$(CONFIG)-tune/lockstep sim "$$TYPED_MODEL" \
	  -p "Once upon a time" -n 12 --no-reference > build/$(CONFIG)-tune/sim.log 2>&1 || { cat build/$(CONFIG)-tune/sim.log; exit 1; }
	$(Q)$(subst clang++,llvm-profdata,$(CXX)) merge -o build/$(CONFIG)/device.profdata build/$(CONFIG)-tune/device.profraw
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep

test: test-deps ## everything that CI runs
	$(Q)$(MAKE) -j2 test-programs
	$(Q)scripts/run_tests

lint: test-deps ## Verilator, Icarus, Yosys and gcc accept everything
	$(Q)CLANG_FORMAT="$(CLANG_FORMAT)" scripts/lint

regress: deps ## many runs side by side, SUITE=smoke|full|nightly: docs/regression.md
	$(Q)MAKE="$(MAKE)" JOBS="$$TYPED_JOBS" FILTER="$$TYPED_FILTER" scripts/regress/run

mutate: deps ## plant small faults in C sources, FILTER= COUNT= SEED=: docs/verification.md
	$(Q)MAKE="$(MAKE)" COMPILE="$(CC) $(filter-out -g -I. -MMD -MP $(WARNINGS),$(ALL_CFLAGS)) -w" LINK="$(CXX)" \
	  LIBS="$(LIBS)" WITH_DEVICE="$(WITH_DEVICE)" JOBS="$$TYPED_JOBS" FILTER="$$TYPED_FILTER" scripts/mutate/run

mutate-rtl: deps ## plant small faults in the RTL, FILTER= COUNT= SEED=: docs/verification.md
	$(Q)MAKE="$(MAKE)" JOBS="$$TYPED_JOBS" FILTER="$$TYPED_FILTER" scripts/mutate/rtl

upsets: deps ## turn bits of the device at random times, COUNT= SEED=: docs/verification.md
	$(Q)MAKE="$(MAKE)" JOBS="$$TYPED_JOBS" scripts/mutate/upsets

coverage: deps ## what runs meet: lines and bits of rtl/, cover points, lines of C: docs/verification.md
	$(Q)MAKE="$(MAKE)" LIBS="$(LIBS)" JOBS="$$TYPED_JOBS" FILTER="$$TYPED_FILTER" scripts/coverage/all

coverage-rtl coverage-points coverage-c: deps
	$(Q)MAKE="$(MAKE)" LIBS="$(LIBS)" JOBS="$$TYPED_JOBS" FILTER="$$TYPED_FILTER" scripts/coverage/$(@:coverage-%=%)

abuse: test-deps ## random accesses at any time, resets, a lawless port: COUNT= episodes, SEED=
	$(Q)$(MAKE) -j2 build/tests/test_abuse
	$(Q)build/tests/test_abuse episodes=$${COUNT:-2000} seed=$${SEED:-1}

starve: test-deps ## each allocation of each command fails once: docs/verification.md
	$(Q)$(MAKE) -j2 build/small/lockstep build/gguf $(T)/no_memory.so $(T)/test_serve_memory
	$(Q)$(NO_MEMORY)
	$(Q)$(T)/test_serve_memory most=1000

fuzz: test-deps ## any bytes into every reader of foreign files, ten minutes each
	$(Q)$(MAKE) -j2 $(FUZZERS:%=build/fuzz/fuzz_%)
	$(Q)for f in $(FUZZERS); do \
	  tests/fuzz/run $$f -max_total_time=600 $(FUZZ_LIMITS) || exit 1; done

soak: test-deps ## 100,000 tokens of nine models on two devices, and 1,000 requests of 64 clients
	$(Q)$(MAKE) -j2 build/small/lockstep build/gguf build/tests/test_soak build/tests/test_soak_4 build/tests/test_serve_load
	$(Q)scripts/soak build/soak
	$(Q)build/tests/test_serve_load requests=1000 clients=64

format: test-deps ## format the C sources
	$(Q)git ls-files '*.[ch]' '*.cpp' | xargs $(CLANG_FORMAT) -i

generate: ## everything that repeats device.txt
	$(Q)scripts/describe/generate

bench: deps ## speed of simulation and of the device
	$(Q)$(MAKE) -j2 build/default/lockstep build/bare/lockstep build/large/lockstep build/gguf
	$(Q)scripts/bench

bench-shapes: deps ## the shapes of known models on CONFIG=large: cycles, port, memory (20 minutes, 9 GB)
	$(Q)$(MAKE) -j2 build/large/lockstep build/gguf
	$(Q)scripts/bench_shapes

page-shots: deps ## pictures of the server's live page in build/page/, taken of Chromium (docs/server.md)
	$(Q)scripts/install_packages chromium chromium-driver curl
	$(Q)$(MAKE) -j2 build/small/lockstep
	$(Q)scripts/page_shots build/small/lockstep "$$TYPED_MODEL" build/page

clients: deps ## OpenAI's JavaScript and Python clients against the server, those that are there
	$(Q)$(MAKE) -j2 build/small/lockstep
	$(Q)scripts/clients build/small/lockstep "$$TYPED_MODEL" build/clients

clean: ## remove build/
	rm -rf build

deps:
	$(Q)scripts/install_packages $(BUILD_PACKAGES)

test-deps:
	$(Q)scripts/install_packages $(TEST_PACKAGES)

# ---- a changed flag rebuilds what it must ----
FLAGS_NOW = $(CC) $(CXX) $(ALL_CFLAGS) $(CXXFLAGS)
build/flags: FORCE
	@mkdir -p build
	@echo '$(FLAGS_NOW)' | cmp -s - $@ || echo '$(FLAGS_NOW)' > $@
.PHONY: FORCE

# ---- C ----
build/obj/%.o: %.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@
-include $(wildcard build/obj/*/*.d build/obj/*/*/*.d)

build/libhost.a: $(call objects,$(filter-out $(SIM_C),$(HOST_C)))
	$(Q)rm -f $@ && ar rcs $@ $^

build/libsim.a: $(call objects,$(SIM_C))
	$(Q)rm -f $@ && ar rcs $@ $^

build/obj/csrc/server/page.o: csrc/server/page.html

build/libserver.a: $(call objects,$(wildcard csrc/server/*.c))
	$(Q)rm -f $@ && ar rcs $@ $^

build/libconsole.a: $(call objects,$(wildcard csrc/console/*.c))
	$(Q)rm -f $@ && ar rcs $@ $^

build/libgguf.a: $(call objects,$(GGUF_C))
	$(Q)rm -f $@ && ar rcs $@ $^

build/gguf: build/obj/gguf_tools/main.o build/libgguf.a build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

include scripts/verilate.mk scripts/library.mk

build/%/lockstep: build/obj/csrc/app/lockstep.o build/obj/csrc/app/serve.o build/obj/csrc/app/perplexity.o \
  build/obj/csrc/app/console_main.o build/%/configuration.o build/libconsole.a build/libserver.a \
  build/libsim.a build/libhost.a build/%/lib.a
	$(Q)$(CXX) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LIBS) -lmicrohttpd -ledit -o $@

build/lockstep: build/default/lockstep
	$(Q)ln -sf default/lockstep $@

include scripts/power.mk waves/waves.mk gguf_tools/model.mk formal/formal.mk tests/tests.mk

endif # one goal
