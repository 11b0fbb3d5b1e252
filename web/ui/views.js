// One view at a time.
import { show } from "../dom.js";

const TITLES = {
  train: "microgpt: train a GPT in this tab",
  inside: "Inside the model · microgpt",
  tokens: "Tokens · microgpt",
};

export function mount(element) {
  const panels = [...element.querySelectorAll("[data-view]")];
  let shown = "";
  return ({ view }) => {
    if (view === shown) return;
    for (const panel of panels) show(panel, panel.dataset.view === view);
    document.title = TITLES[view];
    if (shown) scrollTo(0, 0);
    shown = view;
  };
}
