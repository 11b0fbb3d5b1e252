// What has come of Python, stage by stage, in bytes; and after that, what came.
/** @import {Mount, StageState} from "../../state/types.js" */
import { bySelector, make, replaceIfChanged, setAttribute, setText, setVisible } from "../dom.js";
import { bytes, duration } from "../../select/format.js";

const STAGES = ["python", "library", "numpy", "microgpt", "check"];

/** @type {Mount} */
export function mount(element) {
  const find = bySelector(element);
  const [sum, amount, bar] = ["[data-sum]", "[data-bytes]", ".loading__bar"].map(find);
  const began = performance.now();
  let took = 0; // seconds

  return (state) => {
    const { python, run, queuedAction } = state;
    // Once there, one line stays until the first run: the stages have said what they had to.
    setVisible(element, python.status === "loading" || (python.status === "ready" && !run));
    const stages = STAGES.map((name) => ({
      name,
      ...(python.stages[name] ?? { received: 0, total: 0, done: false }),
    }));
    const got = stages.reduce((sum, stage) => sum + stage.received, 0);
    const all = stages.reduce((sum, stage) => sum + stage.total, 0);
    const over = python.status === "ready";
    if (over) took ||= (performance.now() - began) / 1000;
    setAttribute(element, "class", over ? "loading loading--over" : "loading");
    setText(
      sum,
      over
        ? `Python ${python.version} and numpy ${python.numpy}, ready after ${duration(took).join(" ")}.`
        : queuedAction
          ? "Python is on its way; training begins as soon as it is there."
          : "Python is on its way. Press Start now and it begins by itself.",
    );
    setText(amount, !all ? "" : over ? bytes(all) : `${(got / 1e6).toFixed(1)} of ${bytes(all)}`);
    setAttribute(bar, "aria-valuenow", all ? Math.floor((100 * got) / all) : 0);
    const heavy = stages.filter((stage) => stage.total);
    replaceIfChanged(bar, heavy.map((stage) => stage.name).join(), () =>
      heavy.map(() => make("i")),
    );
    heavy.forEach((stage, i) => {
      const { style } = /** @type {HTMLElement} */ (bar.children[i]);
      style.setProperty("--size", String(stage.total / 1e6));
      style.setProperty("--done", `${(100 * stage.received) / stage.total}%`);
    });
    const now =
      stages.find((stage) => !stage.done && (stage.received < stage.total || !stage.total))?.name ??
      stages.find((stage) => !stage.done)?.name;
    for (const stage of stages) {
      const item = find(`[data-stage="${stage.name}"]`);
      const look =
        stage.done || over || (stage.total > 0 && stage.received >= stage.total)
          ? " stage--done"
          : stage.name === now
            ? " stage--now"
            : "";
      setAttribute(item, "class", `stage${look}`);
      setText(item.lastElementChild, figure(stage));
    }
  };
}

/** @param {StageState} stage */
function figure({ received, total, done }) {
  if (!total) return "";
  if (done || received >= total || !received) return bytes(total);
  return total > 1e6 ? `${(received / 1e6).toFixed(1)} of ${bytes(total)}` : bytes(total);
}
