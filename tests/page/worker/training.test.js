// Training in the worker: to its end, with a pace, wishes and mistakes on the way.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import "../unref.js";
import { turn } from "../../../web/worker/task.js";
import { Data } from "../../../web/worker/data.js";
import { Training } from "../../../web/worker/training.js";

const alive = setInterval(() => {}, 1e6); // while work waits for its turn
after(() => clearInterval(alive));

const later = () => new Promise((resolve) => setTimeout(resolve));

function trained({ end = 5 } = {}) {
  const heard = [];
  const noted = []; // samples that are kept with the run
  let [step, saves] = [0, 0];
  const python = {
    memory: 1,
    ask(method, request) {
      if (method === "outcome") return { kind: "improving", text: "It was still improving." };
      const { until: target, end: until } = request;
      const most = Math.min(target, until, end);
      const losses = new Float64Array(step < most ? 1 : 0);
      step += losses.length;
      const state = step === end ? "done" : step >= most ? "reached" : "going";
      const events = state === "done" ? [{ type: "samples", step }] : [];
      return { step, state, tokens: step, lr: 1, seconds: 1, events, losses };
    },
  };
  const note = ({ step }) => noted.push(step);
  const autosave = { due: () => false, note, save: async () => void (saves += 1) };
  const training = new Training(python, (message) => heard.push(message), autosave);
  training.begin(1, 0);
  return { training, heard, noted, saves: () => saves, types: () => heard.map(({ type }) => type) };
}

test("training goes to its end, says every loss once, and is kept", async () => {
  const { training, heard, noted, saves, types } = trained();
  training.train(9, assert.fail);
  await training.loop;
  const losses = heard.filter(({ type }) => type === "progress").map((m) => m.losses.length);
  assert.equal(
    losses.reduce((a, b) => a + b),
    5,
  );
  assert.deepEqual(noted, [5]);
  assert.deepEqual(types().slice(-3), ["progress", "samples", "stopped"]);
  assert.deepEqual(
    [heard.at(-1).type, heard.at(-1).reason, heard.at(-1).step, heard.at(-1).outcome.kind],
    ["stopped", "done", 5, "improving"],
  );
  assert.equal(saves(), 1);
});

test("a run that another replaces while it trains is kept as far as it came", async () => {
  const { training, heard, saves } = trained({ end: 1e9 });
  training.train(1e9, assert.fail);
  await turn();
  await training.clear();
  assert.deepEqual([saves(), heard.at(-1).type, heard.at(-1).step], [1, "stopped", training.step]);
});

test("training pauses at its target, and goes on from there", async () => {
  const { training, heard } = trained();
  training.train(2, assert.fail);
  await training.loop;
  assert.deepEqual([heard.at(-1).reason, heard.at(-1).step], ["paused", 2]);
  training.train(4, assert.fail);
  await training.loop;
  assert.deepEqual([heard.at(-1).reason, heard.at(-1).step], ["paused", 4]);
});

test("the end of a run that is on can be moved, before it and behind it", async () => {
  const { training, heard } = trained({ end: 1e9 });
  training.train(1e9, assert.fail);
  await turn();
  training.train(training.step + 3, assert.fail); // the same loop goes on
  const until = training.step + 3;
  await training.loop;
  assert.deepEqual([heard.at(-1).reason, heard.at(-1).step], ["paused", until]);
  training.train(1e9, assert.fail);
  await turn();
  training.train(1, assert.fail); // that was long ago
  await training.loop;
  assert.equal(heard.at(-1).reason, "paused");
});

test("a wish ends training at once and is answered; one without training too", async () => {
  const { training, heard } = trained({ end: 1e9 });
  training.train(1e9, assert.fail);
  await turn();
  await training.stop("finish");
  const { step } = heard.at(-1);
  assert.deepEqual([heard.at(-1).reason, training.driving], ["stopped", false]);
  await turn();
  assert.equal(training.step, step);
  await training.stop("pause");
  assert.deepEqual([heard.at(-1).type, heard.at(-1).reason], ["stopped", "paused"]);
});

test("a pace holds training back, and a faster one lets it go", async () => {
  const { training } = trained({ end: 50 });
  training.setPace(1);
  training.train(50, assert.fail);
  await later();
  assert.ok(training.step <= 1);
  training.setPace(0);
  await training.loop;
  assert.equal(training.step, 50);
});

test("an error breaks training off: it is said, and nobody waits for more", async () => {
  const { training, heard } = trained();
  training.python.ask = () => {
    throw new Error("KeyError: x");
  };
  const errors = [];
  training.train(9, (error) => errors.push(error.message));
  await training.loop;
  assert.deepEqual(errors, ["KeyError: x"]);
  assert.deepEqual(
    [heard.at(-1).type, heard.at(-1).reason, training.driving],
    ["stopped", "paused", false],
  );
});

// ---- data

test("a run of names goes on with those it learned from: of now, of before, or else of now", async () => {
  const python = {
    ask: (method, { kind, name, split }, bytes) => {
      return { kind, name, split, digest: `digest of ${new TextDecoder().decode(bytes)}` };
    },
  };
  const address = (text) => `data:text/plain,${text}`;
  const data = new Data(python, {
    data: { names: address("now"), "names-1800": address("before") },
  });
  for (const [digest, kind] of [
    ["digest of now", "names"],
    ["digest of before", "names-1800"],
    ["another", "names"],
    [undefined, "names"],
  ]) {
    assert.equal((await data.take({ kind: "names", split: "line", digest })).kind, kind);
    assert.equal(data.current.kind, kind);
  }
});
