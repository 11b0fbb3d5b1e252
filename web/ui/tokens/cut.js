// A text as one tokenizer cuts it: the tokens, what they count to, and each of them by itself.
/** @import {Cut, Kind, Mount, State} from "../../state/types.js" */
import { dataTable } from "../data-table.js";
import {
  byName,
  make,
  replaceIfChanged,
  setAttribute,
  setText,
  setVisible,
  targetOf,
} from "../dom.js";
import { SIGNS, count, withSigns } from "../../select/format.js";
import { cutters } from "../../state/tokens.js";

const ROWS = 500; // of the table
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u; // characters without a shape
const JOINERS = /^[\u200c\u200d\ufe0f]$/; // but inside an emoji they belong

/** @type {Mount} */
export function mount(element, send) {
  const side = element.dataset.side === "other" ? "other" : "cut"; // "cut", or "other" to compare
  const find = byName(element);
  const [title, hint, facts, box] = ["title", "hint", "facts", "tokens"].map(find);
  const [told, note, bad, toggle, table] = ["told", "note", "problem", "toggle", "table"].map(find);
  /** @type {State|null} */
  let latest = null;
  /** @type {HTMLElement[]} */
  let spans = [];
  let on = -1; // which of them
  /** @type {{answer: Cut, key: string}|null} */
  let drawn = null;

  /** @param {Event} event */
  const number = (event) => spans.findIndex((span) => span.contains(targetOf(event)));
  box.addEventListener("pointerover", (event) => choose(number(event)));
  box.addEventListener("click", (event) => choose(number(event)));
  box.addEventListener("focus", () => choose(on < 0 ? 0 : on));
  box.addEventListener("keydown", (event) => {
    const { key } = event;
    /** @type {{[key: string]: number}} */
    const to = { ArrowRight: on + 1, ArrowDown: on + 1, ArrowLeft: on - 1, ArrowUp: on - 1 };
    const next = { ...to, Home: 0, End: spans.length - 1 }[key];
    if (next === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(spans.length - 1, next)));
    spans[on]?.scrollIntoView({ block: "nearest" });
  });
  toggle?.addEventListener("click", () =>
    send({ type: "tokens", values: { table: !latest?.tokens.table } }),
  );

  /** @param {number} at */
  function choose(at) {
    if (!drawn || at < 0 || at >= spans.length) return;
    spans[on]?.classList.remove("tok--on");
    spans[on]?.setAttribute("aria-selected", "false");
    on = at;
    const words = about(drawn.answer, on);
    spans[on].classList.add("tok--on");
    spans[on].setAttribute("aria-selected", "true");
    spans[on].setAttribute("aria-label", words);
    box.setAttribute("aria-activedescendant", spans[on].id);
    setText(told, words);
  }

  /** @param {Cut} answer @param {State["tokens"]} tokens */
  function draw(answer, tokens) {
    const merges = tokens.trained?.merges.length ?? 0;
    const { by = "chars", at = null } = tokens[side].wish ?? {};
    const letters = by === "chars";
    const all = by === "trained" ? merges : answer.vocab - 257;
    const newest = by === "trained" ? 255 + (at ?? merges) : null;
    on = -1;
    box.removeAttribute("aria-activedescendant");
    spans = answer.ids.map((id, i) => {
      const span = make("span", {
        class: "tok",
        role: "option",
        "aria-selected": "false",
        id: `${side}-${i}`,
      });
      const inside = pieces(answer.kinds[id], tokens.spaces);
      if (!tokens.label) span.append(...inside);
      else {
        const words = tokens.label === "ids" ? String(id) : answer.kinds[id][1];
        span.append(make("span", {}, ...inside), make("small", { class: "tok__label" }, words));
      }
      span.style.setProperty("--v", `${letters ? ((id * 7) % 5) * 9 : tint(id, all)}%`);
      if (id === newest) span.classList.add("tok--last");
      return span;
    });
    setText(told, TELL);
    // Lines break before words, as they do where spaces are spaces.
    return spans.flatMap((span, i) => {
      const words = answer.kinds[answer.ids[i]][0] ?? "";
      const before = words.startsWith(" ") ? [make("wbr")] : [];
      const after = tokens.label && words.includes("\n") ? [make("br")] : [];
      return [...before, span, ...after];
    });
  }

  return (state) => {
    latest = state;
    const { tokens } = state;
    const { answer, problem, wish } = tokens[side];
    setVisible(element, side === "cut" || Boolean(tokens.beside));
    if (!wish || (side === "other" && !tokens.beside)) return;
    const by = `${cutters(state)[wish.by] ?? "characters"}`;
    const part = wish.by === "trained" && wish.at !== null ? `${count(wish.at)} of ` : "";
    setText(title, wish.by === "chars" ? "Cut into characters" : `Cut by ${part}${by}`);
    setText(hint, problem ? "" : HINTS[wish.by]);
    setVisible(bad, Boolean(problem));
    setText(bad, problem);
    setVisible(box, Boolean(answer));
    setVisible(told, Boolean(answer));
    setAttribute(box, "class", `cut${tokens.label ? " cut--labelled" : ""}`);
    setAttribute(box, "aria-label", `Tokens, ${wish.by === "chars" ? "" : "cut by "}${by}`);
    replaceIfChanged(facts, JSON.stringify([answer && counts(answer), tokens.at]), () =>
      answer ? readout(answer) : [],
    );
    if (toggle) {
      setAttribute(toggle, "aria-expanded", tokens.table);
      setVisible(toggle, Boolean(answer));
      setVisible(table, tokens.table && Boolean(answer));
    }
    const remark = answer ? remarks(answer, side === "cut" && tokens) : "";
    setVisible(note, Boolean(remark));
    setText(note, remark);
    if (!answer) return;
    const key = `${tokens.spaces} ${tokens.label}`;
    if (drawn?.answer !== answer || drawn.key !== key) {
      drawn = { answer, key };
      box.replaceChildren(...draw(answer, tokens));
    }
    if (toggle && tokens.table)
      replaceIfChanged(table, `${tokens[side].id} ${answer.tokens}`, () => [tabled(answer)]);
  };
}

const TELL = "Point at a token, or go there with the arrow keys, and it says what it is.";
/** @type {{[by: string]: string}} */
const HINTS = {
  chars: "the same letter has the same tint",
  trained: "the stronger the tint, the later it was joined",
  file: "the stronger the tint, the higher its number",
};

/** @param {number} id @param {number} all */
const tint = (id, all) => (id < 256 ? 0 : 12 + (68 * (id - 255)) / Math.max(1, all));

/**
 * What is drawn of a token: what has no shape gets one.
 * @param {Kind} given @param {boolean} spaces
 */
function pieces([words, bytes], spaces) {
  if (words === null) return [make("small", { class: "tok__bytes" }, bytes)];
  if (!words) return [make("i", {}, "∅")];
  /** @type {(string|HTMLElement)[]} */
  const parts = [];
  for (const letter of words) {
    const sign = SIGNS[letter];
    const last = parts.at(-1);
    if (sign && (spaces || letter === "\r")) {
      parts.push(make("i", {}, sign));
      if (letter === "\n") parts.push(make("br"));
    } else if (!sign && UNSEEN.test(letter) && !JOINERS.test(letter))
      parts.push(make("small", { class: "tok__bytes" }, hex(letter)));
    else if (typeof last === "string") parts[parts.length - 1] = last + letter;
    else parts.push(letter);
  }
  return parts;
}

/** @param {string} letter */
const hex = (letter) =>
  `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;

/** @param {Kind} given */
function named([words]) {
  if (words === null) return "part of a character";
  return words ? `“${withSigns(words)}”` : "no text";
}

/** @param {Cut} given @param {number} i */
function about({ ids, kinds, tokens }, i) {
  const kind = kinds[ids[i]];
  const size = kind[1] ? kind[1].split(" ").length : 0;
  const bytes = `${size === 1 ? "byte" : `${size} bytes`} ${kind[1]}`;
  return `Token ${count(i + 1)} of ${count(tokens)}: ${named(kind)}, id ${ids[i]}, ${bytes}`;
}

/** @param {Cut} given */
const counts = ({ characters, bytes, tokens, vocab }) => [characters, bytes, tokens, vocab];

/** @param {Cut} given */
function readout({ characters, bytes, tokens, vocab }) {
  const each = tokens ? (characters / tokens).toFixed(2) : "–";
  const all = {
    Characters: count(characters),
    Bytes: count(bytes),
    Tokens: count(tokens),
    "Characters a token": each,
    Vocabulary: count(vocab),
  };
  return Object.entries(all).map(([name, figure]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, figure)),
  );
}

/**
 * A word on the other tokenizer, and on what is not shown.
 * @param {Cut} given @param {State["tokens"]|false} compare
 */
function remarks({ ids, tokens, left, note }, compare) {
  const other = compare && compare.beside ? compare.other.answer : null;
  const share = other?.tokens ? Math.round(100 * Math.abs(1 - tokens / other.tokens)) : 0;
  const against = !other
    ? ""
    : share
      ? `${share}% ${tokens < other.tokens ? "fewer" : "more"} tokens than the other one.`
      : "About as many tokens as the other one.";

  const drawn =
    ids.length < tokens
      ? `The first ${count(ids.length)} of ${count(tokens)} tokens are drawn; the counts are of all.`
      : "";
  const cut = left ? `The last ${count(left)} characters of this long text are left out.` : "";
  return [against, note, drawn, cut].filter(Boolean).join(" ");
}

/** @param {Cut} given */
function tabled({ ids, kinds, tokens }) {
  const rows = ids
    .slice(0, ROWS)
    .map((id, i) => [count(i + 1), String(id), named(kinds[id]), kinds[id][1]]);
  const caption =
    tokens > ROWS ? `The first ${ROWS} of ${count(tokens)} tokens` : `${count(tokens)} tokens`;
  return dataTable(caption, ["Place", "Id", "Text", "Bytes"], rows);
}
