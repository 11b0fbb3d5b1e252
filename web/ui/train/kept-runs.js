// The runs that this browser keeps: each can be opened, renamed, downloaded and deleted.
/** @import {Kept, Mount, State, Wish} from "../../state/types.js" */
import { bytes } from "../../select/format.js";
import { fileNameOf, nameOf, progressOf, settingsIn } from "../../select/kept-runs.js";
import { all, hiddenText, make, one, replaceIfChanged, setText, setVisible } from "../dom.js";

/** @type {Mount} */
export function mount(element, send) {
  const sum = one(element, "[data-sum]");
  const list = one(element, "[data-list]");
  /** @type {string|null} */
  let renamed = null; // the key of the run whose name is being typed

  /** @param {string} key @param {string|null} label */
  function rename(key, label) {
    renamed = null;
    if (label !== null) send({ type: "rename", key, label });
    else if (latest) update(latest);
    one(list, `[data-key="${key}"] [data-rename]`)?.focus();
  }

  /** @type {State|null} */
  let latest = null;
  /** @param {State} state */
  function update(state) {
    latest = state;
    const { runs, key: current } = state.saved;
    const there = state.python.status === "ready";
    setVisible(element, runs.length > 0);
    setText(sum, runs.length === 1 ? "one run" : `${runs.length} runs`);
    const known = runs.map(({ key, label, step, saved }) => [key, label, step, saved]);
    const giveBack = focusIn(list);
    replaceIfChanged(list, JSON.stringify([known, current, there, renamed]), () =>
      runs.map((kept) => item(kept, kept.key === current, there)),
    );
    giveBack();
    one(list, "input")?.focus();
  }

  /** @param {Kept} kept @param {boolean} isCurrent @param {boolean} there */
  function item(kept, isCurrent, there) {
    const { key } = kept;
    const name = nameOf(kept);
    /** @param {string} words @param {() => void} onclick @param {{[name: string]: boolean}} [extra] */
    const act = (words, onclick, extra = {}) =>
      make(
        "button",
        { class: "act", type: "button", onclick, ...extra },
        words,
        hiddenText(` ${name}`),
      );
    /** @param {Wish} action */
    const ask = (action) => () => send(action);
    const title = renamed === key ? box(key, name) : make("b", {}, name);
    const facts = [progressOf(kept), ...settingsIn(kept), bytes(kept.bytes), when(kept.saved)];
    return make(
      "li",
      { class: "kept", "data-key": key },
      make("p", {}, title, ...(isCurrent ? [" (this run)"] : [])),
      make("p", { class: "facts" }, facts.join(", ")),
      make(
        "p",
        { class: "row" },
        act("Open", ask({ type: "continue", key }), { disabled: !there || isCurrent }),
        act("Rename", () => startRenaming(key), { "data-rename": true }),
        act("Download", ask({ type: "kept-file", key, name: fileNameOf(kept) }), {
          disabled: !there,
        }),
        act("Delete", ask({ type: "forget", key })),
      ),
    );
  }

  /** @param {string} key */
  function startRenaming(key) {
    renamed = key;
    if (latest) update(latest);
  }

  /** @param {string} key @param {string} name */
  function box(key, name) {
    const input = make("input", {
      class: "value kept__name",
      "aria-label": "Name of the run",
      value: name,
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") {
        event.preventDefault();
        rename(key, input.value);
      }
      if (event.key === "Escape") {
        event.preventDefault(); // the sheet of settings stays
        rename(key, null);
      }
    });
    return input;
  }

  return update;
}

/**
 * Where the focus is in a list of runs that is about to be drawn anew; called afterwards, the
 * function gives it back: to the same button of the same run, or what is nearest to it.
 * @param {HTMLElement} list
 */
function focusIn(list) {
  const { activeElement: at } = document;
  if (!list.contains(at)) return () => {};
  const row = at?.closest("[data-key]");
  const place = row ? [...list.children].indexOf(row) : 0;
  const [key, words] = [row?.getAttribute("data-key"), at?.firstChild?.textContent];
  return () => {
    if (list.contains(document.activeElement)) return;
    const rows = [...list.children];
    const same = rows.find((each) => each.getAttribute("data-key") === key);
    const buttons = all(same ?? rows[Math.min(place, rows.length - 1)] ?? list, "button:enabled");
    const button = buttons.find((each) => each.firstChild?.textContent === words) ?? buttons[0];
    (button ?? one(list.parentElement ?? list, "summary"))?.focus();
  };
}

/** @param {number} time */
const when = (time) =>
  new Date(time).toLocaleString("en-GB", {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit", // two runs of one minute and equal settings are told apart by it
  });
