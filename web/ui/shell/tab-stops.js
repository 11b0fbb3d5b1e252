// Fewer stops for the Tab key: of the dotted terms in one part of the page, and of the buttons in a
// toolbar or in a table of attention, one is a stop, and the arrow keys go to the others. It is the one
// beside the focus, so that Shift+Tab from a setting goes to its term; from elsewhere it is the first.

const PARTS = ".plan, .settings, .record, [data-view=inside], [data-view=tokens]";
const TOOLBAR = "[role=toolbar], .heads, .heat";
/** @type {{[key: string]: number}} */
const MOVES = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** @typedef {HTMLButtonElement & {tabIndex: number}} Stop */

/** @param {HTMLElement} body */
export function watchTabStops(body) {
  const arrange = () => {
    for (const part of body.querySelectorAll(`${PARTS}, ${TOOLBAR}`)) oneStop(part);
  };
  body.addEventListener("focusin", arrange);
  body.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    const at = /** @type {Stop} */ (event.target);
    const part = move && at.closest(at.matches(".term") ? PARTS : TOOLBAR);
    if (!part) return;
    const stops = stopsIn(part);
    event.preventDefault();
    stops[(stops.indexOf(at) + move + stops.length) % stops.length]?.focus();
  });
}

/** @param {Element} part */
function oneStop(part) {
  const stops = stopsIn(part);
  const { activeElement } = document;
  const line = activeElement?.closest(".field, .row");
  const chosen =
    stops.find((stop) => stop === activeElement) ||
    stops.find((stop) => stop.matches(".term") && line?.contains(stop)) ||
    (part.contains(activeElement) && stops.find((stop) => stop.getAttribute("tabindex") === "0")) ||
    stops[0];
  for (const stop of stops) stop.tabIndex = stop === chosen ? 0 : -1;
}

/** @param {Element} part */
function stopsIn(part) {
  const found = part.matches(TOOLBAR) ? "button:enabled" : ".term";
  const stops = /** @type {Stop[]} */ ([...part.querySelectorAll(found)]);
  return stops.filter((stop) => stop.checkVisibility());
}
