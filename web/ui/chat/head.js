// Whom the reader talks to, in a sentence.
/** @import {Mount, WithChat} from "../../state/types.js" */
import { count } from "../../select/format.js";
import { make, setText } from "../dom.js";

/** @type {Mount} */
export function mount(element) {
  const name = make("b", {}, "story-chat");
  const about = make("p", { class: "prose" });
  element.append(make("p", { class: "recipe" }, "Talking to ", name, "."), about);
  return (state) => {
    const { facts } = /** @type {WithChat} */ (state).chat.model;
    setText(name, facts?.name ?? "story-chat");
    const size = facts ? `${count(facts.parameters)} numbers` : "a small file";
    setText(
      about,
      `A very small model that comes with this page: ${size}. It has read made-up stories and then
      made-up conversations. It knows little. Sums it hands to a calculator, and you see it do so.`,
    );
  };
}
