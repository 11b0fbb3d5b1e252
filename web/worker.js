/**
 * The worker: Python lives here. It loads Pyodide, then turns each request of the page into a call
 * of `microgpt.page` and posts the answers. The messages are described in protocol.js.
 */

/** @import {Ask, LaterParts, Loaded, Post, Request, Site, Told} from "./worker/types.js" */

import { Helpers, help } from "./helpers.js";
import { checkRequest } from "./protocol.js";
import * as storage from "./storage.js";
import { Autosave } from "./worker/autosave.js";
import { Benchmark } from "./worker/benchmark.js";
import { Data } from "./worker/data.js";
import { LoadError } from "./worker/files.js";
import { loadPython } from "./worker/load.js";
import { Python, Refusal, lastLine } from "./worker/python.js";
import { Queue, isOfTalk, isUrgent } from "./worker/task.js";
import { Inside } from "./worker/inside.js";
import { Microscope } from "./worker/microscope.js";
import { Tokens } from "./worker/tokens.js";
import { Training } from "./worker/training.js";
import { Writing } from "./worker/writing.js";

/** @param {string} [name] */
const isBuiltIn = (name = "") => ["names", "stories"].includes(name) || name.startsWith("task:");

/** @type {Tab} */
let tab; // once Python is there
/**
 * One request after the other, once Python is there; whoever talks to a model does not wait for what
 * the page asks by itself. @type {Queue<Request|(() => Promise<void>)>}
 */
const queue = new Queue(
  (item) => (typeof item === "function" ? item() : attend(item)),
  (item) => typeof item !== "function" && isOfTalk(item, queue.waiting),
  () => Boolean(tab.chat?.writesFirst),
);

/** @type {Set<string>} */
const complaints = new Set(); // about storage; each is made once

/** @type {Post} */
function post(message, transfer = []) {
  if (message.type === "storage") {
    if (complaints.has(message.reason)) return;
    complaints.add(message.reason);
  }
  self.postMessage(message, transfer);
}

self.onmessage = ({ data: message }) => {
  if (message.type === "help") return help(message); // the run is another worker's
  checkRequest(message);
  if (message.type === "load") load(message);
  else if (message.type === "forget" || message.type === "rename")
    withStorage(() => changeKept(message));
  else if (message.type === "complete") tab?.later?.bring();
  else if (tab && isUrgent(message, queue)) attend(message);
  else queue.put(message);
};

/** @typedef {ReturnType<typeof workers> & LaterParts} Tab */
/** @param {Python} python @param {Autosave} autosave @param {Site} site @param {Loaded} loaded */
const workers = (python, autosave, site, { later, module }) => ({
  python,
  later,
  data: new Data(python, site),
  autosave,
  training: new Training(python, post, autosave, new Helpers(python, site, module)),
  writing: new Writing(python, post),
  inside: new Inside(python, post),
  microscope: new Microscope(python, post),
  benchmark: new Benchmark(python, post),
  tokens: new Tokens(python, post),
});

/** @param {Ask<"load">} message */
async function load({ site, trial = false }) {
  if (!trial) {
    tellKept();
    storage.whenOthersChange(tellKept);
  }
  try {
    const loaded = await loadPython(site, post);
    const python = new Python(loaded);
    tab = workers(python, new Autosave(python, post), site, loaded);
    post({ type: "ready", ...python.versions, memory: python.memory });
    tab.keeps = !trial;
    queue.open();
    if (!trial) ship(tab);
  } catch (error) {
    const { message, stack } = /** @type {Error} */ (error);
    const { stage, detail } =
      error instanceof LoadError ? error : { stage: /** @type {const} */ ("check"), detail: stack };
    post({ type: "failed", stage, reason: message || String(error), detail });
  }
}

/**
 * The small model that comes with the page, to write with and to look into. Without it all else
 * works, so nobody waits for it.
 * @param {Tab} tab
 */
async function ship({ python, data }) {
  const bytes = await data.builtIn("names-model").catch(() => null);
  if (!bytes) return;
  const text = new TextDecoder().decode(bytes);
  queue.put(async () => {
    try {
      post({ type: "shipped", ...python.ask("ship", { text }) });
    } catch (error) {
      complain(error, {});
    }
  });
}

/** @param {Request} message */
async function attend(message) {
  try {
    await answerAt(message);
  } catch (error) {
    complain(error, /** @type {{id?: number, run?: number}} */ (message));
  }
}

/**
 * What Python lacks for an answer is got, and then it is asked again.
 * @param {Request} message @param {string} [before]
 */
async function answerAt(message, before = "") {
  try {
    await answer(message);
  } catch (error) {
    const { needs = "" } = /** @type {Refusal} */ (error);
    if (!needs || needs === before) throw error;
    await tab.tokens.bring(needs);
    await answerAt(message, needs);
  }
}

/**
 * A refusal is the reader's mistake and said to them; all else is ours.
 * @param {unknown} error @param {{id?: number, run?: number}} given1
 */
function complain(error, { id, run }) {
  if (error instanceof Refusal) {
    const { message, encoding } = error;
    return post({ type: "refused", id, run, message, ...(encoding && { encoding }) });
  }
  const { stack, pyodide_fatal_error: broken } =
    /** @type {Error & {pyodide_fatal_error?: boolean}} */ (error ?? {});
  const detail = String(stack ?? error);
  // An error in Python leaves Python sound; one in the runtime itself does not.
  const fatal = error instanceof WebAssembly.RuntimeError || Boolean(broken);
  post({ type: "crashed", id, run, fatal, message: lastLine(error), detail });
}

/** Say what is kept from an earlier visit; Python is not needed for that. */
async function tellKept() {
  await withStorage(async () => post({ type: "kept", runs: await storage.list() }));
}

/** @param {Ask<"forget">|Ask<"rename">} message */
async function changeKept(message) {
  const { type, key } = message;
  if (type === "rename") await storage.rename(key, message.label);
  else await storage.remove(key);
  if (type === "forget") post({ type: "forgotten", key });
  await tellKept();
  await tab?.autosave.house();
}

/** @param {() => Promise<void>} action */
async function withStorage(action) {
  try {
    await action();
  } catch (error) {
    post({ type: "storage", ok: false, reason: lastLine(error) });
  }
}

/** @param {Request} message */
async function answer(message) {
  const { id } = /** @type {{id?: number}} */ (message);
  if (message.type.startsWith("chat-"))
    return (await chat()).answer(message, (error) => complain(error, { id }));
  const { python, data, training, writing, inside, microscope, tokens, benchmark } = tab;
  if (microscope.takes(message))
    return microscope.answer(message, (error) => complain(error, { id }));
  switch (message.type) {
    case "data":
      return post({ type: "data", id: message.id, ...(await data.take(message)) });
    case "describe":
      return post({ type: "described", id: message.id, ...askSettings("describe", message) });
    case "judge":
      return post({ type: "judged", id: message.id, ...askSettings("verdict", message) });
    case "command":
      return post({ type: "command", id: message.id, ...askSettings("command", message) });
    case "new":
      await training.clear();
      return await begin("created", message, askSettings("new", message));
    case "train":
      mustBeCurrent(message.run);
      tab.making?.pause();
      return training.train(message.until, (error) => complain(error, message));
    case "pause":
    case "finish":
      mustBeCurrent(message.run);
      return training.stop(message.type);
    case "pace":
      return training.setPace(message.stepsPerSecond, message.workers);
    case "write":
      return writing.write(message, (error) => complain(error, message));
    case "halt":
      tab.chat?.halt(message.id);
      return [writing, inside, microscope, tokens, benchmark, tab.making].forEach((each) =>
        each?.task.halt(message.id),
      );
    case "attention":
      microscope.prepare(message.prompt, () => !queue.waiting.length && !training.driving);
      return inside.attention(message);
    case "embeddings":
      return inside.embeddings(message, (error) => complain(error, message));
    case "benchmark":
      return benchmark.start(message, (error) => complain(error, message));
    case "cut":
      return tokens.cut(message);
    case "learn":
      return tokens.learn(message, (error) => complain(error, message));
    case "open-tokenizer":
      return tokens.open(message);
    case "save-tokenizer":
      return tokens.save(message);
    case "next": {
      const { prompt, sampling } = message;
      const found = python.ask("next_tokens", { prompt, sampling });
      return post({ type: "probabilities", id: message.id, ...found });
    }
    case "save": {
      const { name, bytes } = python.ask("save");
      return post({ type: "file", id: message.id, name, bytes }, [bytes.buffer]);
    }
    case "open":
      return open(message, "file");
    case "continue":
      return goOn(message);
    case "kept-file": {
      const { checkpoint } = await readKept(message.key);
      const bytes = checkpoint.slice();
      return post({ type: "file", id: message.id, name: message.name, bytes }, [bytes.buffer]);
    }
    case "link":
      return post({ type: "linked", id: message.id, ...python.ask("link") });
    case "open-link":
      await training.clear();
      return await begin("opened", message, python.ask("open_link", { text: message.text }));
    default: // of the stages
      return (await import("./worker/stages/making.js")).attend(tab, post, message, complain);
  }
}

/** What talks comes when it is first asked. */
async function chat() {
  const { Chat } = await import("./worker/chat.js");
  return (tab.chat ??= new Chat(tab.python, post, tab.data));
}

/** @param {string} method @param {{settings: object}} given1 */
function askSettings(method, { settings }) {
  return tab.python.ask(method, { settings });
}

/** @param {number} run */
function mustBeCurrent(run) {
  if (run !== tab.training.run) throw new Refusal("That run is over; another has taken its place.");
}

/**
 * A run or a model has become the current one: say so, with the losses it brings.
 * @param {"created"|"opened"} type @param {{id?: number, run: number}} message @param {Told} about
 * @param {Whole|null} [kept]
 */
async function begin(type, { id, run }, about, kept = null) {
  const { data, training, autosave, writing, inside, microscope } = tab;
  for (const { task } of [writing, inside, microscope]) task.drop(); // Python has let go of it
  training.begin(run, about.step, about);
  if (about.canTrain && tab.keeps) await autosave.begin(data.current, data.text, kept);
  else autosave.end();
  const { samples = [] } = kept ?? {};
  const key = kept && autosave.key === kept.key ? kept.key : null; // else it goes on as a copy
  post({ type, id, run, ...about, samples, key }, [about.losses.buffer]);
}

/**
 * A checkpoint; when it learned from data that comes with the page, that is fetched first.
 * @param {{id?: number, run: number, name: string, bytes: Uint8Array}} message
 * @param {string} origin @param {Whole|null} [kept]
 */
async function open(message, origin, kept = null) {
  const { python, data, training } = tab;
  await training.clear();
  const ask = () => python.ask("open", { name: message.name, origin }, message.bytes);
  let about = ask();
  if (!about.canTrain && isBuiltIn(about.data?.name)) {
    const { asked } = data;
    const { name: kind, split, digest } = about.data;
    const found = await data.take({ kind, split, digest });
    about = ask();
    if (about.canTrain) post({ type: "data", ...found });
    else if (asked) await data.take(asked); // not these: back to what the reader chose
  }
  await begin("opened", message, about, kept);
}

/**
 * Where the reader left off: the run that storage keeps, with its data.
 * @param {Ask<"continue">} message
 */
async function goOn(message) {
  const kept = await readKept(message.key);
  const { kind, name, split, digest, encoding } = kept.data;
  if (kind !== "text" || kept.text) {
    const found = await tab.data.take({ kind, name, split, digest, encoding, bytes: kept.text });
    post({ type: "data", ...found });
  }
  await open({ ...message, name: "the kept run", bytes: kept.checkpoint }, "autosave", kept);
}

/** @typedef {NonNullable<Awaited<ReturnType<typeof storage.read>>>} Whole */

/** @param {string} key */
async function readKept(key) {
  const kept = await storage.read(key).catch((error) => {
    throw new Refusal(error.message);
  });
  if (!kept)
    throw new Refusal("This run is no longer kept: it was deleted, here or in another tab.");
  return kept;
}
