# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The data of a read that failed is shown.
s/bus_error_i ? 32.d0 : bus_rdata_i/bus_rdata_i/
