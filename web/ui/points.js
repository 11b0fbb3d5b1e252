// Tokens as points: letters as they are; of many tokens dots, with the texts of the most frequent
// and of the one that is pointed at, by pointer, finger or arrow keys.
/** @import {Embeddings} from "../state/types.js" */
import { short, visible } from "../select/format.js";
import { make, setAttribute } from "./dom.js";
import { svgShape } from "./svg.js";

const [WIDTH, HEIGHT, EDGE] = [720, 460, 22];
export const FEW = 60; // tokens that can all stand there by their text
const MOST_NAMED = 40;
const [LETTER, ADVANCE, DOT, REACH] = [13, 0.61, 2.5, 24]; // pixels; the advance in letters' heights
/** @type {{[key: string]: number}} */
const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
export const VOWELS = new Set("aeiouAEIOU");

/** The mark in front of every text is no letter. @param {string} token */
export const nameOf = (token) =>
  token.length > 1 && /^<.*>$/.test(token) ? "▸" : short(visible(token));

/**
 * The picture of one set of tokens: [its element, what moves the points].
 * @param {Embeddings} answer @param {string} unit
 * @returns {[HTMLElement, (answer: Embeddings) => void]}
 */
export function pictureOf({ tokens, order }, unit) {
  const many = order.length > FEW;
  const size = Math.min(DOT, 60 / Math.sqrt(order.length)); // the more of them, the smaller
  const svg = svgShape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  const marks = order.map((id, i) => {
    if (many) return svgShape("circle", { class: i < MOST_NAMED ? "dot dot--frequent" : "dot" });
    const name = nameOf(tokens[id]);
    const look = VOWELS.has(tokens[id]) ? " point--vowel" : name === "▸" ? " point--mark" : "";
    return svgShape("text", { class: `point${look}` }, name);
  });
  const texts = many
    ? order
        .slice(0, MOST_NAMED)
        .map((id) => svgShape("text", { class: "dot__name" }, nameOf(tokens[id])))
    : [];
  const told = svgShape("text", { class: "dot__name dot__name--told" });
  const [ring, ground] = [
    svgShape("circle", { class: "dot__ring" }),
    svgShape("rect", { class: "dot__ground" }),
  ];
  svg.append(...marks, ...texts, ring, ground, told);
  const element = make("div", {
    class: "points",
    role: "slider",
    tabindex: "0",
    "aria-label": `The ${unit} that is pointed at, the most frequent first`,
    "aria-valuemin": 1,
    "aria-valuemax": order.length,
  });
  element.append(svg);

  /** @type {[x: number, y: number][]} */
  let places = [];
  /** @type {Embeddings|null} */
  let latest = null;
  let chosen = -1; // its place in the order
  let pixel = 1; // in units of the picture

  /** @param {Embeddings} answer */
  function place(answer) {
    latest = answer;
    pixel = WIDTH / (element.clientWidth || WIDTH);
    svg.style.setProperty("--pixel", String(pixel));
    /** @param {number} offset */
    const axis = (offset) => order.map((id) => answer.points[2 * id + offset]);
    const [x, y] = [scaled(axis(0), WIDTH), scaled(axis(1), HEIGHT)];
    places = x.map((across, i) => [across, HEIGHT - y[i]]);
    marks.forEach((mark, i) => {
      const [across, down] = places[i].map((part) => part.toFixed(1));
      mark.setAttribute(many ? "cx" : "x", across);
      mark.setAttribute(many ? "cy" : "y", down);
      if (many) mark.setAttribute("r", String(size * pixel));
    });
    /** @type {Box[]} */
    const taken = [];
    texts.forEach((text, i) => {
      const box = boxOf(text.textContent ?? "", places[i], pixel);
      const free = !taken.some((other) => overlap(box, other));
      text.setAttribute("visibility", free ? "visible" : "hidden");
      if (!free) return;
      taken.push(box);
      text.setAttribute("x", box.left.toFixed(1));
      text.setAttribute("y", places[i][1].toFixed(1));
    });
    tell();
  }

  function tell() {
    const there = chosen >= 0;
    for (const part of [ring, ground, told])
      part.setAttribute("visibility", there ? "visible" : "hidden");
    setAttribute(element, "aria-valuenow", Math.max(0, chosen) + 1);
    const name = nameOf(tokens[order[Math.max(0, chosen)]]);
    const said = name === "▸" ? "start and end" : name;
    setAttribute(
      element,
      "aria-valuetext",
      `${said}, ${Math.max(0, chosen) + 1} of ${order.length}`,
    );
    if (!there) return;
    const [x, y] = places[chosen];
    told.textContent = said;
    const box = boxOf(said, places[chosen], pixel);
    told.setAttribute("x", String(box.left));
    told.setAttribute("y", String(y));
    const edge = 3 * pixel;
    const [left, top] = [box.left - edge, box.top];
    const extent = { width: box.right - box.left + 2 * edge, height: box.bottom - box.top };
    for (const [key, value] of Object.entries({ x: left, y: top, ...extent }))
      ground.setAttribute(key, String(value));
    ring.setAttribute("cx", String(x));
    ring.setAttribute("cy", String(y));
    ring.setAttribute("r", String(2.5 * DOT * pixel));
  }

  /** @param {number} place */
  function choose(place) {
    if (place === chosen) return;
    chosen = place;
    tell();
  }

  /** @param {PointerEvent} event */
  function point(event) {
    const frame = svg.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top].map((n) => n * pixel);
    const far = places.map(([across, down]) => Math.hypot(across - x, down - y));
    const nearest = far.indexOf(Math.min(...far));
    choose(far[nearest] < REACH * pixel ? nearest : -1);
  }
  element.addEventListener("pointermove", point);
  element.addEventListener("pointerdown", point);
  element.addEventListener("pointerleave", ({ pointerType }) => {
    if (pointerType === "mouse") choose(-1);
  });
  element.addEventListener("focus", () => choose(Math.max(0, chosen)));
  element.addEventListener("blur", () => choose(-1));
  element.addEventListener("keydown", (event) => {
    const last = order.length - 1;
    const ends = { Home: 0, End: last }[event.key];
    const move = MOVES[event.key];
    if (ends === undefined && move === undefined) return;
    event.preventDefault();
    choose(ends ?? Math.max(0, Math.min(last, chosen + move)));
  });
  new ResizeObserver(() => latest && place(latest)).observe(element);
  return [element, place];
}

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */

/**
 * Where the text beside a point stands: on its right, if there is room.
 * @param {string} text @param {[number, number]} place @param {number} pixel @returns {Box}
 */
function boxOf(text, [x, y], pixel) {
  const width = [...text].length * LETTER * ADVANCE * pixel;
  const gap = 3 * DOT * pixel;
  const left = x + gap + width > WIDTH - 2 ? x - gap - width : x + gap;
  const half = 0.65 * LETTER * pixel;
  return { left, right: left + width, top: y - half, bottom: y + half };
}

/** @param {Box} a @param {Box} b */
const overlap = (a, b) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** @param {number[]} values @param {number} size */
function scaled(values, size) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return values.map((v) => EDGE + ((v - low) / Math.max(high - low, 1e-12)) * (size - 2 * EDGE));
}
