// The merges that were learned, around the one that is shown; and what to do with the tokenizer.
/** @import {Merge, Mount, State, Trained} from "../../state/types.js" */
import { dataTable } from "../data-table.js";
import {
  byName,
  make,
  one,
  replaceIfChanged,
  setAttribute,
  setText,
  setVisible,
  targetOf,
} from "../dom.js";
import { count, withSigns } from "../../select/format.js";

const AROUND = 4; // merges before and after the one that is shown
const ROWS = 1000; // of the table

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [none, some, list, words] = ["none", "some", "list", "words"].map(find);
  const [use, save, used, bad, toggle, table] = [
    "use",
    "save",
    "used",
    "problem",
    "toggle",
    "table",
  ].map(find);
  const which = find("which");
  let by = "chars";
  use.addEventListener("click", () => send({ type: "settings", values: { tokenizer: by } }));
  save.addEventListener("click", () => send({ type: "save-tokenizer" }));
  toggle.addEventListener("click", () => send({ type: "token-list" }));
  list.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement|null} */ (targetOf(event).closest("button"));
    if (button) send({ type: "replay", at: Number(button.dataset.merge) });
  });

  return (state) => {
    const { tokens, settings } = state;
    const { trained, at, saving } = tokens;
    by = tokens.by;
    const there = Boolean(trained?.merges.length);
    setVisible(none, !there);
    setVisible(some, there);
    if (trained && !there)
      setText(none, "No pair of neighbours occurs twice there: there is nothing to merge.");
    setText(use, `Train a model on these ${by === "chars" ? "characters" : "tokens"}`);
    const chosen = settings.tokenizer === by;
    setVisible(use, !chosen);
    setVisible(used, chosen);
    setText(which, by === "chars" ? "Train uses characters." : "Train uses these tokens.");
    setVisible(save, by !== "chars");
    setVisible(bad, Boolean(saving.problem));
    setText(bad, saving.problem);
    if (!trained || !there) return;
    const last = trained.merges.length;
    const from = Math.max(0, Math.min(at - 1 - AROUND, last - 2 * AROUND - 1));
    const around = trained.merges.slice(from, from + 2 * AROUND + 1);
    const { activeElement: focus } = document;
    const focused =
      focus instanceof HTMLElement && list.contains(focus) ? focus.dataset.merge : null;
    replaceIfChanged(list, `${tokens.round} ${at}`, () =>
      around.map((merge, i) => line(merge, from + i + 1, at)),
    );
    if (focused) (one(list, `[data-merge="${focused}"]`) ?? one(list, "button"))?.focus();
    const here = seen(tokens);
    replaceIfChanged(words, `${tokens.round} ${at} ${here}`, () => told(trained, at, here));
    setAttribute(toggle, "aria-expanded", tokens.list);
    setVisible(table, tokens.list);
    if (tokens.list) replaceIfChanged(table, String(tokens.round), () => [tabled(trained.merges)]);
  };
}

/** @param {string} token */
const code = (token) => make("code", {}, withSigns(token));

/** @param {Merge} given @param {number} number @param {number} at */
function line([left, right, both, times], number, at) {
  const button = make(
    "button",
    { type: "button", "data-merge": number, "aria-current": number === at ? "true" : null },
    make("span", {}, count(number)),
    make("span", { class: "merge__what" }, code(left), " + ", code(right), " → ", code(both)),
    make("b", {}, `${count(times)}×`),
  );
  return make("li", {}, button);
}

/**
 * How often the newest token stands in the text that is drawn; null while that is not known.
 * @param {State["tokens"]} state
 */
function seen({ cut: { answer, wish, waiting }, at, trained }) {
  if (!answer || waiting || !trained || wish?.by !== "trained") return null;
  if ((wish.at ?? trained.merges.length) !== at) return null;
  return answer.ids.filter((id) => id === 255 + at).length;
}

/** @param {Trained} given @param {number} at @param {number|null} here */
function told({ merges, wanted, from }, at, here) {
  const where = from ? "in the data" : "in the text";
  const often = ["", "once", "twice"][here ?? 0] ?? `${here} times`;
  const now =
    here === null
      ? ""
      : here
        ? ` It occurs in this text ${often}, shown in a frame.`
        : " It does not occur in this text.";
  const short =
    merges.length < wanted && at === merges.length
      ? ` These ${count(merges.length)} merges are all that were learned.`
      : "";
  if (!at) return ["No merge yet: every byte is a token of its own."];
  const [left, right, both, times] = merges[at - 1];
  return [
    `Merge ${count(at)}: `,
    code(left),
    " + ",
    code(right),
    " → ",
    code(both),
    `, ${count(times)} ${times === 1 ? "time" : "times"} ${where}; no pair occurred more often. From here on they are one token.${now}${short}`,
  ];
}

/** @param {Merge[]} merges */
function tabled(merges) {
  const rows = merges
    .slice(0, ROWS)
    .map(([left, right, both, times], i) => [
      count(i + 1),
      ...[left, right, both].map(code),
      count(times),
    ]);
  const caption =
    merges.length > ROWS
      ? `The first ${count(ROWS)} of ${count(merges.length)} merges`
      : `All ${count(merges.length)} merges`;
  return dataTable(caption, ["Merge", "Left", "Right", "Together", "Times"], rows);
}
