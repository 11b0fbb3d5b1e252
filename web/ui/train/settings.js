// The settings as a sheet over the page, where there is no room beside the run. A popover: the
// button in the transport opens it, Escape closes it, and the focus goes back to the button.
import { canReset } from "../../select/shown-run.js";

const NARROW = "(max-width: 56rem)";

export function mount(element, send) {
  const reset = element.querySelector("[data-reset]");
  const narrow = matchMedia(NARROW);
  const covered = [...document.querySelectorAll(".shell, .plan, .record, .foot")];

  function adapt() {
    if (narrow.matches) element.setAttribute("popover", "auto");
    else element.removeAttribute("popover");
  }
  adapt();
  narrow.addEventListener("change", adapt);
  // Before, not after: what is inert when the sheet closes could not take the focus back.
  element.addEventListener("beforetoggle", ({ newState, target }) => {
    if (target !== element) return; // a fold within
    for (const other of covered) other.inert = newState === "open";
  });
  reset.addEventListener("click", () => {
    send({ type: "reset" });
    element.hidePopover?.();
  });

  return (state) => {
    reset.disabled = !canReset(state);
  };
}
