// The picture of the machine: one canvas with buttons over it in a wide window, in a narrow one a
// list of blocks with a canvas each.
/** @import {Block} from "../../../select/inside/blocks.js" */
/** @import {Given} from "../../../select/inside/scene.js" */
/** @import {Frame} from "./frame.js" */
/** @import {Colours} from "./paint.js" */
import { sign } from "../../../select/inside/scene.js";
import { sceneTall } from "../../../select/inside/scene-tall.js";
import { sceneWide } from "../../../select/inside/scene-wide.js";
import { make, replaceIfChanged, setAttribute } from "../../dom.js";
import { paint } from "./paint.js";

const NARROW = 780; // pixels; below them the line runs down
const LETTER = 8.4; // about what a letter of a title takes
const SMALL = 6.8; // the same in small type
const GAP = 8; // into which a title may reach
const WIDEST = 560; // of a picture that runs down

/**
 * @param {Frame} parts
 * @param {{focus: (at: number) => void, open: (key: string) => void}} act
 */
export function createPicture({ picture, canvas, letters, blocks, bench, home }, act) {
  /** @type {Map<string, HTMLCanvasElement>} */
  let canvases = new Map();

  letters.addEventListener("focusin", (event) => follow(event));
  letters.addEventListener("click", (event) => follow(event));
  /** @param {Event} event */
  function follow({ target }) {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (button && button.getAttribute("aria-pressed") !== "true")
      act.focus(Number(button.dataset.at));
  }
  blocks.addEventListener("click", ({ target }) => {
    const button = /** @type {HTMLElement} */ (target).closest("button");
    if (button) act.open(button.dataset.key ?? "");
  });

  /** A block's button. @param {Block} block @param {string} words */
  const buttonOf = ({ key, kind, name, sub }, words) =>
    make(
      "button",
      {
        ...{ type: "button", class: "machine__name", "data-key": key },
        "aria-expanded": kind === "layer" ? null : "false",
        "aria-controls": kind === "layer" ? null : "bench",
        "aria-label": sub ? `${name}: ${sub}` : words === name ? null : name,
      },
      words,
    );

  /**
   * @param {number[]} shown  positions @param {string[]} tokens @param {number} focus
   * @param {string} unit
   */
  function fillLetters(shown, tokens, focus, unit) {
    const held = letters.contains(document.activeElement);
    replaceIfChanged(letters, JSON.stringify([shown, tokens]), () =>
      shown.map((at) => {
        const glyph = sign(tokens[at]);
        const label = at ? `${unit} ${at}, ${tokens[at]}` : "the start";
        return make(
          "button",
          { type: "button", class: "machine__letter", "data-at": at, "aria-label": label },
          glyph,
        );
      }),
    );
    for (const button of /** @type {NodeListOf<HTMLElement>} */ (
      letters.querySelectorAll("button")
    )) {
      const on = Number(button.dataset.at) === focus;
      setAttribute(button, "aria-pressed", on);
      if (held && on && document.activeElement !== button) button.focus({ preventScroll: true });
    }
  }

  let arranged = ""; // what the buttons over the canvas were arranged for

  /** @param {Given} given @param {string} unit @param {Colours} colours @param {number} width */
  function wide(given, unit, colours, width) {
    const scene = sceneWide(given, width);
    paint(canvas, scene.items, width, scene.height, colours);
    const { open, blocks: all, numbers } = given;
    const { focus, tokens } = numbers;
    const names = all.map((block) => block.key + block.sub);
    const now = [width, scene.height, open, focus, ...names, ...tokens, unit].join();
    if (now === arranged) return;
    arranged = now;
    arrange(given, unit, width, scene);
  }

  /** @param {Given} given @param {string} unit @param {number} width @param {ReturnType<typeof sceneWide>} scene */
  function arrange(given, unit, width, scene) {
    const { places, heads, chosen, roomy, letters: gutter } = scene.columns;
    const key = `wide ${width} ${JSON.stringify(given.blocks.map((block) => [block.key, block.sub]))} ${heads.length ? chosen?.key : ""} ${gutter}`;
    replaceIfChanged(blocks, key, () => {
      canvases = new Map();
      const titles = [];
      let taken = 0; // up to where the titles of the first row reach
      for (const block of given.blocks) {
        const place = places.get(block.key);
        if (block.kind === "head" && heads.length) continue;
        if (!place) continue;
        const width = titleWidth(block, place.width);
        const row = rowOf(block);
        const lower = !row && place.x < taken; // it would run into the one before
        if (!row && !lower) taken = place.x + block.name.length * (roomy ? 9.5 : 8) + 3;
        titles.push(at(title(block, roomy, width, lower), place.x, lower ? 28 : row, width));
      }
      if (heads.length && chosen) titles.push(manyHeads(heads, chosen, places));
      titles.push(...overs(given.blocks, places, roomy));
      return titles;
    });
    for (const button of blocks.querySelectorAll(".machine__name")) {
      const own = /** @type {HTMLElement} */ (button).dataset.key;
      if (button.hasAttribute("aria-expanded"))
        setAttribute(button, "aria-expanded", own === given.open);
    }
    fillLetters(
      scene.letters.map(({ at: place }) => place),
      given.numbers.tokens,
      given.numbers.focus,
      unit,
    );
    scene.letters.forEach(({ y, height }, i) => {
      const button = /** @type {HTMLElement} */ (letters.children[i]);
      button.style.top = `${y - height / 2}px`;
      button.style.height = `${height}px`;
      button.style.width = `${gutter - 10}px`;
    });
    picture.style.height = `${scene.height}px`;
    if (bench.parentNode !== home) home.append(bench);
  }

  /** Titles of the layer stand in a second row, under what they have in common. @param {Block} block */
  const rowOf = ({ kind }) => (["query", "key", "value", "head"].includes(kind) ? 28 : 0);
  /** @param {Block} block @param {number} width */
  const titleWidth = ({ kind }, width) => (kind === "head" ? width - 6 : width);

  /** @param {HTMLElement} element @param {number} x @param {number} y @param {number} width */
  function at(element, x, y, width) {
    element.style.left = `${x}px`;
    element.style.top = `${y}px`;
    element.style.width = `${width}px`;
    return element;
  }

  /** @param {Block} block @param {boolean} roomy @param {number} width @param {boolean} lower */
  function title(block, roomy, width, lower) {
    const low = rowOf(block) > 0;
    const tight = block.name.length * LETTER > width + (low ? -2 : GAP);
    const letter = block.kind === "head" ? String(block.head + 1) : block.name.charAt(0);
    const words = low && (!roomy || block.name.length * SMALL > width) ? letter : block.name;
    const sub = low || lower || (block.kind === "norm" && !roomy) ? "" : block.sub;
    return make(
      "div",
      {
        class: `machine__title${low || lower ? " machine__title--low" : ""}${tight ? " machine__title--tight" : ""}`,
      },
      buttonOf(block, words),
      ...(sub ? [make("span", { "aria-hidden": "true" }, sub)] : []),
    );
  }

  /** Of many heads one is drawn, and all can be chosen. @param {Block[]} heads @param {Block} chosen @param {ReturnType<typeof sceneWide>["columns"]["places"]} places */
  function manyHeads(heads, chosen, places) {
    const place = /** @type {{x: number, width: number}} */ (places.get(chosen.key));
    const buttons = heads.map((block) => {
      const button = buttonOf(block, String(block.head + 1));
      setAttribute(button, "aria-label", block.name);
      button.classList.toggle("machine__name--drawn", block === chosen);
      return button;
    });
    return at(
      make("div", { class: "machine__title machine__title--heads" }, ...buttons),
      place.x,
      28,
      place.width,
    );
  }

  /** What blocks of a layer have in common. @param {Block[]} all @param {ReturnType<typeof sceneWide>["columns"]["places"]} places @param {boolean} roomy */
  function overs(all, places, roomy) {
    const there = [...places.values()];
    /** @param {string[]} kinds @param {string} name @param {string} sub */
    const over = (kinds, name, sub) => {
      const own = there.filter(({ block }) => kinds.includes(block.kind));
      if (!own.length) return [];
      const [first, last] = [own[0], own[own.length - 1]];
      const element = make(
        "p",
        { class: "machine__over", "aria-hidden": "true" },
        make("b", {}, name),
        roomy ? ` ${sub}` : "",
      );
      return [at(element, first.x, 0, last.x + last.width - first.x - 6)];
    };
    return [
      ...over(["query", "key", "value"], "It asks", "and answers"),
      ...over(["head"], "Heads", "each looks back"),
    ];
  }

  /** @param {Given} given @param {string} unit @param {Colours} colours @param {number} room @param {boolean} moving */
  function tall(given, unit, colours, room, moving) {
    arranged = "";
    const width = Math.min(room, WIDEST) - 40;
    const key = `tall ${JSON.stringify(given.blocks.map((block) => [block.key, block.sub]))}`;
    replaceIfChanged(blocks, key, () => {
      if (bench.parentNode !== home) home.append(bench);
      canvases = new Map();
      return given.blocks.map((block) => {
        const own = make("canvas", { "aria-hidden": "true" });
        canvases.set(block.key, own);
        return make(
          "div",
          { class: `machine__step machine__step--${SIGNS[block.sign]}`, "data-step": block.key },
          make(
            "div",
            { class: "machine__title" },
            buttonOf(block, block.name),
            make("span", { "aria-hidden": "true" }, block.sub),
          ),
          own,
        );
      });
    });
    fillLetters(
      given.numbers.tokens.map((_, i) => i),
      given.numbers.tokens,
      given.numbers.focus,
      unit,
    );
    picture.style.height = "";
    for (const button of letters.children) button.removeAttribute("style");
    for (const button of blocks.querySelectorAll(".machine__name"))
      if (button.hasAttribute("aria-expanded"))
        setAttribute(
          button,
          "aria-expanded",
          /** @type {HTMLElement} */ (button).dataset.key === given.open,
        );
    for (const block of given.blocks) {
      const own = canvases.get(block.key);
      if (!own) continue;
      if (moving && isOff(own)) continue; // it is drawn when it comes into sight, or all rests
      const scene = sceneTall(given, block, width);
      paint(own, scene.items, width, scene.height, colours);
    }
    const step = blocks.querySelector(`[data-step="${given.open}"]`);
    if (step && bench.parentNode !== step) step.append(bench);
    else if (!step && bench.parentNode !== home) home.append(bench);
  }

  /** @param {Given} given @param {string} unit @param {Colours} colours @param {boolean} moving */
  return function draw(given, unit, colours, moving) {
    const width = Math.floor(home.clientWidth);
    if (!width) return;
    const down = width < NARROW;
    picture.classList.toggle("machine__picture--tall", down);
    picture.classList.toggle("machine__picture--wide", !down);
    setAttribute(letters, "aria-orientation", down ? "horizontal" : "vertical");
    const held = /** @type {HTMLElement|null} */ (document.activeElement);
    const key = held && blocks.contains(held) ? held.dataset.key : undefined;
    (down ? tall : wide)(given, unit, colours, width, moving);
    if (!key || blocks.contains(document.activeElement)) return;
    const again = blocks.querySelector(`[data-key="${key}"]`); // it was made anew
    /** @type {HTMLElement|null} */ (again)?.focus({ preventScroll: true });
  };
}

/** Whether something is out of sight. @param {HTMLElement} element */
function isOff(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return bottom < 0 || top > innerHeight;
}

const SIGNS = { "": "plain", "+": "plus", "=": "equals", "−": "minus" };
