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
