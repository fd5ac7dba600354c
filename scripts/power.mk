# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Tests of counters, energy and heat.

$(eval $(call bench,telemetry,telemetry,,telemetry,,test_telemetry))
$(T)/telemetry/test: build/libhost.a

HOST_TESTS += power
$(T)/test_power: $(T)/obj/test_power.o build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

test-programs: $(T)/telemetry/test $(T)/test_power

# Runs and draws: build/power/report.html, its plots and their CSVs.
POWER_PACKAGES := $(BUILD_PACKAGES) gnuplot-nox

##@ Measure
.PHONY: power
power: ## build/power/report.html: power, heat, cycles and roofline of a run
	$(Q)scripts/install_packages $(POWER_PACKAGES)
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep $(filter build/%,$(MODEL))
	@rm -rf build/power && mkdir -p build/power
	$(Q)build/$(CONFIG)/lockstep sim "$(MODEL)" -p "$(PROMPT)" -n $(N) --throttle $(THROTTLE) \
	  --power build/power --report build/power/report.json $(ARGS)
	$(Q)scripts/power_page build/power
	@echo build/power/report.html
