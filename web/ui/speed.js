// How fast it writes, with the cache and without.
import { attribute, show, text } from "../dom.js";
import { count, rate } from "../format.js";

const WORDS =
  "The cache remembers the keys and values of what was read, so that each new letter is one step; without it everything is read again for every letter. The text is the same.";

export function mount(element, send) {
  const find = (name) => element.querySelector(`[data-${name}]`);
  const [cache, term, speed, words] = ["cache", "term", "speed", "words"].map(find);
  let open = false;
  cache.addEventListener("change", () => send({ type: "cache", on: cache.checked }));
  term.addEventListener("click", () => {
    open = !open;
    attribute(term, "aria-expanded", open);
    show(words, open);
  });
  text(words, WORDS);

  return ({ writing, run }) => {
    cache.checked = writing.cache;
    const { speeds } = writing;
    text(speed, run && speeds.run === run.id ? measured(speeds) : "");
  };
}

function measured({ on, off }) {
  const { context } = on ?? off;
  const told = [
    on && `${rate(on.tokensPerSecond)} tokens/s with the cache`,
    off && `${rate(off.tokensPerSecond)}${on ? "" : " tokens/s"} without`,
  ];
  return `${told.filter(Boolean).join(", ")}, at the end of its context of ${count(context)}`;
}
