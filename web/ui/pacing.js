// Under the buttons during a run: that it is slowed down and how to change that, and what has been
// changed for the next one.
import { fill, make, show } from "../dom.js";
import { FIELDS } from "../fields.js";
import { bytes, stepsPerSecond } from "../format.js";
import { pending } from "../story.js";

export function mount(element, send) {
  const act = (words, action) =>
    make("button", { class: "act", type: "button", onclick: () => send(action) }, words);

  return (state) => {
    const { run, page, python, settings } = state;
    const rows = [];
    if (run && python.status === "ready" && !run.opening) {
      const pace = stepsPerSecond(page.pace, run.steps);
      const slowed = run.status === "running" && pace && run.goal > run.step + 1;
      if (slowed)
        rows.push([
          page.pace === "slow"
            ? "Slow, to read every step."
            : "Slowed down, so that you can follow.",
          "Full speed",
          { type: "page", values: { pace: "full" } },
        ]);
      else if (run.status === "running" && page.pace === "full")
        rows.push(["At full speed.", "Slow down", { type: "page", values: { pace: "watch" } }]);
      const changed = pending(state, FIELDS);
      if (changed.length)
        rows.push([
          `For the next run: ${changed.join(", ").toLowerCase()}.`,
          "Start it now",
          { type: "again" },
        ]);
      else if (!rows.length)
        rows.push([
          `Python ${python.version}, numpy ${python.numpy}, ${bytes(run.memory ?? python.memory)} of memory`,
        ]);
    }
    show(element, rows.length > 0);
    fill(element, JSON.stringify(rows) + settings.steps, () =>
      rows.map(([words, label, action]) =>
        make(
          "p",
          { class: "pacing" },
          make("span", {}, words),
          ...(label ? [act(label, action)] : []),
        ),
      ),
    );
  };
}
