# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Tests of the cycle model and of power profiles, and the experiments of docs/power.md.

HOST_TESTS += cycles power_profile
$(addprefix $(T)/test_,cycles power_profile): $(T)/test_%: $(T)/obj/test_%.o build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

test-programs: $(addprefix $(T)/test_,cycles power_profile)

.PHONY: power-study
STUDY_MODEL ?= ../shared/models/stories260K.gguf
power-study: ## the experiments of docs/power.md, into build/power_study (ten minutes)
	$(Q)scripts/install_packages $(BUILD_PACKAGES) gnuplot-nox
	$(Q)$(MAKE) -j2 build/small/lockstep
	$(Q)scripts/power_study.sh "$(STUDY_MODEL)"
