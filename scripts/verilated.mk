# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Compiles what Verilator generated in DIR/gen, its run-time library and sim/device/verilated.cpp into
# DIR/lib.a. Called by the Makefile with DIR, PORTS, CXX, CXXFLAGS, TRACE, ASSERT and COVERAGE (these empty
# or 1).
# OPT=-O1 is for a device that compiles for longer than it runs.
# Verilator's own list of files is used; how it splits them differs from version to version.

Q := $(if $(V),,@)
OPT := -O3
include $(DIR)/gen/Vtop_classes.mk
ROOT := $(shell verilator --getenv VERILATOR_ROOT)

FAST := $(addprefix gen/,$(VM_CLASSES_FAST) $(VM_SUPPORT_FAST))
SLOW := $(addprefix gen/,$(VM_CLASSES_SLOW) $(VM_SUPPORT_SLOW))
OBJECTS := $(patsubst %,$(DIR)/%.o,$(FAST) $(SLOW) shim)
# Verilator's run-time library serves all devices. Two that are built side by side may both compile
# it, so an object is there whole or not at all.
RUNTIME := build/runtime$(if $(TRACE),-trace)
LIBRARY := $(patsubst %,$(RUNTIME)/%.o,$(VM_GLOBAL_FAST) $(VM_GLOBAL_SLOW))

FLAGS := -std=gnu++17 $(CXXFLAGS) -I$(DIR)/gen -I$(ROOT)/include -I$(ROOT)/include/vltstd \
  -DVM_COVERAGE=$(if $(COVERAGE),1,0) -DVM_SC=0 -DVM_TRACE=$(if $(TRACE),1,0) -DVM_TRACE_FST=$(if $(TRACE),1,0) \
  -DVM_TRACE_VCD=0 -DVERILATOR=1 -w

# Loops over lanes come as a line a lane, which clang joins; it must look as far as their loads to tell
# weights from activations, both being bits that are shifted up and down. Other compilers, and clangs
# that do not know the option, do without.
JOIN := -mllvm -slp-max-look-ahead-depth=4
JOIN := $(shell $(CXX) -fsyntax-only -x c++ $(JOIN) /dev/null 2>/dev/null && echo $(JOIN))

# What `make tune` saw of the device: code that hardly ever runs lies apart from the rest.
PROFILE := $(wildcard $(DIR)/device.profdata)
USE := $(if $(PROFILE),-fprofile-instr-use=$(PROFILE) -fsplit-machine-functions)

$(DIR)/lib.a: $(OBJECTS) $(LIBRARY)
	$(Q)rm -f $@ && ar rcs $@ $^

# A file that came out as before still includes headers that may not have. What runs once, before the
# first cycle, is large and not worth optimising.
$(DIR)/gen/%.o: $(DIR)/gen/%.cpp $(DIR)/gen/Vtop_classes.mk build/flags $(PROFILE)
	$(Q)$(CXX) $(FLAGS) $(if $(filter gen/$*,$(SLOW)),-O0,$(OPT) $(JOIN) $(USE)) -c $< -o $@

$(RUNTIME)/%.o: $(ROOT)/include/%.cpp build/flags
	@mkdir -p $(@D)
	$(Q)$(CXX) $(FLAGS) -O3 -c $< -o $@.$(subst /,-,$(DIR)) && mv $@.$(subst /,-,$(DIR)) $@

# Its files are ours (sim/device/fst_files.h).
$(RUNTIME)/verilated_fst_c.o: FLAGS += -DFST_FILES_REPLACE -include sim/device/fst_files.h
$(RUNTIME)/verilated_fst_c.o: sim/device/fst_files.h

ADDED := sim/device/verilated_strdup.h sim/device/verilated_print.h
$(RUNTIME)/verilated.o: FLAGS += $(ADDED:%=-include %)
$(RUNTIME)/verilated.o: $(ADDED)

# Assertions of all instances, each of which names itself where it fails.
ASSERTIONS = $(if $(ASSERT),$(shell grep -oh '[^ ]*: Assertion failed in [^:]*' $(DIR)/gen/*.cpp | sort -u | wc -l),0)

$(DIR)/shim.o: sim/device/verilated.cpp sim/device/verilated.h sim/device/fst_files.h $(PORTS) $(DIR)/gen/Vtop_classes.mk build/flags
	$(Q)$(CXX) $(FLAGS) -O3 -DDUT_ASSERTIONS=$(ASSERTIONS) -DDUT_CLASS=Vtop -DDUT_HEADER='"Vtop.h"' -DDUT_PORTS='"$(PORTS)"' -c $< -o $@
