// The workers of a sweep: what they are asked, one run after the other, and what a loss changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { checkRequest } from "../../../web/protocol.js";
import { Workers } from "../../../web/ui/sweep/workers.js";

class FakeWorker {
  sent = [];
  postMessage(message) {
    this.sent.push(checkRequest(message));
  }
  terminate() {
    this.terminated = true;
  }
  say(type, values = {}) {
    this.onmessage({ data: { type, ...values } });
    return this;
  }
  /** Python has loaded, and has the data. */
  begin(digest = "d") {
    return this.say("ready").say("data", { id: 1, digest });
  }
  get runs() {
    return this.sent.filter(({ type }) => type === "new").map(({ settings }) => settings.lr);
  }
}

function sweep(lrs, count) {
  const workers = [];
  const news = [];
  const create = () => workers[workers.push(new FakeWorker()) - 1];
  const data = { kind: "text", name: "mine", split: "line", bytes: Uint8Array.of(1), digest: "d" };
  const trials = lrs.map((lr) => ({ settings: { lr, steps: 50, eval_every: null } }));
  const tell = (trial, values) => news.push([trial, values]);
  const all = new Workers({ site: {}, data, trials, tell, count, create });
  const hows = () => news.filter(([, { how }]) => how).map(([trial, { how }]) => [trial, how]);
  return { all, workers, news, hows };
}

test("one worker trains one run after the other, with the settings of a plain run", () => {
  const { workers, news, hows } = sweep([0.1, 0.2], 1);
  const [one] = workers;
  one.begin();
  assert.deepEqual(
    one.sent.map(({ type }) => type),
    ["load", "data", "pace", "new", "train"],
  );
  assert.equal(one.sent[0].trial, true); // nothing of it is kept
  assert.deepEqual(one.sent[3].settings, { lr: 0.1, steps: 50, eval_every: 5 });
  assert.equal(one.sent[4].until, 50);
  one.say("evaluation", { step: 0, loss: 3 }).say("progress", { step: 9 });
  one.say("stopped", { reason: "done", step: 50 });
  assert.deepEqual(one.runs, [0.1, 0.2]);
  one.say("stopped", { reason: "diverged", step: 7 });
  assert.equal(one.terminated, true);
  assert.deepEqual(hows(), [
    [0, "training"],
    [0, "done"],
    [1, "training"],
    [1, "diverged"],
  ]);
  assert.deepEqual(news[1], [0, { point: { step: 0, loss: 3 } }]);
});

test("several take what is next, and no more are started than there are runs", () => {
  const { workers } = sweep([0.1, 0.2, 0.3], 4);
  assert.equal(workers.length, 3);
  const [first, second, third] = workers;
  first.begin();
  second.begin();
  first.say("stopped", { reason: "done", step: 50 });
  third.begin();
  assert.deepEqual(
    workers.map(({ runs }) => runs),
    [[0.1, 0.3], [0.2], []],
  );
  assert.equal(third.terminated, true);
});

test("settings that Python refuses are told, and the next run begins", () => {
  const { workers, news } = sweep([0.1, 0.2], 1);
  workers[0].begin().say("refused", { run: 1, message: "No." });
  assert.deepEqual(news[1], [0, { how: "failed", why: "No." }]);
  assert.deepEqual(workers[0].runs, [0.1, 0.2]);
});

test("the run of a lost worker begins again once, and after many losses no worker is started", () => {
  const { workers, hows } = sweep([0.1, 0.2], 1);
  workers[0].begin().say("crashed", { message: "Out of memory." });
  assert.deepEqual(hows().at(-1), [0, "waiting"]);
  workers[1].begin().say("crashed", { message: "Out of memory." });
  assert.deepEqual(hows().at(-1), [0, "failed"]);
  workers[2].begin();
  assert.deepEqual(workers[2].runs, [0.2]);
  workers[2].onerror({ message: "gone" });
  assert.equal(workers.length, 3);
  assert.deepEqual(hows().at(-1), [1, "failed"]);
});

test("other data than those of the page are not trained on", () => {
  const { workers, hows } = sweep([0.1, 0.2], 2);
  workers[0].begin("another");
  assert.deepEqual(hows(), [
    [0, "failed"],
    [1, "failed"],
  ]);
  assert.ok(workers.every(({ terminated }) => terminated));
});

test("stopped, all workers end and say no more", () => {
  const { all, workers, hows } = sweep([0.1, 0.2], 2);
  workers[0].begin();
  all.stop();
  workers[0].say("stopped", { reason: "done", step: 50 });
  assert.deepEqual(hows(), [[0, "training"]]);
  assert.ok(workers.every(({ terminated }) => terminated));
});
