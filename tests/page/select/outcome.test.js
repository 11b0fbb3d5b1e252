// What came of a run: marks that are taken back, its end in words, what could not be begun.
import assert from "node:assert/strict";
import { test } from "node:test";
import { notices } from "../../../web/select/notices.js";
import {
  aheadSince,
  likePicking,
  plannedParameters,
  secondsPerStep,
} from "../../../web/select/shown-run.js";
import { FIELDS } from "../../../web/settings/fields.js";
import { Page } from "../page.js";

const running = (address) => new Page(address).load().send({ type: "start" }).created();
const look = (page, step, loss) =>
  page.send({ type: "evaluation", run: page.state.run.id, step, loss, bitsPerByte: loss });
const titles = (page) => notices(page.state).map(({ title }) => title);

test("the mark for beating the bigram is taken back when that stops being true", () => {
  const page = running("train?steps=400");
  look(look(page, 0, 3.3), 100, 2.4);
  assert.equal(page.state.run.beat, 100);
  assert.match(page.state.said, /By step 100: better than the bigram/);
  look(page, 200, 2.6);
  assert.equal(page.state.run.beat, null);
  assert.match(page.state.said, /step 200 no longer better/);
  assert.equal(look(page, 300, 2.4).state.run.beat, 300);
});

test("an opened run has the mark only if it still holds", () => {
  const evaluations = [0, 100, 200].map((step, i) => ({ step, loss: [3.3, 2.4, 2.6][i] }));
  assert.equal(aheadSince(evaluations, 2.5), null);
  assert.equal(aheadSince(evaluations.slice(0, 2), 2.5), 100);
  assert.equal(aheadSince(evaluations, null), null);
});

test("the end of a run is said from its losses", () => {
  const outcome = { kind: "memorising", text: "It has been memorising since step 150." };
  const page = running("train?steps=400").stopped("done", 400, { outcome });
  assert.match(page.state.said, /Finished at step 400. It has been memorising since step 150/);
  assert.deepEqual(titles(page), ["It has begun to memorise"]);
  const small = { kind: null, text: "" };
  assert.deepEqual(titles(running("train").stopped("done", 1, { outcome: small })), []);
  assert.deepEqual(titles(running("train").stopped("paused", 9, { outcome })), []);
});

test("a loss that climbed is an alarm, and clipping is offered", () => {
  const outcome = { kind: "diverged", text: "The loss climbed to 1,154,837.84." };
  const [notice] = notices(running("train").stopped("done", 400, { outcome }).state);
  assert.equal(notice.alarm, true);
  assert.deepEqual(notice.actions, [["Try again with clip 1", { type: "retry-clipped" }]]);
});

test("repeated lines and steps that could not be recorded are told", () => {
  const page = new Page("train").load().send({ type: "start" });
  page.created({ twins: "48 of the 60 held-out documents stand in the training data, too." });
  page.send({ type: "unrecorded", run: page.state.run.id, message: "It branches on a value." });
  assert.deepEqual(titles(page), [
    "Some lines occur twice",
    "This model runs slower than it could",
  ]);
});

test("what is too large is refused before Start, and at Start in the same words", () => {
  const page = new Page("train").load();
  const message = "This would take about 252.6 GB of memory.";
  assert.equal(plannedParameters(page.state), 4192);
  page.send({ type: "settings", values: { n_embd: 2048 } });
  assert.equal(plannedParameters(page.state), null); // until Python says it
  page.answer("describe", "refused", { message }).send({ type: "start" });
  assert.equal(plannedParameters(page.state), null); // it has no number of them that is true
  assert.equal(page.state.run, null);
  assert.deepEqual(page.outbox, []);
  assert.equal(notices(page.state)[0].text, message);
  page.send({ type: "settings", values: { n_embd: 16 } }).send({ type: "start" });
  assert.deepEqual(page.outbox, ["pace", "new", "train"]);
});

test("a run that cannot be says why, and not that it is over", () => {
  const page = new Page("train").load().send({ type: "start" });
  page.answer("new", "refused", { message: "It needs 90 GB." });
  page.answer("train", "refused", { message: "That run is over; another has taken its place." });
  assert.equal(page.state.run.message, "It needs 90 GB.");
});

test("after a run its own speed is told, unless the settings are for another", () => {
  const page = running("train?steps=4").answer("describe", "described", { secondsPerStep: 7 });
  page.progress(4, [3, 3, 3, 3], { seconds: 2 });
  assert.equal(secondsPerStep(page.state, FIELDS), 7); // it is not over
  page.stopped("done", 4);
  assert.equal(secondsPerStep(page.state, FIELDS), 0.5);
  page.send({ type: "settings", values: { lr: 0.5 } });
  page.answer("describe", "described", { secondsPerStep: 8 });
  assert.equal(secondsPerStep(page.state, FIELDS), 8);
});

test("a loss in words never speaks of more letters than there are", () => {
  const run = { uniformLoss: Math.log(27) };
  assert.equal(likePicking(2.3, run, "letter"), "like 10 equally likely letters");
  assert.equal(likePicking(1.2, run, "letter"), "like 3.3 equally likely letters");
  assert.equal(likePicking(3.5, run, "letter"), "like 27 equally likely letters");
  assert.equal(likePicking(106, run, "letter"), "worse than guessing");
});
