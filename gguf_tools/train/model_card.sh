#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# Prints the model card of a trained and quantised model; every figure and text in it comes from a
# command run here.
#
#   gguf_tools/train/model_card.sh build/model models/stories-600K-Q8_0.gguf
folder=$1
model=$2
text=$folder/text.txt
held=$folder/held.txt
set -e

get() { # get KEY: a number of the model's metadata
  build/gguf inspect "$model" | awk -v key="$1" '$1 == key {print $2}'
}
sample() { # sample OPTION...: a story
  build/gguf sample "$model" "$@"
}
stories_of() { # stories_of OPTION...: how many of 1,000 samples the generator could have written
  seq 1000 | while read -r seed; do
    sample --temperature 0.8 --seed "$seed" "$@"
  done | build/gguf stories --check - | sed -n 's/ of 1000 are stories.*//p'
}
list() { # list FILE: the texts of a file and what the recogniser says of them
  awk '{printf "* %s *(%d words)*\n", $0, NF}' "$1"
  printf '\n%s.\n' "$(build/gguf stories --check "$1" | tail -n 1)"
}
words() { tr -cs "A-Za-z'" '\n' <"$1"; }
build/gguf perplexity "$model" "$held" --bits "$folder/held.bits" --ngram "$text" >"$folder/perplexity.txt"
exact=$(build/gguf perplexity "$folder/stories.gguf" "$held" | awk '$1 == "model" {print $3}')
row() { awk -v name="$1" '$1 == name {print $3}' "$folder/perplexity.txt"; }

cat <<END
<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- SPDX-FileCopyrightText: 2026 The Lockstep authors -->
# $(basename "$model")

The model that \`make sim\` runs unless MODEL says otherwise: it tells short stories in simple English, and that is all it can do.
\`make model\` makes it, and this page, from nothing ([docs/model.md](../docs/model.md)).

| | |
| --- | --- |
| architecture | llama: RMSNorm, rotary embedding, grouped-query attention, SwiGLU, tied output |
| shape | dim $(get llama.embedding_length), hidden $(get llama.feed_forward_length), $(get llama.block_count) layers, $(get llama.attention.head_count) heads, $(get llama.attention.head_count_kv) for keys and values, context $(get llama.context_length), vocabulary $(get llama.vocab_size) |
| parameters | $(sed -n 's/.*: \([0-9]*\) parameters.*/\1/p' "$folder/train.txt") |
| file | Q8_0, $(wc -c <"$model") bytes, sha256 $(sha256sum "$model" | cut -c1-16)... |
| data | $(wc -l <"$text") stories of \`gguf stories --seed 1\`, $(wc -w <"$text") words, $(words "$text" | tr A-Z a-z | sort -u | wc -l) distinct; no text of anybody else |
| training | AdamW, $(sed -n 's/^.*; \([0-9]*\) tokens seen.*/\1/p' "$folder/train.txt") tokens seen in $(tail -n 1 "$folder/loss.csv" | cut -d, -f1) steps |
| licence | Apache-2.0 |

Held-back text, $(wc -l <"$held") stories of another seed:

| | perplexity |
| --- | --- |
| the generator itself, from the choices that it made | $(row generator) |
| **this file** | **$(row model)** |
| before quantisation | $exact |
| a 5-gram model of the training text | $(row 5-gram) |

$(sed -n 's/^the model/The model/p; s/^the 5-gram/The 5-gram/p' "$folder/perplexity.txt" | sed 's/$/./' | tr '\n' ' ')

## Does it keep its characters straight?

\`gguf stories --check\` tells whether the generator could have written a text: grammatical by its grammar, and who, what and where the
same throughout. Of 1,000 texts after "Once upon a time" at temperature 0.8 (seeds 1 to 1000), it could have written

| sampling | texts |
| --- | --- |
| min-p 0.05, as \`gguf sample\` does | $(stories_of) |
| every token has its chance (\`--min-p 0\`) | $(stories_of --min-p 0) |

    for seed in \$(seq 1000); do build/gguf sample $model --temperature 0.8 --seed \$seed; done | build/gguf stories --check -

## The same in llama.cpp

llama.cpp opens the file. Greedy tokens are those of llama.cpp for the file's weights in F32 (\`make peer MODEL=$model\`). With the
Q8_0 weights as they are, llama.cpp rounds activations to 8 bits before it multiplies, and its text parts from this one where two words are nearly equally likely.

## Temperature 0

END
while read -r prompt; do
  sample --prompt "$prompt"
done <<END >"$folder/greedy.txt"
Once upon a time
The doctor
Meet Clover, a brave otter.
Late at night
One morning, a proud pony named Fern found
One afternoon, a shy boy named Max had
One day, a kind bear named Pip played
One day, a small girl named Lucy threw
One day, a funny boy named Ben asked
One sunny day, a quiet goat named Otto went
END
list "$folder/greedy.txt"
printf '\n## Temperature 0.8, min-p 0.05: seeds 1 to 10\n\n'
for seed in 1 2 3 4 5 6 7 8 9 10; do
  sample --temperature 0.8 --seed $seed
done >"$folder/sampled.txt"
list "$folder/sampled.txt"
