# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Tests of counters, energy and heat.

$(eval $(call bench,telemetry,telemetry,,telemetry,,test_telemetry))
$(T)/telemetry/test: build/libhost.a

HOST_TESTS += power power_profile
$(addprefix $(T)/test_,power power_profile): $(T)/test_%: $(T)/obj/test_%.o build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

test-programs: $(T)/telemetry/test $(T)/test_power $(T)/test_power_profile
