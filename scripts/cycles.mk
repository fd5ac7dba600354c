# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Test of the cycle model: a host test, which runs the devices.

HOST_TESTS += cycles
$(T)/test_cycles: $(T)/obj/test_cycles.o build/libhost.a
	$(Q)$(CC) $^ $(LIBS) -o $@

test-programs: $(T)/test_cycles
