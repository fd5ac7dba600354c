# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# The model that the project ships: text, vocabulary, training, quantisation, card (docs/model.md).
# An interrupted `make model` goes on where it stopped.

SHIPPED := models/stories-600K-Q8_0.gguf
TRAIN := --context 320 --steps 5500 --seed 1 --threads 2 --name "Lockstep stories 600K"

##@ The default model (docs/model.md)
.PHONY: model peer interop
model: ## make models/ again from nothing: text, training, quantisation (under an hour)
	$(Q)scripts/install_packages $(GGUF_PACKAGES) gnuplot-nox
	$(Q)$(MAKE) -j2 build/gguf
	$(Q)$(MAKE) build/model/stories.gguf
	$(Q)mkdir -p models
	$(Q)build/gguf quantize build/model/stories.gguf $(SHIPPED) Q8_0 > build/model/quantize.txt
	$(Q)tail -n 1 build/model/quantize.txt
	$(Q)gguf_tools/train/model_card.sh build/model $(SHIPPED) > build/model/card.md
	$(Q)cp build/model/card.md models/README.md
	$(Q)cp build/model/loss.svg models/loss.svg

# llama.cpp rounds activations to 8 bits before it multiplies by Q8_0; so the same weights in F32.
peer: ## tokens and token ids of llama.cpp (npm, needs node 20) against the project's
	$(Q)scripts/install_packages $(GGUF_PACKAGES)
	$(Q)$(MAKE) -j2 build/gguf build/peer/node_modules
	$(Q)build/gguf quantize "$$TYPED_MODEL" build/peer/f32.gguf F32 > /dev/null
	$(Q)node gguf_tools/peer.mjs build/gguf build/peer/f32.gguf
	$(Q)node gguf_tools/peer_tokens.mjs build/gguf build/peer/f32.gguf $(wildcard ../shared/vocab/*.gguf)

interop: ## logits and answers of llama.cpp (npm, needs node 20; llama-server) against the project's: every family, scaling and type
	$(Q)scripts/install_packages $(BUILD_PACKAGES)
	$(Q)$(MAKE) -j2 build/gguf build/peer/node_modules
	$(Q)node gguf_tools/interop.mjs build/gguf build/interop
	$(Q)node gguf_tools/peer_tokens.mjs build/gguf build/interop/llama.gguf build/interop/gpt2_pre_gpt_2.gguf
	$(Q)gguf_tools/interop_server

build/peer/node_modules:
	@mkdir -p $(@D)
	@cp gguf_tools/peer.json $(@D)/package.json
	@npm install --prefix $(@D) --ignore-scripts --no-audit --no-fund

build/model/text.txt: | build/gguf
	@mkdir -p $(@D)
	$(Q)build/gguf stories $@ --seed 1 --words 6000000

build/model/held.txt: | build/gguf
	@mkdir -p $(@D)
	$(Q)build/gguf stories $@ --seed 2 --words 60000 --bits build/model/held.bits

# Order-only: a newer program does not throw an hour of training away; `rm -r build/model` does.
build/model/stories.gguf: | build/model/text.txt build/model/held.txt
	$(Q){ build/gguf train build/model/text.txt $@ --held build/model/held.txt $(TRAIN) --resume \
	  --checkpoint build/model/state --csv build/model/loss.csv --svg build/model/loss.svg; \
	  echo $$? > build/model/status; } | tee build/model/train.txt
	@exit $$(cat build/model/status)
