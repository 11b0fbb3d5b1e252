// The page without a browser: its state, what it asks of the worker, and answers by hand.
import { fromFragment } from "../../web/settings/address.js";
import { initialState, reduce } from "../../web/state/index.js";

export class Page {
  /** @param address the part after the `#`: "train?steps=5" */
  constructor(address = "train", page = {}) {
    this.state = initialState({ ...fromFragment(`#${address}`), page });
    this.asked = []; // all that was asked of the worker
  }

  /** The page after an action; what it asked by that is in `this.state.outbox`. */
  send(action) {
    this.state = reduce(this.state, action);
    this.asked.push(...this.state.outbox);
    return this;
  }

  /** Types of what the last action asked. */
  get outbox() {
    return this.state.outbox.map(({ type }) => type);
  }

  /** The last question of a type. */
  last(type) {
    return this.asked.findLast((message) => message.type === type);
  }

  /** The answer to the last question of a type. */
  answer(question, type, values = {}) {
    const { id, run } = this.last(question);
    return this.send({ type, ...(id !== undefined && { id }), ...(run && { run }), ...values });
  }

  /** Python has loaded, and the names are read. */
  load() {
    this.send({ type: "ready", python: "3", numpy: "2", microgpt: "1", kernel: true, memory: 1e7 });
    return this.haveData();
  }

  haveData(values = {}) {
    const { kind, name, split } = this.state.data;
    const found = { documents: 1800, characters: 11_000, longest: 12, vocabSize: 27 };
    return this.answer("data", "data", { kind, name, split, digest: kind, ...found, ...values });
  }

  /** The run that was asked for has begun in Python. */
  created(values = {}) {
    return this.answer("new", "created", {
      ...ABOUT,
      settings: this.state.run.settings,
      ...values,
    });
  }

  /** A model that was asked for has opened. */
  opened(question, values = {}) {
    const settings = { ...this.state.settings, steps: 5 };
    return this.answer(question, "opened", { ...ABOUT, settings, origin: "file", ...values });
  }

  stopped(reason, step, values = {}) {
    return this.send({ type: "stopped", run: this.state.run.id, reason, step, ...values });
  }

  progress(step, losses, values = {}) {
    const pace = { tokensPerSecond: 9, stepsPerSecond: 3, seconds: 1, memory: 1e7 };
    const at = { step, losses: Float64Array.from(losses), lr: 0.01, tokens: 9 };
    return this.send({ type: "progress", run: this.state.run.id, ...at, ...pace, ...values });
  }
}

const ABOUT = {
  origin: "new",
  step: 0,
  parameters: 4192,
  vocabSize: 27,
  vocabulary: "abcdefghijklmnopqrstuvwxyz",
  tokenizer: { kind: "chars" },
  uniformLoss: 3.3,
  bigramLoss: 2.5,
  heldOut: 180,
  trained: 1620,
  losses: new Float64Array(0),
  canTrain: true,
};
