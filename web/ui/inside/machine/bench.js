// The open block: in words, its formula with its own numbers, all of its numbers, its matrices.
/** @import {Machine, Send, Settings} from "../../../state/types.js" */
/** @import {Block} from "../../../select/inside/blocks.js" */
/** @import {Row} from "../../../select/inside/bench-table.js" */
/** @import {Explained} from "../../../select/inside/explain.js" */
/** @import {Colours} from "./paint.js" */
import { benchOf } from "../../../select/inside/bench.js";
import { explain } from "../../../select/inside/explain.js";
import { num } from "../../../select/inside/sums.js";
import {
  make,
  replaceIfChanged,
  setAttribute,
  setDisabled,
  setText,
  setVisible,
} from "../../dom.js";
import { createFigure } from "./figures.js";
import { createMatrices } from "./matrices.js";
import { roving } from "./roving.js";

const TERMS = 16; // of a sum; the largest stand there, the others together

/** @param {HTMLElement} bench @param {Send} send @param {(by: number) => void} go */
export function createBench(bench, send, go) {
  bench.id = "bench";
  const [back, next] = ["Back", "Next"].map((words) =>
    make("button", { class: "button button--short", type: "button" }, words),
  );
  const close = make("button", { class: "act", type: "button", "data-close": true }, "Close");
  const place = make("span", { class: "facts" });
  const title = make("h3", { id: "bench-title" });
  const text = make("p", { class: "prose" });
  const off = make("button", { class: "act", type: "button", "data-off": true, hidden: true });
  const numbers = scroller("All numbers of this block");
  const what = make("h4", { "data-what": true });
  const formula = make("p", { class: "bench__formula" });
  const lines = make("p", { class: "bench__lines", "data-lines": true });
  const terms = make("div", { class: "scroll bench__terms" });
  const matrices = createMatrices((weight) => send({ type: "pick-weight", weight, jump: true }));
  const code = make("div", { class: "bench__code" }, formula, lines);
  const figure = createFigure();
  const left = make("div", { class: "bench__left" }, code, figure.element, matrices.element);
  const one = make("div", { class: "bench__one" }, what, left, terms);
  bench.append(
    make(
      "div",
      { class: "bench__say" },
      make("div", { class: "row bench__go" }, back, next, place, close),
      ...[title, text, off],
    ),
    make("div", { class: "bench__show" }, numbers, one),
  );
  back.addEventListener("click", () => go(-1));
  next.addEventListener("click", () => go(1));
  close.addEventListener("click", () => send({ type: "machine-open", block: null }));
  let part = "";
  off.addEventListener("click", () => send({ type: "machine-switch", part }));
  const arrangeNumbers = roving(numbers, "button");
  const arrangeTerms = roving(terms, "button");
  numbers.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (button) send({ type: "machine-number", number: Number(button.dataset.pick) });
  });
  terms.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (button) send({ type: "pick-weight", weight: button.dataset.weight ?? "", jump: true });
  });

  /** @param {Explained|null} found */
  function tell(found) {
    setVisible(one, found !== null);
    if (!found) return;
    setText(what, found.what);
    setText(formula, found.formula);
    figure.update(found.figure);
    replaceIfChanged(lines, String(found.lines.length), () =>
      found.lines.flatMap(() => [make("span"), make("br")]),
    );
    found.lines.forEach((line, i) => setText(lines.children[2 * i], line));
    const key = found.sums
      .map(({ terms: own }) => own.map(({ label, weight }) => label + weight).join())
      .join("|");
    const shown = found.sums.map((sum) => largestOf(sum.terms));
    replaceIfChanged(terms, `${key} ${found.sums.map(({ terms: own }) => own.length).join()}`, () =>
      found.sums.map(({ head }, i) => termTable(head, shown[i].length)),
    );
    found.sums.forEach(({ total }, i) => fillTerms(terms.children[i], shown[i], total));
    arrangeTerms();
  }

  /**
   * @param {Machine} answer @param {Settings} settings @param {Block} block
   * @param {{number: number, temperature: number, unit: string, at: number, of: number, off: string[],
   *   colours: Colours}} more
   */
  return function update(
    answer,
    settings,
    block,
    { number, temperature, unit, at, of, off: parts, colours },
  ) {
    const found = benchOf(answer, settings, block, temperature, unit);
    setText(title, found.title);
    setText(text, found.text);
    setText(place, `Block ${at + 1} of ${of}`);
    setDisabled(back, at === 0);
    setDisabled(next, at === of - 1);
    setVisible(off, block.kind === "head");
    part = `layer${block.layer}.head${block.head}`;
    setText(off, parts.includes(part) ? "Switch this head on again" : "Switch this head off");
    const { caption, columns, rows } = found.table;
    const shape = JSON.stringify([
      block.key,
      columns,
      rows.map(({ name, strong, cells }) => [name, strong, cells.map(({ pick }) => pick)]),
    ]);
    replaceIfChanged(numbers, shape, () => [numberTable(caption, columns, rows)]);
    fillNumbers(numbers, rows, number);
    arrangeNumbers();
    tell(explain(answer, settings, block, number, temperature));
    matrices.update(answer, block, number, colours);
  };
}

/** @param {string} label */
const scroller = (label) =>
  make("div", { class: "scroll bench__scroll", role: "region", "aria-label": label });

/** The numbers of a block, each a button where it can be explained. @param {string} caption @param {string[]} columns @param {Row[]} rows */
function numberTable(caption, columns, rows) {
  return make(
    "table",
    { class: "numbers" },
    make("caption", { class: "vh" }, caption),
    make(
      "thead",
      {},
      make("tr", {}, make("td"), ...columns.map((words) => make("th", { scope: "col" }, words))),
    ),
    make(
      "tbody",
      {},
      ...rows.map(({ name, strong, cells }) =>
        make(
          "tr",
          { class: strong ? "numbers__strong" : null },
          make("th", { scope: "row" }, name),
          ...cells.map(({ pick }) =>
            make(
              "td",
              {},
              pick === undefined ? "" : make("button", { type: "button", "data-pick": pick }),
            ),
          ),
        ),
      ),
    ),
  );
}

/** @param {HTMLElement} element @param {Row[]} rows @param {number} chosen */
function fillNumbers(element, rows, chosen) {
  const lines = element.querySelectorAll("tbody tr");
  rows.forEach(({ cells }, row) =>
    cells.forEach(({ text, pick, share, pale }, column) => {
      const cell = /** @type {HTMLElement} */ (lines[row].children[column + 1]);
      setText(pick === undefined ? cell : cell.children[0], text);
      cell.classList.toggle("numbers__pale", Boolean(pale));
      if (share !== undefined) cell.style.setProperty("--v", `${Math.round(100 * share)}%`);
      cell.classList.toggle("numbers__share", share !== undefined);
      if (pick !== undefined) setAttribute(cell.children[0], "aria-pressed", pick === chosen);
    }),
  );
}

/** @param {Explained["sums"][0]["terms"]} terms */
function largestOf(terms) {
  if (terms.length <= TERMS) return terms;
  const order = [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
  return order.slice(0, TERMS);
}

/** @param {[string, string, string]} head @param {number} count */
function termTable([of, factor, number], count) {
  const columns = [of, factor, number, "product"];
  return make(
    "table",
    { class: "numbers numbers--terms" },
    make("caption", { class: "vh" }, "What is added up"),
    make(
      "thead",
      {},
      make("tr", {}, ...columns.map((words) => make("th", { scope: "col" }, words))),
    ),
    make(
      "tbody",
      {},
      ...Array.from({ length: count + 1 }, () =>
        make("tr", {}, make("th", { scope: "row" }), make("td"), make("td"), make("td")),
      ),
    ),
  );
}

/** @param {Element} table @param {Explained["sums"][0]["terms"]} terms @param {number} total */
function fillTerms(table, terms, total) {
  const rows = table.querySelectorAll("tbody tr");
  terms.forEach(({ label, weight, factor, number, product }, i) => {
    const [name, first, second, third] = rows[i].children;
    setText(name, label);
    if (weight) {
      let button = first.querySelector("button");
      if (!button) first.replaceChildren((button = make("button", { type: "button" })));
      setText(button, num(factor));
      button.dataset.weight = weight;
      setAttribute(button, "aria-label", `${weight}, ${num(factor)}: its story`);
    } else setText(first, num(factor));
    setText(second, num(number));
    setText(third, num(product));
  });
  const [name, , , last] = rows[terms.length].children;
  const shown = terms.reduce((sum, { product }) => sum + product, 0);
  setText(name, Math.abs(shown - total) > 1e-9 ? "with all others" : "together");
  setText(last, num(total));
}
