// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Holds the float reference, `gguf sample --logits`, to llama.cpp (npm package node-llama-cpp, found
// from the folder it runs in): logits behind each token of three texts, for random models of every
// family and scaling, and of every type that `gguf quantize` writes, where llama.cpp has the same
// weights in F32. Two models that differ are planted. `make interop` runs it.
//
//     node gguf_tools/interop.mjs build/gguf build/interop
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import fs from "node:fs";
import path from "node:path";

const [program, folder] = process.argv.slice(2);
const texts = ["Once upon a time there was a little girl named Lily who liked to play in the park with her dog and the big red ball",
  "The cat said that it wanted to go home, but the rain was too loud. 12 birds sang 3 songs; nobody knew why!",
  "x = [1, 2, 3]\nfor i in x:\n    print(i * i, \"été\", '🙂')\n\n\nend of the file, and some more words so that windows matter"];
// Numbers that no binary32 engine agrees on: sums in another order; GELU by a table of binary16 in llama.cpp.
const near = 2e-4, nearGelu = 2e-2, nearRounded = 0.4, tie = 0.05;

const families = [
  ["llama", ""], ["llama", "--biases"], ["llama", "--rope-scaling linear"], ["llama", "--rope-scaling llama3"],
  ["llama", "--rope-scaling yarn"], ["qwen2", ""], ["qwen2", "--rope-scaling yarn --context 4096"],
  ["qwen3", ""], ["gemma3", ""], ["gemma3", "--rope-scaling linear"], ["gpt2", ""], ["gpt2", "--pre gpt-2"], ["phi3", ""],
  ["phi3", "--rotary 12"], ["phi3", "--rope-scaling longrope"], ["gemma2", ""], ["gemma", ""], ["granite", ""], ["olmo2", ""],
  ["starcoder2", ""], ["stablelm", ""], ["stablelm", "--parallel"],
  ["stablelm", "--parallel --dim 160 --heads 4 --kv-heads 2 --rotary 10"], ["gptneox", ""], ["gptneox", "--parallel"],
  ["phi2", ""], ["phi2", "--biases"], ["llama", "--experts 4"], ["llama", "--experts 8 --experts-used 3"], ["qwen2moe", ""], ["qwen3moe", ""]];
const types = ["F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_K", "Q5_1", "Q5_0", "Q4_K_M", "Q4_K", "Q4_1", "Q4_0", "IQ4_NL",
  "IQ4_XS", "MXFP4", "Q3_K_M", "Q3_K", "Q2_K", "Q2_K_S", "TQ2_0", "TQ1_0"];

const require = createRequire(path.resolve("build/peer/package.json"));
const { getLlama } = await import(pathToFileURL(require.resolve("node-llama-cpp")));
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", progressLogs: false });
fs.mkdirSync(folder, { recursive: true });

const gguf = (...words) => execFileSync(program, words, { encoding: "utf8", maxBuffer: 1 << 28 });
const make = (name, arch, options) => {
  const file = path.join(folder, `${name}.gguf`);
  gguf("make", file, "--arch", arch, ...options.split(" ").filter((word) => word !== ""));
  return file;
};

// Of llama.cpp: for each text the logits behind each of its tokens, as [Map(id -> logit)].
const theirs = async (file) => {
  const model = await llama.loadModel({ modelPath: path.resolve(file), gpuLayers: 0 });
  const context = await model.createContext({ contextSize: 256, batchSize: 256, threads: 1, flashAttention: false,
    swaFullCache: true, experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32" });
  const sequence = context.getSequence(), all = [];
  for (const text of texts) {
    await sequence.clearHistory();
    const ids = [...(model.tokens.shouldPrependBosToken ? [model.tokens.bos] : []), ...model.tokenize(text, false)];
    const out = await sequence.controlledEvaluate(ids.map((id) => [id, { generateNext: { logits: true } }]));
    all.push(out.map((token) => token.next.logits));
  }
  await context.dispose();
  await model.dispose();
  return all;
};

const ours = (file) => texts.map((text) => gguf("sample", file, "--prompt", text, "--logits").trim().split("\n")
  .map((line) => line.trim().split(" ").map(Number)));

const dense = (logits) => [...logits].reduce((list, [id, logit]) => { list[id] = logit; return list; }, []);
const best = (pairs) => [...pairs].sort((a, b) => b[1] - a[1]).slice(0, 2);

// How far apart: positions, tokens of which another is best although no tie is near, largest difference.
const compare = (a, b) => {
  const found = { positions: 0, wrong: 0, worst: 0 };
  a.forEach((text, t) => {
    if (text.length !== b[t].length) found.wrong += 1e6;
    text.forEach((logits, i) => {
      const other = b[t][i] ?? [];
      for (const [id, logit] of logits) found.worst = Math.max(found.worst, Math.abs(logit - (other[id] ?? Infinity)));
      const [first, second] = best(logits), [mine] = best(other.entries());
      found.positions++;
      if (first[1] - second[1] > tie && mine?.[0] !== first[0]) found.wrong++;
    });
  });
  return found;
};

let failed = 0;
const report = (name, found, limit) => {
  const good = found.wrong === 0 && found.worst <= limit;
  failed += !good;
  console.log(`${good ? "equal" : "DIFFER"}: ${name}: ${found.positions} tokens, ${found.wrong} others best, ` +
    `logits within ${found.worst.toExponential(1)} (limit ${limit})`);
};

for (const [arch, options] of families) {
  const name = `${arch} ${options}`.trim();
  const file = make(name.replaceAll(/[ -]+/g, "_"), arch, `--type F32 ${options}`);
  report(name, compare(await theirs(file), ours(file)), /gemma|gpt|phi2|starcoder/.test(arch) ? nearGelu : near);
}

const source = make("source", "llama", "--dim 256 --hidden 256 --layers 3 --type F32");
for (const type of types) {
  const file = path.join(folder, `${type}.gguf`), f32 = path.join(folder, "f32.gguf");
  gguf("quantize", source, file, type);
  gguf("quantize", file, f32, "F32");
  const exact = await theirs(f32);
  report(`${type} here, F32 there`, compare(exact, ours(file)), near);
  const rounded = compare(await theirs(file), exact.map((text) => text.map(dense)));
  const runs = rounded.worst <= nearRounded;
  failed += !runs;
  console.log(`${runs ? "runs" : "DIFFERS"} there as it is, activations of 8 bits: logits within ` +
    `${rounded.worst.toExponential(1)} (limit ${nearRounded})`);
}

const [a, b] = [make("a", "gemma3", "--type F32"), make("b", "gemma3", "--type F32 --window 9")];
const planted = compare(await theirs(a), ours(b));
if (planted.worst <= nearGelu) {
  failed++;
  console.log("a window that is one longer goes unseen");
}
await llama.dispose();
console.log(`${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
