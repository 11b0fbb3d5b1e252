// The talk: what was said, and where the reader says something.
/** @import {Mount, WithChat} from "../../state/types.js" */
/** @import {Turn} from "../../state/chat-types.js" */
import { path } from "../../state/talk.js";
import { make, setText, setVisible } from "../dom.js";

/** @type {Mount} */
export function mount(element, send) {
  const list = make("ol", { class: "talk" });
  const area = make("textarea", { id: "say", rows: 2, placeholder: "Say something" });
  const button = make("button", { class: "button button--main", type: "submit" }, "Send");
  const problem = make("p", { class: "bad", role: "alert", hidden: true });
  const form = make(
    "form",
    { class: "composer" },
    make("label", { class: "vh", for: "say" }, "Your message"),
    area,
    make("p", { class: "row" }, button),
    problem,
  );
  element.append(list, form);
  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return send({ type: "chat-stop" });
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    send({ type: "chat-say", text });
  });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!busy) form.requestSubmit();
  });
  /** @type {Map<number, {turn: Turn, item: HTMLElement}>} */
  const known = new Map();

  return (state) => {
    const { chat } = /** @type {WithChat} */ (state);
    busy = chat.queued || chat.answer.id !== null;
    setText(button, busy ? "Stop" : "Send");
    const wrong = chat.problem || chat.model.problem;
    setVisible(problem, Boolean(wrong));
    setText(problem, wrong);
    const turns = path(chat.talk);
    const items = turns.map((turn) => {
      const before = known.get(turn.key);
      if (before?.turn === turn) return before.item;
      const item = before?.item ?? make("li");
      draw(item, turn);
      known.set(turn.key, { turn, item });
      return item;
    });
    if (items.some((item, i) => list.children[i] !== item) || items.length !== list.children.length)
      list.replaceChildren(...items);
  };
}

/** @param {HTMLElement} item @param {Turn} turn */
function draw(item, { role, parts, reason }) {
  const mine = role === "user";
  item.className = mine ? "turn turn--you" : "turn";
  const text = make("div", { class: "turn__text" });
  for (const { type, text: words } of parts)
    text.append(make("p", { class: type === "text" ? "turn__said" : "tool" }, words));
  if (!mine && reason === undefined) text.append(make("span", { class: "caret" }));
  item.replaceChildren(make("h2", { class: "turn__who" }, mine ? "You" : "Model"), text);
}
