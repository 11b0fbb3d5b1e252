// Small things that the panels of See and intervene share: a choice of one, and how far Python is.
import { make, setText, setVisible } from "../dom.js";

/**
 * A choice of one.
 * @template {string} Value
 * @param {string} name @param {string} label @param {{[value in Value]: string}} options
 */
export function radios(name, label, options) {
  const inputs = Object.keys(options).map((value) => make("input", { type: "radio", name, value }));
  const labels = inputs.map((input) =>
    make("label", {}, input, options[/** @type {Value} */ (input.value)]),
  );
  const about = { class: "choice", role: "radiogroup", "aria-label": label };
  return {
    element: make("span", about, ...labels),
    /** @param {string} value */
    set: (value) => inputs.forEach((input) => (input.checked = input.value === value)),
    /** @param {(value: Value) => void} act */
    onChange: (act) =>
      inputs.forEach((input) =>
        input.addEventListener("change", () => act(/** @type {Value} */ (input.value))),
      ),
  };
}

const LONG = 400; // milliseconds of work after which it is worth a bar and a button

/** How far Python is with something that can be stopped. @param {() => void} stop */
export function progress(stop) {
  const bar = make("i");
  const share = make("span");
  const button = make("button", { class: "act", type: "button", onclick: stop }, "Stop looking");
  const line = make(
    "p",
    { class: "wait", hidden: true },
    make("span", { class: "wait__bar" }, bar),
    share,
    button,
  );
  let since = 0;
  return {
    element: line,
    /** @param {boolean} busy @param {number} done */
    update(busy, done) {
      if (!busy) since = 0;
      else since ||= performance.now();
      setVisible(line, busy && performance.now() - since > LONG);
      bar.style.setProperty("--p", String(done));
      setText(share, `${Math.round(100 * done)}%`);
    },
  };
}
