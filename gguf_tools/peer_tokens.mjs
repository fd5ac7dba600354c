// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Holds the token ids that llama.cpp (npm package node-llama-cpp, found from the folder it runs in)
// gives for texts that are easy to get wrong to those of `gguf tokenize`. `make peer` runs it.
//
//     node gguf_tools/peer_tokens.mjs build/gguf vocabulary.gguf ...
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import fs from "node:fs";
import path from "node:path";

const [program, ...files] = process.argv.slice(2);
const special = ["<s>a</s>", "<|endoftext|>", " <|im_start|>user\nhi<|im_end|>\n", "<|eot_id|><|eot_id|>",
  "a <|endoftext|> b", "<fim_prefix>x<fim_suffix> y", "<|begin_of_text|>", "<｜end▁of▁sentence｜>ö",
  "</s></s>", "<unk> <s", ">>TITLE<< x", "<|im_end"];
const plain = ["", " ", "  ", "   ", "\n", "\n\n", "\n \n", "\t\t a", " \n\n\n \t x", "\r\n\r\n", "a\r\nb\rc",
  "Hello world", " Hello  World   !", "HELLO'S we'LL I'm o'clock 'tis '' 'S'T", "don’t", "123456789012345",
  "1,234.5e-6 0x1F ½ ² Ⅷ ٣٤٥", "a1b22c333d4444", "camelCase HTTPServer XMLHttpRequest", "ÉcoleÀ ÜBER straße",
  "été naïve façade", "e\u0301te\u0301 combining", "Ω≈ç√∫˜µ≤≥÷", "日本語のテキスト、テスト。", "中文 标点！？；：",
  "한국어 텍스트", "हिन्दी में", "ภาษาไทย", "עברית وعربي", "Ελληνικά Русский", "🙂🙃🚀🚀 👨‍👩‍👧‍👦 🇩🇪", "a\u00a0b\u2003c\u3000d",
  "x\u0085y\u2028z\u200b.", "\u180ea\u180e b", "\ufeffBOM", "a\u0000b", "\u0001\u0002\u001f\u007f", "~~~ ^^ ``` ||| $$$ +=<>",
  "... !!! ??? --- ___ ***", "(a)[b]{c}<d>/e\\f|g", "\"quoted\" 'single' `back`", "http://x.y/z?q=1&r=2#f", "if (x<=0) { return -1; }\n\n\tfoo();",
  "def f(a):\n    return a\n\n\n\n        x", "    four\n        eight", "end with spaces    ", "end with newline\n\n", "tab\tend\t",
  "ﬁ ﬂ ﬃ ligatures", "ａｂｃ１２３！", "𝒜𝓁𝓅𝒽𝒶 𐐷𐑐 𞤀𞤣", "a\ud7ff\ue000\uffee", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "=".repeat(70), " ".repeat(70) + "x", "\n".repeat(40), "the ".repeat(30), "<0x41> <0x0A>", "Ġthe Ċ", "₀₁₂ ①②③ ㊀", "ǅ ǈ ʰ ƻ ǀ",
  "\u1cbb\ua7ae \u10d0\u10d1", "!\n?\r\n.\n\n,", "a  b   c    d\n e", " 's 'S", "3's", "'re're", "\u017fs '\u017f"];

const require = createRequire(path.resolve("build/peer/package.json"));
const { getLlama } = await import(pathToFileURL(require.resolve("node-llama-cpp")));
const llama = await getLlama({ gpu: false, build: "never", logLevel: "fatal", progressLogs: false });
const line = "--- the next text ---", list = "build/peer/texts.txt";
let failed = 0;
for (const file of files) {
  const model = await llama.loadModel({ modelPath: path.resolve(file), vocabOnly: true, gpuLayers: 0 });
  let differ = 0, count = 0;
  for (const [texts, parse] of [[plain, false], [special, false], [special, true]]) {
    fs.writeFileSync(list, texts.map((text) => `${text}\n${line}\n`).join(""));
    const ours = execFileSync(program, ["tokenize", file, ...(parse ? ["--special"] : []), "-f", list,
      "--split", line], { encoding: "utf8" }).split("\n");
    texts.forEach((text, i) => {
      const theirs = model.tokenize(text, parse).join(" ");
      count++;
      if (ours[i] === theirs) return;
      differ++;
      console.log(`  ${JSON.stringify(text)}${parse ? " with special tokens" : ""}: ${ours[i]}, llama.cpp: ${theirs}`);
    });
  }
  failed += differ;
  console.log(`${file}: ${count} texts, ${differ} differ`);
  await model.dispose();
}
await llama.dispose();
process.exit(failed === 0 ? 0 : 1);
