// Wires the page: one state, the components that show it, the worker that changes it.
/** @import {Action, Component, Effects, Mount, Part, Site} from "./state/types.js" */
import { createClient } from "./client.js";
import { createEffects } from "./effects.js";
import { fromFragment } from "./settings/address.js";
import { initialState, reduce } from "./state/index.js";
import { preferences } from "./preferences.js";
import { all } from "./ui/dom.js";
import * as header from "./ui/shell/header.js";
import * as notices from "./ui/shell/notices.js";
import * as failure from "./ui/shell/failure.js";
import * as question from "./ui/shell/question.js";
import * as drop from "./ui/shell/drop.js";
import { laterViews } from "./ui/shell/later-views.js";
import { watchTabStops } from "./ui/shell/tab-stops.js";
import * as recipe from "./ui/train/recipe.js";
import * as data from "./ui/train/data.js";
import * as fields from "./ui/train/fields.js";
import * as settings from "./ui/train/settings.js";
import * as runControls from "./ui/train/run-controls.js";
import * as loading from "./ui/shell/loading.js";
import * as readout from "./ui/train/readout.js";
import * as chart from "./ui/train/chart.js";
import * as chartTable from "./ui/train/chart-table.js";
import * as keptCurves from "./ui/train/kept-curves.js";
import * as samples from "./ui/writing/samples.js";
import * as texts from "./ui/writing/texts.js";
import * as write from "./ui/writing/write.js";
import * as nextTokens from "./ui/writing/next-tokens.js";
import * as keptRuns from "./ui/train/kept-runs.js";
import * as save from "./ui/train/save.js";
import * as benchmark from "./ui/benchmark/benchmark.js";
import * as head from "./ui/inside/head.js";
import * as attention from "./ui/inside/attention.js";
import * as embeddings from "./ui/inside/embeddings.js";

// Each shows its part of the page wherever the page names it; the header comes first, for it decides
// which view the others may leave alone.
/** @type {{[name: string]: {mount: Mount}}} */
const COMPONENTS = {
  "shell/header": header,
  "shell/notices": notices,
  "shell/failure": failure,
  "shell/question": question,
  "shell/drop": drop,
  "train/recipe": recipe,
  "train/settings": settings, // before what is in it, which may be a closed sheet
  "train/data": data,
  "train/fields": fields,
  "train/run-controls": runControls,
  "shell/loading": loading,
  "train/readout": readout,
  "train/chart": chart,
  "train/chart-table": chartTable,
  "train/kept-curves": keptCurves,
  "writing/samples": samples,
  "writing/texts": texts,
  "writing/write": write,
  "writing/next-tokens": nextTokens,
  "train/save": save,
  "train/kept-runs": keptRuns,
  "benchmark/benchmark": benchmark,
  "inside/head": head,
  "inside/attention": attention,
  "inside/embeddings": embeddings,
};

// Each piece of the beginning is a task of its own, so that the page can answer in between.
const pause = () => new Promise((resume) => setTimeout(resume));

await pause();
const opening = { ...fromFragment(location.hash), page: preferences.read() };
if (opening.data.kind === "full-names" && !preferences.fullNames) {
  opening.data = { ...opening.data, kind: "names", offered: true }; // it is fetched when asked for
}
let state = initialState(opening);
/** @type {ReturnType<typeof createClient>|null} */
let client = null;
let queued = false;
/** @type {Component[]} */
const components = []; // in the order in which they are brought up to date
const LATER = {
  inside: {
    address: new URL("./ui/inside/index.js", import.meta.url),
    load: () => import("./ui/inside/index.js"),
    styles: ["styles/machine.css", "styles/intervene.css"],
  },
  tokens: {
    address: new URL("./ui/tokens/index.js", import.meta.url),
    load: () => import("./ui/tokens/index.js"),
  },
  chat: {
    address: new URL("./ui/chat/index.js", import.meta.url),
    load: () => import("./ui/chat/index.js"),
    styles: ["styles/chat.css"],
  },
  sweep: {
    address: new URL("./ui/sweep/index.js", import.meta.url),
    load: () => import("./ui/sweep/index.js"),
    styles: ["styles/sweep.css"],
  },
};
/** @type {Part[]} */
const parts = []; // of the state: those of views that came later
/** @type {Effects[]} */
const more = []; // what these do besides
const later = laterViews(LATER, (found) => {
  place(found.components);
  for (const part of found.parts ?? []) {
    parts.push(part);
    state = Object.assign({}, state, part.initial(opening));
  }
  if (found.createEffects)
    more.push(found.createEffects({ send, site: /** @type {Site} */ (boot.SITE) }));
  effects.keep();
  send({ type: "view", view: state.view }); // what came sees where the reader is
});
const effects = createEffects({ send, hear, start, later, now: () => state, boot });

/**
 * A wish of the reader: what comes of it shows at once.
 * @param {Action} action
 */
function send(action) {
  act(action);
  refresh();
}

/**
 * What the worker says: much of it comes together, and shows once a frame.
 * @param {Action} message
 */
function hear(message) {
  act(message);
  queue();
}

/** @param {Action} action */
function act(action) {
  const before = state;
  state = reduce(before, action, parts);
  for (const message of state.outbox) client?.send(message);
  for (const effect of [effects, ...more]) effect(before, state, action);
  if (state.view !== before.view) later.open(state.view);
}

function queue() {
  if (queued) return;
  queued = true;
  /** @param {() => void} task */
  const soon = (task) => setTimeout(task, 250);
  const next = document.hidden ? soon : requestAnimationFrame;
  next(() => {
    if (!queued) return;
    if (state.python.status === "ready") refresh();
    else refreshSlowly();
  });
}

function refresh() {
  queued = false;
  components.forEach(update);
}

/** @param {Component} component */
function update(component) {
  if (isUnseen(component.element)) return;
  component.update ??= component.mount(component.element, send);
  component.update(state);
}

/**
 * What is in a closed fold or sheet or an unopened view need not be built; Train is always up to
 * date.
 */
const UNSEEN = [
  ...["[data-view][hidden]:not([data-view=train])", "details:not([open])"],
  ...("popover" in document.body ? ["[popover]:not(:popover-open)"] : []), // older browsers have none
].join();
/** @param {Element} element */
const isUnseen = (element) => Boolean(element.parentElement?.closest(UNSEEN));

/** A worker, and Python in it; again after a failure. */
function start() {
  if (client) client.restart();
  else client = createClient(hear, boot.takeWorker);
}

/**
 * Each component is shown wherever the page names it.
 * @param {{[name: string]: {mount: Mount}}} named
 */
function place(named) {
  for (const [name, { mount }] of Object.entries(named))
    for (const element of all(document.documentElement, `[data-component="${name}"]`))
      components.push({ element, mount });
}

/** A fold or the sheet has been opened, or closed. @param {Event} event */
function toggled({ target }) {
  const { open, dataset } = /** @type {HTMLDetailsElement} */ (target);
  if (open && dataset.later) later.open(dataset.later);
  refresh();
}

await pause();
place(COMPONENTS);
addEventListener("toggle", toggled, true);
addEventListener("resize", queue); // what was a closed sheet stands on the page in a wide window

effects.watch();
later.open(state.view);
watchTabStops(document.body);

const SLICE = 4; // milliseconds; a phone takes four times as long

/** While Python loads: component after component, so that the page can answer in between. */
async function refreshSlowly() {
  queued = false;
  await pause();
  let since = performance.now();
  for (const component of components) {
    update(component);
    if (performance.now() - since < SLICE) continue;
    await pause();
    since = performance.now();
  }
}

await refreshSlowly();
effects.begin();
