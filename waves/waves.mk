# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Looking inside: waveforms, failures, timeline (docs/debugging.md).

##@ See inside (docs/debugging.md)
.PHONY: waves
# $(call refuse,words): a line of shell that says them, with what the shell expands, and ends the recipe
refuse = { printf '%s\n' "make $@: $(1)" >&2; exit 2; }
waves: deps ## an FST of TOKEN=n [OP=tensor LAYER=n], CYCLES=a:b or TRIGGER=signal=value; LIST=power FORMAT=vcd
	$(Q)[ -n "$$TYPED_TOKEN$$TYPED_OP$$TYPED_LAYER$$TYPED_CYCLES$$TYPED_TRIGGER" ] || $(call refuse,what of the run? \
	  Name TOKEN=position OP=tensor LAYER=number CYCLES=from:to or TRIGGER=signal=value)
	$(Q)[ -f "$$TYPED_LIST" ] || [ -f "waves/lists/$$TYPED_LIST.txt" ] || $(call refuse,LIST=$$TYPED_LIST is none of \
	  $(patsubst waves/lists/%.txt,%,$(wildcard waves/lists/*.txt)))
	$(Q)[ "$$TYPED_FORMAT" = fst ] || [ "$$TYPED_FORMAT" = vcd ] || $(call refuse,FORMAT=$$TYPED_FORMAT is neither fst nor vcd)
	$(Q)$(MAKE) -j2 build/$(CONFIG)-trace/lockstep build/gguf build/waves/binary32 build/waves/celsius
	@rm -f build/waves/window.*
	$(Q)set --; \
	  $(foreach v,TOKEN OP LAYER CYCLES TRIGGER,[ -z "$$TYPED_$(v)" ] || set -- "$$@" --$(call lower,$(v)) "$$TYPED_$(v)";) \
	  scripts/sim build/$(CONFIG)-trace/lockstep -n "$$TYPED_N" --no-reference --throttle "$$TYPED_THROTTLE" \
	  --trace build/waves/window.fst "$$@"; \
	  status=$$?; [ -s build/waves/window.fst ] || exit $$status; \
	  build/gguf inspect --pieces "$$TYPED_MODEL" > build/waves/tokens.txt && \
	  waves/view "$$TYPED_LIST" "build/waves/window.$$TYPED_FORMAT" && exit $$status
lower = $(subst TOKEN,token,$(subst OP,op,$(subst LAYER,layer,$(subst CYCLES,cycles,$(subst TRIGGER,trigger,$(1))))))

build/waves/binary32: waves/filter.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $< -o $@
build/waves/celsius: waves/filter.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DCELSIUS $< -o $@

.PHONY: debug
debug: deps ## fast-forward to TOKEN=n and look into it: checked, traced, its ops listed
	$(Q)case $$TYPED_TOKEN in '' | *[!0-9]*) $(call refuse,which token? TOKEN=position);; esac
	$(Q)$(MAKE) -j2 build/$(CONFIG)-trace/lockstep
	@mkdir -p build/debug && rm -f build/debug/token.*
	$(Q)scripts/sim build/$(CONFIG)-trace/lockstep -n "$$(expr "$$TYPED_TOKEN" + 2)" --no-reference \
	  --throttle "$$TYPED_THROTTLE" --start-token "$$TYPED_TOKEN" --token "$$TYPED_TOKEN" \
	  --trace build/debug/token.fst --timeline build/debug/token >build/debug/text; \
	  scripts/debug_summary $$? build/debug "$$TYPED_TOKEN" "$$TYPED_ARGS" CONFIG=$(CONFIG) \
	  "MODEL=$$TYPED_MODEL" "PROMPT=$$TYPED_PROMPT" $(if $(filter-out off,$(value THROTTLE)),"THROTTLE=$$TYPED_THROTTLE")

.PHONY: timeline
timeline: deps ## what every unit did when, for ui.perfetto.dev, and a picture of one token
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep
	@mkdir -p build/timeline
	$(Q)scripts/sim build/$(CONFIG)/lockstep -n "$$TYPED_N" --no-reference --throttle "$$TYPED_THROTTLE" \
	  --timeline "build/timeline/$$(basename -- "$$TYPED_MODEL" .gguf)"

# ---- a device with faults to switch on (waves/faults/); always built for tracing ----
SEEN := $(patsubst waves/faults/%.sed,%,$(wildcard waves/faults/*.sed))
$(foreach f,$(SEEN),$(eval $(call spoiled,$(f),waves/faults/$(f).sed,build/faults/seen/$(f).v)))
$(eval $(call verilate,faults/seen-trace,lockstep,$(filter-out $(foreach f,$(SEEN),%/$(f).v),$(RTL)) \
  $(SEEN:%=build/faults/seen/%.v),$(DEVICE_PORTS),$(PARAMS_small),1))
# and one that checks its properties, for tests: it compiles for longer than it runs
$(eval $(call verilate,faults/seen-assert,lockstep,$(filter-out $(foreach f,$(SEEN),%/$(f).v),$(RTL)) \
  $(SEEN:%=build/faults/seen/%.v),$(DEVICE_PORTS),$(PARAMS_small),,1))
build/faults/seen-assert/lib.a: OPT := -O0

.PHONY: fault
fault: deps ## see FAULT=lane|slot|carry|stale|mantissa|rotary|drop|best|thermal, planted in the device, found
	$(Q)grep -qF "plusargs(\"fault_$$TYPED_FAULT\")" waves/faults/*.sed || $(call refuse,FAULT=$$TYPED_FAULT is none of \
	  $$(sed -n 's/.*plusargs("fault_\([a-z]*\)").*/\1/p' waves/faults/*.sed | tr '\n' ' '))
	$(Q)$(MAKE) -j2 build/faults/seen-trace/lockstep
	@rm -rf build/fail
	$(Q)export LOCKSTEP_PLUSARGS="+fault_$$TYPED_FAULT"; scripts/sim build/faults/seen-trace/lockstep -n 8 \
	  --no-reference --fail build/fail \
	  || MAKE="$(MAKE)" scripts/look_inside $$? build/fail build/faults/seen-trace/lockstep

.PHONY: wave-pictures
wave-pictures: test-deps ## the pictures of docs/waves.md, taken of GTKWave, and docs/timeline.svg
	$(Q)$(MAKE) timeline N=8 >/dev/null && cp "build/timeline/$$(basename -- "$$TYPED_MODEL" .gguf).svg" docs/timeline.svg
	$(Q)scripts/install_packages xvfb xauth imagemagick
	$(Q)$(MAKE) waves CONFIG=small TOKEN=6 N=8 THROTTLE=hot DISPLAY= >/dev/null
	$(Q)grep -v '^#' waves/pictures | while read -r list from to; do waves/save $$list build/waves/window.fst $$from $$to > build/waves/$$list.gtkw \
	  && waves/picture build/waves/window.fst build/waves/$$list.gtkw docs/waves/$$list.png || exit 1; done
	$(Q)$(MAKE) fault FAULT=lane N=8 >/dev/null 2>&1; [ -s build/fail/wave.gtkw ]
	$(Q)waves/picture build/fail/wave.fst build/fail/wave.gtkw docs/waves/fault_lane.png
