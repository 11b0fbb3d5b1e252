// The weights of the open block as pictures: which there are, and which weight is where.
/** @import {Machine} from "../../protocol.js" */
import { count } from "../format.js";
import { num } from "./sums.js";

const DARK = 0.985; // of the sizes; so that one number does not make all others pale

/** @param {Machine} answer */
export function picturesOf({ layout, numbers, shapes, rows }) {
  return layout
    .filter(({ name }) => name.startsWith("picture "))
    .map(({ name: full, shape: [across, columns], start }) => {
      const name = full.slice("picture ".length);
      const values = numbers.subarray(start, start + across * columns);
      const sizes = Float64Array.from(values, Math.abs).sort();
      const shape = shapes[name];
      const mean = sizes.reduce((a, b) => a + b, 0) / sizes.length;
      const whole = across === shape[0] && columns === shape[1];
      const row = Math.floor((rows[name] * across) / shape[0]);
      const drawn = whole ? "" : `, drawn as ${across} by ${columns} means`;
      return {
        ...{ name, shape, rows: across, columns, values, whole, row },
        turned: across >= 2 * columns, // on its side it takes less room
        top: sizes[Math.floor(sizes.length * DARK)] || 1,
        words: `${name}: ${shape[0]} by ${shape[1]} weights${drawn}, ${count(shape[0] * shape[1])} in all; their mean size is ${num(mean, 3)}. Row ${rows[name]}, framed, makes the number above.`,
      };
    });
}

/**
 * The weight at a point of a picture, as parts of its width and height.
 * @param {ReturnType<typeof picturesOf>[0]} picture @param {number} x @param {number} y
 */
export function cellAt({ name, shape, rows, columns, values, turned, whole }, x, y) {
  const [down, across] = turned ? [x, y] : [y, x];
  /** @param {number} part @param {number} size */
  const at = (part, size) => Math.max(0, Math.min(size - 1, Math.floor(part * size)));
  const value = values[at(down, rows) * columns + at(across, columns)];
  const weight = `${name}[${at(down, shape[0])},${at(across, shape[1])}]`;
  return { weight, words: `${weight} ${whole ? "=" : "and its neighbours:"} ${num(value, 4)}` };
}
