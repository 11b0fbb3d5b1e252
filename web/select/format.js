// Numbers as people read them.

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 }); // slow to make, so once

export const count = (n) => whole.format(Math.round(n));
export const loss = (x) => (Number.isFinite(x) ? x.toFixed(2) : "–");

export function bytes(n) {
  if (n >= 1e6) return `${(n / 1e6).toFixed(1)} MB`;
  if (n >= 1e3) return `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)} kB`;
  return `${n} bytes`;
}

/** 1,632 or 11.2 k: three figures say enough. */
export function rate(n) {
  if (n >= 1e6) return `${(n / 1e6).toPrecision(3)} M`;
  if (n >= 1e4) return `${(n / 1e3).toPrecision(3)} k`;
  return n >= 10 ? count(n) : n.toPrecision(2);
}

/** [number, unit] of a time. */
export function duration(seconds) {
  if (seconds < 0.95) return [seconds.toFixed(2), "s"];
  if (seconds < 9.5) return [seconds.toFixed(1), "s"];
  if (seconds < 90) return [String(Math.round(seconds)), "s"];
  if (seconds < 5400) return [String(Math.round(seconds / 60)), "min"];
  return [(seconds / 3600).toFixed(seconds < 36000 ? 1 : 0), "h"];
}

/** "about 10 seconds": for a sentence. */
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
  const some = (n, unit) => `${words[n] ?? count(n)} ${unit}${n === 1 ? "" : "s"}`;
  if (seconds < 90)
    return some(seconds > 15 ? Math.round(seconds / 5) * 5 : Math.round(seconds), "second");
  if (seconds < 5400) return some(Math.round(seconds / 60), "minute");
  return some(Math.round(seconds / 3600), "hour");
}

/** "27" as "27", "18 %" without the sign: chances in whole per cent. */
export const percent = (p) => (p > 0 && p < 0.005 ? "<1" : String(Math.round(p * 100)));

/** A token where it can be seen: spaces and line ends have no shape of their own. */
export function visible(text) {
  if (text === " ") return "␣";
  if (text === "\n") return "↵";
  if (text === "\t") return "⇥";
  return text;
}

/** What documents of a data set are called. */
export function documents(data) {
  if (["names", "names-1800", "full-names"].includes(data.kind ?? data.name)) return "names";
  if (data.split === "blank") return "paragraphs";
  return data.kind === "stories" || data.name === "stories" ? "stories" : "lines";
}

/** Steps a second that a pace stands for; 0 is as fast as it can. */
export function stepsPerSecond(pace, steps) {
  return { slow: 5, watch: Math.max(2, steps / 10) }[pace] ?? 0;
}

/** How many documents are held out, as Python counts them. */
export function heldOut(number, fraction) {
  const some = Math.floor(number * fraction);
  return some === 0 && fraction > 0 && number >= 10 ? 1 : some;
}
