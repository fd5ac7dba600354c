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
