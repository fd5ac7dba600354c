# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Proofs of small modules (docs/verification.md).

FORMAL_PACKAGES := yosys z3

##@ Prove
.PHONY: formal
formal: ## prove properties of modules, and that planted bugs break them
	$(Q)scripts/install_packages $(FORMAL_PACKAGES)
	$(Q)formal/prove
