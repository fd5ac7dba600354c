# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# How Verilog becomes a library: $(call verilate,...) gives the rules of one, and each configuration
# of the device has four, without and with traces, without and with assertions.

DEVICE_PORTS := sim/device/lockstep_ports.h
VERILATOR_FLAGS := --cc --prefix Vtop -Wno-fatal -O3 --x-assign fast --x-initial unique \
  --unroll-count 256 --unroll-stmts 100000 --output-split 20000 -Irtl -I. $(if $(COVERAGE),--coverage)

# faults planted in the RTL select what is not there, on which Verilator's DFG of 5.006 ends
VERILATOR_MORE :=

# the signals inside that a ports header names
probes = $(if $(filter $(DEVICE_PORTS),$(1)),sim/device/probes.vlt)

# Properties at the foot of modules; Yosys minds no widths.
ASSERT_FLAGS := --assert -DFORMAL -Wno-WIDTH

# $(call verilate,name,top module,sources,ports header,parameters,trace,assertions): build/NAME/lib.a
define verilate
build/$(1)/gen/Vtop_classes.mk: $(3) $(RTL_HEADERS) rtl/lint.vlt $(call probes,$(4)) scripts/configs.mk
	@mkdir -p build/$(1)/gen && rm -f build/$(1)/gen/*.cpp
	@echo "verilating $(1)"
	$$(Q)verilator $$(VERILATOR_FLAGS) $$(VERILATOR_MORE) $(if $(6),--trace-fst) \
	  $(if $(7),$$(ASSERT_FLAGS),--noassert) --top-module $(2) -Mdir build/$(1)/gen \
	  $(addprefix -G,$(5)) rtl/lint.vlt $(call probes,$(4)) $(3) > build/$(1)/verilator.log 2>&1 \
	  || { cat build/$(1)/verilator.log; exit 1; }

build/$(1)/lib.a: build/$(1)/gen/Vtop_classes.mk sim/device/verilated.cpp sim/device/verilated.h sim/device/fst_files.h sim/device/verilated_strdup.h sim/device/verilated_print.h $(4) build/flags $(wildcard build/$(1)/device.profdata)
	@echo "compiling $(1)"
	$$(Q)$$(MAKE) -f scripts/verilated.mk DIR=build/$(1) PORTS=$$(abspath $(4)) CXX="$$(CXX)" \
	  CXXFLAGS="$$(CXXFLAGS) $$(SHARED)" TRACE=$(6) ASSERT=$(7) COVERAGE=$(COVERAGE) \
	  $$(if $$(OPT),OPT=$$(OPT)) build/$(1)/lib.a
endef

# $(call spoiled,module,script,file): the rule for a copy of rtl/.../module.v that sed has changed, but
# for its properties
define spoiled
$(3): $(filter %/$(1).v,$(RTL)) $(2)
	@mkdir -p $$(@D)
	$$(Q){ sed '/^`ifdef FORMAL/,$$$$d' $$< | sed -f $(2) && sed -n '/^`ifdef FORMAL/,$$$$p' $$<; } > $$@
	@! cmp -s $$< $$@ || { echo "$(2) changes nothing in $$<"; rm $$@; exit 1; }
endef

$(foreach c,$(CONFIGS),$(eval $(call verilate,$(c),lockstep,$(RTL),$(DEVICE_PORTS),$(PARAMS_$(c)),)))
$(foreach c,$(CONFIGS),$(eval \
  $(call verilate,$(c)-trace,lockstep,$(RTL),$(DEVICE_PORTS),$(PARAMS_$(c)),1)))
$(foreach c,$(CONFIGS),$(eval \
  $(call verilate,$(c)-assert,lockstep,$(RTL),$(DEVICE_PORTS),$(PARAMS_$(c)),,1)))
$(foreach c,$(CONFIGS),$(eval \
  $(call verilate,$(c)-assert-trace,lockstep,$(RTL),$(DEVICE_PORTS),$(PARAMS_$(c)),1,1)))
