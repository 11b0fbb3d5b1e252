// The merges again, one by one: a slider, a step back and forward, and play.
/** @import {Merge, Mount} from "../../state/types.js" */
import {
  byName,
  make,
  onPress,
  replaceIfChanged,
  setAttribute,
  setDisabled,
  setText,
  setVisible,
} from "../dom.js";
import { count, withSigns } from "../../select/format.js";

const [SHORTEST, LONGEST, CALM] = [90, 420, 1000]; // milliseconds from one merge to the next
const WHOLE = 24_000; // about as long as all of them take, however many

/** @type {Mount} */
export function mount(element, send) {
  const find = byName(element);
  const [play, back, forward, slider, at] = ["play", "back", "forward", "slider", "at"].map(find);
  const [now, spoken] = [find("now"), find("spoken")]; // spoken: only what was asked for
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let timer = 0;
  let pace = LONGEST;
  let stride = 1;
  play.addEventListener("click", () => send({ type: "play" }));
  onPress(back, () => step(-1));
  onPress(forward, () => step(1));
  slider.addEventListener("input", () => send({ type: "replay", at: Number(slider.value) }));

  /** @param {number} by */
  function step(by) {
    send({ type: "replay", by });
    setText(spoken, slider.getAttribute("aria-valuetext") ?? "");
  }

  function tick() {
    timer = 0;
    send({ type: "tick", by: stride });
  }

  return ({ tokens }) => {
    const { trained, playing, cut } = tokens;
    const last = trained?.merges.length ?? 0;
    setVisible(element, last > 0);
    setAttribute(slider, "max", last);
    if (slider.value !== String(tokens.at)) slider.value = String(tokens.at);
    const merge = trained?.merges[tokens.at - 1];
    replaceIfChanged(now, `${tokens.round} ${tokens.at}`, () =>
      merge ? words(merge) : ["bytes, unmerged"],
    );
    const said = merge ? `: ${now.textContent}` : "";
    setAttribute(slider, "aria-valuetext", `merge ${count(tokens.at)} of ${count(last)}${said}`);
    setText(at, `${count(tokens.at)} of ${count(last)}`);
    setText(play, playing ? "Pause" : "Play");
    setDisabled(back, tokens.at === 0);
    setDisabled(forward, tokens.at >= last);
    pace = Math.max(SHORTEST, Math.min(LONGEST, WHOLE / Math.max(1, last)));
    stride = Math.max(1, Math.ceil((last * pace) / WHOLE / 1.5));
    if (still.matches) [pace, stride] = [CALM, Math.max(1, Math.ceil((last * CALM) / WHOLE / 2))];
    if (!playing) {
      clearTimeout(timer);
      timer = 0;
    } else if (!timer && !cut.waiting) timer = setTimeout(tick, pace); // not before it is drawn
  };
}

/** @param {Merge} given */
function words([left, right, both, times]) {
  /** @param {string} token */
  const code = (token) => make("code", {}, withSigns(token));
  const often = `, ${count(times)} ${times === 1 ? "time" : "times"}`;
  return [code(left), " + ", code(right), " → ", code(both), often];
}
