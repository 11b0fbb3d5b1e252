// The page's end of the worker, the messages, and the loop that long work goes through.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import "../unref.js";
import { createClient } from "../../../web/client.js";
import { FINAL, REQUESTS, checkRequest } from "../../../web/protocol.js";
import { Task, drive, turn } from "../../../web/worker/task.js";
import { Benchmark } from "../../../web/worker/benchmark.js";
import { Microscope } from "../../../web/worker/microscope.js";

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
    intervene: "intervened",
    without: "without",
    lens: "lens",
    neuron: "neuron",
    heads: "heads",
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

// ---- what is worked out unasked

test("a step is prepared in pieces, only while nobody asks, and for the last text", async () => {
  const asked = [];
  let idle = true;
  const ask = (method, { texts: [text] }) => {
    asked.push(`${method} ${text}`);
    return { done: asked.length === 3 };
  };
  const microscope = new Microscope({ ask }, () => assert.fail("nobody is told"));
  microscope.prepare("anna", () => idle);
  microscope.prepare("bob", () => idle);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.deepEqual(asked, Array(3).fill("prepare_step bob"));
  idle = false;
  microscope.prepare("cara", () => idle);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(asked.length, 3);
});
