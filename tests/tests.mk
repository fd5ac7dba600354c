# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What `make test` builds and runs. build/tests/list has a line a test: its name, then its command;
# scripts/run_tests runs them, two at a time, so the longest stand first.

T := build/tests
TEST_CFLAGS = $(ALL_CFLAGS) -Igguf_tools -Isim -Itests

$(T)/obj/%.o: tests/%.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(TEST_CFLAGS) -c $< -o $@
-include $(wildcard $(T)/obj/*.d)

# ---- host programs ----
HOST_TESTS := gguf model tokenizer reference quants gguf_tools golden golden_arith golden_dot \
  golden_func golden_shapes firmware train train_step train_command quantize stories \
  sim_input sim_faults sim
$(addprefix $(T)/test_,$(HOST_TESTS)): $(T)/test_%: $(T)/obj/test_%.o build/libgguf.a build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

$(T)/gen_tables: build/obj/scripts/gen_tables.o
	$(Q)$(CC) $^ -o $@
$(T)/test_tables: $(T)/obj/test_tables.o
	$(Q)$(CC) $^ -o $@

# ---- units of the device; a Verilated bench of its own each ----
WEIGHT2 := LANES=2 SLOTS=2 PORT_BITS=128 VLANES=4 ACT_BITS=16 VEC_WORDS=4096 BEATS=32 TAGW=10
WEIGHT8 := LANES=8 SLOTS=4 PORT_BITS=512 VLANES=8 ACT_BITS=16 VEC_WORDS=4096 BEATS=64 TAGW=10
# $(call bench,name,top,extra source,ports,parameters,objects of the program)
define bench
$(eval $(call verilate,tests/$(1),$(2),$(3) $(RTL),tests/rtl/$(4)_ports.h,$(5),))
$(T)/$(1)/obj/%.o: tests/%.c build/flags
	@mkdir -p $$(@D)
	$(Q)$$(CC) $$(TEST_CFLAGS) $(addprefix -D,$(5)) -c $$< -o $$@
-include $(wildcard $(T)/$(1)/obj/*.d)
$(T)/$(1)/test: $(patsubst %,$(T)/$(1)/obj/%.o,$(6)) $(T)/$(1)/lib.a
	$(Q)$(CXX) $$^ $(LIBS) -o $$@
BENCHES += $(T)/$(1)/test
endef
BENCHES :=
$(eval $(call bench,units,units,tests/rtl/units.v,units,,test_units))
$(eval $(call bench,vector4,vector_tb,tests/rtl/vector_tb.v,vector_tb,VLANES=4 SLOTS=2,test_vector))
$(eval $(call bench,vector8,vector_tb,tests/rtl/vector_tb.v,vector_tb,VLANES=8 SLOTS=4,test_vector))
$(eval $(call bench,attention4,attention_tb,tests/rtl/attention_tb.v,attention,VLANES=4 ATTN_HEADS=1,test_attention))
$(eval $(call bench,attention8,attention_tb,tests/rtl/attention_tb.v,attention,VLANES=8 ATTN_HEADS=4,test_attention))
$(eval $(call bench,weight2,weight_path,,weight_path,$(WEIGHT2),test_weight_path))
$(eval $(call bench,weight8,weight_path,,weight_path,$(WEIGHT8),test_weight_path))
$(eval $(call bench,sampler,sampler,,sampler,,test_sampler))
CONTROL_TESTS := axil control loader validator
$(eval $(call verilate,tests/control,control,$(RTL),tests/rtl/control_ports.h,,))
$(addprefix $(T)/test_,$(CONTROL_TESTS)): $(T)/test_%: $(T)/obj/test_%.o $(T)/obj/control_bench.o \
  $(T)/obj/control_model.o $(T)/control/lib.a
	$(Q)$(CXX) $^ $(LIBS) -o $@
$(T)/test_sampler: $(T)/sampler/test
	$(Q)cp $< $@

$(T)/test_recover: $(T)/obj/test_recover.o build/libsim.a build/libhost.a build/small/lib.a
	$(Q)$(CXX) $^ $(LIBS) -o $@

# ---- devices with a fault; tests/faults/MODULE.sed spoils rtl/MODULE.v ----
FAULTS := $(patsubst tests/faults/%.sed,%,$(wildcard tests/faults/*.sed))
define fault
build/faults/$(1)/$(1).v: rtl/$(1).v tests/faults/$(1).sed
	@mkdir -p $$(@D)
	$(Q)sed -f tests/faults/$(1).sed $$< > $$@
	@! cmp -s $$< $$@ || { echo "tests/faults/$(1).sed changes nothing in rtl/$(1).v"; exit 1; }
$(eval $(call verilate,faults/$(1),lockstep,$(filter-out rtl/$(1).v,$(RTL)) build/faults/$(1)/$(1).v,\
  sim/lockstep_ports.h,$(PARAMS_small),))
endef
$(foreach f,$(FAULTS),$(eval $(call fault,$(f))))

# ---- the list; EXTRA_TESTS are those of other parts, EXTRA_<test> is the command ----
.PHONY: test-programs
test-programs: $(addprefix $(T)/test_,$(HOST_TESTS) tables $(CONTROL_TESTS) sampler recover) \
  $(T)/gen_tables $(BENCHES) build/default/lockstep build/small/lockstep build/single/lockstep build/gguf \
  $(patsubst %,build/faults/%/lockstep,$(FAULTS))
	@mkdir -p $(T)
	@{ echo "lint CC='$(CC)' CLANG_FORMAT='$(CLANG_FORMAT)' scripts/lint"; \
	  for name in $(HOST_TESTS); do echo "$$name $(T)/test_$$name"; done; \
	  for name in recover $(CONTROL_TESTS) sampler; do echo "$$name $(T)/test_$$name"; done; \
	  for bench in $(patsubst $(T)/%/test,%,$(BENCHES)); do echo "$$bench $(T)/$$bench/test"; done; \
	  echo "tables $(T)/test_tables $(T)/gen_tables rtl"; \
	  echo "control_faults tests/test_control_faults.sh $(T)"; \
	  $(foreach x,$(EXTRA_TESTS),echo "$(x) $(EXTRA_$(x))";) \
	  echo "freestanding tests/test_freestanding.sh $(T)/freestanding"; \
	  echo "registers tests/test_registers.sh $(T)/registers"; } | grep -v '^sampler .*/sampler/test' > $(T)/list
