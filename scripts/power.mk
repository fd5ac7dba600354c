# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What draws power and heat, and the experiments of docs/power.md.

# Runs and draws: build/power/report.html, its plots and their CSVs.
POWER_PACKAGES := $(BUILD_PACKAGES) gnuplot-nox

##@ Measure
.PHONY: power
power: ## build/power/report.html: power, heat, cycles and roofline of a run
	$(Q)scripts/install_packages $(POWER_PACKAGES)
	$(Q)$(MAKE) -j2 build/$(CONFIG)/lockstep
	@rm -rf build/power.new && mkdir -p build/power.new
	$(Q)scripts/sim build/$(CONFIG)/lockstep -n "$$TYPED_N" --throttle "$$TYPED_THROTTLE" \
	  --power build/power.new --report build/power.new/report.json
	$(Q)scripts/power_page build/power.new
	@rm -rf build/power && mv build/power.new build/power
	@echo build/power/report.html

.PHONY: power-study
power-study: ## the experiments of docs/power.md, into build/power_study (ten minutes)
	$(Q)scripts/install_packages $(POWER_PACKAGES)
	$(Q)$(MAKE) -j2 build/small/lockstep build/gguf
	$(Q)scripts/power_study.sh "$$TYPED_STUDY_MODEL"
