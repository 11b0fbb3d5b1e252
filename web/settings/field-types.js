// What a setting can be, and how to read what was typed for it.

export const whole = (low, high = Infinity) => ({ kind: "whole", low, high });
export const number = (low, high = Infinity) => ({ kind: "number", low, high });
export const choice = (...choices) => ({ kind: "choice", choices });
export const toggle = () => ({ kind: "toggle" });
export const word = (high) => ({ kind: "word", high });

/** What was typed, as {value} or {problem}. */
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
  const value = Number(typed.replace(/[,\s\u00a0\u202f]/g, "") || NaN);
  const kind = field.kind === "whole" ? "a whole number" : "a number";
  const fits = Number.isFinite(value) && value >= field.low && value <= field.high;
  if (fits && (field.kind === "number" || Number.isInteger(value))) return { value };
  const limit =
    field.high < 1e6 ? `from ${field.low} to ${field.high}` : `of at least ${field.low}`;
  return { problem: `${kind} ${limit}` };
}
