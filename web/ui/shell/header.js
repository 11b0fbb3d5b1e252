// The frame of the page: its head (what is going on, the theme, an update), the views, of which one
// is shown, and the live region, which speaks at milestones and is silent in between.
/** @import {Mount, Send, State, Update} from "../../state/types.js" */
import { all, bySelector, one, setAttribute, setText, setVisible } from "../dom.js";
import { count } from "../../select/format.js";
import { toFragment } from "../../settings/address.js";
import { repositoryOf } from "../../select/repository.js";
import { modelAtHand, unitOf } from "../../select/shown-run.js";

const TITLES = {
  train: "microgpt: train a GPT in this tab",
  inside: "Inside the model · microgpt",
  tokens: "Tokens · microgpt",
  chat: "Chat · microgpt",
  benchmark: "Benchmark · microgpt",
};

/**
 * `body` is all of the page.
 * @type {Mount}
 */
export function mount(body, send) {
  const updates = [mountViews(body), mountHead(one(body, ".shell"), body, send)];
  const live = one(body, "[data-live-region]");
  return (state) => {
    for (const update of updates) update(state);
    setText(live, state.said);
  };
}

/**
 * One view at a time.
 * @param {HTMLElement} body @returns {Update}
 */
function mountViews(body) {
  const panels = all(body, "[data-view]");
  let shown = "";
  let title = "";
  return ({ view, run }) => {
    // A tab in the background still says how far it is.
    const done = run?.status === "running" && Math.floor((100 * run.step) / Math.max(1, run.steps));
    const named = done === false || done === undefined ? TITLES[view] : `${done}% · microgpt`;
    if (named !== title) document.title = title = named;
    if (view === shown) return;
    for (const panel of panels) setVisible(panel, panel.dataset.view === view);
    if (shown) scrollTo(0, 0);
    shown = view;
  };
}

/** @param {HTMLElement} element @param {HTMLElement} body @param {Send} send @returns {Update} */
function mountHead(element, body, send) {
  const find = bySelector(element);
  const [status, lamp] = [find("[data-status]"), find(".lamp")];
  const [theme, nav, update] = [find("[data-theme-switch]"), find(".views"), find("[data-update]")];
  const home = find(".wordmark");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  /** @param {State} state */
  const now = (state) =>
    state.page.theme === "system" ? (dark.matches ? "dark" : "light") : state.page.theme;
  const units = all(document.documentElement, "[data-unit]"); // words for what the model reads
  const plurals = document.querySelectorAll("[data-units]");
  /** Whether a word is about the model at hand, which need not be that of the run. @param {Element} word */
  const isAtHand = (word) => Boolean(word.closest("[data-view=inside], .write"));
  /** @type {State|null} */
  let latest = null;

  const code = one(document.documentElement, "[data-code]");
  const repository = repositoryOf(document.documentElement.dataset.repository, location);
  if (repository) setAttribute(code, "href", repository);
  setVisible(code, Boolean(repository));
  setVisible(theme, true);
  theme.addEventListener("click", () => {
    if (!latest) return;
    const other = now(latest) === "dark" ? "light" : "dark";
    // Back where the system is, there is nothing to remember.
    const system = (dark.matches ? "dark" : "light") === other;
    send({ type: "page", values: { theme: system ? "system" : other } });
  });
  dark.addEventListener("change", () => latest && refresh(latest));
  find("[data-reload]").addEventListener("click", () => send({ type: "reload" }));

  /** @param {State} state */
  function refresh(state) {
    latest = state;
    const { lamp: look, words } = statusOf(state);
    setText(status, words);
    setAttribute(lamp, "class", `lamp lamp--${look}`);
    setAttribute(status.parentElement, "class", look === "bad" ? "status status--bad" : "status");
    setAttribute(
      document.documentElement,
      "data-theme",
      state.page.theme === "system" ? null : state.page.theme,
    );
    setText(theme.firstElementChild, now(state) === "dark" ? "Light" : "Dark");
    setVisible(update, state.update);
    const [ofRun, atHand] = [unitOf(state.run), unitOf(modelAtHand(state))];
    for (const word of units) setText(word, isAtHand(word) ? atHand : ofRun);
    for (const word of plurals) setText(word, atHand === "token" ? "Tokens" : "Letters");
    const here = toFragment({ ...state, model: null });
    for (const link of all(body, "a[data-name]")) {
      const { name } = link.dataset;
      setAttribute(link, "href", here.replace(/^#\w+/, `#${name}`)); // the settings come along
      setAttribute(link, "aria-current", name === state.view ? "page" : null);
    }
    setAttribute(home, "href", nav.firstElementChild.getAttribute("href"));
  }
  return refresh;
}

/** @param {State} state */
function statusOf({ python, run, queuedAction }) {
  if (["failed", "unsupported"].includes(python.status))
    return { lamp: "bad", words: "Python did not load" };
  if (python.status === "crashed") return { lamp: "bad", words: "Python has stopped" };
  if (python.status === "loading") {
    const stages = Object.values(python.stages);
    const got = stages.reduce((sum, stage) => sum + stage.received, 0);
    const all = stages.reduce((sum, stage) => sum + stage.total, 0);
    const part = all ? `, ${Math.floor((100 * got) / all)}%` : "";
    return {
      lamp: "busy",
      words: queuedAction ? `Starts by itself${part}` : `Loading Python${part}`,
    };
  }
  if (!run) return { lamp: "off", words: "Ready" };
  const step = count(run.step);
  switch (run.status) {
    case "starting":
      return { lamp: "busy", words: run.opening ? "Opening" : "Starting" };
    case "running":
      return {
        lamp: "on",
        words: `Training, ${Math.floor((100 * run.step) / Math.max(1, run.steps))}%`,
      };
    case "paused":
      return { lamp: "off", words: `Paused at ${step}` };
    case "stopped":
      return { lamp: "off", words: `Stopped at ${step}` };
    case "diverged":
      return { lamp: "bad", words: `Diverged at ${step}` };
    case "refused":
      return { lamp: "bad", words: "Not started" };
    case "done":
      return { lamp: "off", words: run.canTrain ? "Finished" : "A model is open" };
    default:
      return { lamp: "off", words: "Ready" };
  }
}
