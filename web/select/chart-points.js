// What the chart draws: its columns of numbers, its range, and where its lines stand.
/** @import {Curve, KeptCurve, ShownRun} from "../state/types.js" */

/**
 * [x, dots, smoothed, held out, of each kept curve smoothed and held out, and where questions were
 * asked the share answered right] on steps that have any. No more steps than the picture has pixels:
 * a phone draws a third of them, in a third of the time.
 * @param {ShownRun} run @param {KeptCurve[]} kept @param {number} [pixels]
 */
export function points(run, kept, pixels = Infinity) {
  const width = 3 + 2 * kept.length + (run.exact.length ? 1 : 0);
  /** @type {Map<number, (number|null)[]>} */
  const rows = new Map();
  /** @param {number} at @param {number} column @param {number} value */
  const put = (at, column, value) => {
    const row = rows.get(at) ?? new Array(width).fill(null);
    row[column] = value;
    rows.set(at, row);
  };
  /** @param {Curve} curve @param {(at: number, i: number) => void} use */
  const each = ({ steps }, use) => {
    const every = Math.max(1, Math.ceil(steps.length / pixels));
    for (let i = steps.length - 1; i >= 0; i -= every) use(steps[i], i);
  };
  each(run.curve, (at, i) => put(at, 0, run.curve.dots[i]));
  [run, ...kept.map((curve) => curve.run)].forEach(({ curve, evaluations, step }, i) => {
    const column = 2 * i + 1;
    each(curve, (at, k) => put(at, column, curve.smooth[k]));
    if (curve.now !== null && rows.get(step)?.[column] == null) put(step, column, curve.now);
    for (const { step: at, loss: value } of evaluations) put(at, column + 1, value);
  });
  for (const { step, right, tries } of run.exact) put(step, width - 1, right / tries);
  const steps = [...rows.keys()].sort((a, b) => a - b);
  const columns = Array.from({ length: width }, (_, column) => column);
  return [steps, ...columns.map((column) => steps.map((at) => rows.get(at)?.[column] ?? null))];
}

/**
 * Where a kept curve ends in the picture: where it ended, or where the picture does.
 * @param {KeptCurve} given @param {number} steps
 */
export function endOf({ letter, run: { curve, step } }, steps) {
  const last = curve.steps.findLastIndex((at) => at <= steps);
  const [at, value] = step <= steps ? [step, curve.now] : [steps, curve.smooth[last] ?? null];
  return value === null ? [] : [{ letter, step: at, value }];
}

const TOP = 3; // times the loss of guessing: a curve that climbs beyond leaves the picture

/**
 * Room for nearly all dots, in halves, so that it stands still while the run goes on.
 * @param {ShownRun} run @param {KeptCurve[]} kept
 */
export function range({ curve, evaluations, uniformLoss, bigramLoss }, kept) {
  const dots = [...curve.dots].sort((a, b) => a - b);
  const lines = [
    uniformLoss,
    bigramLoss ?? uniformLoss,
    curve.now ?? uniformLoss,
    ...evaluations.map((e) => e.loss),
    ...kept.flatMap(({ run }) => [run.curve.now ?? NaN, ...run.evaluations.map((e) => e.loss)]),
  ].filter(Number.isFinite);
  const [few, most] = [
    dots[Math.floor(dots.length * 0.02)] ?? Infinity,
    dots[Math.floor(dots.length * 0.98)] ?? 0,
  ];
  const low = Math.floor(Math.min(few, ...lines) * 2 - 0.2) / 2;
  const high = Math.max(
    uniformLoss * 1.12,
    Math.min(most, uniformLoss * 1.6),
    ...lines.map((line) => Math.min(line * 1.03, uniformLoss * TOP)),
  );
  return [Math.max(0, low), Math.ceil(high * 5) / 5];
}

/** @param {number[]} given */
export function nice([low, high]) {
  const rough = (high - low) / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * unit).find((n) => n >= rough) ?? rough;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toFixed(6)),
  );
}

/**
 * Fifths of the run, where the samples stand; stretched, powers of ten.
 * @param {{steps: number}} run @param {boolean} stretched
 */
export function splitsOf({ steps }, stretched) {
  if (!stretched) return [...new Set([0, 1, 2, 3, 4, 5].map((i) => Math.round((i * steps) / 5)))];
  const powers = [0];
  for (let n = 1; n < steps * 0.7; n *= 10) powers.push(n);
  return [...powers, steps];
}

/**
 * Where a value lies on `pixels`, from the left or, with the range turned round, from the top.
 * @param {number[]} range @param {number} pixels
 * @returns {(value: number) => number}
 */
export const scale = ([first, last], pixels) => {
  return (value) => ((value - first) / (last - first)) * pixels;
};

/**
 * The curve as paths of a drawing, by kind.
 * @param {ShownRun} run @param {number[]} range  of the loss
 * @param {{width: number, height: number, edge: number}} size  of the picture, and the room around the plot
 */
export function stillPaths(run, [low, high], { width, height, edge }) {
  const [wide, tall] = [width - 2 * edge, height - 2 * edge];
  const x = scale([0, Math.max(1, run.steps)], wide);
  const y = scale([high, low], tall);
  const [steps, dots, smooth, held] = points(run, [], width);
  /** @param {(number|null)[]} values */
  const places = (values) =>
    values.flatMap((value, i) =>
      value === null ? [] : [`${x(steps[i] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`],
    );
  /** @param {(number|null)[]} values */
  const spots = (values) =>
    places(values)
      .map((place) => `M${place}h0`)
      .join("");
  const grid = [
    ...splitsOf(run, false).map((at) => `M${x(at).toFixed(1)} 0v${tall}`),
    ...nice([low, high]).map((value) => `M0 ${y(value).toFixed(1)}h${wide}`),
  ].join("");
  return {
    grid,
    dots: spots(dots),
    line: `M${places(smooth).join("L")}`,
    ring: spots(held),
    hole: spots(held),
  };
}
