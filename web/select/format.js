// Numbers as people read them.

/** 12,000. Not by Intl: a formatter takes a phone 30 ms to make. @param {number} n */
export const count = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");

/** 1 run, 2 runs. @param {number} n @param {string} one */
export const amount = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;

/** @param {number} n */
export const steps = (n) => amount(n, "step");

/**
 * 2.24; of a run whose loss has climbed to the sky, 302M.
 * @param {number} x
 */
export function loss(x) {
  if (!Number.isFinite(x)) return "–";
  return x < 1e4 ? x.toFixed(2) : compact(x);
}

/**
 * 302M; such a loss is rare.
 * @param {number} x
 */
const compact = (x) =>
  x.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });

/** @param {number} n */
export function bytes(n) {
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)} MB`;
  if (n >= 1e3) return `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)} kB`;
  return `${n} bytes`;
}

/**
 * 1,632 or 11.2 k: three figures say enough.
 * @param {number} n
 */
export function rate(n) {
  if (n >= 1e6) return `${(n / 1e6).toPrecision(3)} M`;
  if (n >= 1e4) return `${(n / 1e3).toPrecision(3)} k`;
  return n >= 10 ? count(n) : n.toPrecision(2);
}

/**
 * [number, unit] of a time.
 * @param {number} seconds @returns {[string, string]}
 */
export function duration(seconds) {
  if (seconds < 0.95) return [seconds.toFixed(2), "s"];
  if (seconds < 9.5) return [seconds.toFixed(1), "s"];
  if (seconds < 90) return [String(Math.round(seconds)), "s"];
  if (seconds < 5400) return [String(Math.round(seconds / 60)), "min"];
  return [(seconds / 3600).toFixed(seconds < 36000 ? 1 : 0), "h"];
}

/**
 * "about 10 seconds": for a sentence.
 * @param {number} seconds
 */
export function roughly(seconds) {
  if (seconds < 0.75) return "half a second";
  if (seconds < 1.5) return "a second";
  const words = [
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
  ];
  /** @param {number} n @param {string} unit */
  const some = (n, unit) => `${words[n] ?? count(n)} ${unit}${n === 1 ? "" : "s"}`;
  if (seconds < 90)
    return some(seconds > 15 ? Math.round(seconds / 5) * 5 : Math.round(seconds), "second");
  if (seconds < 5400) return some(Math.round(seconds / 60), "minute");
  return some(Math.round(seconds / 3600), "hour");
}

/**
 * "27" as "27", "18 %" without the sign: chances in whole per cent.
 * @param {number} p
 */
export const percent = (p) => (p > 0 && p < 0.005 ? "<1" : String(Math.round(p * 100)));

/**
 * A token where it can be seen: spaces and line ends have no shape of their own.
 * @param {string} text
 */
export function visible(text) {
  if (text === " ") return "␣";
  if (text === "\n") return "↵";
  if (text === "\t") return "⇥";
  return readable(text);
}

/** @type {{[letter: string]: string}} */
export const SIGNS = { " ": "·", "\n": "↵", "\t": "⇥", "\r": "␍" };

/**
 * A piece of text with a sign for each letter that has no shape.
 * @param {string} text
 */
export const withSigns = (text) =>
  [...text].map((letter) => SIGNS[letter] ?? readable(letter)).join("");

/**
 * A token that fits into a narrow column.
 * @param {string} text
 */
export function narrow(text) {
  const letters = [...visible(text)];
  return letters.length > 8 ? `${letters.slice(0, 7).join("")}…` : letters.join("");
}

/**
 * A text whose characters without any shape, such as a model of bytes writes, can be seen.
 * @param {string} text
 */
export const readable = (text) =>
  text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, (c) =>
    c < " " ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : "\ufffd",
  );

/**
 * A name that fits into a sentence.
 * @param {string} name
 */
export const short = (name) => (name.length > 24 ? `${name.slice(0, 22)}…` : name);

/** @param {string} words */
export const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * Whether data are a task: questions with a right answer, made on the fly.
 * @param {string} [kind]
 */
export const isTask = (kind) => Boolean(kind?.startsWith("task:"));

/**
 * What documents of a data set are called.
 * @param {{kind?: string, name?: string, split?: string}} data
 */
export function documents(data) {
  if (["names", "names-1800", "full-names"].includes(data.kind ?? data.name ?? "")) return "names";
  if (isTask(data.kind ?? data.name)) return "questions";
  if (data.split === "blank") return "paragraphs";
  return data.kind === "stories" || data.name === "stories" ? "stories" : "lines";
}

/**
 * Steps a second that a pace stands for; 0 is as fast as it can.
 * @param {string} pace @param {number} steps
 */
export function stepsPerSecond(pace, steps) {
  if (pace === "slow") return 5;
  return pace === "watch" ? Math.max(2, steps / 10) : 0;
}

/**
 * How many documents are held out, as Python counts them.
 * @param {number} number @param {number} fraction
 */
export function heldOut(number, fraction) {
  const some = Math.floor(number * fraction);
  return some === 0 && fraction > 0 && number >= 10 ? 1 : some;
}
