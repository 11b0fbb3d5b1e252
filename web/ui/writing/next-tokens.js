// How likely each next token is, as bars and as a table.
/** @import {Mount, Sampling, State, Token} from "../../state/types.js" */
import { dataTable } from "../data-table.js";
import { hiddenText, make, one, replaceIfChanged } from "../dom.js";
import { narrow, percent, visible } from "../../select/format.js";
import { modelAtHand, unitOf } from "../../select/shown-run.js";

const LONGEST = 12; // letters of the text that the caption shows
const MOST = 28; // bars that can be told apart
const [WIDE, LIKELIEST] = [2, 12]; // where a token has more letters, bars lie: so many of them
/** @type {["top_k"|"top_p"|"min_p", string][]} */
const CUTS = [
  ["top_k", "top-k"],
  ["top_p", "top-p"],
  ["min_p", "min-p"],
];

/** @type {Mount} */
export function mount(element, send) {
  const caption = one(element, "figcaption");
  const list = one(element, "ol");
  const words = make("span");
  const table = make("div", {
    class: "bars__table",
    hidden: true,
    tabindex: "0",
    role: "region",
    "aria-label": "Next tokens as a table",
  });
  const toggle = make(
    "button",
    {
      class: "act",
      type: "button",
      "aria-expanded": "false",
      onclick: () => send({ type: "bars" }),
    },
    "As a table",
  );
  caption.replaceChildren(words, toggle);
  element.append(table);

  return (state) => {
    const { tokens, prompt, sampling } = shownTokens(state);
    const unit = unitOf(modelAtHand(state));
    const lying = tokens.some(({ text, end }) => !end && [...text].length > WIDE);
    const shown = lying ? likeliest(tokens, LIKELIEST) : order(tokens);
    const cuts = cutBy(sampling, tokens, unit);
    replaceIfChanged(words, JSON.stringify([prompt, cuts]), () => [
      ...(prompt
        ? ["after ", make("code", { title: prompt }, endOf(prompt))]
        : ["at the beginning"]),
      `, in %${cuts}`,
    ]);
    const key = JSON.stringify(shown);
    list.className = lying ? "odds odds--tokens" : "";
    replaceIfChanged(list, key, () =>
      lying ? [...shown.map(row(shown[0].p)), ...rest(tokens, unit)] : bars(shown),
    );
    list.hidden = state.chart.bars;
    table.hidden = !state.chart.bars;
    toggle.setAttribute("aria-expanded", String(state.chart.bars));
    if (state.chart.bars) replaceIfChanged(table, key, () => [tabled(tokens, unit)]);
  };
}

/**
 * What the model thinks, or what the recorded one did.
 * @param {State} state
 */
function shownTokens(state) {
  const { nextTokens, run, recorded, sampling, prompt } = state;
  if (nextTokens.tokens)
    return { tokens: nextTokens.tokens, prompt: nextTokens.shown ?? "", sampling };
  if (run && !run.opening) return { tokens: [], prompt, sampling };
  const write = recorded?.write;
  if (!write) return { tokens: [], prompt, sampling };
  const found = write.probabilities.map((token) => ({
    ...token,
    end: token.end ?? token.text === "<edge>",
  }));
  return { tokens: found, prompt: write.prompt, sampling: write.sampling };
}

/**
 * The alphabet in its order, so that bars keep their place; of many tokens the likeliest.
 * @param {Token[]} tokens
 */
function order(tokens) {
  return likeliest(tokens, MOST).sort(
    (a, b) => Number(Boolean(a.end)) - Number(Boolean(b.end)) || (a.text < b.text ? -1 : 1),
  );
}

/** @param {Token[]} tokens @param {number} most */
const likeliest = (tokens, most) => [...tokens].sort((a, b) => b.p - a.p).slice(0, most);

/** @param {Sampling} sampling @param {Token[]} tokens @param {string} unit */
function cutBy(sampling, tokens, unit) {
  if (tokens.every((token) => token.kept)) return "";
  const names = CUTS.filter(([name]) =>
    name === "top_p" ? (sampling.top_p ?? 1) < 1 : (sampling[name] ?? 0) > 0,
  ).map(([, words]) => words);
  if (sampling.greedy || sampling.temperature === 0) return "; greedy takes the likeliest";
  return `; hollow ${unit}s are cut off by ${names.join(" and ") || "the settings"}`;
}

/**
 * The last letters of a long text: what comes next depends on these the most.
 * @param {string} text
 */
const endOf = (text) =>
  [...text].length > LONGEST ? `…${[...text].slice(-LONGEST).join("")}` : text;

/** @param {Token[]} tokens */
function bars(tokens) {
  const most = Math.max(...tokens.map(({ p }) => p), 1e-9);
  return tokens.map(({ text, p, kept, end }) => {
    const bar = make("i");
    bar.style.setProperty("--p", `${(100 * p) / most}%`);
    const look = `bar${kept ? "" : " bar--cut"}${p === most ? " bar--top" : ""}${end ? " bar--end" : ""}`;
    const figure = p >= 0.015 || p === most ? percent(p) : "";
    return make(
      "li",
      { class: look },
      make("b", {}, figure),
      bar,
      make("span", {}, end ? "end" : visible(text)),
      ...(kept ? [] : [hiddenText(" cut")]),
    );
  });
}

/**
 * A bar that lies beside its token.
 * @param {number} most @returns {(token: Token) => HTMLElement}
 */
const row =
  (most) =>
  ({ text, p, kept, end }) => {
    const bar = make("i");
    bar.style.setProperty("--p", `${(100 * p) / most}%`);
    const look = `odds__row${kept ? "" : " odds__row--cut"}`;
    const name = make("span", { title: text }, end ? "end" : narrow(text));
    const cut = kept ? [] : [hiddenText(" cut")];
    return make(
      "li",
      { class: look },
      name,
      make("span", {}, bar),
      make("b", {}, `${percent(p)}%`, ...cut),
    );
  };

/** @param {Token[]} tokens @param {string} unit */
function rest(tokens, unit) {
  const left = 1 - likeliest(tokens, LIKELIEST).reduce((sum, { p }) => sum + p, 0);
  if (left < 0.005) return [];
  return [make("li", { class: "odds__rest" }, `all other ${unit}s together: ${percent(left)}%`)];
}

/** @param {Token[]} tokens @param {string} unit */
function tabled(tokens, unit) {
  const rows = [...tokens]
    .sort((a, b) => b.p - a.p)
    .map(({ text, p, kept, end }) => [
      end ? "end" : visible(text),
      `${(100 * p).toFixed(p < 0.1 ? 2 : 1)} %`,
      kept ? "" : "cut",
    ]);
  return dataTable(`Chances of the next ${unit}`, ["Next", "Chance", "Cut"], rows, {
    hidden: true,
  });
}
