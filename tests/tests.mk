# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What `make test` builds and runs. build/tests/list has a line a test: its name, then its command;
# scripts/run_tests runs them side by side, so the longest stand first. A test is named as its
# file is: tests/unit/test_NAME.c, or .sh; what it writes lies in build/tests/NAME, and nothing that
# another one writes does.

T := build/tests
EMPTY :=
# $(call test,name,command): a line of the list
test = $(eval LIST_OF_TESTS += $(1)|$(subst $(EMPTY) ,?,$(2)))

# ---- host programs: parts of the host (unit/), and programs as users run them (system/) ----
UNIT_TESTS := $(patsubst tests/unit/test_%.c,%,$(filter-out %/test_tables.c,$(wildcard tests/unit/test_*.c)))
SYSTEM_TESTS := $(patsubst tests/system/test_%.c,%,$(wildcard tests/system/test_*.c))
WITH_DEVICE := analysis clocks device draft_model drafts engine fallback library options passes perplexity power_check recover \
  reset schedule soak suspect suspect_matrix whole
HOST_TESTS := $(filter-out $(WITH_DEVICE),$(UNIT_TESTS) $(SYSTEM_TESTS))
TEST_LIBRARIES := build/libserver.a build/libgguf.a build/libsim.a build/libhost.a
# what tests run on: the shipped model in each type, and one of random weights with an output matrix
TEST_MODELS := $(patsubst %,$(T)/models/stories-%.gguf,F32 F16 Q8_0 Q4_0) \
  $(patsubst %,$(T)/models/made-%.gguf,F32 F16 Q4_0) $(patsubst %,$(T)/models/%.gguf,tiny rough other)
$(T)/models/stories-%.gguf: $(SHIPPED) build/gguf
	@mkdir -p $(@D)
	$(Q)build/gguf quantize $< $@ $* > /dev/null
$(T)/models/made-%.gguf: build/gguf
	@mkdir -p $(@D)
	$(Q)build/gguf make $@ --type $* --context 512 > /dev/null

$(T)/models/tiny.gguf: TINY := --seed 1
$(T)/models/other.gguf: TINY := --seed 2
$(T)/models/tiny.gguf $(T)/models/other.gguf: build/gguf
	@mkdir -p $(@D)
	$(Q)build/gguf make $@ --dim 32 --hidden 32 --layers 2 --heads 2 --kv-heads 1 --vocab 260 \
	  --context 64 $(TINY) > /dev/null
$(T)/models/rough.gguf: $(T)/models/tiny.gguf build/gguf
	$(Q)build/gguf quantize $< $@ MXFP4 > /dev/null

define host_test
$(T)/test_$(1): $(patsubst %.c,build/obj/%.o,$(wildcard tests/unit/test_$(1).c tests/system/test_$(1).c)) \
  $(TEST_LIBRARIES) $(2) | $(TEST_MODELS)
	@mkdir -p $$(@D)
	$$(Q)$$(CXX) $$^ $$(LIBS) -o $$@
endef
$(foreach t,$(HOST_TESTS),$(eval $(call host_test,$(t),)))
$(foreach t,$(WITH_DEVICE),$(eval $(call host_test,$(t),build/small/lib.a build/small/configuration.o)))

# of four slots, where several sequences leave some
FOUR_SLOTS := drafts draft_model soak
$(FOUR_SLOTS:%=$(T)/test_%_4): $(T)/test_%_4: build/obj/tests/system/test_%.o $(TEST_LIBRARIES) \
  build/default/lib.a build/default/configuration.o | $(TEST_MODELS)
	$(Q)$(CXX) $^ $(LIBS) -o $@

$(T)/gen_tables: build/obj/scripts/gen_tables.o
	@mkdir -p $(@D)
	$(Q)$(CC) $^ -o $@
$(T)/test_tables: build/obj/tests/unit/test_tables.o
	@mkdir -p $(@D)
	$(Q)$(CC) $^ -o $@

# ---- units of the device; a Verilated bench of its own each ----
WEIGHT2 := LANES=2 SLOTS=2 PORT_BITS=128 CHANNELS=1 VLANES=4 ACT_BITS=16 VEC_WORDS=4096 BEATS=32 TAGW=32
WEIGHT4 := LANES=4 SLOTS=2 PORT_BITS=512 CHANNELS=2 VLANES=4 ACT_BITS=16 VEC_WORDS=4096 BEATS=32 TAGW=32
WEIGHT8 := LANES=8 SLOTS=4 PORT_BITS=1024 CHANNELS=4 VLANES=8 ACT_BITS=16 VEC_WORDS=4096 BEATS=64 TAGW=10
WEIGHT16 := LANES=16 SLOTS=2 PORT_BITS=2048 CHANNELS=2 VLANES=8 ACT_BITS=16 VEC_WORDS=4096 BEATS=64 TAGW=10
WEIGHT64 := LANES=64 SLOTS=1 PORT_BITS=8192 CHANNELS=8 VLANES=8 ACT_BITS=16 VEC_WORDS=8192 BEATS=64 TAGW=10
# $(call bench,name,top,extra source,ports,parameters,programs,modules): the first one is the test;
# modules with faults to switch on (tests/rtl/faults/)
SPOILED := $(patsubst tests/rtl/faults/%.sed,%,$(wildcard tests/rtl/faults/*.sed))
$(foreach m,$(SPOILED),$(eval $(call spoiled,$(m),tests/rtl/faults/$(m).sed,$(T)/faults/$(m).v)))
define bench
$(eval $(call verilate,tests/$(1),$(2),$(3) $(filter-out $(foreach m,$(7),%/$(m).v),$(RTL)) $(7:%=$(T)/faults/%.v),tests/rtl/$(4)_ports.h,$(5),))
$(T)/$(1)/obj/%.o: tests/rtl/%.c build/flags
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(ALL_CFLAGS) $(addprefix -D,$(5)) -c $$< -o $$@
-include $(wildcard $(T)/$(1)/obj/*.d)
$(T)/$(1)/test: $(patsubst %,$(T)/$(1)/obj/%.o,$(6)) $(T)/$(1)/lib.a build/libhost.a
	$(Q)$(CXX) $$^ $(LIBS) -o $$@
BENCHES += $(1)
endef
BENCHES :=
$(eval $(call bench,units,units,tests/rtl/units.v,units,,test_units))
$(eval $(call bench,vector4,vector_tb,tests/rtl/vector_tb.v,vector_tb,VLANES=4 SLOTS=2,test_vector))
$(eval $(call bench,vector8,vector_tb,tests/rtl/vector_tb.v,vector_tb,VLANES=8 SLOTS=4,test_vector))
$(eval $(call bench,attention4,attention_tb,tests/rtl/attention_tb.v,attention,VLANES=4 ATTN_HEADS=1 KV_WORDS=32768 CONTEXT_MAX=1024,test_attention))
$(eval $(call bench,attention8,attention_tb,tests/rtl/attention_tb.v,attention,VLANES=8 ATTN_HEADS=4,test_attention))
$(eval $(call bench,weight2,weight_path,,weight_path,$(WEIGHT2),test_weight_path))
$(eval $(call bench,weight8,weight_path,,weight_path,$(WEIGHT8),test_weight_path,$(SPOILED)))
$(eval $(call bench,weight16,weight_path,,weight_path,$(WEIGHT16),test_weight_path))
$(eval $(call bench,sampler,sampler,,sampler,SLOTS=2,test_sampler))
$(eval $(call bench,logit_store,logit_store,,logit_store,SLOTS=3 SEQS=3 WORDS=512,test_logit_store))
$(eval $(call bench,telemetry,telemetry_tb,tests/rtl/telemetry_tb.v,telemetry,,test_telemetry telemetry_bench))
# Compiles for more than a minute, so that no list of tests has it: to be made and run by hand when the
# weight path has changed.
$(eval $(call bench,weight64,weight_path,,weight_path,$(WEIGHT64),test_weight_path))
# The narrowest in which two rows stand side by side, for `make coverage`: weight8 has more.
$(eval $(call bench,weight4,weight_path,,weight_path,$(WEIGHT4),test_weight_path))
BENCHES := $(filter-out weight4 weight64,$(BENCHES))
CONTROL_TESTS := axil control loader validator
# with two channels to the weight memory
$(eval $(call verilate,tests/control,control_tb,tests/rtl/control_tb.v $(RTL),tests/rtl/control_ports.h,\
  $(filter-out PORT_BITS=% CHANNELS=% VEC_WORDS=%,$(PARAMS_small)) PORT_BITS=256 CHANNELS=2 VEC_WORDS=16384,))
$(addprefix $(T)/test_,$(CONTROL_TESTS)): $(T)/test_%: build/obj/tests/rtl/test_%.o \
  build/obj/tests/rtl/control_bench.o build/obj/tests/rtl/control_model.o $(T)/control/lib.a build/libhost.a
	$(Q)$(CXX) $^ $(LIBS) -o $@
$(T)/test_control: $(patsubst %,build/obj/tests/rtl/control_%.o,trace far)

# The whole device under fire, as it is and with faults to switch on (waves/faults/).
ABUSE := $(patsubst %,build/obj/tests/rtl/%.o,test_abuse abuse_rig abuse_access abuse_bus \
  register_model) $(TEST_LIBRARIES)
$(T)/test_abuse: $(ABUSE) build/small/lib.a build/small/configuration.o | $(TEST_MODELS)
	$(Q)$(CXX) $^ $(LIBS) -o $@
$(T)/abuse_of_faults: $(ABUSE) build/faults/seen-trace/lib.a build/small/configuration.o | $(TEST_MODELS)
	$(Q)$(CXX) -Wl,--start-group $^ -Wl,--end-group $(LIBS) -o $@

$(T)/abuse_of_assertions: $(ABUSE) build/faults/seen-assert/lib.a build/small/configuration.o | $(TEST_MODELS)
	$(Q)$(CXX) -Wl,--start-group $^ -Wl,--end-group $(LIBS) -o $@

# ---- fuzz targets: the host's readers of foreign bytes, with sanitizers (clang) ----
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_C := $(wildcard csrc/base/*.c csrc/gguf/*.c csrc/tokenizer/*.c csrc/model/*.c csrc/golden/*.c csrc/jinja/*.c csrc/sampling/*.c \
  csrc/schema/*.c firmware/*.c generated/*.c csrc/reference/*.c) $(GGUF_C) csrc/server/params.c csrc/server/params_form.c sim/library/library_defaults.c \
  csrc/expect/power.c csrc/expect/power_profile.c sim/device/weight_mem.c sim/trace/window.c \
  $(patsubst %,csrc/app/%_options.c,sim serve console) sim/run/sim_part_file.c
FUZZ_FLAGS := -O1 $(NATIVE) -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=all
# what is a file each time, one of 50 KB, a command on files
FUZZ_RUNS_checkpoint := 5000
FUZZ_RUNS_part := 1000
FUZZ_RUNS_commands := 500
FUZZ_LIMITS := -timeout=20 -rss_limit_mb=2048 -print_final_stats=1

# What is proved fast; `make formal` proves the rest, too.
PROVED_IN_TEST := first_one sync_fifo vec_ring clock_gate axil_slave csr_status csr_windows \
  list_store entry_store beat_fifo sequencer
build/fuzz/obj/%.o: %.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(CFLAGS),$(ALL_CFLAGS)) $(FUZZ_FLAGS) -c $< -o $@
-include $(wildcard build/fuzz/obj/*/*.d build/fuzz/obj/*/*/*.d)
build/fuzz/lib.a: $(FUZZ_C:%.c=build/fuzz/obj/%.o) tests/tests.mk
	$(Q)rm -f $@ && ar rcs $@ $(filter %.o,$^)
build/fuzz/fuzz_%: build/fuzz/obj/tests/fuzz/fuzz_%.o build/fuzz/lib.a
	$(Q)$(CC) -fsanitize=fuzzer,address,undefined $^ $(LIBS) -o $@

# ---- memory that runs out ----
$(T)/no_memory.so: tests/system/no_memory.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -fvisibility=hidden -MMD -MP,$(ALL_CFLAGS)) -shared $< -o $@
NO_MEMORY := tests/system/test_no_memory.sh build/small/lockstep build/gguf $(T)/no_memory.so $(T)/no_memory
PROGRAMS += $(T)/no_memory.so

# ---- the list ----
SEEN_DEVICE := build/faults/seen-trace/lockstep
$(call test,lint,CLANG_FORMAT='$$(CLANG_FORMAT)' scripts/lint)
$(foreach t,$(HOST_TESTS) $(WITH_DEVICE) $(CONTROL_TESTS) tables,$(eval PROGRAMS += $(T)/test_$(t)))
$(foreach t,$(HOST_TESTS) $(WITH_DEVICE) $(CONTROL_TESTS),$(call test,$(t),$(T)/test_$(t)))
$(foreach b,$(BENCHES),$(call test,$(b),$(T)/$(b)/test))
$(call test,tables,$(T)/test_tables $(T)/gen_tables rtl/float)
PROGRAMS += $(FOUR_SLOTS:%=$(T)/test_%_4)
$(foreach t,$(FOUR_SLOTS),$(call test,$(t)_4,$(T)/test_$(t)_4))
$(call test,control_faults,tests/rtl/test_control_faults.sh $(T))
PROGRAMS += $(T)/test_abuse $(T)/abuse_of_faults $(T)/abuse_of_assertions build/faults/seen-assert/lockstep
$(call test,abuse,$(T)/test_abuse)
$(call test,abuse_faults,tests/rtl/test_abuse_faults.sh $(T)/abuse_of_faults)
$(call test,assertions,tests/system/test_assertions.sh build/faults/seen-assert build/small/lockstep $(T)/abuse_of_assertions \
  $(T)/assertions)
$(call test,weight_faults,tests/rtl/test_weight_faults.sh $(T)/weight8/test)
$(call test,power_faults,tests/system/test_power_faults.sh $(SEEN_DEVICE))
$(call test,power_page,tests/system/test_power_page.sh build/small/lockstep $(T)/power_page)
$(call test,inside,tests/system/test_inside.sh $(SEEN_DEVICE) $(T)/inside)
$(foreach f,$(FUZZERS),$(call test,fuzz_$(f),tests/fuzz/run $(f) -runs=$(or $(FUZZ_RUNS_$(f)),60000) -seed=1 $(FUZZ_LIMITS)))
$(call test,jinja_peer,tests/unit/test_jinja_peer.sh $(T)/test_jinja $(T)/jinja_peer)
$(call test,formal,formal/prove $(PROVED_IN_TEST))
$(call test,tokenize,tests/system/test_tokenize.sh build/gguf build/small/lockstep $(T)/tokenize)
$(call test,openings,tests/system/test_openings.sh build/gguf $(T)/openings)
$(call test,walk,tests/system/test_walk.sh $(T)/walk)
$(call test,types,tests/system/test_types.sh build/gguf $(T)/types small single)
$(call test,families,tests/system/test_families.sh build/gguf build/small/lockstep build/single/lockstep $(T)/families)
$(call test,forward,tests/system/test_forward.sh build/small/lockstep $(T)/forward)
$(call test,look,tests/system/test_look.sh $(SEEN_DEVICE) $(T)/look)
$(call test,targets,MAKE='$(MAKE)' tests/system/test_targets.sh $(T)/targets)
$(call test,make,MAKE='$(MAKE)' tests/system/test_make.sh $(T)/make)
$(call test,jobs,tests/system/test_jobs.sh build/small/lockstep $(T)/jobs)
$(call test,perplexities,tests/system/test_perplexities.sh build/small/lockstep build/single/lockstep $(SEEN_DEVICE) $(T)/perplexities)
$(call test,no_memory,$(NO_MEMORY) 17)
$(call test,outputs,tests/system/test_outputs.sh build/small/lockstep build/small-trace/lockstep $(T)/outputs)
$(call test,signals,MAKE='$(MAKE)' tests/system/test_signals.sh build/small/lockstep build/gguf $(T)/signals)
$(call test,waves,tests/system/test_waves.sh build/small-trace/lockstep $(T)/waves)
$(call test,farm,MAKE='$(MAKE)' tests/system/test_farm.sh $(T)/farm)
$(call test,regress,tests/system/test_regress.sh $(T)/regress)
$(call test,synopses,tests/unit/test_synopses.sh $(T)/synopses)
$(call test,kit,tests/unit/test_kit.sh $(T)/kit)
$(call test,installed,MAKE='$(MAKE)' CC='$$(CC)' tests/system/test_installed.sh $(T)/installed)
$(call test,coverage,tests/unit/test_coverage.sh $(T)/coverage)
$(call test,mutants,MAKE='$(MAKE)' tests/system/test_mutants.sh $(T)/mutants)
$(call test,mutate,tests/unit/test_mutate.sh $(T)/mutate)
$(call test,includes,tests/system/test_includes.sh $(T)/includes)
$(call test,freestanding,tests/system/test_freestanding.sh $(T)/freestanding)
$(call test,docs,tests/system/test_docs.sh $(T)/docs)
$(call test,dialect,tests/unit/test_dialect.sh $(T)/dialect)
$(call test,description,tests/unit/test_description.sh $(T)/description)

# By the time that they took, which scripts/run_tests tells.
LONGEST := lint mutants look sim inside forward power_sim formal farm make jobs targets families regress report units \
  types cycles_device schedule recover verdicts family_verdicts stories
LIST_OF_TESTS := $(foreach t,$(LONGEST),$(filter $(t)|%,$(LIST_OF_TESTS))) \
  $(filter-out $(LONGEST:%=%|%),$(LIST_OF_TESTS))

.PHONY: test-programs
test-programs: $(PROGRAMS) $(T)/gen_tables $(BENCHES:%=$(T)/%/test) build/gguf $(TEST_MODELS) \
  build/default/lockstep build/small/lockstep build/single/lockstep build/small-trace/lockstep \
  $(foreach c,small single,$(call library_file,$(c))) \
  $(SEEN_DEVICE) $(FUZZERS:%=build/fuzz/fuzz_%) build/waves/binary32 build/waves/celsius
	@mkdir -p $(T)
	@printf '%s\n' $(foreach t,$(LIST_OF_TESTS),"$(subst ?, ,$(subst |, ,$(t)))") > $(T)/list
