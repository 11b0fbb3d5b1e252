// What a setting can be, and how to read what was typed for it, as people write numbers: 0.01 and
// 0,01; 10000, 10 000, 10,000 and 10.000.

import { count } from "../select/format.js";
/** @import {FieldType, Whole} from "../state/types.js" */

/** @param {number} low @param {number} [high] @returns {Whole} */
export const whole = (low, high = Infinity) => ({ kind: "whole", low, high });
/** @param {number} low @param {number} [high] @returns {Whole} */
export const number = (low, high = Infinity) => ({ kind: "number", low, high });
/** @param {string[]} choices @returns {{kind: "choice", choices: string[]}} */
export const choice = (...choices) => ({ kind: "choice", choices });
/** @returns {{kind: "toggle"}} */
export const toggle = () => ({ kind: "toggle" });
/** @param {number} high @returns {{kind: "word", high: number}} */
export const word = (high) => ({ kind: "word", high });

/**
 * What was typed, as {value} or {problem}.
 * @param {FieldType} field @param {string|boolean} text @returns {{value: number|string|boolean, problem?: undefined, unclear?: undefined} | {problem: string, unclear?: string, value?: undefined}}
 */
export function read(field, text) {
  if (field.kind === "toggle") return { value: text === true || text === "true" || text === "1" };
  const typed = String(text).trim();
  if (field.kind === "choice") {
    return field.choices.includes(typed)
      ? { value: typed }
      : { problem: `one of ${field.choices.join(", ")}` };
  }
  if (field.kind === "word") {
    const fits = typed && typed.length <= field.high;
    return fits ? { value: typed } : { problem: `a word of up to ${field.high} letters` };
  }
  const values = meanings(typed, field.kind).filter((value) => fitsIn(field, value));
  if (values.length === 1) return { value: values[0] };
  if (values.length > 1) {
    const unclear = `${typed} can mean ${values.join(" or ")}`;
    return { problem: `clearer: ${unclear}`, unclear };
  }
  const kind = field.kind === "whole" ? "a whole number" : "a number";
  return { problem: `${kind} ${limitsOf(field)}` };
}

/** @param {Whole} field @param {number} value */
function fitsIn({ kind, low, high }, value) {
  return value >= low && value <= high && (kind === "number" || Number.isInteger(value));
}

/** @param {Whole} field */
function limitsOf({ low, high }) {
  /** @param {number} value */
  const shown = (value) => (value >= 10_000 ? count(value) : value);
  return high < Infinity ? `from ${shown(low)} to ${shown(high)}` : `of at least ${low}`;
}

const DIGITS = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The numbers that a text can mean: none, one, or two where a mark may be of either kind.
 * @param {string} typed @param {Whole["kind"]} kind
 */
function meanings(typed, kind) {
  const text = typed.replace(/[\s\u00a0\u202f'’_]/g, ""); // between thousands, in one country or another
  const marks = [...text.replace(/e.*$/i, "")].filter((letter) => letter === "," || letter === ".");
  const last = marks.at(-1) ?? "";
  /** @param {string} plain */
  const as = (plain) => (DIGITS.test(plain) ? Number(plain) : NaN);
  /** @param {string} mark */
  const grouped = (mark) => as(text.replaceAll(mark, ""));
  const other = last === "," ? "." : ",";
  if (!marks.length) return [as(text)].filter(Number.isFinite);
  // Both marks: the last is the decimal, if the first are in the places of thousands.
  if (marks.includes(other)) {
    const [front, ...rest] = text.split(last);
    const fits = rest.length === 1 && inGroups(front, other);
    return [fits ? as(`${front.replaceAll(other, "")}.${rest[0]}`) : NaN].filter(Number.isFinite);
  }
  if (marks.length > 1) return [inGroups(text, last) ? grouped(last) : NaN].filter(Number.isFinite);
  const decimal = as(text.replace(last, "."));
  if (!inGroups(text, last)) return [decimal].filter(Number.isFinite);
  // This page writes 1,000 for a thousand and 0.125 for an eighth.
  if (last === "," && kind === "whole") return [grouped(last)];
  if (last === "." && kind === "number") return [decimal];
  return [decimal, grouped(last)];
}

/**
 * Whether the marks stand where thousands have theirs: 1,000 and 12,345,678, not 0,001 or 1,00.
 * @param {string} text @param {string} mark
 */
const inGroups = (text, mark) => new RegExp(`^[+-]?[1-9]\\d{0,2}(\\${mark}\\d{3})+$`).test(text);
