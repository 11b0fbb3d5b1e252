// What a run has written on the way, and how it is looked at again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { narrow, readable, visible, withSigns } from "../../../web/select/format.js";
import { withColumn } from "../../../web/select/history.js";
import { shareOf, writesTexts } from "../../../web/select/shown-run.js";
import { Page } from "../page.js";

const sample = (step) => ({ step, samples: [{ text: `at ${step}`, new: true }] });

test("of a long run as much is kept as one looks through, from its whole length", () => {
  let columns = [];
  for (let step = 0; step <= 5000; step += 5) columns = withColumn(columns, sample(step));
  assert.equal(columns.length, 120);
  const steps = columns.map(({ step }) => step);
  assert.deepEqual([steps[0], steps.at(-1)], [0, 5000]);
  const gaps = steps.slice(1).map((step, i) => step - steps[i]);
  assert.ok(
    gaps.every((gap) => gap > 0 && gap <= 100),
    `${gaps}`,
  ); // 2% of the run
  assert.equal(withColumn([sample(1), sample(3)], sample(3)).length, 2);
});

test("texts have one wide column, names several", () => {
  const live = sample(1);
  assert.equal(writesTexts({ rows: "crops", live }), true);
  assert.equal(writesTexts({ rows: "documents", longest: 12, live }), false);
  assert.equal(writesTexts({ rows: "documents", longest: 60, live }), true);
  assert.equal(writesTexts({ live: null }, ["emma", "once upon a time ".repeat(4)]), true);
  assert.equal(writesTexts({ dataName: "names", live: null }, ["aeio".repeat(40)]), false);
  assert.equal(writesTexts({ live }), false); // a model from a link does not say
});

test("an earlier text can be looked at while the run goes on; a new run is followed again", () => {
  const page = new Page().load().send({ type: "start" }).created({ rows: "crops", longest: 900 });
  const { id } = page.state.run;
  for (const step of [0, 100, 200]) page.send({ type: "samples", run: id, ...sample(step) });
  assert.deepEqual(
    page.state.run.history.map(({ step }) => step),
    [0, 100, 200],
  );
  page.send({ type: "samples-at", step: 100 });
  page.send({ type: "samples", run: id, ...sample(300) });
  assert.equal(page.state.samplesAt, 100);
  page.stopped("done", 3000).send({ type: "again" });
  assert.deepEqual([page.state.samplesAt, page.state.run.history], [null, []]);
});

test("characters without a shape are shown by one; a long token is cut where it has to be", () => {
  assert.equal(readable("a\x00b\n\x85\ttab"), "a␀b\n\ufffd\ttab");
  assert.deepEqual([narrow("cat"), narrow(" "), narrow("understanding")], ["cat", "␣", "underst…"]);
  assert.deepEqual(
    [narrow("a\x01"), visible("\x7f"), withSigns("\x02 a")],
    ["a␁", "\ufffd", "␂·a"],
  );
});

test("how many names are new is a share, for columns have eight of them or twenty", () => {
  const named = (...fresh) => fresh.map((each) => ({ text: "emma", new: each }));
  assert.equal(shareOf(named(true, false)), "50% new");
  assert.equal(shareOf(named(true, true, true)), "100% new");
  assert.equal(shareOf(named(null)), "");
  const answered = [true, false, false].map((right) => ({ text: "1+1=2", new: null, right }));
  assert.equal(shareOf(answered), "33% right");
});
