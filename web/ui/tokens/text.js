// The text that is looked at, what cuts it, and what is drawn of the tokens.
/** @import {Cutter, Mount, State} from "../../state/types.js" */
import { all, byName, make, replaceIfChanged, setText, setValue, setVisible } from "../dom.js";
import { cutters, textOf } from "../../state/tokens.js";

const WAIT = 150; // milliseconds of quiet before what is typed is cut

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [area, by, beside, spaces] = ["text", "by", "beside", "spaces"].map(find);
  const [ours, open, file, bad] = ["ours", "open", "file", "problem"].map(find);
  const labels = all(element, "[name=token-label]");
  /** @param {Partial<State["tokens"]>} values */
  const set = (values) => send({ type: "tokens", values });
  let timer = 0; // while it is on, the state does not know yet what was typed
  function tell() {
    clearTimeout(timer);
    timer = 0;
    send({ type: "token-text", text: area.value });
  }
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, WAIT);
  });
  area.addEventListener("change", () => timer && tell());
  ours.addEventListener("click", () => {
    clearTimeout(timer);
    timer = 0;
    send({ type: "token-text", text: null });
  });
  by.addEventListener("change", () => set({ by: cutter(by.value), chosen: null }));
  beside.addEventListener("change", () => set({ beside: beside.value && cutter(beside.value) }));
  spaces.addEventListener("change", () => set({ spaces: spaces.checked }));
  for (const label of labels) label.addEventListener("change", () => set({ label: label.value }));
  open.addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    const files = [...file.files];
    if (files.length) send({ type: "tokenizer-files", files });
    file.value = "";
  });

  return (state) => {
    const { tokens } = state;
    if (!timer && area.value !== textOf(state)) area.value = textOf(state);
    setVisible(ours, tokens.text !== null);
    const found = cutters(state);
    /** @param {{[by: string]: string}} names */
    const options = (names) =>
      Object.entries(names).map(([name, words]) => make("option", { value: name }, words));
    replaceIfChanged(by, JSON.stringify(found), () => options(found));
    setValue(by, tokens.by);
    replaceIfChanged(beside, JSON.stringify(found), () => options({ "": "nothing", ...found }));
    setValue(beside, tokens.beside);
    spaces.checked = tokens.spaces;
    for (const label of labels) label.checked = label.value === tokens.label;
    const problem = tokens.opening.problem;
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
    open.disabled = state.python.status !== "ready";
  };
}

/** @param {string} name @returns {Cutter} */
const cutter = (name) => (name === "trained" || name === "file" ? name : "chars");
