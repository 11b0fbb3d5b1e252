// The page's end of the worker, the messages, and the loop that long work goes through.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import "./unref.js";
import { createClient } from "../../web/client.js";
import { FINAL, REQUESTS, checkRequest } from "../../web/protocol.js";
import { Task, drive, turn } from "../../web/worker/task.js";
import { Benchmark } from "../../web/worker/benchmark.js";
import { Data } from "../../web/worker/data.js";
import { Training } from "../../web/worker/training.js";

const alive = setInterval(() => {}, 1e6); // while work waits for its turn
after(() => clearInterval(alive));

const later = () => new Promise((resolve) => setTimeout(resolve));

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
}

function connected() {
  const workers = [];
  const heard = [];
  const create = () => {
    workers.push(new FakeWorker());
    return workers.at(-1);
  };
  const client = createClient((message) => heard.push(message), create);
  return { client, workers, heard, refused: () => heard.filter(({ type }) => type === "refused") };
}

// ---- the client

test("a question without an answer is refused when Python crashes", () => {
  const { client, workers, refused } = connected();
  client.send({ type: "write", id: 1, prompt: "" });
  client.send({ type: "next", id: 2, prompt: "" });
  workers[0].say({ type: "probabilities", id: 2, tokens: [] });
  workers[0].say({ type: "crashed", fatal: true, message: "out of memory" });
  assert.deepEqual(
    refused().map(({ id }) => id),
    [1],
  );
});

test("a finished benchmark is finished: a crash after it refuses nothing", () => {
  const { client, workers, refused } = connected();
  client.send({ type: "benchmark", id: 1 });
  workers[0].say({ type: "benchmarking", id: 1, results: [], kernel: true, done: false });
  workers[0].say({ type: "benchmarked", id: 1, results: [], kernel: true, done: true });
  workers[0].say({ type: "crashed", fatal: true, message: "out of memory" });
  assert.deepEqual(refused(), []);
});

test("after a crash every question is refused, but not before send() has returned", async () => {
  const { client, workers, refused } = connected();
  workers[0].say({ type: "crashed", fatal: true, message: "out of memory" });
  client.send({ type: "train", run: 3, until: 9 });
  assert.deepEqual(refused(), []);
  await later();
  assert.deepEqual(
    refused().map(({ run }) => run),
    [3],
  );
  assert.deepEqual(workers[0].sent, []);
});

test("a mistake that Python survives ends its own question only", () => {
  const { client, workers, refused } = connected();
  client.send({ type: "next", id: 1, prompt: "" });
  client.send({ type: "next", id: 2, prompt: "" });
  workers[0].say({ type: "crashed", id: 1, fatal: false, message: "KeyError" });
  workers[0].say({ type: "failed", stage: "check", reason: "none" });
  assert.deepEqual(
    refused().map(({ id }) => id),
    [2],
  );
});

test("a worker that cannot start says so; one that ends has crashed", () => {
  const first = connected();
  first.workers[0].onerror({ message: "" });
  const { type, stage, reason } = first.heard[0];
  assert.deepEqual([type, stage], ["failed", "python"]);
  assert.match(reason, /could not start worker.js/);
  const second = connected();
  second.workers[0].say({ type: "ready" });
  second.workers[0].onerror({ message: "it broke", filename: "worker.js", lineno: 3 });
  assert.deepEqual(second.heard[1], {
    type: "crashed",
    fatal: true,
    message: "it broke",
    detail: "worker.js:3",
  });
});

test("a fresh worker answers again", () => {
  const { client, workers, refused } = connected();
  client.send({ type: "next", id: 1, prompt: "" });
  client.restart();
  assert.deepEqual([workers.length, workers[0].terminated, workers[0].onmessage], [2, true, null]);
  assert.equal(refused().length, 1);
  client.send({ type: "next", id: 2, prompt: "" });
  assert.deepEqual(
    workers[1].sent.map(({ id }) => id),
    [2],
  );
});

// ---- the messages

test("a request that is none of ours, or lacks something, is a mistake at once", () => {
  assert.throws(() => checkRequest({ type: "dance" }), /there is no request "dance"/);
  assert.throws(() => checkRequest({ type: "train", run: 1 }), /train lacks until/);
  assert.throws(() => checkRequest(undefined), /there is no request/);
  assert.equal(checkRequest({ type: "train", run: 1, until: 0 }).until, 0);
});

test("every question with an id has an answer that ends it", () => {
  const ends = {
    data: "data",
    describe: "described",
    judge: "judged",
    command: "command",
    write: "written",
    next: "probabilities",
    attention: "attention",
    embeddings: "embedded",
    machine: "machine",
    "one-step": "one-step",
    story: "story",
    graph: "graph",
    cut: "cut",
    learn: "learned",
    "open-tokenizer": "tokenizer",
    "save-tokenizer": "file",
    benchmark: "benchmarked",
    save: "file",
    "kept-file": "file",
    open: "opened",
    link: "linked",
    "open-link": "opened",
    "chat-open": "chat-opened",
    "chat-ask": "chat-answered",
    "stages-estimate": "stages-estimated",
    "stages-make": "stages-made",
    "stages-text": "stages-text",
    "stages-talks": "stages-checked",
    "stages-ask": "stages-answered",
    "stages-file": "file",
    "stages-tokens": "tokenizer",
    "chat-likeliest": "chat-likeliest",
    "chat-command": "chat-done",
    "chat-read": "chat-messages",
    "chat-judge": "chat-judged",
  };
  const asked = Object.keys(REQUESTS).filter((type) => REQUESTS[type].includes("id"));
  assert.deepEqual(asked.filter((type) => type !== "halt").sort(), Object.keys(ends).sort());
  for (const type of Object.values(ends)) assert.ok(FINAL.includes(type), type);
});

// ---- long work

test("work goes piece by piece, and lets messages in between", async () => {
  let [pieces, others] = [0, 0];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => (others += 1);
  port2.postMessage(null); // it waits until the first piece is done
  const piece = () => {
    pieces += 1;
    return { done: others > 0 || pieces === 1e5, pieces };
  };
  const reports = [];
  const report = (about) => reports.push(about.pieces);
  const end = await drive({ goesOn: () => true, piece, report, every: 0 });
  assert.deepEqual([others, reports[0], reports.length], [1, 1, end.pieces - 1]);
  port1.close();
});

test("reports keep their distance, unless one is urgent; a piece without a result is none", async () => {
  const results = [{ n: 1 }, { n: 2 }, null, { n: 4, urgent: true }, { n: 5 }, { done: true }];
  const reports = [];
  await drive({
    goesOn: () => true,
    piece: () => results.shift(),
    report: ({ n }) => reports.push(n),
    every: 1e6,
  });
  assert.deepEqual(reports, [1, 4]);
});

function counting(limit = Infinity) {
  const said = [];
  let n = 0;
  const work = {
    piece: () => ({ n: (n += 1), done: n >= limit }),
    report: () => {},
    every: 1e6,
    stop: () => ({ n, stopped: true }),
    finish: (about) => said.push(about),
  };
  return { work, said };
}

test("a task answers once: at its end, or where it is halted", async () => {
  const task = new Task();
  const { work, said } = counting(3);
  task.begin(7, work, assert.fail);
  while (task.id !== null) await turn();
  task.halt(7);
  assert.deepEqual(said, [{ n: 3, done: true }]);
  const other = counting();
  task.begin(8, other.work, assert.fail);
  await turn();
  task.halt(7); // not this one
  assert.equal(task.id, 8);
  task.halt(8);
  task.halt(8);
  await later();
  assert.equal(other.said.length, 1);
  assert.equal(other.said[0].stopped, true);
});

test("a task that breaks says so and is over; one that is dropped says nothing", async () => {
  const task = new Task();
  const errors = [];
  const broken = {
    ...counting().work,
    piece: () => {
      throw new Error("KeyError");
    },
  };
  task.begin(1, broken, (error) => errors.push(error.message));
  await later();
  assert.deepEqual([errors, task.id], [["KeyError"], null]);
  const { work, said } = counting();
  task.begin(2, work, assert.fail);
  task.drop();
  await later();
  assert.deepEqual(said, []);
});

test("the benchmark ends with all its turns, or early with those until then", async () => {
  const heard = [];
  let left = 3;
  const python = {
    ask: (method) =>
      method === "go_on_measuring" ? { done: --left === 0, kernel: true, results: [left] } : {},
  };
  const benchmark = new Benchmark(python, (message) => heard.push(message));
  benchmark.start({ id: 1 }, assert.fail);
  while (benchmark.task.id !== null) await turn();
  assert.deepEqual(
    heard.map(({ type, done }) => [type, done]),
    [
      ["benchmarking", false],
      ["benchmarked", true],
    ],
  );
  left = 99;
  benchmark.start({ id: 2 }, assert.fail);
  await turn();
  benchmark.task.halt(2);
  assert.deepEqual(
    [heard.at(-1).type, heard.at(-1).done, heard.at(-1).id],
    ["benchmarked", false, 2],
  );
});

// ---- training

/** Python that makes a step a chunk, and autosave that counts. */
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
