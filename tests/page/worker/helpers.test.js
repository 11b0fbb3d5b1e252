// Workers that help with the steps of a run: when they are started, what they are sent, who is lost.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import "../unref.js";
import { Helpers } from "../../../web/helpers.js";

const alive = setInterval(() => {}, 1e6); // while work waits for its turn
after(() => clearInterval(alive));

class FakeWorker {
  sent = [];
  postMessage(message) {
    this.sent.push(message);
  }
  terminate() {
    this.terminated = true;
  }
  say(data) {
    this.onmessage({ data });
  }
  types() {
    return this.sent.map(({ type }) => type);
  }
}

function helpers({ shards = 4, wish = 0, cores = 2 } = {}) {
  Object.defineProperty(globalThis, "navigator", {
    value: { hardwareConcurrency: cores },
    configurable: true,
  });
  const workers = [];
  const asked = [];
  const python = {
    ask: (method, request) => {
      asked.push([method, request]);
      return { shards };
    },
  };
  const create = () => {
    workers.push(new FakeWorker());
    return workers.at(-1);
  };
  const found = new Helpers(python, {}, null, create);
  found.begin({ shards });
  found.want(wish);
  /** Steps that take so long. */
  const steps = (count, seconds) => {
    for (let i = 0; i < count; i++) found.stepped(seconds);
  };
  const calls = (method) => asked.filter(([name]) => name === method).map(([, given]) => given);
  return { found, workers, steps, calls };
}

test("quick steps, few shards and a single core are left alone", () => {
  for (const [given, seconds] of [
    [{}, 0.005],
    [{ shards: 1 }, 1],
    [{ cores: 1 }, 1],
  ]) {
    const { found, workers, steps } = helpers(given);
    steps(30, seconds);
    assert.deepEqual([workers.length, found.count], [0, 1]);
  }
});

test("slow steps are tried together, and stay so where that is faster", () => {
  const { found, workers, steps, calls } = helpers();
  steps(7, 0.1);
  assert.deepEqual([workers.length, found.count], [1, 1]); // it is loading
  workers[0].say({ type: "ready" });
  steps(1, 0.1);
  assert.deepEqual([found.count, calls("share")], [2, [{ count: 2 }]]);
  assert.deepEqual(workers[0].types(), ["help"]); // Python says what it is to know
  steps(20, 0.06);
  assert.deepEqual([found.count, found.decided], [2, true]);
});

test("where together is not faster, the others are let go of", () => {
  const { found, workers, steps, calls } = helpers();
  steps(7, 0.1);
  workers[0].say({ type: "ready" });
  steps(20, 0.098);
  assert.deepEqual([found.count, workers[0].terminated, workers.length], [1, true, 1]);
  assert.deepEqual(calls("share"), [{ count: 2 }, { count: 1 }]);
});

test("shares are posted, answers go to Python, and a lost worker is replaced", async () => {
  const { found, workers, steps, calls } = helpers({ wish: 2 });
  steps(1, 0.1);
  workers[0].say({ type: "ready" });
  steps(1, 0.1);
  const bytes = new Uint8Array(3);
  const [move, shares] = ["move", "shards"].map((kind, number) => ({ kind, number }));
  const to = (share) => ({ to: 1, ...share });
  const first = new Uint8Array([1]);
  await found.exchangeOf({ shares: [to(move), to(shares)], share0: first, share1: bytes });
  const sent = workers[0].sent.slice(-2).map(({ type, ...given }) => [type, given]);
  assert.deepEqual(sent, [
    ["share", { share: move, bytes: first }],
    ["share", { share: shares, bytes }],
  ]);
  const waiting = found.exchangeOf({ shares: [] });
  const answer = { worker: 1, number: 7, losses: [1], seconds: 2 };
  workers[0].say({ type: "computed", ...answer, data: bytes });
  await waiting;
  assert.deepEqual(calls("receive"), [answer]);

  await found.exchangeOf({ shares: [to(shares)], share0: bytes });
  const lost = found.exchangeOf({ shares: [] });
  workers[0].onerror({});
  await lost; // nobody waits for it
  assert.deepEqual([found.count, workers[0].terminated], [1, true]);
  steps(1, 0.1);
  assert.equal(workers.length, 2);
  workers[0].say({ type: "computed", ...answer, data: bytes }); // too late
  assert.equal(calls("receive").length, 1);
});

test("they help with one run after another, each asked by its name", () => {
  const { found, workers, steps, calls } = helpers({ wish: 2 });
  steps(1, 0.1);
  workers[0].say({ type: "ready" });
  steps(1, 0.1);
  assert.equal(found.count, 2);
  found.begin({ shards: 4 }, "stage_");
  assert.deepEqual(calls("share"), [{ count: 2 }, { count: 1 }]); // that of before goes on alone
  steps(1, 0.1);
  assert.deepEqual([found.count, calls("stage_share")], [2, [{ count: 2 }]]); // with the same worker
  workers[0].say({ type: "computed", worker: 1, number: 3, seconds: 1, data: new Uint8Array(3) });
  assert.deepEqual(calls("stage_receive"), [{ worker: 1, number: 3, seconds: 1 }]);
  found.begin({ shards: 1 });
  steps(1, 0.1);
  assert.deepEqual([found.count, found.others], [1, []]);
});

test("who waits for the answers of another run loses nobody", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { found, workers, steps } = helpers({ wish: 2 });
  found.begin({ shards: 4 }, "stage_");
  steps(1, 0.1);
  workers[0].say({ type: "ready" });
  steps(1, 0.1);
  let waits = true;
  found.exchangeOf({ shares: [] }).then(() => (waits = false)); // and then the stage is paused
  found.begin({ shards: 4 });
  for (let i = 0; i < 9; i++) await Promise.resolve();
  assert.equal(waits, false);
  steps(1, 0.1);
  context.mock.timers.tick(1e6);
  assert.deepEqual([found.count, workers.length, found.lost], [2, 1, 0]);
});

test("a run in which workers are lost again and again goes on alone", () => {
  const { found, workers, steps } = helpers({ wish: 2 });
  for (let i = 0; i < 6; i++) {
    steps(1, 0.1);
    workers.at(-1).onerror({});
  }
  assert.deepEqual([workers.length, found.others.length], [3, 0]);
  found.begin({ shards: 4 });
  steps(1, 0.1);
  assert.equal(workers.length, 4);
});
