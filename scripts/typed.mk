# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# What a user gives to make, on its command line or in the environment, with its defaults. Recipes
# take X from $TYPED_X in their environment, so that neither make nor a shell expands what was typed.
# (Blanks before a value on the command line are dropped by make itself.)

CONFIG ?= default
MODEL ?= models/stories-600K-Q8_0.gguf
PROMPT ?= Once upon a time
N ?= 64
THROTTLE ?= off
JOBS ?=
FILTER ?=
ARGS ?=
SECOND ?= 1
ASSERT ?= 0
LIST ?= overview
FORMAT ?= fst
FAULT ?= lane
STUDY_MODEL ?=
PREFIX ?= /usr/local
DESTDIR ?=
TYPED := MODEL PROMPT N THROTTLE JOBS FILTER ARGS SECOND LIST FORMAT FAULT STUDY_MODEL PREFIX DESTDIR TOKEN OP LAYER CYCLES TRIGGER

unexport CONFIG ASSERT $(TYPED)
$(foreach v,$(TYPED),$(eval export TYPED_$(v) := $$(value $(v))))

# These stand in names of files and in conditions of make.
ifneq ($(words $(value CONFIG)) $(filter $(CONFIGS),$(value CONFIG)),1 $(value CONFIG))
  $(error CONFIG=$(value CONFIG) is none of $(CONFIGS))
endif
ifneq ($(words $(value ASSERT)) $(filter 0 1,$(value ASSERT)),1 $(value ASSERT))
  $(error ASSERT=$(value ASSERT) is neither 0 nor 1)
endif
