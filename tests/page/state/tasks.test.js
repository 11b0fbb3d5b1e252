// Tasks with a right answer as data, how they are answered along a run, and the verdict on data.
import assert from "node:assert/strict";
import { test } from "node:test";
import { layOut } from "../../../web/select/chart-labels.js";
import { points } from "../../../web/select/chart-points.js";
import { extend, newCurve } from "../../../web/select/curve.js";
import { factsOf, verdictOf } from "../../../web/select/data-facts.js";
import { documents } from "../../../web/select/format.js";
import { fromFragment, toFragment } from "../../../web/settings/address.js";
import { CALLED, TASKS, kindOf, taskOf } from "../../../web/settings/tasks.js";
import { Page } from "../page.js";

const sums = () => {
  const page = new Page("train?data=task:add").load();
  return page.answer("describe", "described", { heldOut: 1000, vocabSize: 13 });
};

test("every task has a name, a size, and an address that comes back", () => {
  assert.deepEqual(Object.keys(CALLED), Object.keys(TASKS));
  for (const [name, { size, most }] of Object.entries(TASKS)) {
    assert.equal(kindOf(name, size), `task:${name}`);
    assert.deepEqual(taskOf(`task:${name}:${most}`)?.size, most);
    const page = new Page(`train?data=task:${name}:${most}`);
    assert.deepEqual(page.state.ignored, []);
    assert.equal(fromFragment(toFragment(page.state)).data.kind, `task:${name}:${most}`);
  }
  for (const wrong of ["task:add:7", "task:add:", "task:divide", "task:", "add", "task:toString"])
    assert.equal(taskOf(wrong), null, wrong);
  assert.deepEqual(fromFragment("#train?data=task:add:99").ignored, ["data"]);
});

test("a task is asked for by its kind, and what it holds out is its own", () => {
  const page = sums();
  assert.deepEqual([page.last("data").kind, page.last("data").split], ["task:add", "line"]);
  assert.equal(documents(page.state.data), "questions");
  assert.match(factsOf(page.state), /^1,800 questions, 27 tokens.*; 1,000 held out$/);
});

test("how many are answered right is told step by step, and there is a question to ask", () => {
  const page = sums().send({ type: "start" });
  page.created({ question: "17+25=", vocabulary: "+0123456789=", dataName: "task:add:2" });
  assert.equal(page.state.prompt, "17+25="); // "ma" has letters it lacks
  const run = page.state.run.id;
  for (const [step, right] of [
    [0, 1],
    [300, 50],
    [300, 60],
  ])
    page.send({ type: "exact", run, step, right, tries: 200 });
  page.send({ type: "exact", run: run + 1, step: 900, right: 1, tries: 1 }); // another run's
  assert.deepEqual(page.state.run.exact, [
    { step: 0, right: 1, tries: 200 },
    { step: 300, right: 60, tries: 200 },
  ]);
});

test("the share answered right is the chart's last column, and stands at its end", () => {
  const run = {
    curve: extend(newCurve(100), [3, 2]),
    step: 2,
    steps: 100,
    evaluations: [],
    exact: [{ step: 2, right: 3, tries: 4 }],
    uniformLoss: 3.3,
    bigramLoss: 2.5,
    beat: null,
  };
  assert.deepEqual(points(run, []).at(-1), [null, 0.75]);
  assert.equal(points({ ...run, exact: [] }, []).length, 4);
  const place = { width: 600, height: 300, x: (step) => step, y: (loss) => 300 - loss * 75 };
  const labels = layOut(run, { ...place, share: (p) => 300 - 300 * p, ticks: { x: [], y: [] } });
  const end = labels.find(({ words }) => words?.at(-1) === " right");
  assert.deepEqual([end.words[0], end.top <= 85], [["75%"], true]);
});

// ---- the verdict on the data

const FACTS = { passes: 8.9, tokens: 64_800, pairs: 2.4975, doubled: 0, twins: 0 };
const judged = (page, facts = {}, advice = []) =>
  page.answer("judge", "judged", { facts: { ...FACTS, ...facts }, advice });

test("small data are judged for every run that is planned, large ones when it is asked for", () => {
  const page = new Page("train").load();
  page.answer("describe", "described", { heldOut: 1200 });
  assert.deepEqual(page.outbox, ["judge"]);
  judged(page, {}, ["Keep each once."]);
  const { sum, advice } = verdictOf(page.state);
  assert.equal(
    sum,
    "64,800 tokens to learn from; 3,000 steps read it 8.9 times. Counting pairs gives a loss of 2.50.",
  );
  assert.deepEqual(advice, ["Keep each once."]);
  page.send({ type: "settings", values: { steps: 100 } }).answer("describe", "described");
  assert.equal(verdictOf(page.state), null); // that was about another run
  page.send({ type: "choose-data", kind: "stories" }).haveData({ characters: 1e7 });
  page.answer("describe", "described");
  assert.deepEqual([page.outbox, verdictOf(page.state)], [[], null]);
  assert.deepEqual(page.send({ type: "judge" }).outbox, ["judge"]);
  judged(page, { passes: 0.004, doubled: 12, pairs: NaN });
  assert.match(verdictOf(page.state).sum, /read <1% of it\.$/); // of doubles the advice tells
});

test("data that cannot be judged are no reason to stop", () => {
  const page = new Page("train").load();
  page.answer("describe", "described").answer("judge", "refused", { message: "Too large." });
  assert.deepEqual([verdictOf(page.state), page.state.data.status], [null, "ready"]);
  assert.deepEqual(page.send({ type: "start" }).outbox, ["pace", "new", "train"]);
});
