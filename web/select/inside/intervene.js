// See and intervene, in rows, bars and words: parts off or patched, early guesses, neurons, heads.
/** @import {Changed, EachOff, HeadScores, InterveneState, Lens, Neuron} from "../../state/types.js" */
import { capital, percent, visible } from "../format.js";

/**
 * What a part is called in a sentence; on the page layers and heads are counted from 1.
 * @param {string} name @param {number} layers
 */
export function partWords(name, layers) {
  const [, layer, kind = "", number = ""] = /^layer(\d+)(?:\.([a-z]+)(\d*))?$/.exec(name) ?? [];
  const whole = `layer ${Number(layer) + 1}`;
  const own = {
    head: `head ${Number(number) + 1}`,
    mlp: "the feed-forward part",
    unit: `unit ${number}`,
  }[kind];
  if (layers === 1) return own ?? "the whole layer";
  return own ? `${own} of ${whole}` : whole;
}

/** What a part is called in a table. @param {string} name @param {number} layers */
export function partName(name, layers) {
  const [own, whole] = partWords(name, layers)
    .replace("the feed-forward part", "feed-forward")
    .split(" of ");
  return capital(whole ? `${whole}, ${own}` : own);
}

/** All parts of a model that can be switched off. @param {number} layers @param {number} heads */
export const allParts = (layers, heads) =>
  Array.from({ length: layers }, (_, i) => [
    `layer${i}`,
    ...Array.from({ length: heads }, (__, h) => `layer${i}.head${h}`),
    `layer${i}.mlp`,
  ]).flat();

/** A token in a sentence. @param {{text: string, end: boolean}} token */
export const named = ({ text, end }) => (end ? "end" : visible(text));

/** @param {number} x */
export function signedLoss(x) {
  const size = Math.abs(x).toFixed(2);
  return size === "0.00" ? size : `${x < 0 ? "−" : "+"}${size}`;
}

/**
 * The parts, the one without which the text is read worst first, or in the model's order. A bar
 * goes from zero to the left or to the right; `from` and `width` are parts of 1.
 * @param {EachOff} answer @param {InterveneState["order"]} order @param {string[]} off
 * @param {number} layers
 */
export function partRows({ parts, loss, next }, order, off, layers) {
  const changes = parts.map((part) => part.loss - loss);
  const [low, high] = [Math.min(0, ...changes), Math.max(0, ...changes)];
  const span = high - low || 1;
  const rows = parts.map((part, i) => ({
    part: part.part,
    name: partName(part.part, layers),
    on: !off.includes(part.part),
    change: changes[i],
    loss: signedLoss(changes[i]),
    from: (Math.min(0, changes[i]) - low) / span,
    width: Math.abs(changes[i]) / span,
    says: `${named(part.next)} ${percent(part.next.p)}%`,
    same: part.next.text === next.text,
  }));
  return order === "loss" ? rows.sort((a, b) => b.change - a.change) : rows;
}

/** Bars of the next token, now and before; widths are parts of 1. @param {Changed} answer */
export function changedRows({ next }) {
  const most = Math.max(...next.flatMap(({ before, after }) => [before, after]));
  return next.map((token) => ({
    token: named(token),
    before: percent(token.before),
    after: percent(token.after),
    beforeWidth: token.before / most,
    afterWidth: token.after / most,
  }));
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * What has become of the guess and of the loss, in a sentence; `how` is what was done.
 * @param {Changed} answer @param {string} how
 */
export function aboutChange({ next, text, surprise, surpriseAfter }, how) {
  const [top] = [...next].sort((a, b) => b.after - a.after);
  const [first] = [...next].sort((a, b) => b.before - a.before);
  const after = text ? `After ${text}` : "At the beginning";
  const was = `${percent(first.before)}%`;
  const now = `${percent(first.after)}%`;
  if (!how) return `${after}, with every part on: ${named(first)}, ${was}.`;
  const falls = first.after < first.before ? "falls" : "rises";
  const changed =
    was === now
      ? `${named(first)} stays at ${was}`
      : `${named(first)} ${falls} from ${was} to ${now}`;
  const other =
    top.text === first.text ? "" : `; now ${named(top)} leads with ${percent(top.after)}%`;
  const loss =
    surprise && surpriseAfter
      ? ` The loss of the text ${moved(mean(surprise), mean(surpriseAfter))}.`
      : "";
  return `${after}, ${how}: ${changed}${other}.${loss}`;
}

/** @param {number} was @param {number} now */
function moved(was, now) {
  if (was.toFixed(2) === now.toFixed(2)) return `stays at ${was.toFixed(2)}`;
  return `${now > was ? "rises" : "falls"} from ${was.toFixed(2)} to ${now.toFixed(2)}`;
}

/** Which parts are off, in a sentence. @param {string[]} off @param {number} layers */
export function withoutWords(off, layers) {
  if (!off.length) return "";
  const names = off.map((part) => partWords(part, layers));
  const last = names.pop();
  return `without ${names.length ? `${names.join(", ")} and ` : ""}${last}`;
}

/**
 * The rows of the logit lens: what each stands for, and its guesses. Where nothing comes between
 * the last layer and the end, they are one.
 * @param {Lens} answer
 */
export function lensRows({ layers }) {
  const last = layers.length - 1;
  const same = JSON.stringify(layers[last]) === JSON.stringify(layers[last - 1]);
  return layers
    .slice(0, same ? last : last + 1)
    .map((guesses, i) => ({
      name: i === 0 ? "Before all layers" : i === last ? "At the end" : `After layer ${i}`,
      guesses: guesses.map((guess) => ({
        text: named(guess),
        p: guess.p,
        share: percent(guess.p),
      })),
    }));
}

/** The letters of a text with a unit’s values; `tint` is a part of 1. @param {Neuron} answer */
export function letters({ tokens, values }) {
  const most = Math.max(...values.map(Math.abs)) || 1;
  return tokens.map((token, i) => ({
    token: isMark(token) ? "▸" : visible(token),
    value: values[i].toFixed(3).replace("-", "−"),
    tint: Math.max(0, values[i]) / most,
    below: values[i] < 0,
  }));
}

/** Where a unit is highest: the text up to there, its last letter apart. @param {Neuron} answer */
export const exciting = ({ texts }) =>
  texts.map(({ value, tokens }) => {
    const shown = tokens.map((token) => (isMark(token) ? "▸" : visible(token)));
    const before = shown.slice(0, -1).join("");
    return {
      value: value.toFixed(3).replace("-", "−"),
      before: before.length > 28 ? `…${before.slice(-28)}` : before,
      at: shown[shown.length - 1],
    };
  });

/** @param {string} token */
const isMark = (token) => token.length > 1 && /^<.*>$/.test(token);

const MOST = 0.5; // of its attention: from there on a head is called after what it does

/**
 * What each head does on random text that comes twice, and what it is called for it.
 * @param {HeadScores} scores
 */
export function headRows({ previous, induction }) {
  const layers = previous.length;
  return previous.flatMap((heads, layer) =>
    heads.map((share, head) => {
      const copies = induction[layer][head];
      const found = [
        share >= MOST && "a previous-letter head",
        copies >= MOST && "an induction head",
      ].filter(Boolean);
      return {
        name: partName(`layer${layer}.head${head}`, layers),
        previous: share,
        induction: copies,
        called: found.join(", ") || "neither",
      };
    }),
  );
}
