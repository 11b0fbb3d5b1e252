// The stages of a chat model, as the page's state has them: what is asked, kept and shown.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  estimateOf,
  progressOf,
  rungs,
  runOf,
  shareOf,
  sidesOf,
} from "../../../web/state/stages/words.js";
import { draftOf, lacking, linesOf } from "../../../web/state/stages/typed.js";
import { ABOUT, ChatPage } from "../chat-page.js";

const READ = [[{ token: "<|bos|>", text: "", learned: false }]];
const EVALUATIONS = [{ step: 4, loss: 0.104, bitsPerByte: 0.1 }];

test("what is kept is asked for once, and the reader's own model is then talked to", () => {
  const page = new ChatPage();
  assert.equal(page.asked.filter(({ type }) => type === "stages-look").length, 1);
  const made = { ...ABOUT, wish: { stage: "chat" }, exact: [{ step: 4, right: 97, tries: 100 }] };
  page.send({ type: "stages-kept", parts: { tokens: ABOUT, chat: { ...made, alone: [2, 100] } } });
  assert.deepEqual(page.last("stages-use"), { type: "stages-use", stage: "chat" });
  assert.equal(page.stages.shown.chat.curve.seen, 4);
  assert.equal(rungs(page.stages, true).tool, "sums right, of 100: with 97, without 2");
  assert.equal(rungs(page.stages, true).base, "not made yet");
  const gone = { ...page.stages, made: { tokens: null, base: null, chat: { ...made } } };
  gone.made.chat.wish = { stage: "chat", start: "shipped" };
  assert.equal(rungs(gone, true).tokens, "story-chat’s: 520, from stories and talk");
  assert.equal(rungs(gone, true).base, "story-chat’s: 350 steps on stories and talk");
  // The model that comes with the page arrives later: the reader's own stays, until they want it.
  page.send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(1) });
  assert.equal(page.asked.filter(({ type }) => type === "stages-use").length, 2);
  page.send({ type: "stage-use", stage: "shipped" });
  page.send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(1) });
  assert.equal(page.last("stages-use").stage, "shipped");
});

test("a first question is answered before anything is looked for", () => {
  const page = new ChatPage("loading");
  page.send({ type: "chat-say", text: "Who are you?" });
  page.send({ type: "chat-model", name: "story-chat", bytes: new Uint8Array(1) });
  page.send({ type: "ready", python: "3", numpy: "2", microgpt: "1", kernel: true, memory: 1 });
  page.answer("chat-open", "chat-opened", { sampling: {}, maxTokens: 9, commands: [] });
  assert.equal(page.last("stages-look"), undefined);
  page.answer("chat-ask", "chat-answered", { reason: "stop", leftOut: 0, copied: null });
  assert.ok(page.last("stages-look"));
});

test("one button makes stage after stage, and another makes one alone", () => {
  const page = new ChatPage();
  page.send({ type: "stages-options", values: { baseSteps: 7 } });
  page.send({ type: "stage-make", stage: "tokens", all: true });
  page.send({ type: "stage-make", stage: "base" }); // one at a time
  const { options, ...first } = page.last("stages-make").wish;
  assert.deepEqual(first, { stage: "tokens", vocab: 512, all: true });
  assert.equal(options.baseSteps, 7); // kept with it, for a reload
  page.made("tokens");
  assert.equal(page.last("stages-make").wish.steps, 7);
  page.made("base", { evaluations: EVALUATIONS });
  const { wish } = page.last("stages-make");
  assert.deepEqual([wish.stage, wish.steps, wish.start], ["chat", 2100, "base"]);
  page.made("chat");
  assert.equal(page.stages.work, null);
  assert.equal(page.last("stages-use").stage, "chat");
  assert.equal(rungs(page.stages, true).base, "4 steps, held-out loss 0.10");
  page.send({ type: "stages-options", values: { start: "shipped" } });
  page.send({ type: "stage-make", stage: "chat" });
  assert.deepEqual(
    [page.last("stages-make").wish.start, page.last("stages-make").wish.steps],
    ["shipped", 120],
  );
  const count = page.asked.length;
  page.made("chat");
  assert.equal(
    page.asked.slice(count).some(({ type }) => type === "stages-make"),
    false,
  );
});

test("where a pause comes as a stage ends, the next one does not begin by itself", () => {
  const page = new ChatPage();
  page.send({ type: "stage-make", stage: "tokens", all: true }).send({ type: "stage-pause" });
  const count = page.asked.length;
  page.made("tokens");
  assert.equal(page.stages.work, null);
  assert.ok(!page.asked.slice(count).some(({ type }) => type === "stages-make"));
});

test("a stage is followed, paused, kept and gone on with", () => {
  const page = new ChatPage();
  page.send({ type: "stage-make", stage: "base" });
  const { id } = page.last("stages-make");
  assert.equal(progressOf(page.stages), "Reading and cutting the text …");
  page.send({ type: "stages-news", id, phase: "preparing", share: 0.3, seconds: 1 });
  assert.equal(shareOf(page.stages), 30);
  const about = {
    ...ABOUT,
    step: 0,
    steps: 4,
    losses: Float64Array.of(),
    wish: { stage: "base", steps: 4 },
  };
  page.send({ type: "stages-begun", id, stage: "base", about });
  const events = [
    { type: "evaluation", step: 1, loss: 2, bitsPerByte: 1 },
    { type: "samples", step: 1, samples: [{ text: "the gull", new: true }] },
  ];
  page.send({
    type: "stages-news",
    id,
    phase: "training",
    step: 1,
    events,
    losses: Float64Array.of(3),
    seconds: 2,
  });
  assert.equal(progressOf(page.stages), "Step 1 of 4, 6.0 s left");
  assert.equal(page.stages.shown.base.evaluations[0].loss, 2);
  assert.equal(page.stages.samples[0].text, "the gull");
  page.send({
    type: "stages-news",
    id: id + 9,
    phase: "training",
    step: 3,
    losses: [],
    seconds: 9,
  });
  assert.equal(page.stages.shown.base.step, 1); // that was of another
  page.send({ type: "stage-pause" }).send({ type: "stage-pause" });
  assert.deepEqual(page.outbox, []); // it is stopping already
  assert.deepEqual(page.last("halt"), { type: "halt", id });
  // It stands still at once, whatever the worker still has to say of the step it was at.
  assert.equal(page.stages.shown.base.status, "paused");
  assert.equal(progressOf(page.stages), "Paused at step 1; it is being kept …");
  const late = { id, phase: "training", step: 2, events: [], losses: [2.5], seconds: 3 };
  page.send({ type: "stages-news", ...late });
  assert.equal(page.stages.shown.base.step, 1);
  const kept = { ...about, step: 2, losses: Float64Array.of(3, 2.5), evaluations: [events[0]] };
  page.send({ type: "stages-paused", id, about: kept });
  assert.equal(page.stages.half.step, 2);
  const { status, step, evaluations, curve } = page.stages.shown.base;
  assert.deepEqual([status, step, evaluations.length, curve.last], ["paused", 2, 1, 2.5]);
  page.send({ type: "stage-continue" });
  assert.deepEqual(
    [page.last("stages-make").goOn, page.last("stages-make").wish],
    [true, about.wish],
  );
});

test("the worker ends: nothing goes on, and what was kept is asked for again", () => {
  const page = new ChatPage();
  page.send({ type: "stage-make", stage: "base" });
  page.send({ type: "crashed", fatal: true, message: "gone" });
  assert.equal(page.stages.work, null);
  page.send({ type: "stages-open" }).send({ type: "retry" });
  page.send({ type: "ready", python: "3", numpy: "2", microgpt: "1", kernel: true, memory: 1 });
  assert.ok(page.outbox.includes("stages-look"));
  const half = {
    ...ABOUT,
    step: 2,
    losses: Float64Array.of(3, 2),
    wish: { stage: "base", all: true, options: { ...page.stages.options, chatSteps: 9 } },
  };
  page.send({ type: "stages-kept", parts: { making: half } });
  assert.ok(page.outbox.includes("stages-estimate")); // the forms stand open
  page.send({ type: "stage-continue" });
  assert.equal(page.last("stages-make").wish.all, true);
  page.made("base"); // and then those that come after, as they were wished
  assert.equal(page.last("stages-make").wish.steps, 9);
});

test("times are asked once for what is wished, and not while a stage is made", () => {
  const page = new ChatPage();
  page.send({ type: "stages-open" }).send({ type: "stages-estimate" });
  assert.equal(page.asked.filter(({ type }) => type === "stages-estimate").length, 1);
  assert.match(estimateOf(page.stages, ["base"]), /measuring/);
  const seconds = { tokens: 4, base: 50, chat: 300 };
  page.answer("stages-estimate", "stages-estimated", { seconds });
  assert.equal(estimateOf(page.stages, ["tokens", "base", "chat"]), "about 6 min");
  page.send({ type: "stages-options", values: { baseSteps: 9 } }).send({ type: "stages-estimate" });
  assert.equal(page.last("stages-estimate").steps.base, 9);
  assert.match(estimateOf(page.stages, ["base"]), /measuring/); // those were of other steps
  page.send({ type: "stages-options", values: { baseSteps: 5 } }).send({ type: "stages-estimate" });
  page.answer("stages-estimate", "stages-estimated", { seconds });
  assert.equal(page.last("stages-estimate").steps.base, 5); // measured anew, as it was changed
  assert.equal(page.stages.estimate.seconds, null);
  page.answer("stages-estimate", "stages-estimated", { seconds });
  for (const mix of [false, true]) page.send({ type: "stages-options", values: { mix } });
  page.send({ type: "stages-estimate" }); // as before, but the times were forgotten
  assert.match(estimateOf(page.stages, ["base"]), /measuring/);
  page.send({ type: "stage-make", stage: "tokens" }); // breaks the measurement off
  page.answer("stages-estimate", "stages-estimated", { seconds: { tokens: 99 } });
  assert.notEqual(page.stages.estimate.seconds?.tokens, 99);
});

test("wrong conversations are listed by their lines, and nothing of them is taken", () => {
  const page = new ChatPage();
  page.send({ type: "stages-talks", name: "mine.jsonl", bytes: new Uint8Array(3) });
  const wrong = [[3, "The conversation is not JSON."]];
  page.answer("stages-talks", "stages-checked", { name: "mine.jsonl", talks: 2, wrong, more: 0 });
  assert.equal(page.state.said, "1 line is wrong.");
  assert.deepEqual([page.stages.talks.name, page.stages.talks.wrong], [null, wrong]);
  page.send({ type: "stages-talks", name: "mine.jsonl", bytes: new Uint8Array(3) });
  page.answer("stages-talks", "stages-checked", {
    name: "mine.jsonl",
    talks: 2,
    wrong: [],
    more: 0,
    shown: READ,
  });
  assert.equal(page.stages.talks.shown, READ);
  page.send({ type: "stages-open" });
  const before = page.last("stages-estimate");
  assert.equal(before.mix, true);
  assert.deepEqual([page.stages.talks.name, page.stages.talks.count], ["mine.jsonl", 2]);
  page.send({ type: "stages-talks", name: "x", bytes: new Uint8Array() });
  page.answer("stages-talks", "refused", { message: "There is nothing in it." });
  assert.equal(page.stages.talks.problem, "There is nothing in it.");
  // What was taken stays until other conversations are taken.
  page.send({ type: "stages-talks", name: "x", bytes: new Uint8Array(3) });
  page.answer("stages-talks", "stages-checked", { name: "x", talks: 2, wrong, more: 0, shown: [] });
  const { name, count, shown } = page.stages.talks;
  assert.deepEqual([name, count, shown, page.stages.talks.wrong], ["mine.jsonl", 2, READ, wrong]);
  page.answer("stages-estimate", "stages-estimated", { seconds: { tokens: 1, base: 2, chat: 3 } });
  page.send({ type: "stages-talks", name: null });
  page.answer("stages-talks", "stages-checked", { name: null, talks: 0, wrong: [], more: 0 });
  assert.deepEqual([page.stages.talks.name, page.stages.talks.shown], [null, []]);
  assert.ok(page.last("stages-estimate").id > before.id); // their time is that of other talks
});

test("a wish that the worker had not heard when it died is not lost", () => {
  const page = new ChatPage();
  page.send({ type: "stage-make", stage: "tokens", all: true });
  const { wish } = page.last("stages-make");
  page.send({ type: "crashed", fatal: true, message: "it is gone" }).send({ type: "retry" });
  assert.equal(page.stages.work, null);
  page.send({ type: "ready" }).send({ type: "stages-kept", parts: {} });
  page.send({ type: "stage-continue" });
  assert.deepEqual(page.last("stages-make").wish, wish);
  assert.equal(page.last("stages-make").goOn, true);
  page.made("tokens").send({ type: "stages-kept", parts: {} });
  assert.equal(page.stages.half, null);
});

test("a text that is no UTF-8 can be read as what it seems to be", () => {
  const page = new ChatPage();
  const given = { name: "old.txt", bytes: Uint8Array.of(0xe9) };
  page.send({ type: "stages-text", ...given });
  page.answer("stages-text", "refused", { message: "It is not.", encoding: "windows-1252" });
  assert.deepEqual([page.stages.text.encoding, page.stages.text.name], ["windows-1252", null]);
  page.send({ type: "stages-text-as", encoding: "windows-1252" });
  assert.deepEqual(page.last("stages-text"), {
    ...{ type: "stages-text", id: page.stages.text.id, encoding: "windows-1252" },
    ...given,
  });
  page.answer("stages-text", "stages-text", { name: "old.txt", characters: 1 });
  assert.deepEqual([page.stages.text.problem, page.stages.text.encoding], ["", ""]);
});

test("conversations are typed with several turns, a system line and a tool", () => {
  const turn = { you: " What is your name? ", tool: null, model: "I am Zog." };
  const sum = { you: "2+3?", tool: { call: "2+3", result: "5" }, model: "5." };
  const empty = { system: null, turns: [{ you: " ", tool: null, model: "" }] };
  const talks = [
    { system: "Be short.", turns: [turn, sum] },
    empty,
    { system: null, turns: [turn] },
  ];
  const lines = linesOf(talks).split("\n");
  assert.equal(lines[1], ""); // a line's number is that of its conversation
  const { messages } = JSON.parse(lines[0]);
  assert.deepEqual(
    messages.map(({ role }) => role),
    ["system", "user", "assistant", "user", "assistant"],
  );
  assert.equal(messages[1].content, "What is your name?");
  assert.deepEqual(
    messages[4].content.map(({ type, text }) => [type, text]),
    [
      ["python", "2+3"],
      ["python_output", "5"],
      ["text", "5."],
    ],
  );
  assert.deepEqual(lacking(talks), []);
  const half = { ...sum, tool: { call: "2+3", result: " " } };
  assert.deepEqual(
    lacking([empty, { system: null, turns: [turn, half, { ...turn, model: "" }] }]),
    [
      "Conversation 2, turn 2: the tool needs both, what it is asked and what it gives back.",
      "Conversation 2, turn 3: what it answers is empty.",
    ],
  );
  assert.match(lacking([empty])[0], /no conversations yet/);
});

test("what is typed is kept as it is, and what is no draft is not taken for one", () => {
  const page = new ChatPage();
  const [first] = page.stages.draft.talks;
  const talks = [{ ...first, system: "Be kind." }];
  page.send({ type: "stages-draft", values: { talks } });
  page.send({ type: "stages-draft", values: { pasted: "{" } });
  assert.deepEqual(page.stages.draft, { talks, pasted: "{", text: "" });
  assert.deepEqual(draftOf(JSON.parse(JSON.stringify(page.stages.draft))), page.stages.draft);
  assert.deepEqual(draftOf(null), {});
  assert.deepEqual(draftOf({ talks: [{ turns: [null] }], pasted: 3 }), { talks: [first] });
  page.send({ type: "stages-draft", values: { talks: [] } }); // the last one was removed
  assert.deepEqual(page.stages.draft.talks, [first]);
});

test("answers come side by side, what is of one kind together", () => {
  const page = new ChatPage();
  const sides = sidesOf(page.stages, false);
  assert.deepEqual(
    sides.map(({ tool }) => tool),
    [true, false],
  );
  page.send({ type: "stages-compare", question: "12 times 3?", sides });
  const said = [
    [
      ["text", ""],
      ["python", "12"],
      ["python", "*3"],
      ["text", ""],
      ["python_output", "36"],
      ["text", "That"],
    ],
    [["text", "I"]],
  ];
  page.answer("stages-ask", "stages-said", { said });
  page.answer("stages-ask", "stages-answered", { said: [[["text", " is"]], []] });
  assert.deepEqual(page.stages.compare.answers, [
    [
      { kind: "python", text: "12*3" },
      { kind: "python_output", text: "36" },
      { kind: "text", text: "That is" },
    ],
    [{ kind: "text", text: "I" }],
  ]);
  assert.equal(page.stages.compare.id, null);
  page.send({ type: "stages-compare", question: "12 times 4?", sides });
  page.send({ type: "stages-compare-stop" });
  assert.deepEqual([page.outbox, page.stages.compare.id], [["halt"], null]);
  page.answer("stages-ask", "stages-answered", { said }); // too late
  assert.deepEqual(page.stages.compare.answers, [[], []]);
  page.send({ type: "stages-kept", parts: { base: { ...ABOUT, wish: { stage: "base" } } } });
  assert.equal(sidesOf(page.stages, true)[0].name, "before fine-tuning");
  assert.equal(runOf({ ...ABOUT, step: 2, wish: { stage: "base" } }).status, "paused");
});
