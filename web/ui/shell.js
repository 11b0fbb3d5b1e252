// The head of the page: what is going on, the theme, the views, and an update when there is one.
import { attribute, show, text } from "../dom.js";
import { count } from "../format.js";
import { toFragment } from "../settings.js";
import { unitOf } from "../story.js";

export function mount(element, send) {
  const find = (selector) => element.querySelector(selector);
  const [status, lamp] = [find("[data-status]"), find(".lamp")];
  const [theme, nav, update] = [find("[data-theme-switch]"), find(".views"), find("[data-update]")];
  const home = find(".wordmark");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const now = (state) =>
    state.page.theme === "system" ? (dark.matches ? "dark" : "light") : state.page.theme;
  const units = document.querySelectorAll("[data-unit]"); // words for what the model reads
  let latest = null;

  show(theme, true);
  theme.addEventListener("click", () => {
    const other = now(latest) === "dark" ? "light" : "dark";
    // Back where the system is, there is nothing to remember.
    const system = (dark.matches ? "dark" : "light") === other;
    send({ type: "page", values: { theme: system ? "system" : other } });
  });
  dark.addEventListener("change", () => latest && refresh(latest));
  find("[data-reload]").addEventListener("click", () => send({ type: "reload" }));

  function refresh(state) {
    latest = state;
    const { lamp: look, words } = statusOf(state);
    text(status, words);
    attribute(lamp, "class", `lamp lamp--${look}`);
    attribute(status.parentElement, "class", look === "bad" ? "status status--bad" : "status");
    attribute(
      document.documentElement,
      "data-theme",
      state.page.theme === "system" ? null : state.page.theme,
    );
    text(theme.firstElementChild, now(state) === "dark" ? "Light" : "Dark");
    show(update, state.update);
    for (const word of units) text(word, unitOf(state.run));
    const here = toFragment({ ...state, model: null });
    for (const link of nav.children) {
      const { name } = link.dataset;
      attribute(link, "href", here.replace(/^#\w+/, `#${name}`)); // the settings come along
      attribute(link, "aria-current", name === state.view ? "page" : null);
    }
    attribute(home, "href", nav.firstElementChild.getAttribute("href"));
  }
  return refresh;
}

function statusOf({ python, run, wanted }) {
  if (["failed", "unsupported"].includes(python.status))
    return { lamp: "bad", words: "Python did not load" };
  if (python.status === "crashed") return { lamp: "bad", words: "Python has stopped" };
  if (python.status === "loading") {
    const stages = Object.values(python.stages);
    const [got, all] = ["received", "total"].map((key) =>
      stages.reduce((sum, stage) => sum + stage[key], 0),
    );
    const part = all ? `, ${Math.floor((100 * got) / all)}%` : "";
    return { lamp: "busy", words: wanted ? `Starts by itself${part}` : `Loading Python${part}` };
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
