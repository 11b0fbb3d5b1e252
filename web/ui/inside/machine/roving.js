// One Tab stop for many buttons: arrows go to the others.

/** @type {{[key: string]: [down: number, across: number]}} */
const MOVES = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/**
 * Buttons in rows; `arrange` is called when they have been made anew.
 * @param {HTMLElement} element @param {string} selector
 */
export function roving(element, selector) {
  const all = () => /** @type {HTMLElement[]} */ ([...element.querySelectorAll(selector)]);

  function arrange() {
    const stops = all();
    const chosen =
      stops.find((stop) => stop === document.activeElement) ??
      stops.find((stop) => stop.getAttribute("aria-pressed") === "true") ??
      stops[0];
    for (const stop of stops) stop.tabIndex = stop === chosen ? 0 : -1;
  }

  element.addEventListener("focusin", arrange);
  element.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    const at = /** @type {HTMLElement} */ (event.target);
    if (!move || !at.matches(selector)) return;
    event.preventDefault();
    event.stopPropagation();
    const stops = all();
    if (move[1]) stops[stops.indexOf(at) + move[1]]?.focus();
    else nearest(stops, at, move[0])?.focus();
  });
  return arrange;
}

/** The button in the next row that stands closest. @param {HTMLElement[]} stops @param {HTMLElement} at @param {number} down */
function nearest(stops, at, down) {
  const [here, place] = [at.getBoundingClientRect(), stops.indexOf(at)];
  const others = down > 0 ? stops.slice(place + 1) : stops.slice(0, place).reverse();
  const next = others.find((stop) => down * (stop.getBoundingClientRect().top - here.top) > 4);
  if (!next) return;
  const top = next.getBoundingClientRect().top;
  const row = others.filter((stop) => Math.abs(stop.getBoundingClientRect().top - top) < 4);
  /** @param {HTMLElement} stop */
  const far = (stop) => Math.abs(stop.getBoundingClientRect().left - here.left);
  return row.reduce((a, b) => (far(b) < far(a) ? b : a));
}
