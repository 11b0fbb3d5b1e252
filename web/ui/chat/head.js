// Whom the reader talks to, in a sentence; another model, from a file or from an address.
/** @import {Mount, WithChat} from "../../state/types.js" */
import { bytes as sized } from "../../select/format.js";
import { isLoopback, serverOf } from "../../state/server/wire.js";
import { sizeOf, visible } from "./text.js";
import { make, onPress, setDisabled, setText, setVisible } from "../dom.js";

const NAME = "story-chat";

/** @type {Mount} */
export function mount(element, send) {
  const name = make("b", { class: "chat__name" }, NAME);
  const where = make("span", { class: "chat__where" });
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
    make(
      "div",
      {},
      make("p", { class: "recipe" }, "Talking to ", name, where, "."),
      row,
      problem,
      offer,
    ),
    about,
  );

  open.addEventListener("click", () => file.click());
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (!chosen) return;
    const buffer = await chosen.arrayBuffer().catch(() => null);
    send({ type: "server-use", on: false });
    if (buffer) send({ type: "chat-model", name: chosen.name, bytes: new Uint8Array(buffer) });
    else send({ type: "chat-model-problem", message: `${chosen.name} could not be read.` });
  });
  back.addEventListener("click", () => {
    send({ type: "server-use", on: false });
    if (!isShipped) send({ type: "chat-shipped" });
  });
  save.addEventListener("click", () => send({ type: "chat-keep-model" }));
  onPress(fetchIt, () => {
    send({ type: "server-use", on: false });
    send({ type: "chat-fetch" });
  });
  let isShipped = true;

  return (state) => {
    const { model, offered, server } = /** @type {WithChat} */ (state).chat;
    const { facts } = model;
    const { host } = serverOf(server.address, server.page);
    isShipped = (model.name || NAME) === NAME && model.status !== "failed";
    setText(name, server.on ? server.model || "a server" : model.name || NAME);
    setText(where, server.on ? ` at ${host}` : "");
    if (server.on) setText(about, ofServer(host));
    else setText(about, facts && model.name !== NAME ? ofOther(facts) : ofShipped(facts));
    setVisible(back, server.on || !isShipped);
    const again = !server.on && model.status === "failed" && (model.name || NAME) === NAME;
    setText(back, again ? "Fetch it again" : `Back to ${NAME}`);
    setVisible(save, model.status === "ready" && !server.on);
    setVisible(problem, Boolean(model.problem));
    setText(problem, model.problem);
    setVisible(offer, Boolean(offered));
    if (!offered) return;
    const { origin, bytes, got, url, never } = offered;
    const size = bytes === null ? "of unknown size" : sized(bytes);
    setVisible(fetchIt, !never);
    setVisible(offerText, !never);
    setText(
      offerText,
      got === null
        ? `It is at ${origin} (${url.split("/").at(-1)}, ${size}). Nothing has been asked of that place yet; when you fetch it, its owner can see that. It is checked before it is used, and nothing in it can run.`
        : `${sized(got)} of ${size} from ${origin}.`,
    );
    setText(offerBad, never ? `${visible(url)}: ${offered.problem}` : offered.problem);
    setVisible(offerBad, Boolean(offered.problem));
    setDisabled(fetchIt, got !== null);
  };
}

/** @typedef {import("../../state/chat-types.js").ChatModel} ChatModel */

/** @param {string} host */
const ofServer = (host) =>
  `It answers ${isLoopback(host) ? "on this machine, outside this tab" : `at ${host}`}: what you ` +
  "say goes there, with the whole talk before it. You see here what it says, but not the tools it " +
  "uses there. Everything beside and below the talk is about the model in this tab.";

/** @param {ChatModel|null} facts */
const ofShipped = (facts) =>
  `A very small model that comes with this page${facts ? `: ${sizeOf(facts)}` : ""}. It has read ` +
  "made-up stories, and was then taught by made-up conversations. It knows little beyond them. " +
  "It hands sums to a calculator, and shows you when it does. It answers in this tab: what you say goes nowhere.";

/** @param {ChatModel} facts */
const ofOther = (facts) =>
  `A model from a file: ${sizeOf(facts)}. It looks ${facts.context} tokens back and was taught for ` +
  `${facts.steps} steps on ${facts.data}. It answers in this tab: what you say goes nowhere.`;
