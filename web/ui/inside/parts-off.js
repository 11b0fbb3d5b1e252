// Parts switched off: each by itself in a table that ranks them, and those the reader has chosen.
/** @import {Send, State, WithIntervene} from "../../state/types.js" */
import { partRows, withoutWords } from "../../select/inside/intervene.js";
import { make, replaceIfChanged, setAttribute, setText, setVisible } from "../dom.js";
import { nextBars } from "./next-bars.js";
import { progress, radios } from "./pieces.js";

/** @param {Send} send */
export function partsOff(send) {
  const order = radios("parts-order", "Order of the parts", { loss: "by loss", place: "in order" });
  const table = make("table", { class: "partlist" });
  const scroll = { class: "table parts-table", tabindex: 0, role: "region" };
  const wait = progress(() => send({ type: "intervene-stop" }));
  const bars = nextBars();
  const again = make("button", { class: "act", type: "button" }, "All on again");
  const left = make(
    "div",
    {},
    make("h3", {}, "Each part off by itself"),
    make(
      "p",
      { class: "prose" },
      "How much worse the text is read without it. Press a switch to leave a part off, and another to leave off both.",
    ),
    make("div", { class: "partlist__order" }, order.element),
    make("div", { ...scroll, "aria-label": "Parts of the model" }, table),
    wait.element,
  );
  const right = make("div", { class: "intervene__next", hidden: true }, ...bars.all, again);
  order.onChange((value) =>
    send({ type: "intervene-order", order: value === "place" ? "place" : "loss" }),
  );
  again.addEventListener("click", () => {
    send({ type: "all-on" });
    /** @type {HTMLElement|null} */ (table.querySelector("button"))?.focus(); // it is gone
  });
  /** @type {Map<string, HTMLElement>} */
  let switches = new Map();

  /** @param {ReturnType<typeof partRows>} rows @param {string} unit */
  function drawn(rows, unit) {
    /** @param {string} words */
    const head = (words) => make("th", { scope: "col" }, words);
    switches = new Map();
    return [
      make("caption", { class: "vh" }, "The loss of the text without each part"),
      make(
        "thead",
        {},
        make("tr", {}, head("Part"), head("On"), head("Loss"), make("td"), head("It says")),
      ),
      make(
        "tbody",
        {},
        ...rows.map((row) => {
          const bar = make("i");
          bar.style.setProperty("--start", String(row.from));
          bar.style.setProperty("--p", String(row.width));
          const attributes = { class: "switch", type: "button", role: "switch" };
          const label = `${row.name} on`;
          const button = make("button", { ...attributes, "aria-label": label }, make("i"));
          button.addEventListener("click", () => send({ type: "machine-switch", part: row.part }));
          switches.set(row.part, button);
          return make(
            "tr",
            {},
            make("th", { scope: "row" }, row.name),
            make("td", {}, button),
            make("td", { class: "partlist__loss" }, row.loss),
            make("td", { class: "partlist__bar" }, make("span", {}, bar)),
            make("td", { class: row.same ? "partlist__same" : null }, row.says),
          );
        }),
      ),
    ];
  }

  /** @param {State} state @param {string} unit @param {number} layers */
  function update(state, unit, layers) {
    const { intervene: given, machine } = /** @type {WithIntervene} */ (state);
    const { each, off: changed } = given.looks;
    order.set(given.order);
    wait.update(each.id !== null, each.answer?.share ?? 0);
    if (each.answer) {
      const { answer } = each;
      const rows = partRows(answer, given.order, machine.off, layers);
      // Switches are set, not drawn anew: the one that was pressed keeps the focus.
      const key = JSON.stringify([rows.map(({ on, ...row }) => row), unit]);
      replaceIfChanged(table, key, () => drawn(rows, unit));
      for (const { part, on } of rows) {
        const button = switches.get(part);
        if (button) setAttribute(button, "aria-checked", on);
      }
    }
    setVisible(right, Boolean(changed.answer));
    setVisible(again, machine.off.length > 0);
    if (changed.answer) {
      const how = withoutWords(machine.off, layers);
      if (changed.id === null) bars.update(changed.answer, how, unit);
    }
  }
  return { element: make("div", { class: "intervene__both" }, left, right), update };
}
