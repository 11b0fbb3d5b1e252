// Whom the reader talks to, in a sentence; another model, from a file or from an address.
/** @import {Mount, WithChat} from "../../state/types.js" */
import { bytes as sized } from "../../select/format.js";
import { sizeOf } from "./text.js";
import { make, onPress, setDisabled, setText, setVisible } from "../dom.js";

const NAME = "story-chat";

/** @type {Mount} */
export function mount(element, send) {
  const name = make("b", { class: "chat__name" }, NAME);
  const about = make("p", { class: "prose" });
  const file = make("input", { type: "file", accept: ".safetensors", hidden: true, tabindex: -1 });
  file.setAttribute("aria-label", "A chat model’s file");
  const open = make("button", { class: "act", type: "button" }, "Open a chat model…");
  const back = make("button", { class: "act", type: "button" }, "Back to " + NAME);
  const save = make("button", { class: "act", type: "button" }, "Save the model");
  const problem = make("p", { class: "bad", role: "alert", hidden: true });
  const offer = make("div", { class: "notice", hidden: true });
  const [offerText, offerBad] = [make("p"), make("p", { class: "bad", role: "alert" })];
  const fetchIt = make("button", { class: "button", type: "button" }, "Fetch it");
  offer.append(make("h2", {}, "This link names a model elsewhere"), offerText, offerBad, fetchIt);
  const row = make("p", { class: "row" }, open, back, save, file);
  element.append(
    make("div", {}, make("p", { class: "recipe" }, "Talking to ", name, "."), row, problem, offer),
    about,
  );

  open.addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    const buffer = await chosen.arrayBuffer().catch(() => null);
    if (buffer) send({ type: "chat-model", name: chosen.name, bytes: new Uint8Array(buffer) });
    else send({ type: "chat-model-problem", message: `${chosen.name} could not be read.` });
  });
  back.addEventListener("click", () => send({ type: "chat-shipped" }));
  save.addEventListener("click", () => send({ type: "chat-keep-model" }));
  onPress(fetchIt, () => send({ type: "chat-fetch" }));

  return (state) => {
    const { model, offered } = /** @type {WithChat} */ (state).chat;
    const { facts } = model;
    const shipped = (model.name || NAME) === NAME;
    setText(name, model.name || NAME);
    setText(about, facts && !shipped ? ofOther(facts) : ofShipped(facts));
    setVisible(back, !shipped || model.status === "failed");
    setVisible(save, model.status === "ready");
    setVisible(problem, Boolean(model.problem));
    setText(problem, model.problem);
    setVisible(offer, Boolean(offered));
    if (!offered) return;
    const { origin, bytes, got, url } = offered;
    const size = bytes === null ? "of unknown size" : sized(bytes);
    setText(
      offerText,
      got === null
        ? `It lies at ${origin} (${url.split("/").at(-1)}, ${size}). Nothing has been asked of that place yet; when you fetch it, its owner sees that you do. It is checked before it is used, and nothing in it can run.`
        : `${sized(got)} of ${size} from ${origin}.`,
    );
    setText(offerBad, offered.problem);
    setVisible(offerBad, Boolean(offered.problem));
    setDisabled(fetchIt, got !== null);
  };
}

/** @typedef {import("../../state/chat-types.js").ChatModel} ChatModel */

/** @param {ChatModel|null} facts */
const ofShipped = (facts) =>
  `A very small model that comes with this page${facts ? `: ${sizeOf(facts)}` : ""}. It has read ` +
  "made-up stories, and was then taught by made-up conversations. It knows little beyond them. " +
  "Sums it hands to a calculator, and you see it do so. It answers in this tab: what you say goes nowhere.";

/** @param {ChatModel} facts */
const ofOther = (facts) =>
  `A model from a file: ${sizeOf(facts)}. It looks ${facts.context} tokens back and was taught for ` +
  `${facts.steps} steps on ${facts.data}. It answers in this tab: what you say goes nowhere.`;
