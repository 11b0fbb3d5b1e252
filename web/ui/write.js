// The prompt, and what the model makes of it, letter by letter.
import { attribute, fit, show, text, value } from "../dom.js";

const WAIT = 120; // milliseconds of quiet before the bars follow what is typed

export function mount(element, send) {
  const find = (selector) => element.querySelector(selector);
  const [prompt, out, bad, write, letter] = [
    ".typed__prompt",
    ".typed__out",
    "[data-problem]",
    "[data-write]",
    "[data-letter]",
  ].map(find);
  let timer = 0;
  let busy = false;
  prompt.addEventListener("input", () => {
    fit(prompt);
    send({ type: "prompt", text: prompt.value });
    clearTimeout(timer);
    timer = setTimeout(() => send({ type: "look" }), WAIT);
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || write.disabled) return;
    event.preventDefault();
    send({ type: "write" });
  });
  write.addEventListener("click", () => send({ type: busy ? "halt" : "write" }));
  letter.addEventListener("click", () => send({ type: "letter" }));

  return (state) => {
    const { writing, run, python, odds } = state;
    const model = python.status === "ready" && run?.ready;
    busy = writing.busy && !writing.one;
    value(prompt, state.prompt);
    const recorded =
      !run && state.recorded
        ? state.recorded.write.text.slice(state.recorded.write.prompt.length)
        : "";
    text(
      out,
      model || run ? writing.text : state.prompt === state.recorded?.write.prompt ? recorded : "",
    );
    const end = run && writing.ended && !writing.busy ? " typed__out--end" : "";
    attribute(out, "class", `typed__out${writing.busy ? " typed__out--live" : end}`);
    const problem = writing.problem || odds.problem;
    show(bad, Boolean(problem));
    text(bad, problem);
    text(write, busy ? "Stop writing" : "Write");
    write.disabled = !model;
    letter.disabled = !model || writing.busy;
  };
}
