// The notices above the buttons; what they say is in select/notices.js.
/** @import {Mount, Wish} from "../../state/types.js" */
import { make, replaceIfChanged } from "../dom.js";
import { notices } from "../../select/notices.js";

/** @type {Mount} */
export function mount(element, send) {
  /** @param {string} words @param {Wish} action */
  const act = (words, action) =>
    make(
      "button",
      { class: "button button--short", type: "button", onclick: () => send(action) },
      words,
    );

  return (state) => {
    const shown = notices(state);
    replaceIfChanged(element, JSON.stringify(shown), () =>
      shown.map(({ title, text, alarm, narrow, actions = [] }) =>
        make(
          "div",
          {
            class: `notice${alarm ? "" : " notice--calm"}${narrow ? " notice--narrow" : ""}`,
            role: alarm ? "alert" : false,
          },
          make("h2", { class: "notice__title" }, title),
          make("p", {}, text),
          ...(actions.length
            ? [make("p", { class: "row" }, ...actions.map(([words, action]) => act(words, action)))]
            : []),
        ),
      ),
    );
  };
}
