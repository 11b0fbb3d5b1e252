// The weights of the open block as pictures: point at one to read it, press it for its story.
/** @import {Machine} from "../../../state/types.js" */
/** @import {Block} from "../../../select/inside/blocks.js" */
/** @import {Colours} from "./paint.js" */
import { cellAt, picturesOf } from "../../../select/inside/matrices.js";
import { make, replaceIfChanged, setText, setVisible } from "../../dom.js";

const WIDEST = 192; // pixels of a side

/** @param {(weight: string) => void} pick */
export function createMatrices(pick) {
  const key = make("p", { class: "facts matrices__key" });
  const row = make("div", { class: "matrices__row" });
  const element = make(
    "div",
    { class: "matrices", hidden: true },
    make("h4", {}, "Its weights"),
    row,
    key,
  );
  /** @type {ReturnType<typeof picturesOf>} */
  let pictures = [];
  /** @param {MouseEvent} event */
  const hit = (event) => {
    const canvas = /** @type {HTMLElement} */ (event.target);
    const found = pictures.find(({ name }) => name === canvas.dataset.name);
    if (!found) return null;
    const box = canvas.getBoundingClientRect();
    return cellAt(
      found,
      (event.clientX - box.left) / box.width,
      (event.clientY - box.top) / box.height,
    );
  };
  row.addEventListener("pointermove", (event) => {
    const found = hit(event);
    if (found) setText(key, found.words);
  });
  row.addEventListener("click", (event) => {
    const found = hit(event);
    if (found) pick(found.weight);
  });

  /** @param {Machine} answer @param {Block} block @param {number} number @param {Colours} colours */
  function update(answer, block, number, colours) {
    pictures = picturesOf(answer);
    setVisible(element, pictures.length > 0);
    replaceIfChanged(
      row,
      JSON.stringify([block.key, pictures.map(({ name, shape }) => [name, shape])]),
      () => {
        setText(key, "Point at a number to read it, press it for its story.");
        return pictures.map(({ name, shape }) =>
          make(
            "figure",
            {},
            make("figcaption", {}, make("code", {}, name), ` ${shape.join(" × ")}`),
            make("canvas", { class: "matrix", role: "img", "data-name": name }),
          ),
        );
      },
    );
    pictures.forEach((picture, i) => {
      const canvas = /** @type {HTMLCanvasElement} */ (row.children[i].querySelector("canvas"));
      canvas.setAttribute("aria-label", picture.words);
      draw(canvas, picture, colours);
    });
  }
  return { element, update };
}

/** Size by shade, as bars up and down would be too small: the sign is in the text. @param {HTMLCanvasElement} canvas @param {ReturnType<typeof picturesOf>[0]} picture @param {Colours} colours */
function draw(canvas, { rows, columns, values, top, turned, row }, colours) {
  const [across, down] = turned ? [rows, columns] : [columns, rows];
  const cell = Math.max(2, Math.min(8, Math.floor(WIDEST / Math.max(across, down))));
  const size = [across * cell, down * cell];
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  canvas.style.width = `${size[0]}px`;
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.globalAlpha = 1;
  context.fillStyle = colours.sheet;
  context.fillRect(0, 0, size[0], size[1]);
  context.fillStyle = colours.ink;
  for (let i = 0; i < values.length; i++) {
    const [r, c] = [Math.floor(i / columns), i % columns];
    const [x, y] = turned ? [r, c] : [c, r];
    context.globalAlpha = Math.min(1, Math.abs(values[i]) / top) ** 0.8;
    context.fillRect(x * cell, y * cell, cell, cell);
  }
  if (row === null) return;
  context.globalAlpha = 1;
  context.strokeStyle = colours.accent;
  context.lineWidth = 2;
  if (turned) context.strokeRect(row * cell + 1 - 1, 1, cell, size[1] - 2);
  else context.strokeRect(1, row * cell, size[0] - 2, cell);
}
