// Settings <-> the part of the address after the `#`. Pure.
//
//   #train?steps=2000&lr=0.02&data=stories          settings that differ from the defaults
//   #train?model=mgpt…                              with a model inside
import { FIELDS, SAMPLING, defaults, read } from "./fields.js";

const SPLITS = ["line", "blank", "none"];
const DATA = ["names", "stories", "full-names", "text"];
const WRITE = "write."; // sampling settings: the run has a seed too

export function standard() {
  return {
    view: "train",
    settings: { preset: "microgpt", ...defaults(FIELDS) },
    sampling: defaults(SAMPLING),
    prompt: "ma",
    data: { kind: "names", split: "line" },
    model: null,
    ignored: [],
  };
}

/** What an address asks for; what cannot be understood is named in `ignored`, never fatal. */
export function fromFragment(fragment) {
  const found = standard();
  const [view, query = ""] = String(fragment).replace(/^#/, "").split(/\?(.*)/s);
  if (/^[a-z]+$/.test(view)) found.view = view;
  for (const [key, text] of new URLSearchParams(query)) {
    const name = key.startsWith(WRITE) ? key.slice(WRITE.length) : key;
    const [table, target] = key === name ? [FIELDS, found.settings] : [SAMPLING, found.sampling];
    if (key === "model") found.model = text;
    else if (key === "prompt") found.prompt = text.slice(0, 200);
    else if (key === "data" && DATA.includes(text)) found.data.kind = text;
    else if (key === "split" && SPLITS.includes(text)) found.data.split = text;
    else if (Object.hasOwn(table, name) && !read(table[name], text).problem) {
      target[name] = read(table[name], text).value;
    } else found.ignored.push(key);
  }
  return found;
}

/** The shortest fragment that brings the same settings back. */
export function toFragment({ view, settings, sampling, prompt, data, model }) {
  const usual = standard();
  const query = new URLSearchParams();
  if (data.kind !== usual.data.kind) query.set("data", data.kind);
  if (data.split !== usual.data.split) query.set("split", data.split);
  for (const name of changed(FIELDS, settings, usual.settings)) query.set(name, settings[name]);
  for (const name of changed(SAMPLING, sampling, usual.sampling)) query.set(WRITE + name, sampling[name]);
  if (prompt !== usual.prompt) query.set("prompt", prompt);
  if (model) query.set("model", model);
  const text = query.toString();
  return `#${view}${text ? `?${text}` : ""}`;
}

/** The settings the worker gets: an unchosen interval of evaluation becomes a tenth of the run. */
export function forWorker(settings) {
  const every = settings.eval_every ?? Math.max(1, Math.round(settings.steps / 10));
  return { ...settings, eval_every: every };
}

/** Names of the settings that differ from the usual ones. */
function changed(table, values, usual) {
  return Object.keys(table).filter((name) => values[name] !== usual[name]);
}
