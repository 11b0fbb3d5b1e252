// The page with its view Chat, without a browser.
import { reduce } from "../../web/state/index.js";
import * as chat from "../../web/state/chat.js";
import * as stages from "../../web/state/stages/stages.js";
import { Page } from "./page.js";

/** A page whose view Chat has come. */
export class ChatPage extends Page {
  constructor(python = "ready") {
    super("chat");
    Object.assign(this.state, chat.initial(), stages.initial());
    this.send({ type: "view", view: "chat" });
    if (python !== "ready") return;
    this.send({ type: "ready", python: "3", numpy: "2", microgpt: "1", kernel: true, memory: 1 });
  }

  send(action) {
    this.state = reduce(this.state, action, [chat, stages]);
    this.asked.push(...this.state.outbox);
    return this;
  }

  get stages() {
    return this.state.stages;
  }

  /** A stage that was asked for is done. */
  made(stage, about = {}) {
    const { wish } = this.last("stages-make");
    return this.answer("stages-make", "stages-made", {
      stage,
      about: { ...ABOUT, wish, ...about },
    });
  }
}

export const ABOUT = {
  seconds: 3,
  step: 4,
  steps: 4,
  losses: Float64Array.of(3, 2, 2, 1),
  vocab: 520,
  bytesEach: 2,
};
