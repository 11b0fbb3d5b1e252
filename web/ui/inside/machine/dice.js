// Draws the next token by its chance, and goes on with it.
/** @import {Control, Send} from "../../../state/types.js" */
/** @import {Given} from "../../../select/inside/scene.js" */
import { setText } from "../../dom.js";

const SHOWN = 550; // milliseconds that the way of the chosen token is lit

/**
 * @param {HTMLElement} button @param {Send} send @param {MediaQueryList} calm
 * @param {() => void} draw
 */
export function createDice(button, send, calm, draw) {
  /** @type {Given|null} */
  let latest = null;
  /** @type {number|null} */
  let drawn = null; // the token that has been chosen, as long as that is shown
  /** @type {string|null} */
  let first = null; // the text before the dice wrote on
  let written = "";
  let over = "";

  /** @param {string} text */
  const write = (text) => send({ type: "inside-text", text });

  button.addEventListener("click", () => {
    if (!latest || drawn !== null) return;
    const { numbers, chances, next } = latest;
    const read = numbers.tokens.slice(1, numbers.focus + 1).join("");
    if (over) {
      over = "";
      write(first ?? "");
      first = null;
      return;
    }
    first ??= read;
    let left = Math.random();
    const order = [...next].sort((a, b) => chances[b.id] - chances[a.id]);
    const chosen = order.find(({ id }) => (left -= chances[id]) <= 0) ?? order[0];
    const goOn = () => {
      drawn = null;
      written = read + chosen.text;
      if (chosen.end) over = `The dice say: the end. It has written ${read || "nothing"}.`;
      if (chosen.end) draw();
      else write(written);
    };
    if (calm.matches) return goOn();
    drawn = chosen.id;
    draw();
    setTimeout(goOn, SHOWN);
  });

  return {
    drawn: () => drawn,
    told: () => over,
    /** @param {Given} given @param {string} unit @param {number} context */
    update(given, unit, context) {
      const { tokens } = given.numbers;
      const read = tokens.slice(1).join("");
      if (over && read !== latest?.numbers.tokens.slice(1).join("")) over = ""; // the reader types
      if (read !== written && drawn === null && !over) first = null;
      latest = given;
      const full = tokens.length >= context;
      if (full && !over) over = `It sees ${context} ${unit}s at a time, and no more.`;
      if (over) first ??= "";
      setText(button, over ? "Start again" : `Draw the next ${unit}`);
    },
  };
}
