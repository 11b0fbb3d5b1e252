// Settings <-> the part of the address after the `#`.
//
//   #train                                          the first run
//   #train?steps=2000&lr=0.02&data=stories          settings that differ from the reference
//   #train?preset=microgpt                          ... none: the reference itself
//   #train?preset=llama&activation=gelu             ... from those of a family
//   #train?model=mgpt…                              with a model inside
/** @import {Opening, Settings, Table, Values} from "../state/types.js" */
import { taskOf } from "./tasks.js";
import { FIELDS, FIRST, MODELS, SAMPLING, defaults, read, settingsOf } from "./fields.js";

const VIEWS = ["train", "inside", "tokens", "chat", "benchmark"];
const TOKENIZERS = ["chars", "bpe"]; // the others exist in one tab only
const SPLITS = ["line", "blank", "none"];
const DATA = ["names", "names-1800", "stories", "full-names", "text"];
/** @param {string} name @returns {name is Opening["view"]} */
const isView = (name) => VIEWS.includes(name);
/** @param {string} name @returns {name is Opening["data"]["kind"]} */
const isData = (name) => DATA.includes(name) || taskOf(name) !== null;
const OF_CHAT = ["model", "bytes", "sha256", "talk"];
const WRITE = "write."; // sampling settings: the run has a seed too

/** @returns {Opening} */
export function standard() {
  return {
    view: "train",
    settings: { ...settingsOf("microgpt"), ...FIRST },
    sampling: defaults(SAMPLING),
    prompt: "ma",
    look: null, // the text that Inside reads
    question: "", // the one that is asked, by its name
    data: { kind: "names", split: "line" },
    model: null,
    ignored: [],
  };
}

/**
 * What an address asks for; what cannot be understood is named in `ignored`, never fatal.
 * @param {string} fragment @returns {Opening}
 */
export function fromFragment(fragment) {
  const found = standard();
  const [view, query = ""] = String(fragment)
    .replace(/^#model=/, "#chat?model=") // of a model's file that lies elsewhere
    .replace(/^#/, "")
    .split(/\?(.*)/s);
  if (isView(view)) found.view = view;
  else if (view) found.ignored.push(view);
  const asked = new URLSearchParams(query);
  const preset = asked.get("preset") ?? "";
  if (MODELS[preset]?.preset === preset) {
    found.settings = settingsOf(preset);
    asked.delete("preset");
  } else if ([...asked.keys()].some((key) => Object.hasOwn(FIELDS, key))) {
    found.settings = settingsOf("microgpt");
  }
  for (const [key, text] of asked) {
    const name = key.startsWith(WRITE) ? key.slice(WRITE.length) : key;
    /** @type {[Table, Values]} */
    const [table, target] = key === name ? [FIELDS, found.settings] : [SAMPLING, found.sampling];
    if (found.view === "chat" && OF_CHAT.includes(key)) continue; // see ui/chat/share.js
    if (key === "model") found.model = text;
    else if (key === "prompt") found.prompt = text.slice(0, 200);
    else if (key === "look") found.look = text.slice(0, 63);
    else if (key === "question") found.question = text.slice(0, 63);
    else if (key === "data" && isData(text)) found.data.kind = text;
    else if (key === "split" && SPLITS.includes(text)) found.data.split = text;
    else if (name === "tokenizer" && !TOKENIZERS.includes(text)) found.ignored.push(key);
    else if (Object.hasOwn(table, name) && read(table[name], text).value !== undefined) {
      if (key === "block_size") found.data.ownContext = true;
      target[name] = read(table[name], text).value ?? null;
    } else found.ignored.push(key);
  }
  return found;
}

/**
 * The shortest fragment that brings the same settings back.
 * @param {Pick<Opening, "view"|"settings"|"sampling"|"prompt"|"data"|"model"> & {inside?: {text: string|null}, question?: string}} given
 */
export function toFragment({ view, settings, sampling, prompt, data, model, inside, question }) {
  const usual = standard();
  const query = new URLSearchParams();
  if (data.kind !== usual.data.kind) query.set("data", data.kind);
  if (data.split !== usual.data.split) query.set("split", data.split);
  /** @param {Settings} from */
  const other = (from) =>
    changed(FIELDS, settings, from).filter(
      (name) => name !== "tokenizer" || TOKENIZERS.includes(settings.tokenizer),
    );
  if (other(usual.settings).length) {
    const { preset } = settings;
    const names = other(settingsOf(preset));
    if (preset !== usual.settings.preset || !names.length) query.set("preset", preset);
    for (const name of names) query.set(name, String(settings[name]));
  }
  // A text would be given a longer context.
  const { block_size: context } = settings;
  if ((data.context ?? 0) > context) query.set("block_size", String(context));
  /** @type {Values} */
  const writing = sampling;
  for (const name of changed(SAMPLING, writing, usual.sampling))
    query.set(WRITE + name, String(writing[name]));
  if (prompt !== usual.prompt) query.set("prompt", prompt);
  if (inside?.text != null) query.set("look", inside.text);
  if (question) query.set("question", question);
  if (model) query.set("model", model);
  const text = query.toString();
  return `#${view}${text ? `?${text}` : ""}`;
}

/**
 * The settings the worker gets: an unchosen interval of evaluation becomes a tenth of the run.
 * @param {Settings} settings @returns {Settings}
 */
export function forWorker(settings) {
  const every = settings.eval_every ?? Math.max(1, Math.round(settings.steps / 10));
  return { ...settings, eval_every: every };
}

/**
 * Names of the settings that differ from the usual ones.
 * @param {Table} table @param {Values} values @param {Values} usual
 */
function changed(table, values, usual) {
  return Object.keys(table).filter((name) => values[name] !== usual[name]);
}
