// The view Chat: its components by name, its parts of the state and what it does besides. main.js
// loads them when the view is first opened.
/** @import {CreateEffects, Mount} from "../../state/types.js" */
import * as chat from "../../state/chat.js";
import * as stages from "../../state/stages/stages.js";
import { make } from "../dom.js";
import * as chart from "../train/chart.js";
import * as table from "../train/chart-table.js";
import * as own from "./effects.js";
import * as head from "./head.js";
import * as judge from "./judge.js";
import * as ladder from "./ladder.js";
import { chartOf } from "./ladder-chart.js";
import * as ladderCompare from "./ladder-compare.js";
import * as ladderMake from "./ladder-make.js";
import * as requests from "./server/requests.js";
import * as serverForm from "./server/form.js";
import * as stopped from "./stopped.js";
import * as talk from "./talk.js";
import { visible } from "./text.js";
import { talksEditor } from "./talks/editor.js";
import { typedTalks } from "./talks/typed.js";

/** The ladder beside the talk, and below it, where there is room, what makes and compares stages. @type {Mount} */
function mountLadder(element, send) {
  const forms = make("section", { class: "chat__make", id: "stages-make" });
  const asked = make("section", { class: "chat__compare", "data-stages": "compare" });
  element.parentElement?.after(forms, asked);
  /** @param {string} held */
  const ofStage = (held) => chartOf({ chart, table }, send, held);
  const editor = talksEditor(send, typedTalks(send), visible);
  const updates = [
    ladder.mount(element, send),
    ladderMake.mountWith({ chartOf: ofStage, editor })(forms, send),
    ladderCompare.mount(asked, send),
  ];
  return (state) => updates.forEach((update) => update(state));
}

/** Whom the reader talks to, and below it how to talk to somebody else. @type {Mount} */
function mountHead(element, send) {
  const form = make("section", { "aria-label": "A server" });
  element.after(form);
  const updates = [head.mount(element, send), serverForm.mount(form, send)];
  return (state) => updates.forEach((update) => update(state));
}

/** @type {CreateEffects} */
export function createEffects(given) {
  const all = [own, requests].map((each) => each.createEffects(given));
  return (before, state, action) => all.forEach((effects) => effects(before, state, action));
}

export const parts = [chat, stages];
export const components = {
  "chat/head": { mount: mountHead },
  "chat/stopped": stopped,
  "chat/talk": talk,
  "chat/judge": judge,
  "chat/ladder": { mount: mountLadder },
};
