// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The Lockstep authors
//
// Holds `lockstep serve` to llama.cpp's server: the same requests to both, on the same models in F32,
// must bring the same tokens (up to near ties), texts, prompts and ids, and answers with the same
// fields of the same types; what is refused there for its form is refused here with the same status
// and type. A request that differs is planted. `make interop` runs it where llama-server is there
// (Debian sid: llama.cpp-tools), or LLAMA_SERVER is its command.
//
//     node gguf_tools/interop_server.mjs build/small/lockstep MODEL...
import { spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";

const [program, ...models] = process.argv.slice(2);
const command = (process.env.LLAMA_SERVER || "llama-server").split(" ");
const tie = 0.05; // between the two tokens, in log probability

// Fields of theirs that are of what this server has not, by the end of their names.
const without = /(^|\.)(adaptive_\w+|backend_sampling|chat_format|dynatemp_exponent|dry_base|dry_allowed_length|dry_penalty_last_n|dry_sequence_breakers|generation_prompt|grammar_lazy|grammar_triggers|preserved_tokens|lora|mirostat_tau|mirostat_eta|reasoning_\w+|speculative\.types|stream|xtc_threshold|t_max_predict_ms)(\[\])*$/;
// llama.cpp leaves log probabilities out from where a text of `stop` may begin; in streams usage and timings
// come with another piece.
const more = (json) => (Array.isArray(json) ? /probabilities|logprobs|speculative\.|^usage|^timings/ : /probabilities|logprobs|speculative\./);

const freePort = () => new Promise((done) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

async function start(words, port) {
  const child = spawn(words[0], words.slice(1), { stdio: ["ignore", "ignore", "ignore"] });
  let ended = false;
  child.on("error", () => { ended = true; });
  child.on("exit", () => { ended = true; });
  const at = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 600 && !ended; i++) {
    try {
      if ((await fetch(at + "/health")).ok) return { at, end: () => child.kill() };
    } catch { /* not yet */ }
    await new Promise((done) => setTimeout(done, 100));
  }
  child.kill();
  return null;
}

async function ask(server, where, body) {
  const answer = await fetch(server.at + where, body === undefined ? {}
    : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) });
  const text = await answer.text();
  let json = null;
  if (text.startsWith("data: "))
    json = text.split("\n").filter((line) => line.startsWith("data: {")).map((line) => JSON.parse(line.slice(6)));
  else
    try { json = JSON.parse(text); } catch { /* no JSON */ }
  return { status: answer.status, json, text };
}

// {"a.b[].c": "number"}; of a list the first entry counts.
function shape(value, name = "", found = {}) {
  if (Array.isArray(value)) {
    found[name + "[]"] = "list";
    if (value.length) shape(value[0], name + "[]", found);
  } else if (value !== null && typeof value === "object") {
    for (const key in value) shape(value[key], name ? `${name}.${key}` : key, found);
  } else {
    found[name] = value === null ? "null" : typeof value;
  }
  return found;
}

const last = (json) => (Array.isArray(json) ? json.at(-1) : json);
const pieces = (json) => (Array.isArray(json) ? json : [json]);
// Of any dialect and of streams: [{id, logprob, top_logprobs}]; there of whole characters alone.
const logprobs = (json) => pieces(json).flatMap((p) => p.completion_probabilities ?? p.choices?.[0]?.logprobs?.content ?? []);
const ids = (json) => pieces(json).flatMap((p) => p.tokens ?? []);
// Parts of characters are one U+FFFD or several.
const text = (json) => pieces(json).map((p) => p.content ?? p.choices?.[0]?.text ?? p.choices?.[0]?.message?.content
  ?? p.choices?.[0]?.delta?.content ?? "").join("").replaceAll(/\ufffd+/g, "\ufffd");
const ending = (json) => pieces(json).map((p) => p.stop_type ?? p.choices?.[0]?.finish_reason).filter((r) => r).at(-1);

// What differs, or "". Behind a near tie the texts are two.
function compareTokens(ours, theirs) {
  const gaps = /\ufffd/.test(text(theirs)); // their streams and lists have no tokens of parts of characters
  const mine = logprobs(ours), native = ids(ours).length !== 0 && !(gaps && Array.isArray(theirs));
  const a = native ? ids(ours) : [], b = native ? ids(theirs) : [], known = native || gaps ? [] : logprobs(theirs);
  for (let i = 0; i < (known.length ? Math.min(mine.length, known.length) : a.length); i++) {
    const [id, other] = known.length ? [mine[i].id, known[i].id] : [a[i], b[i]];
    if (id === other) continue;
    const top = (wanted) => mine[i].top_logprobs.find((t) => t.id === wanted)?.logprob ?? NaN;
    if (Math.abs(top(other) - mine[i].logprob) <= tie) return "tie";
    return `token ${i}: ${id}, there ${other}`;
  }
  if (text(ours) !== text(theirs)) return `text ${JSON.stringify(text(ours))}, there ${JSON.stringify(text(theirs))}`;
  if (a.length !== b.length) return `${a.length} tokens, there ${b.length}`;
  if (ending(ours) !== ending(theirs)) return `ends by ${ending(ours)}, there by ${ending(theirs)}`;
  for (const name of ["tokens_evaluated", "tokens_predicted", "tokens_cached", "truncated", "has_new_line", "stopping_word"])
    if (last(ours)[name] !== last(theirs)[name]) return `${name} ${last(ours)[name]}, there ${last(theirs)[name]}`;
  return "";
}

function compareFields(ours, theirs) {
  const a = shape(last(ours)), b = shape(last(theirs)), known = more(theirs), found = [];
  for (const name in b)
    if (!(name in a)) {
      if (!without.test(name) && !known.test(name)) found.push(`no ${name}`);
    } else if (a[name] !== b[name]) {
      found.push(`${name} is ${a[name]}, there ${b[name]}`);
    }
  for (const name in a)
    if (!(name in b) && !known.test(name)) found.push(`${name} is not there`);
  return found.join("; ");
}

const once = "Once upon a time", user = [{ role: "user", content: "Tell me of a cat." }];
const talk = [{ role: "system", content: "Be short." }, ...user, { role: "assistant", content: "It sat." },
  { role: "user", content: "Where?\nWhy?" }];
const native = (more) => ["/completion", { prompt: once, n_predict: 24, temperature: 0, n_probs: 16, return_tokens: true, ...more }];
const chat = (more) => ["/v1/chat/completions", { messages: user, max_tokens: 24, temperature: 0, logprobs: true, top_logprobs: 16, ...more }];
const plain = (more) => ["/v1/completions", { prompt: once, max_tokens: 24, temperature: 0, logprobs: 5, ...more }];
// No free texts: in these llama.cpp takes bytes that are no UTF-8.
const pet = { type: "object", properties: { name: { enum: ["Tom", "Lily", "Été \"x\""] }, kind: { enum: ["cat", "dog"] },
  age: { type: "integer", minimum: 3, maximum: 120 }, tame: { type: "boolean" } }, required: ["name", "kind", "age", "tame"] };
const list = { type: "array", items: { type: "object", properties: { a: { type: "number" }, b: { type: ["boolean", "null"] } },
  required: ["a"] }, minItems: 1, maxItems: 2 };

const completions = {
  "a completion": native({}),
  "of 60 tokens": native({ n_predict: 60 }),
  "of another prompt": native({ prompt: "The cat said, \"I am" }),
  "of tokens": native({ prompt: [1, 70, 71, 72, 73] }),
  "of tokens and texts": native({ prompt: [1, "Once", " upon a"] }),
  "of a text with letters of other scripts": native({ prompt: "Été, 猫 🙂\n\n\t1234" }),
  "top_k 1": native({ temperature: 1, top_k: 1 }),
  "stop": native({ stop: ["e", "zzz"] }),
  "stop, two words": native({ stop: [" was a", "never"] }),
  "a bias of a text": native({ logit_bias: [[" upon", false], [" the", 4], ["was", -5]] }),
  "a bias of tokens": native({ logit_bias: { 70: 5, 71: -100 } }),
  "repeat_penalty": native({ repeat_penalty: 1.4, repeat_last_n: 32 }),
  "presence and frequency": native({ presence_penalty: 1.5, frequency_penalty: 0.7 }),
  "penalties of many tokens": native({ repeat_penalty: 1.2, repeat_last_n: 200 }),
  "a grammar": native({ grammar: "root ::= \" \" (\"yes\" | \"no\") (\", \" [a-z]{3,5})*" }),
  "a grammar that ends": native({ grammar: "root ::= [a-z]+ \" \" [A-Z]+ \".\"" }),
  "json_schema": native({ json_schema: pet, n_predict: 80 }),
  "json_schema of a list": native({ json_schema: list, n_predict: 80 }),
  "a stream": native({ stream: true }),
  "a stream with stop": native({ stream: true, stop: ["e"] }),
  "chat": chat({}),
  "chat of four messages": chat({ messages: talk }),
  "chat, stream": chat({ stream: true, stream_options: { include_usage: true } }),
  "chat, stop": chat({ stop: "a" }),
  "chat, a grammar": chat({ grammar: "root ::= \"I \" [a-z]+ \" it.\"" }),
  "/v1/completions": plain({}),
  "/v1/completions, stop": plain({ stop: [" a"] }),
};
const texts = ["", " ", "Hello", "  two  blanks ", "Été, 猫 🙂\u200d\n\n\t1234567890", "<s>a</s>", "a\r\nb", "don't I'LL x_y"];
const exact = {
  "health": ["/health"],
  ...Object.fromEntries(texts.flatMap((content) => [
    [`tokenize ${JSON.stringify(content)}`, ["/tokenize", { content }]],
    [`tokenize ${JSON.stringify(content)}, all`, ["/tokenize", { content, add_special: true, with_pieces: true }]],
    [`tokenize ${JSON.stringify(content)}, no control tokens`, ["/tokenize", { content, parse_special: false }]]])),
  "detokenize": ["/detokenize", { tokens: [70, 71, 72, 100, 101, 102, 200, 201] }],
  "apply-template": ["/apply-template", { messages: talk }],
};
const fields = { "/props": ["/props"], "/v1/models": ["/v1/models"] };
// Of these answers llama.cpp has more than a device needs.
const extra = /^(models|data\[\]\.(aliases|tags|architecture)|data\[\]\.meta\.(vocab_type|ftype)|model_ftype|modalities\.video|media_marker|endpoint_|ui|is_sleeping|cors_|chat_template_caps)/;

const wrong = [["/completion", ""], ["/completion", "{"], ["/completion", "[]"], ["/completion", "7"], ["/completion", {}],
  ["/completion", { prompt: 7 }], ["/completion", { prompt: [] }], ["/completion", { prompt: [-1] }],
  ["/completion", { prompt: [99999999] }], native({ n_predict: "x" }), native({ n_predict: -2 }), native({ temperature: "hot" }),
  native({ seed: "a" }), native({ stop: [7] }), native({ stream: 1 }), native({ grammar: "root ::= x" }),
  native({ grammar: "root =" }), native({ json_schema: 7 }), native({ json_schema: { type: "text" } }),
  native({ json_schema: { $ref: "#/x" } }), native({ repeat_penalty: -1 }), ["/completion", { prompt: "word ".repeat(9000) }],
  ["/v1/chat/completions", {}], ["/v1/chat/completions", { messages: 7 }], ["/v1/chat/completions", { messages: [7] }],
  ["/v1/chat/completions", { messages: [{ role: "user" }] }], chat({ logprobs: false }), chat({ n: 0 }), chat({ n: "x" }),
  chat({ response_format: { type: "xml" } }), chat({ messages: [{ role: "user", content: "word ".repeat(9000) }] }),
  plain({ logprobs: "x" }), ["/tokenize", { content: 7 }], ["/detokenize", { tokens: 7 }], ["/detokenize", { tokens: ["a"] }],
  ["/apply-template", {}], ["/apply-template", { messages: [{ role: "user", content: 7 }] }], ["/nowhere", {}],
  ["/slots/0?action=save", {}]];

let failed = 0;
for (const model of models) {
  const [a, b] = [await freePort(), await freePort()];
  const theirs = await start([...command, "-m", path.resolve(model), "--host", "127.0.0.1", "--port", `${b}`, "-t", "1",
    "-fa", "off", "-ctk", "f32", "-ctv", "f32", "-np", "1", "--no-warmup", "--offline"], b);
  if (!theirs) {
    console.log(`SKIP llama.cpp's server: ${command.join(" ")} does not run with ${path.resolve(model)}`);
    process.exit(models.indexOf(model) === 0 ? 0 : 1);
  }
  const ours = await start([program, "serve", model, "--port", `${a}`, "--backend", "golden"], a);
  if (!ours) {
    theirs.end();
    console.log(`${program} does not serve ${model}`);
    process.exit(1);
  }
  const both = async ([where, body]) => Promise.all([ask(ours, where, body), ask(theirs, where, body)]);
  const report = (name, what) => {
    if (!what) return;
    failed++;
    console.log(`DIFFER: ${path.basename(model)}: ${name}: ${what}`);
  };
  let count = 0, ties = 0, compared = 0;

  for (const name in completions) {
    const [x, y] = await both(completions[name]);
    if (x.status !== 200 || y.status !== 200) {
      report(name, `${x.status} ${x.text}, there ${y.status} ${y.text}`);
      continue;
    }
    const what = compareTokens(x.json, y.json);
    ties += what === "tie";
    compared += logprobs(x.json).length;
    count++;
    report(name, [what === "tie" ? "" : what, compareFields(x.json, y.json)].filter((w) => w).join("; "));
  }
  for (const name in exact) {
    const [x, y] = await both(exact[name]);
    count++;
    if (x.status !== y.status || JSON.stringify(x.json) !== JSON.stringify(y.json)) report(name, `${x.text}, there ${y.text}`);
  }
  for (const name in fields) {
    const [x, y] = await both(fields[name]);
    count++;
    report(name, Object.entries(shape(y.json)).filter(([field, type]) => shape(x.json)[field] !== type)
      .map(([field]) => field).filter((field) => !extra.test(field) && !without.test(field)).map((f) => `no ${f}`).join("; "));
  }
  for (const request of wrong) {
    const [x, y] = await both(request);
    count++;
    const [m, n] = [x, y].map((z) => JSON.stringify([z.status, z.json?.error?.code, z.json?.error?.type, Object.keys(z.json?.error ?? {}).sort()]));
    if (m !== n) report(JSON.stringify(request).slice(0, 100), `${m}, there ${n}`);
  }
  const [where, body] = native({ logit_bias: [[" a", 1]], n_predict: 40 });
  const planted = compareTokens((await ask(ours, where, { ...body, logit_bias: [["e", 9]] })).json, (await ask(theirs, where, body)).json);
  if (planted === "" || planted === "tie") report("planted", "another bias goes unseen");
  console.log(`${path.basename(model)}: ${count} requests, ${compared} tokens, ${ties} texts behind a tie within ${tie}`);
  ours.end();
  theirs.end();
}
console.log(failed ? `FAIL llama.cpp's server: ${failed} differ` : "PASS llama.cpp's server");
process.exit(failed ? 1 : 0);
