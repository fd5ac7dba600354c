# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Looking inside: waveforms, failures, timeline (docs/debugging.md).

# Builds for tracing keep the signals that triggers and the timeline read.
build/%-trace/gen/Vtop_classes.mk: private VERILATOR_FLAGS += sim/probes.vlt
$(foreach c,$(CONFIGS),build/$(c)-trace/gen/Vtop_classes.mk): sim/probes.vlt

##@ See inside (docs/debugging.md)
.PHONY: waves
waves: deps ## an FST of TOKEN=n [OP=tensor LAYER=n], CYCLES=a:b or TRIGGER=signal=value
	$(Q)$(MAKE) -j2 build/$(CONFIG)-trace/lockstep $(filter build/%,$(MODEL))
	@mkdir -p build/waves
	$(Q)build/$(CONFIG)-trace/lockstep sim "$(MODEL)" -p "$(PROMPT)" -n $(N) --no-reference \
	  --trace build/waves/window.fst $(if $(TOKEN),--token $(TOKEN)) $(if $(OP),--op $(OP)) \
	  $(if $(LAYER),--layer $(LAYER)) $(if $(CYCLES),--cycles $(CYCLES)) \
	  $(if $(TRIGGER),--trigger $(TRIGGER)) $(ARGS)

# ---- a device with five faults to switch on (waves/faults/); always built for tracing ----
SEEN := $(patsubst waves/faults/%.sed,%,$(wildcard waves/faults/*.sed))
SEEN_V := $(SEEN:%=build/faults/seen/%.v)
$(SEEN_V): build/faults/seen/%.v: rtl/%.v waves/faults/%.sed
	@mkdir -p $(@D)
	$(Q)sed -f waves/faults/$*.sed $< > $@
	@! cmp -s $< $@ || { echo "waves/faults/$*.sed changes nothing in $<"; exit 1; }
$(eval $(call verilate,faults/seen-trace,lockstep,$(filter-out $(SEEN:%=rtl/%.v),$(RTL)) $(SEEN_V),\
  sim/lockstep_ports.h,$(PARAMS_small),1))
build/faults/seen-trace/gen/Vtop_classes.mk: sim/probes.vlt

# ---- tests: each word of EXTRA_TESTS names EXTRA_<word>, the command ----
test-programs: build/faults/seen-trace/lockstep
EXTRA_TESTS += inside
EXTRA_inside := tests/test_inside.sh build/faults/seen-trace/lockstep build/tests/inside
EXTRA_TESTS += forward
EXTRA_forward := tests/test_forward.sh build/small/lockstep build/tests/forward
