# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The library, one for each configuration of the device (docs/library.md): build/CONFIG/NAME, where
# NAME is liblockstep.so for `default`, else liblockstep-CONFIG.so.

LIBRARY_VERSION := 1.0.0
library_name = liblockstep$(if $(filter-out default,$(1)),-$(1)).so
library_file = build/$(1)/$(call library_name,$(1))
LIBRARY = $(call library_file,$(CONFIG))
LIBRARY_OBJECTS := $(call objects,$(filter-out %/configuration.c,$(wildcard sim/library/*.c)))

##@ The library (docs/library.md)
.PHONY: library install
library: deps ## build the library of CONFIG: build/CONFIG/liblockstep.so (docs/library.md)
	$(Q)$(MAKE) -j2 $(LIBRARY)

install: deps ## install program, library and header under PREFIX
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep build/gguf $(LIBRARY)
	$(Q)scripts/install_library $(CONFIG) $(LIBRARY_VERSION) "$$TYPED_DESTDIR" "$$TYPED_PREFIX"

build/%/configuration.o: sim/library/configuration.c build/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -DCONFIGURATION='"$*"' -c $< -o $@

# Only what the header declares is seen from outside; the version belongs to its symbols.
define library
$(call library_file,$(1)): build/$(1)/configuration.o $(LIBRARY_OBJECTS) build/libsim.a build/libhost.a build/$(1)/lib.a sim/library/lockstep.map
	$$(Q)$$(CXX) -shared -Wl,-soname,$(call library_name,$(1)).$(firstword $(subst ., ,$(LIBRARY_VERSION))) \
	  -Wl,--version-script=sim/library/lockstep.map -Wl,-z,defs -Wl,--as-needed $$(filter %.o,$$^) \
	  -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $$(LIBS) -o $$@
endef
$(foreach c,$(CONFIGS),$(eval $(call library,$(c))))
