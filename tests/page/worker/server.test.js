// A server in place of the model in this tab: its address, what is sent, what is heard, what fails;
// and that nothing else of the page asks anybody.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { reduce } from "../../../web/state/index.js";
import * as chat from "../../../web/state/chat.js";
import { path, textOf } from "../../../web/state/talk.js";
import {
  bodyOf,
  chosenOf,
  createEvents,
  createHearing,
  modelsIn,
  refusalOf,
  serverOf,
  shorter,
  silenceOf,
} from "../../../web/state/server/wire.js";
import { Page } from "../page.js";

const HERE = "https://someone.example";
const FACTS = { name: "story-chat", weights: "w1", sampling: { temperature: 0.5 }, maxTokens: 256 };
const user = (text) => ({ role: "user", parts: [{ type: "text", text }] });

class Visit extends Page {
  constructor() {
    super("chat");
    this.state = { ...this.state, ...chat.initial() };
    this.send({ type: "server-begin", page: HERE, kept: null, own: "" });
  }

  send(action) {
    this.state = reduce(this.state, action, [chat]);
    this.asked.push(...this.state.outbox);
    return this;
  }

  get server() {
    return this.state.chat.server;
  }

  get turns() {
    return path(this.state.chat.talk);
  }

  set(values) {
    return this.send({ type: "server-set", values });
  }

  /** A server is talked to. */
  connect() {
    this.set({ address: "localhost:8000" }).set({ key: "k", model: "m" });
    return this.send({ type: "server-use", on: true });
  }

  hear(type, values) {
    return this.send({ type, id: this.state.chat.answer.id, ...values });
  }
}

const piece = (text, probability = null) => ({ kind: "text", text, probability, id: 0 });
const END = { reason: "stop", leftOut: 0, copied: null };

// ---- addresses

test("an address is read as people type it", () => {
  for (const [typed, base] of [
    ["localhost:8000", "http://localhost:8000/v1"],
    [" http://127.0.0.1:8000/v1/ ", "http://127.0.0.1:8000/v1"],
    ["https://api.example.org", "https://api.example.org/v1"],
    ["api.example.org/openai/v1", "https://api.example.org/openai/v1"],
    ["https://h.example/v1/chat/completions?x=1#y", "https://h.example/v1"],
  ])
    assert.equal(serverOf(typed, HERE).base, base);
  assert.equal(serverOf("http://10.0.0.5:8000", "http://10.0.0.5:8000").host, "10.0.0.5:8000");
});

test("what a page may not ask is refused before it is asked", () => {
  for (const typed of ["", "notaurl", "ftp://x.example", "javascript:alert(1)", "https://a:b@c.d"])
    assert.match(serverOf(typed, HERE).problem, /not the address of a server/);
  assert.match(serverOf("http://h.example/v1", HERE).problem, /h\.example is neither/);
  assert.match(serverOf("http://localhost.h.example", HERE).problem, /is neither/);
  assert.match(serverOf("http://[::1]:8000", HERE).problem, /Write localhost/);
});

test("the tab's own model may come while a server answers", () => {
  const page = new Visit().connect().send({ type: "chat-say", text: "12 times 7?" });
  page.hear("chat-said", { said: [piece("That makes")] });
  page.send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(3) });
  page.hear("chat-said", { said: [piece(" 84.")] }).hear("chat-answered", END);
  const [, { reason, ...turn }] = page.turns;
  assert.deepEqual([textOf(turn), reason], ["That makes 84.", "stop"]);
});

test("what one server was given is not for another", () => {
  const page = new Visit().connect().set({ address: "localhost:8000/v1" });
  assert.deepEqual([page.server.key, page.server.on], ["k", true]);
  page.set({ address: "https://h.example" });
  assert.deepEqual([page.server.key, page.server.model, page.server.on], ["", "", false]);
});

// ---- whom it talks to

test("models are asked for when the reader says so, and a wrong address asks nobody", () => {
  const page = new Visit().set({ address: "nowhere" }).send({ type: "server-ask" });
  assert.match(page.server.trouble.message, /not the address/);
  assert.equal(page.server.asking, false);
  page.set({ address: "localhost:1" }).send({ type: "server-ask" });
  assert.equal(page.server.asking, true);
  page.send({ type: "server-models", address: "localhost:1", models: ["a", "b"] });
  assert.deepEqual([page.server.model, page.server.asking], ["a", false]);
  page.set({ model: "b" }).send({ type: "server-ask" });
  page.send({ type: "server-models", address: "localhost:1", models: ["a", "b"] });
  assert.equal(page.server.model, "b");
  page.set({ address: "localhost:2" });
  page.send({ type: "server-models", address: "localhost:1", models: ["a"] });
  assert.equal(page.server.models, null);
});

test("a page that a server hands out talks to it, unless the reader chose else", () => {
  const own = "http://localhost:8000/v1";
  const page = new Visit().send({ type: "server-begin", page: own.slice(0, -3), kept: null, own });
  assert.deepEqual([page.server.on, page.server.asking, page.server.address], [true, true, own]);
  const kept = { on: false, address: own, key: "", model: "m" };
  page.send({ type: "server-forget" }).send({ type: "server-begin", page: HERE, kept, own });
  assert.deepEqual([page.server.on, page.server.asking], [false, false]);
});

// ---- a talk

test("a server's answer is a turn like any other, and says whose it is", () => {
  const page = new Visit().connect().send({ type: "chat-say", text: "Hi" });
  assert.deepEqual(page.outbox, []); // Python is not asked, and need not be there
  const { place, key, body } = page.server.request;
  assert.deepEqual([place.host, key, body.model], ["localhost:8000", "k", "m"]);
  assert.deepEqual(body.messages, [{ role: "user", content: "Hi" }]);
  page.hear("chat-said", { said: [piece("Hel")], tokens: [] });
  page.hear("chat-said", { said: [piece("lo")], tokens: [] }).hear("chat-answered", END);
  const [, turn] = page.turns;
  assert.deepEqual([textOf(turn), turn.by, turn.at], ["Hello", "m", "localhost:8000"]);
  page.send({ type: "chat-again", key: turn.key }).hear("chat-said", { said: [piece("Yo")] });
  page.hear("chat-answered", END).send({ type: "chat-branch", key: page.turns[1].key, by: -1 });
  assert.equal(textOf(page.turns[1]), "Hello");
});

test("Stop ends an answer at once, and what comes later is not heard", () => {
  const page = new Visit().connect().send({ type: "chat-say", text: "Hi" });
  const { id } = page.state.chat.answer;
  page.hear("chat-said", { said: [piece("a")] }).send({ type: "chat-stop" });
  assert.equal(page.server.request, null);
  page.send({ type: "chat-said", id, said: [piece("b")] });
  assert.deepEqual([textOf(page.turns[1]), page.turns[1].reason], ["a", "stopped"]);
});

test("an answer that fails says why, and a crash of Python is none of a server's business", () => {
  const page = new Visit().load().connect().send({ type: "chat-say", text: "Hi" });
  page.send({ type: "crashed", fatal: true, message: "x" });
  page.hear("chat-said", { said: [piece("a")] });
  assert.equal(textOf(page.turns[1]), "a");
  page.hear("refused", { message: "No." });
  assert.deepEqual([page.turns[1].reason, page.state.chat.problem], ["broken", "No."]);
});

test("the other model goes on where a server has answered, and the other way round", () => {
  const page = new Visit().load().connect();
  page.send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(3) });
  page.answer("chat-open", "chat-opened", FACTS);
  page.send({ type: "chat-say", text: "Hi" }).hear("chat-said", { said: [piece("a")] });
  page.hear("chat-answered", END).send({ type: "server-use", on: false });
  page.send({ type: "chat-say", text: "And?" });
  assert.equal(page.last("chat-ask").messages.length, 3);
  assert.deepEqual([page.turns[3].by, page.turns[3].at], ["story-chat", undefined]);
});

test("how sure a server was, and what else it might have said", () => {
  const page = new Visit().connect().send({ type: "chat-show", sure: true });
  page.send({ type: "chat-say", text: "Hi" });
  const { body } = page.server.request;
  assert.deepEqual([body.logprobs, body.top_logprobs], [true, 5]);
  const likely = [{ id: 0, text: "a", name: null, p: 0.5 }];
  const tokens = [{ ...piece("a", 0.5), likely }];
  page.hear("chat-said", { said: [piece("a")], tokens }).hear("chat-answered", END);
  page.send({ type: "chat-likely", key: page.turns[1].key, at: 0 });
  assert.deepEqual(page.state.chat.likely.tokens, likely);
  const before = page.state.chat.talk;
  page.send({ type: "chat-instead", key: page.turns[1].key, at: 0, token: 1 });
  assert.equal(page.state.chat.talk, before); // a server goes on from no token
});

// ---- what is sent

test("of the settings those alone are sent that the reader chose", () => {
  const standard = { sampling: { temperature: 0.5, top_k: null }, maxTokens: 256 };
  assert.deepEqual(chosenOf(standard, standard), {});
  assert.deepEqual(chosenOf(standard, null), {});
  const sampling = { temperature: 0.9, top_k: 3 };
  assert.deepEqual(chosenOf({ sampling, maxTokens: 9 }, standard), {
    ...{ temperature: 0.9, top_k: 3, max_tokens: 9 },
  });
  assert.deepEqual(chosenOf({ sampling: { greedy: true }, maxTokens: 256 }, standard), {
    temperature: 0,
  });
});

test("messages are texts, and the oldest turn is left out whole", () => {
  const said = { role: "assistant", parts: [{ type: "python", text: "1+1" }, user("2").parts[0]] };
  const messages = [user("a"), said, user("b")];
  const body = bodyOf({ model: "m", messages, system: "S", sure: false, chosen: {} });
  assert.deepEqual(body.messages, [
    ...[
      { role: "system", content: "S" },
      { role: "user", content: "a" },
    ],
    ...[
      { role: "assistant", content: "2" },
      { role: "user", content: "b" },
    ],
  ]);
  const less = shorter(body);
  assert.deepEqual(
    less.messages.map(({ content }) => content),
    ["S", "b"],
  );
  assert.equal(shorter(less), null);
});

// ---- what is heard

test("events are found wherever the network cuts them", () => {
  const text =
    'data: {"a":1}\r\n\r\n: a comment\n\ndata:x\ndata: y\n\nevent: z\n\ndata: [DONE]\n\n';
  for (let size = 1; size <= text.length; size++) {
    const events = createEvents();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...events(text.slice(at, at + size)));
    assert.deepEqual(found, ['{"a":1}', "x\ny"]);
  }
  assert.throws(() => createEvents()("data: " + "x".repeat(2e6)), RangeError);
});

test("text, tokens and the end of an answer are heard, whatever else stands there", () => {
  const hear = createHearing();
  const delta = (content, more) => ({ choices: [{ delta: { content }, ...more }] });
  assert.equal(hear(delta("Hi")).said[0].text, "Hi");
  assert.equal(hear({ choices: [{ message: { content: "all" } }] }).said[0].text, "all");
  assert.deepEqual(hear(delta("", { finish_reason: "length" })).reason, "length");
  assert.equal(hear(delta("", { finish_reason: "content_filter" })).reason, "filtered");
  for (const odd of [{}, null, 3, { choices: [] }, { choices: [{ delta: null }] }])
    assert.deepEqual(hear(odd), { said: [], tokens: [], reason: "" });
  const log = (token, logprob, bytes) => ({ token, logprob, bytes });
  const content = [
    { ...log("\ufffd", -0.1, [0xc3]), top_logprobs: [log("\ufffd", -0.1), log("b", -3)] },
    { ...log("\ufffd", 0, [0xbc]), top_logprobs: [] },
    { token: 7, logprob: "x" },
  ];
  const { tokens } = hear(delta("ü", { logprobs: { content } }));
  assert.deepEqual(
    tokens.map(({ text, likely }) => [text, likely.map((each) => each.text)]),
    [
      ["", ["\ufffd", "b"]],
      ["ü", ["\ufffd"]],
    ],
  );
  assert.equal(tokens[0].likely[0].id, tokens[0].id);
});

test("only names count as models", () => {
  assert.deepEqual(modelsIn({ data: [{ id: "a" }, {}, null, { id: 3 }] }), ["a"]);
  for (const odd of [null, {}, { data: "x" }, []]) assert.deepEqual(modelsIn(odd), []);
});

// ---- what fails

test("each refusal is a sentence", () => {
  const place = serverOf("localhost:8000", HERE);
  const told = (message) => ({ error: { message } });
  assert.match(refusalOf(place, 401, null, { key: "k" }), /does not take this key/);
  assert.match(refusalOf(place, 401, told("x"), {}), /wants a key, and you have given none/);
  assert.match(refusalOf(place, 404, told("No."), { model: "m" }), /has no model m.* No\./);
  assert.match(refusalOf(place, 429, null, { retryAfter: "7" }), /try again in 7 s/);
  assert.match(refusalOf(place, 429, null, { retryAfter: null }), /a little later/);
  assert.match(refusalOf(place, 429, told("Wait 3 s.")), /says: Wait 3 s\./);
  assert.match(refusalOf(place, 400, told("no")), /refuses: no/);
  assert.match(refusalOf(place, 500, null), /status 500/);
});

test("silence is told from a server that lets no other page read, and the command has this origin", () => {
  const place = serverOf("localhost:8000", HERE);
  const told = silenceOf(place, HERE, true);
  assert.match(told.message, /is there, but does not let pages from https:\/\/someone\.example/);
  assert.match(told.command, /serve story-chat --cors https:\/\/someone\.example$/);
  assert.match(silenceOf(place, HERE, false).message, /Nothing answers.*from the web reach this/);
  assert.match(silenceOf(place, "http://a.example", false).message, /Is a server running there\?/);
});

// ---- nothing else

/** Every place of the page's scripts that asks for something, and what it asks for. */
const ASKS = {
  "effects.js": ['fetch("recorded.json")'],
  "ui/shell/later-views.js": ["fetch(address)"],
  "ui/chat/effects.js": ["fetch(site.data[NAME])"],
  "ui/chat/share.js": ["fetch(url, /** @type {RequestInit} */ (options))"], // after a click
  "ui/chat/server/requests.js": [
    "fetch(place.base + path, { ...PRIVATE, ...options, headers })", // after a click
    'fetch(`${base}/models`, { ...PRIVATE, redirect: "follow", mode: "no-cors" })',
  ],
  "sw.js": ['fetch(url, { cache, credentials: "omit" })', "fetch(request)", "fetch(request)"],
  "worker/files.js": ["fetch(url)", "fetch(url)", "fetch(url, options)"], // of the site
  "worker/later.js": ["new XMLHttpRequest()"],
  "worker/load.js": ["fetch(resource, options)"],
  "worker/data.js": ["fetch(url, { signal: AbortSignal.timeout(PATIENCE) })"], // full names: a click
};

test("nothing else of the page asks anybody for anything", () => {
  const web = new URL("../../../web/", import.meta.url);
  const asking =
    /\bfetch\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|new XMLHttpRequest\(\)|\b(?:EventSource|WebSocket|WebTransport|sendBeacon|RTCPeerConnection|importScripts)\b/g;
  const found = {};
  for (const name of readdirSync(web, { recursive: true }).sort()) {
    if (!name.endsWith(".js")) continue;
    const source = readFileSync(new URL(name, web), "utf8").replace(/^\s*(\/\/|\*).*$/gm, "");
    const asks = source.match(asking);
    if (asks) found[name.replaceAll("\\", "/")] = asks.map((each) => each.replace(/\s+/g, " "));
  }
  assert.deepEqual(found, ASKS);
});
