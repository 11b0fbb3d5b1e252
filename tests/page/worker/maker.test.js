// A stage that is being made: what the page is told of its losses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Maker } from "../../../web/worker/stages/maker.js";

test("each loss is told once: those of before as it begins, those of steps that wait for others, too", async () => {
  const training = { phase: "training", seconds: 1, share: 0, steps: 9, events: [] };
  const answers = [
    { begun: true, step: 2, steps: 9, losses: [5, 4] },
    { ...training, step: 3, state: "waiting", losses: [3] },
    { ...training, step: 4, state: "going", losses: [2] },
  ];
  const told = [];
  const making = {
    python: { ask: () => answers.shift() },
    post: (message) => told.push(message),
    helpers: { begin() {}, stepped() {}, exchangeOf: async () => told.push({ type: "exchange" }) },
  };
  const maker = new Maker(making, 1, { stage: "base" }, 0);
  while (answers.length) maker.report(await maker.piece());
  assert.deepEqual(
    told.map(({ type, about, losses }) => [type, about?.losses ?? [...(losses ?? [])]]),
    [
      ["stages-begun", [5, 4]],
      ["stages-news", []],
      ["exchange", []],
      ["stages-news", [3]],
      ["stages-news", [2]],
    ],
  );
});
