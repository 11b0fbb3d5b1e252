// Talking: the tree of messages, what is asked of the worker, and what is shown of a talk.
import assert from "node:assert/strict";
import { test } from "node:test";
import { reduce } from "../../../web/state/index.js";
import * as chat from "../../../web/state/chat.js";
import { isBusy } from "../../../web/state/server/answer.js";
import { EMPTY, choose, path, placeOf, textOf, turnOf } from "../../../web/state/talk.js";
import { completions } from "../../../web/ui/chat/text.js";
import { pack, talkIn } from "../../../web/ui/chat/share.js";
import { Page } from "../page.js";

const FACTS = {
  ...{ name: "story-chat", weights: "w1", copies: false, context: 256 },
  ...{ sampling: { temperature: 0.5 }, maxTokens: 256, system: "", commands: [] },
};
const said = (...texts) =>
  texts.map((text, id) => ({ kind: "text", text, probability: 0.5, id: 10 + id }));

class Visit extends Page {
  constructor(address = "chat") {
    super(address);
    this.state = { ...this.state, ...chat.initial() };
  }

  send(action) {
    this.state = reduce(this.state, action, [chat]);
    this.asked.push(...this.state.outbox);
    return this;
  }

  get chat() {
    return this.state.chat;
  }

  /** The model has come, and Python has opened it. */
  meet() {
    this.load().send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(3) });
    return this.answer("chat-open", "chat-opened", FACTS);
  }

  /** A whole turn. */
  hear(question, ...texts) {
    if (question) this.send({ type: "chat-say", text: question });
    this.answer("chat-ask", "chat-said", { said: said(...texts) });
    const end = { reason: "stop", leftOut: 0, copied: null };
    return this.answer("chat-ask", "chat-answered", end);
  }

  get shown() {
    return path(this.chat.talk).map(textOf);
  }
}

test("the model is wanted when the view is open, and a question waits for it", () => {
  const page = new Visit().load();
  assert.equal(page.chat.model.status, "wanted");
  page.send({ type: "chat-say", text: "Hi" });
  assert.deepEqual([page.chat.queued, page.last("chat-ask")], [true, undefined]);
  page.meet();
  assert.equal(page.chat.queued, false);
  const { messages, sampling } = page.last("chat-ask");
  assert.deepEqual([messages[0].parts[0].text, sampling], ["Hi", { temperature: 0.5 }]);
  assert.equal(new Visit("train").load().chat.model.status, "none"); // and not before
});

test("an answer streams into its message, and late tokens of another are dropped", () => {
  const page = new Visit().meet().send({ type: "chat-say", text: "Hi" });
  page.answer("chat-ask", "chat-said", { said: said("Hel", "lo.") });
  const late = { type: "chat-said", id: 999, said: said("No!") };
  page.send(late);
  assert.deepEqual(page.shown, ["Hi", "Hello."]);
  page.send({ type: "chat-stop" });
  assert.deepEqual(page.outbox, ["halt"]);
  assert.equal(turnOf(page.chat.talk, 2).reason, "stopped"); // before the worker has heard of it
  assert.equal(isBusy(page.chat), false);
  assert.equal(page.state.said, "Stopped.");
  page.answer("chat-ask", "chat-said", { said: said(" More") });
  page.answer("chat-ask", "chat-answered", { reason: "stop", leftOut: 1, copied: [[0, 5]] });
  assert.deepEqual(page.shown, ["Hi", "Hello."]);
  const { reason, leftOut, copied } = turnOf(page.chat.talk, 2);
  assert.deepEqual(
    { reason, leftOut, copied },
    { reason: "stopped", leftOut: 1, copied: [[0, 5]] },
  );
});

test("what is told of a stopped answer is not added to what has come instead", () => {
  const page = new Visit().meet().send({ type: "chat-say", text: "Hi" });
  const { id } = page.last("chat-ask");
  page.send({ type: "chat-stop" }).send({ type: "chat-again", key: 2 });
  page.send({ type: "chat-answered", id, reason: "stopped", leftOut: 3, copied: [] });
  assert.equal(turnOf(page.chat.talk, 2).leftOut, undefined);
  assert.equal(turnOf(page.chat.talk, 3).reason, undefined); // it is being written
});

test("Again, an edit and another token make branches, and all of them are kept", () => {
  const page = new Visit().meet().hear("Hi", "one").hear("More?", "two");
  page.send({ type: "chat-again", key: 2 }).hear("", "three");
  assert.deepEqual(page.shown, ["Hi", "three"]);
  assert.deepEqual(placeOf(page.chat.talk, turnOf(page.chat.talk, 5)), { at: 2, of: 2 });
  page.send({ type: "chat-branch", key: 5, by: -1 });
  assert.deepEqual(page.shown, ["Hi", "one", "More?", "two"]);
  page.send({ type: "chat-edited", key: 3, text: "Less?" });
  assert.deepEqual(
    page.last("chat-ask").messages.map(({ parts }) => parts[0].text),
    ["Hi", "one", "Less?"],
  );
  page.hear("", "a", "b", "c");
  const { key } = path(page.chat.talk).at(-1);
  page.send({ type: "chat-instead", key, at: 2, token: 77 });
  assert.deepEqual(page.last("chat-ask").opening, [10, 11, 77]);
  assert.equal(placeOf(page.chat.talk, path(page.chat.talk).at(-1)).of, 2);
  assert.equal(page.chat.talk.turns.length, 8);
  page.hear("", "d").send({ type: "chat-delete", key: 1 });
  assert.deepEqual(page.chat.talk.turns, []);
});

test("an answer in whose place another comes ends where it is", () => {
  const page = new Visit().meet().hear("Hi", "one").send({ type: "chat-say", text: "More?" });
  page.answer("chat-ask", "chat-said", { said: said("tw") });
  page.send({ type: "chat-again", key: 2 });
  assert.equal(turnOf(page.chat.talk, 4).reason, "stopped"); // and not written for ever
  page.hear("", "three").send({ type: "chat-say", text: "And?" });
  page.answer("chat-ask", "chat-said", { said: said("fo") });
  page.send({ type: "chat-edited", key: 1, text: "Ho" });
  assert.equal(turnOf(page.chat.talk, 7).reason, "stopped");
});

test("what is still told of an answer is not heard in another talk", () => {
  const talk = new Visit().meet().hear("Hi", "one").chat.talk;
  const page = new Visit().meet().send({ type: "chat-say", text: "Ho" });
  page.send({ type: "chat-kept", kept: [] }).send({ type: "chat-talk", id: "this", talk });
  page.send({ type: "chat-talk", id: "other", talk });
  assert.deepEqual(page.outbox, ["halt"]);
  page.answer("chat-ask", "chat-said", { said: said("of the other") });
  page.answer("chat-ask", "chat-answered", { reason: "stopped", leftOut: 0, copied: null });
  assert.deepEqual(page.shown, ["Hi", "one"]);
  assert.equal(turnOf(page.chat.talk, 2).reason, "stop");
});

test("an opening has what the model wrote and not what a tool put in", () => {
  const page = new Visit().meet().send({ type: "chat-say", text: "1+1?" });
  const tokens = [
    ...[1, 2].map((id) => ({ kind: "python", text: "1", probability: 0.9, id })),
    { kind: "python_output", text: "2", probability: null, id: 3 },
    { kind: "text", text: "It is 2.", probability: 0.8, id: 4 },
  ];
  page.answer("chat-ask", "chat-said", { said: tokens });
  page.answer("chat-ask", "chat-answered", { reason: "stop", leftOut: 0, copied: null });
  page.send({ type: "chat-likely", key: 2, at: 3 });
  assert.deepEqual(page.last("chat-likeliest").written, [1, 2, 3]);
  page.send({ type: "chat-instead", key: 2, at: 3, token: 9 });
  assert.deepEqual(page.last("chat-ask").opening, [1, 2, 9]);
});

test("a crash keeps what was written, and the model is opened again", () => {
  const page = new Visit().meet().send({ type: "chat-say", text: "Hi" });
  page.answer("chat-ask", "chat-said", { said: said("Hel") });
  page.send({ type: "crashed", fatal: true, message: "gone" });
  assert.deepEqual([page.shown, turnOf(page.chat.talk, 2).reason], [["Hi", "Hel"], "broken"]);
  assert.match(page.chat.problem, /in the middle/);
  page.send({ type: "retry" }).load();
  assert.equal(page.last("chat-open").bytes.length, 3);
  page.answer("chat-open", "chat-opened", FACTS).hear("Still there?", "Yes.");
  assert.deepEqual(page.shown, ["Hi", "Hel", "Still there?", "Yes."]);
});

test("what is refused before a word was said leaves no answer, and the next message takes its place", () => {
  const page = new Visit()
    .meet()
    .hear("Hi", "one")
    .send({ type: "chat-say", text: "x".repeat(999) });
  page.answer("chat-ask", "refused", { message: "This message is too long." });
  assert.deepEqual(page.shown.length, 3);
  assert.match(page.chat.problem, /too long/);
  page.send({ type: "chat-again", key: 3 });
  page.answer("chat-ask", "refused", { message: "This message is too long." });
  page.hear("shorter", "two");
  assert.deepEqual(page.shown, ["Hi", "one", "shorter", "two"]);
  assert.deepEqual(
    page.last("chat-ask").messages.map(({ role }) => role),
    ["user", "assistant", "user"],
  );
  page.send({ type: "chat-branch", key: page.chat.talk.last - 1, by: -1 });
  assert.equal(page.shown[2].length, 999);
});

test("commands change the settings, say what they did, or are the page's own", () => {
  const page = new Visit().meet().send({ type: "chat-say", text: "/temperature 0.7" });
  assert.equal(page.chat.talk.turns.length, 0);
  const settings = { sampling: { temperature: 0.7 }, maxTokens: 256, system: "" };
  const done = { name: "temperature", rest: "0.7", said: "temperature is 0.7", ...settings };
  page.answer("chat-command", "chat-done", done);
  assert.deepEqual(page.chat.notes, ["temperature is 0.7"]);
  page.hear("Hi", "one");
  assert.equal(page.last("chat-ask").sampling.temperature, 0.7);
  page.send({ type: "chat-say", text: "/retry" });
  page.answer("chat-command", "chat-done", { name: "retry", rest: "", said: null, ...settings });
  assert.deepEqual(page.outbox, ["chat-ask"]);
  page.hear("", "two").send({ type: "chat-say", text: "/x" });
  page.answer("chat-command", "refused", { message: "There is no command /x; see /help." });
  assert.match(page.chat.problem, /no command/);
});

test("commands complete as they are typed", () => {
  const commands = [
    ["/temperature X, /topk N", "how"],
    ["/system TEXT", "what"],
  ];
  const typed = (draft) => completions(draft, commands).map(([each]) => each);
  assert.deepEqual(typed("/t"), ["/temperature X", "/topk N"]);
  assert.deepEqual(
    [typed("/"), typed("hi"), typed("/system be")].map((f) => f.length),
    [3, 0, 0],
  );
});

test("a talk that is not this tab's first is opened whole; a shared one begins another", () => {
  const page = new Visit().meet().hear("Hi", "one");
  page.send({ type: "chat-talk", id: "a", talk: { turns: [], last: 0, chosen: {} } });
  assert.deepEqual([page.shown, page.chat.id], [["Hi", "one"], "a"]); // the reader was faster
  const messages = [
    { role: "user", parts: [{ type: "text", text: "Who?" }] },
    { role: "assistant", parts: [{ type: "text", text: "I." }] },
  ];
  page.send({ type: "chat-shared", messages, system: "Be brief." });
  assert.deepEqual([page.shown, page.chat.id], [["Who?", "I."], ""]);
  assert.equal(page.chat.settings.system, "Be brief.");
});

test("rows of the table fill in their places, and Stop ends them", () => {
  const page = new Visit().meet().send({ type: "chat-judge" });
  const row = { name: "Sums", tools: true, right: 0, tries: 3, of: 24 };
  page.answer("chat-judge", "chat-judging", { row });
  page.answer("chat-judge", "chat-judging", { row: { ...row, tries: 24, right: 23 } });
  page.answer("chat-judge", "chat-judging", { row: { ...row, tools: false, tries: 1 } });
  assert.deepEqual(
    page.chat.judge.rows.map(({ right, tries }) => [right, tries]),
    [
      [23, 24],
      [0, 1],
    ],
  );
  page.send({ type: "chat-judge-stop" });
  assert.deepEqual(page.outbox, ["halt"]);
  // At once: what the worker still says of it comes too late.
  assert.deepEqual([page.chat.judge.id, page.chat.judge.done], [null, false]);
  page.answer("chat-judge", "chat-judging", { row: { ...row, right: 24 } });
  page.answer("chat-judge", "chat-judged");
  assert.deepEqual([page.chat.judge.rows.length, page.chat.judge.done], [2, false]);
  page.send({ type: "chat-judge-stop" });
  assert.deepEqual(page.outbox, []);
  page.send({ type: "chat-judge" }).answer("chat-judge", "chat-judged");
  assert.equal(page.chat.judge.done, true);
});

// ---- in addresses

test("a talk comes back from its address, and a made-up one is not believed", async () => {
  const messages = [
    { role: "user", parts: [{ type: "text", text: "Grüße 🦊" }] },
    { role: "assistant", parts: [{ type: "text", text: "<b>hi</b>" }] },
  ];
  const text = await pack(messages, "S");
  assert.deepEqual(await talkIn(`#chat?talk=${text}`), { messages, system: "S" });
  const wrong = [
    [{ role: "tool", parts: [] }],
    [{ role: "user", parts: [{ type: "x", text: 1 }] }],
  ];
  for (const each of wrong) assert.equal(await talkIn(`#chat?talk=${await pack(each, "")}`), null);
  assert.equal(await talkIn("#chat?talk=%00"), null);
});

test("a step past the last branch stays where it is", () => {
  const page = new Visit().meet().hear("Hi", "one");
  assert.equal(choose(page.chat.talk, 2, 1), page.chat.talk);
});

test("the model that ships does not take a model's place that a link names", () => {
  const offered = { url: "https://h.example/m", origin: "h.example", bytes: 3, sha256: "" };
  const page = new Visit().load().send({ type: "chat-offered", offered });
  page.send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(3) });
  assert.equal(page.chat.offered.origin, "h.example");
  page.send({ type: "chat-fetch" }).send({ type: "chat-got", got: 3 });
  page.send({ type: "chat-model", name: "m", bytes: new Uint8Array(3) });
  assert.equal(page.chat.offered, null);
});

test("what was chosen in a talk outlives a reload and another Python, and is not the model's", () => {
  const page = new Visit().meet().send({ type: "chat-talk", id: "a", talk: EMPTY });
  const done = { name: "topk", rest: "3", said: "topk is 3", maxTokens: 256, system: "" };
  page.send({ type: "chat-say", text: "/topk 3" });
  page.answer("chat-command", "chat-done", { ...done, sampling: { temperature: 0.5, top_k: 3 } });
  assert.deepEqual(page.chat.chosen, { sampling: { top_k: 3 } });
  page.send({ type: "retry" }).load();
  page.answer("chat-open", "chat-opened", { ...FACTS, sampling: { temperature: 0.9 } });
  assert.deepEqual(page.chat.settings.sampling, { temperature: 0.9, top_k: 3 });
  page.send({ type: "chat-talk", id: "b", talk: EMPTY, chosen: { maxTokens: 9 } });
  assert.deepEqual(page.chat.settings.sampling, { temperature: 0.9 });
  const early = new Visit(); // the talk is there before the model
  early.send({ type: "chat-talk", id: "b", talk: EMPTY, chosen: { maxTokens: 9 } }).meet();
  assert.equal(early.chat.settings.maxTokens, 9);
});

test("commands that are typed before the model is there are done when it comes, then the question", () => {
  const page = new Visit().load();
  for (const text of ["/topk 3", "/topp 0.5", "Hi"]) page.send({ type: "chat-say", text });
  assert.equal(page.last("chat-command"), undefined);
  page.meet();
  const done = { rest: "", said: "so be it", maxTokens: 256, system: "" };
  assert.equal(page.last("chat-command").line, "/topk 3");
  const sampling = { temperature: 0.5, top_k: 3 };
  page.answer("chat-command", "chat-done", { ...done, name: "topk", sampling });
  assert.equal(page.last("chat-command").line, "/topp 0.5");
  assert.deepEqual(page.last("chat-command").sampling, sampling);
  assert.equal(page.last("chat-ask"), undefined);
  page.answer("chat-command", "refused", { message: "No." });
  assert.deepEqual(page.last("chat-ask").sampling, sampling);
});
