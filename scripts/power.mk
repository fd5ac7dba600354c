# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Tests of counters, energy and heat, and what draws them.

$(eval $(call bench,telemetry,telemetry,,telemetry,,test_telemetry telemetry_bench))
$(T)/telemetry/test: build/libhost.a

HOST_TESTS += power power_sim report
$(addprefix $(T)/test_,power power_sim report): $(T)/test_%: $(T)/obj/test_%.o build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

EXTRA_TESTS += power_faults
EXTRA_power_faults := tests/test_power_faults.sh build/faults/seen-trace/lockstep
EXTRA_TESTS += power_page
EXTRA_power_page := tests/test_power_page.sh build/small/lockstep build/tests/power_page
TEST_PACKAGES += gnuplot-nox

test-programs: $(T)/telemetry/test $(T)/test_power $(T)/test_power_sim $(T)/test_report \
  build/faults/seen-trace/lockstep

# Runs and draws: build/power/report.html, its plots and their CSVs.
POWER_PACKAGES := $(BUILD_PACKAGES) gnuplot-nox

##@ Measure
.PHONY: power
power: ## build/power/report.html: power, heat, cycles and roofline of a run
	$(Q)scripts/install_packages $(POWER_PACKAGES)
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep
	@rm -rf build/power.new && mkdir -p build/power.new
	$(Q)build/$(CONFIG)/lockstep sim "$(MODEL)" -p "$(PROMPT)" -n $(N) --throttle "$(THROTTLE)" \
	  --power build/power.new --report build/power.new/report.json $(ARGS)
	$(Q)scripts/power_page build/power.new
	@rm -rf build/power && mv build/power.new build/power
	@echo build/power/report.html
