#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: 2026 The Lockstep authors
#
# `gguf tokenize` and `gguf detokenize` as users call them, and a run that takes the same tokens.
#
#   tests/system/test_tokenize.sh build/gguf build/small/lockstep build/tests/tokenize
gguf=$1
lockstep=$2
out=$3
model=models/stories-600K-Q8_0.gguf
rm -rf "$out"
mkdir -p "$out"
checks=0
failed=0

check() { # check WHAT COMMAND...: the command succeeds
  checks=$((checks + 1))
  what=$1
  shift
  "$@" || {
    failed=$((failed + 1))
    echo "$what"
  }
}

same() { cmp -s "$out/$1" "$out/$2"; }

refuses() { # refuses TEXT ARGUMENTS...: status 2, one line that has the text
  text=$1
  shift
  "$gguf" "$@" </dev/null >"$out/said" 2>"$out/error"
  [ $? -eq 2 ] && [ "$(wc -l <"$out/error")" -eq 1 ] && grep -qF -e "$text" "$out/error" && ! [ -s "$out/said" ]
}

# One text, by each way in; the ids are those that come out at the other end.
printf 'Once upon a\n\n time, \303\251\377' >"$out/text"
"$gguf" tokenize $model -f "$out/text" >"$out/ids"
"$gguf" tokenize $model <"$out/text" >"$out/ids_stdin"
"$gguf" tokenize $model "$(cat "$out/text")" >"$out/ids_word"
"$gguf" detokenize $model <"$out/ids" >"$out/back"
"$gguf" detokenize $model $(cat "$out/ids") >"$out/back_words"
check "ids are no line of numbers" grep -qxE '[0-9]+( [0-9]+)+' "$out/ids"
check "standard input gives other ids" same ids ids_stdin
check "a word gives other ids" same ids ids_word
check "the text does not come back" same text back
check "the text does not come back from words" same text back_words

# BOS and special tokens.
"$gguf" tokenize $model --bos -f "$out/text" | cut -d ' ' -f 2- >"$out/behind_bos"
check "--bos adds more than one token in front" same ids behind_bos
check "--bos is not 1" [ "$("$gguf" tokenize $model --bos a | cut -d ' ' -f 1)" = 1 ]
check "--special does not find </s>" [ "$("$gguf" tokenize $model --special '</s></s>')" = "2 2" ]
check "</s> is special unasked" [ "$("$gguf" tokenize $model '</s></s>')" != "2 2" ]

# Several texts: the line and the newline before it are no text; what is behind the last is one.
printf 'a\n\n===\n\n===\n===\n ===\n====\n===\nb\n' >"$out/texts"
"$gguf" tokenize $model -f "$out/texts" --split === >"$out/lines"
printf 'a\n' | "$gguf" tokenize $model >"$out/wanted"
printf '' | "$gguf" tokenize $model >>"$out/wanted"
printf '' | "$gguf" tokenize $model >>"$out/wanted"
printf ' ===\n====' | "$gguf" tokenize $model >>"$out/wanted"
printf 'b\n' | "$gguf" tokenize $model >>"$out/wanted"
check "texts are not split where the lines are" same lines wanted
check "an empty text is no empty line" [ "$(sed -n 2p "$out/lines")" = "" ]
printf 'a===b\n===x' >"$out/texts"
check "a part of a line splits" \
  [ "$("$gguf" tokenize $model -f "$out/texts" --split === | wc -l)" = 1 ]

# A model with byte-level BPE, as users make one.
bpe=$out/bpe.gguf
"$gguf" make "$bpe" --pre qwen2 --type Q8_0 --seed 3
check "the the 1 are other ids" [ "$("$gguf" tokenize "$bpe" "$(printf ' the the1\377')")" = "258 258 49 255" ]
"$gguf" tokenize "$bpe" -f "$out/text" >"$out/ids"
"$gguf" detokenize "$bpe" <"$out/ids" >"$out/back"
check "the text does not come back from bytes" same text back
check "<|endoftext|> is not the last" [ "$("$gguf" tokenize "$bpe" --special '<|endoftext|>')" = 511 ]

# A run takes the tokenizer that its model names.
prompt="It's the day 12"
"$lockstep" sim "$bpe" -p "$prompt" -n 3 >"$out/run" 2>&1
check "the run fails" grep -q 'verdict  *PASS' "$out/run"
check "the run has other tokens" \
  grep -q "tokens  *$("$gguf" tokenize "$bpe" --bos "$prompt" | wc -w) of prompt" "$out/run"

# Refusals.
check "a pre-tokeniser that is none" refuses "--pre: tokenizer.ggml.pre" make "$out/x.gguf" --pre x
check "a missing file" refuses "$out/none" tokenize $model -f "$out/none"
check "a folder" refuses "$out" tokenize $model -f "$out"
check "no model" refuses MODEL tokenize
check "a text and a file" refuses file tokenize $model a -f "$out/text"
check "--split alone" refuses split tokenize $model --split x
check "no GGUF" refuses "$out/text" tokenize "$out/text" a
check "no number" refuses "1x: not a token id" detokenize $model 1x
check "a negative id" refuses "not a token id" detokenize $model -- -1
check "no token of the vocabulary" refuses "token 4294967295" detokenize $model 4294967295
check "past 32 bits" refuses "not a token id" detokenize $model 4294967296

[ $failed -eq 0 ] || { echo "FAIL tokenize ($failed of $checks checks)"; exit 1; }
echo "PASS tokenize ($checks checks)"
