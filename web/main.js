// Wires the page: one state, the components that show it, the worker that changes it.
import { followBenchmark, initialBenchmark } from "./benchmark.js";
import { createClient } from "./client.js";
import { commands } from "./commands.js";
import { createEffects } from "./effects.js";
import { fromFragment } from "./settings.js";
import { follow, initialInside } from "./inside.js";
import { initialState, reduce } from "./state.js";
import { preferences } from "./preferences.js";
import { followTokens, initialTokens } from "./tokens.js";
import * as bars from "./ui/bars.js";
import * as benchmark from "./ui/benchmark.js";
import * as chart from "./ui/chart.js";
import * as compare from "./ui/compare.js";
import * as data from "./ui/data.js";
import * as drop from "./ui/drop.js";
import * as failure from "./ui/failure.js";
import * as attention from "./ui/attention.js";
import * as fields from "./ui/fields.js";
import * as insidehead from "./ui/insidehead.js";
import * as keep from "./ui/keep.js";
import * as loading from "./ui/loading.js";
import * as notices from "./ui/notices.js";
import * as pacing from "./ui/pacing.js";
import * as parts from "./ui/parts.js";
import * as places from "./ui/places.js";
import * as readout from "./ui/readout.js";
import * as recipe from "./ui/recipe.js";
import * as samples from "./ui/samples.js";
import * as shell from "./ui/shell.js";
import * as speed from "./ui/speed.js";
import * as table from "./ui/table.js";
import * as tokencut from "./ui/tokencut.js";
import * as tokenhead from "./ui/tokenhead.js";
import * as tokenmerges from "./ui/tokenmerges.js";
import * as tokenreplay from "./ui/tokenreplay.js";
import * as tokentext from "./ui/tokentext.js";
import * as transport from "./ui/transport.js";
import * as views from "./ui/views.js";
import * as voice from "./ui/voice.js";
import * as write from "./ui/write.js";
import * as writehint from "./ui/writehint.js";

const PARTS = {
  views,
  shell,
  voice,
  recipe,
  notices,
  failure,
  transport,
  loading,
  pacing,
  data,
  fields,
  parts,
  keep,
  readout,
  chart,
  compare,
  table,
  samples,
  writehint,
  write,
  bars,
  benchmark,
  speed,
  insidehead,
  attention,
  places,
  tokenhead,
  tokentext,
  tokenreplay,
  tokencut,
  tokenmerges,
  drop,
};

const STREAMED = [
  "loading",
  "progress",
  "token",
  "samples",
  "evaluation",
  "probabilities",
  "autosaved",
  "attention",
  "embedding",
  "learning",
  "benchmarked",
];

const opening = { ...fromFragment(location.hash), page: preferences.read() };
if (opening.data.kind === "full-names" && !preferences.fullNames) {
  opening.data = { ...opening.data, kind: "names", offered: true }; // it is fetched when asked for
}
let state = {
  ...initialState(opening),
  inside: initialInside(opening.look),
  tokens: initialTokens(),
  benchmark: initialBenchmark(),
};
let client = null;
let queued = false;
const effects = createEffects({ send, start, now: () => state });

/** Every wish and every message goes through here. */
function send(action) {
  const before = state;
  state = followBenchmark(reduce(before, action), action);
  state = followTokens(before, follow(before, state, action), action);
  if (client) for (const message of commands(before, state, action)) client.send(message);
  effects(before, state, action);
  // What the reader does shows at once; what streams in, once a frame.
  if (STREAMED.includes(action.type)) queue();
  else refresh();
}

function queue() {
  if (queued) return;
  queued = true;
  const later = document.hidden ? (task) => setTimeout(task, 250) : requestAnimationFrame;
  later(() => {
    if (queued) refresh();
  });
}

function refresh() {
  queued = false;
  components.forEach(update);
}

function update(part) {
  if (isUnseen(part.element)) return;
  part.update ??= part.mount(part.element, send);
  part.update(state);
}

/** What is in a closed fold or an unopened view need not be built; Train is always up to date. */
const UNSEEN = "[data-view][hidden]:not([data-view=train]), details:not([open])";
const isUnseen = (element) => Boolean(element.parentElement.closest(UNSEEN));

/** A worker, and Python in it; again after a failure. */
function start() {
  if (client) client.restart();
  else client = createClient(send);
}

// Each component shows its part of the page wherever the page has one; `views` comes first, for it
// decides what the others may leave alone.
const components = Object.entries(PARTS).flatMap(([name, { mount }]) =>
  [...document.querySelectorAll(`[data-part="${name}"]`)].map((element) => ({ element, mount })),
);
addEventListener("toggle", refresh, true); // a fold has been opened

effects.watch();

/** The first time, component after component, so that the page can answer in between. */
const SLICE = 10; // milliseconds
let since = performance.now();
for (const part of components) {
  update(part);
  if (performance.now() - since < SLICE) continue;
  await new Promise((resume) => setTimeout(resume));
  since = performance.now();
}
effects.begin();
