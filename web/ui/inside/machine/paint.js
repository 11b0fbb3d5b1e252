// Draws a scene onto a canvas: lines, bars, ribbons, words.
/** @import {Item} from "../../../select/inside/scene.js" */
import { make } from "../../dom.js";

const NAMES = ["paper", "sheet", "line", "edge", "ink", "ink-2", "trace", "accent", "heat"];
/** @typedef {{[name: string]: string}} Colours */

/**
 * Colours and fonts of the page as a canvas can use them: it knows no custom properties.
 * @param {HTMLElement} element
 */
export function inks(element) {
  const probes = NAMES.map((name) => make("span", { class: `probe machine__ink--${name}` }));
  const [sans, mono] = ["sans", "mono"].map((name) =>
    make("span", { class: `probe machine__font--${name}` }),
  );
  element.append(...probes, sans, mono);
  return () => {
    /** @type {Colours} */
    const found = {};
    NAMES.forEach((name, i) => (found[name] = getComputedStyle(probes[i]).color));
    found.sans = getComputedStyle(sans).fontFamily;
    found.mono = getComputedStyle(mono).fontFamily;
    return found;
  };
}

/**
 * @param {HTMLCanvasElement} canvas @param {Item[]} items @param {number} width @param {number} height
 * @param {Colours} colours
 */
export function paint(canvas, items, width, height, colours) {
  const ratio = Math.min(3, devicePixelRatio || 1);
  const size = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== size[0] || canvas.height !== size[1]) {
    [canvas.width, canvas.height] = size;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  for (const item of items) DRAW[item.kind](context, /** @type {any} */ (item), colours);
  context.globalAlpha = 1;
}

/** @typedef {CanvasRenderingContext2D} Context */

/** @type {{[kind: string]: (context: Context, item: any, colours: Colours) => void}} */
const DRAW = { line, bars, hands, ribbon, dot, sign, words, box, way };

/** @param {Context} context @param {import("../../../select/inside/scene.js").Line} item @param {Colours} colours */
function line(context, { x, y, to, tone }, colours) {
  context.globalAlpha = 1;
  context.strokeStyle = tone === "on" ? colours.ink : colours.line;
  context.lineWidth = tone === "on" ? 1.5 : 1;
  context.setLineDash(tone === "unseen" ? [2, 5] : []);
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(to, y);
  context.stroke();
  context.setLineDash([]);
}

/** @type {{[tone: string]: [string, number]}} */
const TONES = { strong: ["ink", 1], soft: ["trace", 0.6], faint: ["trace", 0.24] };

/** Up is positive, down is negative. @param {Context} context @param {import("../../../select/inside/scene.js").Bars} item @param {Colours} colours */
function bars(context, { x, y, width, height, values, top, tone }, colours) {
  const [name, alpha] = TONES[tone];
  context.globalAlpha = alpha;
  context.fillStyle = colours[name];
  const step = width / values.length;
  const wide = Math.max(1, Math.min(step * 0.68, 12));
  for (let i = 0; i < values.length; i++) {
    const long = Math.max(-1, Math.min(1, values[i] / top)) * height;
    if (Math.abs(long) > 0.3) context.fillRect(x + (i + 0.5) * step - wide / 2, y, wide, -long);
  }
}

/** The face of each clock, where it is the followed line's, and its hand. @param {Context} context @param {import("../../../select/inside/scene.js").Hands} item @param {Colours} colours */
function hands(context, { pairs, radius, tone }, colours) {
  const [name, alpha] = TONES[tone];
  if (tone === "strong") {
    context.globalAlpha = 1;
    context.fillStyle = colours.paper;
    context.strokeStyle = colours.edge;
    context.lineWidth = 0.75;
    context.beginPath();
    for (const { x, y } of pairs) {
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
    context.stroke();
  }
  context.globalAlpha = alpha;
  context.strokeStyle = colours[name];
  context.lineWidth = tone === "strong" ? 1.75 : 1.25;
  context.beginPath();
  for (const { x, y, to } of pairs) {
    context.moveTo(x, y);
    context.lineTo(...to);
  }
  context.stroke();
}

/** @param {Context} context @param {import("../../../select/inside/scene.js").Ribbon} item @param {Colours} colours */
function ribbon(context, { from, to, width, share, tone, arc }, colours) {
  const name = { look: "heat", off: "edge", fan: "trace", drawn: "accent" }[tone];
  context.globalAlpha = { look: 0.35 + 0.65 * share, off: 0.6, fan: 0.45, drawn: 1 }[tone];
  context.strokeStyle = colours[name];
  context.lineWidth = width;
  context.setLineDash(tone === "off" ? [2, 4] : []);
  context.beginPath();
  context.moveTo(from[0], from[1]);
  if (arc) context.bezierCurveTo(from[0], from[1] - arc, to[0], to[1] - arc, to[0], to[1]);
  else {
    const bend = (to[0] - from[0]) * 0.55;
    context.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], to[0], to[1]);
  }
  context.stroke();
  context.setLineDash([]);
}

/** @param {Context} context @param {import("../../../select/inside/scene.js").Dot} item @param {Colours} colours */
function dot(context, { x, y, radius, tone }, colours) {
  context.globalAlpha = 1;
  context.fillStyle = colours[{ ink: "ink", off: "edge", live: "accent" }[tone]];
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** A small sign in a ring. @param {Context} context @param {import("../../../select/inside/scene.js").Sign} item @param {Colours} colours */
function sign(context, { x, y, radius, sign: what }, colours) {
  context.globalAlpha = 1;
  context.fillStyle = colours.paper;
  context.strokeStyle = colours.ink;
  context.lineWidth = 1.25;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  const half = radius * 0.5;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const at of what === "=" ? [y - 2, y + 2] : [y]) {
    context.moveTo(x - half, at);
    context.lineTo(x + half, at);
  }
  if (what === "+") {
    context.moveTo(x, y - half);
    context.lineTo(x, y + half);
  }
  context.stroke();
}

/** @param {Context} context @param {import("../../../select/inside/scene.js").Words} item @param {Colours} colours */
function words(context, { x, y, words: text, size, bold, pale, mono, middle, halo }, colours) {
  context.globalAlpha = 1;
  context.font = `${bold ? 700 : 400} ${size}px ${mono ? colours.mono : colours.sans}`;
  context.textAlign = middle ? "center" : "left";
  context.textBaseline = "middle";
  if (halo) {
    context.strokeStyle = colours.paper;
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeText(text, x, y);
  }
  context.fillStyle = pale ? colours["ink-2"] : colours.ink;
  context.fillText(text, x, y);
}

/** @param {Context} context @param {import("../../../select/inside/scene.js").Box} item @param {Colours} colours */
function box(context, { x, y, width, height, tone, share = 1 }, colours) {
  context.globalAlpha = 1;
  if (tone === "was") {
    context.strokeStyle = colours["ink-2"];
    context.lineWidth = 1.25;
    context.strokeRect(x, y, width, height);
    return;
  }
  const drawn = tone === "share" && share > 1; // what the dice have chosen
  context.fillStyle = {
    open: colours.sheet,
    full: colours.ink,
    share: drawn ? colours.accent : colours.heat,
  }[tone];
  if (tone === "share" && !drawn) context.globalAlpha = 0.35 + 0.65 * share;
  context.fillRect(x, y, width, height);
}

/** @param {Context} context @param {import("../../../select/inside/scene.js").Way} item @param {Colours} colours */
function way(context, { points }, colours) {
  context.globalAlpha = 1;
  context.strokeStyle = colours.edge;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) context.arcTo(...points[i], ...points[i + 1], 6);
  context.lineTo(...points[points.length - 1]);
  context.stroke();
}
