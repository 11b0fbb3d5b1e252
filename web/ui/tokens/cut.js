// A text as one tokenizer cuts it: the tokens, what they count to, and each of them by itself.
import { make, replaceIfChanged, setAttribute, setText, setVisible } from "../dom.js";
import { count } from "../../select/format.js";
import { cutters } from "../../state/tokens.js";

const ROWS = 500; // of the table
const SIGNS = { " ": "·", "\n": "↵", "\t": "⇥", "\r": "␍" };
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u; // characters without a shape
const JOINERS = /^[\u200c\u200d\ufe0f]$/; // but inside an emoji they belong

export function mount(element, send) {
  const { side } = element.dataset; // "cut", or "other" to compare
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [title, hint, facts, box] = ["title", "hint", "facts", "tokens"].map(find);
  const [told, note, bad, toggle, table] = ["told", "note", "problem", "toggle", "table"].map(find);
  let [latest, spans, on, drawn] = [null, [], -1, null];

  const number = (target) => {
    const span = target.closest?.(".tok");
    return span ? spans.indexOf(span) : -1;
  };
  box.addEventListener("pointerover", ({ target }) => choose(number(target)));
  box.addEventListener("click", ({ target }) => choose(number(target)));
  box.addEventListener("focus", () => choose(on < 0 ? 0 : on));
  box.addEventListener("keydown", (event) => {
    const { key } = event;
    const to = { ArrowRight: on + 1, ArrowDown: on + 1, ArrowLeft: on - 1, ArrowUp: on - 1 };
    const ends = { Home: 0, End: spans.length - 1 };
    const next = { ...to, ...ends }[key];
    if (next === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(spans.length - 1, next)));
    spans[on]?.scrollIntoView({ block: "nearest" });
  });
  toggle?.addEventListener("click", () =>
    send({ type: "tokens", values: { table: !latest.tokens.table } }),
  );

  function choose(at) {
    if (at < 0 || at >= spans.length) return;
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

  function draw(answer, tokens) {
    const { merges } = tokens.trained ?? {};
    const { wish } = tokens[side];
    const letters = wish.by === "chars";
    const all = wish.by === "trained" ? merges.length : answer.vocab - 257;
    const newest = wish.by === "trained" ? 255 + (wish.at ?? merges.length) : null;
    on = -1;
    box.removeAttribute("aria-activedescendant");
    spans = answer.ids.map((id, i) => {
      const span = make(
        "span",
        { class: "tok", role: "option", "aria-selected": "false", id: `${side}-${i}` },
      );
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
const HINTS = {
  chars: "the same letter has the same tint",
  trained: "the stronger the tint, the later it was joined",
  file: "the stronger the tint, the higher its number",
};

const tint = (id, all) => (id < 256 ? 0 : 12 + (68 * (id - 255)) / Math.max(1, all));

/** What is drawn of a token: what has no shape gets one. */
function pieces([words, bytes], spaces) {
  if (words === null) return [make("small", { class: "tok__bytes" }, bytes)];
  if (!words) return [make("i", {}, "∅")];
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

const hex = (letter) => `U+${letter.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;

function named([words]) {
  if (words === null) return "part of a character";
  const shown = [...words].map((letter) => SIGNS[letter] ?? letter).join("");
  return words ? `“${shown}”` : "no text";
}

function about({ ids, kinds, tokens }, i) {
  const kind = kinds[ids[i]];
  const size = kind[1] ? kind[1].split(" ").length : 0;
  const bytes = `${size === 1 ? "byte" : `${size} bytes`} ${kind[1]}`;
  return `Token ${count(i + 1)} of ${count(tokens)}: ${named(kind)}, id ${ids[i]}, ${bytes}`;
}

const counts = ({ characters, bytes, tokens, vocab }) => [characters, bytes, tokens, vocab];

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

/** A word on the other tokenizer, and on what is not shown. */
function remarks({ ids, tokens, left, note }, compare) {
  const other = compare && compare.beside && compare.other.answer;
  const share = other?.tokens ? Math.round(100 * Math.abs(1 - tokens / other.tokens)) : 0;
  const against = !other
    ? ""
    : share
      ? `${share}% ${tokens < other.tokens ? "fewer" : "more"} tokens than beside it.`
      : "About as many tokens as beside it.";

  const drawn =
    ids.length < tokens
      ? `The first ${count(ids.length)} of ${count(tokens)} tokens are drawn; the counts are of all.`
      : "";
  const cut = left ? `The last ${count(left)} characters of this long text are left out.` : "";
  return [against, note, drawn, cut].filter(Boolean).join(" ");
}

function tabled({ ids, kinds, tokens }) {
  const rows = ids.slice(0, ROWS).map((id, i) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, count(i + 1)),
      make("td", {}, String(id)),
      make("td", {}, named(kinds[id])),
      make("td", {}, kinds[id][1]),
    ),
  );
  const head = ["Place", "Id", "Text", "Bytes"].map((words) => make("th", { scope: "col" }, words));
  const caption =
    tokens > ROWS ? `The first ${ROWS} of ${count(tokens)} tokens` : `${count(tokens)} tokens`;
  return make(
    "table",
    {},
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...rows),
  );
}
