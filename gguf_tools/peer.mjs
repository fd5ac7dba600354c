// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Holds greedy tokens of llama.cpp (npm package node-llama-cpp, found from the folder it runs in)
// to those of the project's float reference, `gguf sample --ids`. `make peer` runs it.
//
//     node gguf_tools/peer.mjs build/gguf models/stories-600K-Q8_0.gguf
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [program, file] = process.argv.slice(2);
const prompts = ["Once upon a time", "Lily was", "Bruno is", "One day", "In a small village",
  "Long ago", "Meet", "There once was a", "This is the story of", "It is Sunday, and"];

const require = createRequire(path.resolve("build/peer/package.json"));
const { getLlama } = await import(pathToFileURL(require.resolve("node-llama-cpp")));
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", progressLogs: false });
const model = await llama.loadModel({ modelPath: path.resolve(file), gpuLayers: 0 });
let failed = 0;
for (const prompt of prompts) {
  const wanted = execFileSync(program, ["sample", file, "--prompt", prompt, "--tokens", "200", "--ids"], { encoding: "utf8" })
    .trim().split(/\s+/).map(Number);
  const context = await model.createContext({ contextSize: 256, batchSize: 256, threads: 1,
    experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32", flashAttention: false });
  const sequence = context.getSequence();
  const begin = [model.tokens.bos, ...model.tokenize(prompt, false)];
  const got = [...begin];
  for await (const token of sequence.evaluate(begin, { temperature: 0, yieldEogToken: true })) {
    got.push(token);
    if (got.length >= wanted.length || model.isEogToken(token)) break;
  }
  const at = wanted.findIndex((id, i) => id !== got[i]);
  const same = at < 0 && got.length === wanted.length;
  failed += !same;
  console.log(`${same ? "equal" : `differ at token ${at}`}: ${wanted.length} tokens after "${prompt}"`);
  await context.dispose();
}
await llama.dispose();
console.log(`${prompts.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
