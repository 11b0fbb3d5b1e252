// What the reader should know or may want to do: a run to continue, a link that was opened or could
// not be, a run that diverged, storage that is denied.
/** @import {Notice, State} from "../state/types.js" */
import { nameOf, progressOf } from "./kept-runs.js";
import { readAs } from "./data-facts.js";
import { capital, count } from "./format.js";

/** What came of a run, in a few words. @type {{[kind: string]: string}} */
const OUTCOMES = {
  diverged: "The loss climbed",
  memorising: "It has begun to memorise",
  worse: "It got worse",
  improving: "It was still learning",
  "level off": "It has levelled off",
  short: "A short run",
};

/**
 * Whether bytes of Python are still to come.
 * @param {State["python"]} python
 */
export const isDownloading = ({ status, stages }) =>
  status === "loading" && Object.values(stages).some(({ received, total }) => received < total);

/** @param {State} state @returns {Notice[]} */
export function notices({ refusal, internalError, run, saved, link, python, ignored, data }) {
  /** @type {Notice[]} */
  const list = [];
  const [last] = saved.runs;
  if (python.stalled && isDownloading(python))
    list.push({
      title: "The download has stalled",
      text: "Nothing has arrived for some seconds. It may go on by itself. Retry fetches again only what is missing.",
      alarm: true,
      actions: [["Retry", { type: "retry" }]],
    });
  const waiting = ["loading", "ready"].includes(python.status);
  if (last && !run && waiting && !link.text) {
    const { key } = last;
    list.push({
      title: "Continue where you left off",
      text: `Your last run (${nameOf(last)}, ${progressOf(last)}) is kept in this browser.`,
      actions:
        python.status === "ready"
          ? [
              ["Continue", { type: "continue", key }],
              ["Delete it", { type: "forget", key }],
            ]
          : [],
    });
  }
  const replaced = saved.runs.find(({ key }) => key === saved.replaced?.key);
  if (replaced)
    list.push({
      title: "Your previous run is kept",
      text: `${capital(nameOf(replaced))}, ${progressOf(replaced)}.`,
      actions: [["Open it again", { type: "continue", key: replaced.key }]],
    });
  const before = saved.replaced && !saved.replaced.key; // what Reset has put away
  if (saved.full)
    list.push({
      title: before ? "Your previous run is not kept yet" : "This run is not kept",
      text: `This browser already keeps ${saved.runs.length} runs. The oldest is ${nameOf(saved.full)}, ${progressOf(saved.full)}. ${before ? "Make room to keep the run from before Reset; otherwise it is lost when this tab closes." : "Save this run to a file, or make room."}`,
      actions: [[`Delete ${nameOf(saved.full)}`, { type: "forget", key: saved.full.key }]],
    });
  if (link.problem)
    list.push({ title: "The model in this link did not open", text: link.problem, alarm: true });
  else if (link.text && !run && waiting) {
    list.push({
      title: "This link holds a model",
      text: "It opens as soon as Python is there, and writes at once. Nothing was sent anywhere: the model is in the address itself.",
    });
  }
  if (run?.status === "diverged") {
    list.push({
      title: `The run broke at step ${count(run.step + 1)}`,
      text: capital(run.message),
      alarm: true,
      actions: [["Try again with clip 1", { type: "retry-clipped" }]],
    });
  }
  if (run?.outcome?.kind && ["done", "stopped"].includes(run.status)) {
    const { kind, text } = run.outcome;
    const broke = kind === "diverged";
    list.push({
      title: OUTCOMES[kind] ?? "The run has ended",
      text,
      ...(broke && {
        alarm: true,
        actions: [["Try again with clip 1", { type: "retry-clipped" }]],
      }),
    });
  }
  if (run?.twins) list.push({ title: "Some lines occur twice", text: run.twins });
  if (run?.unrecorded)
    list.push({
      title: "This model runs slower than it could",
      text: `Its steps could not be recorded, so they are computed one call at a time. ${run.unrecorded}`,
    });
  if (data.status === "refused" && data.message)
    list.push({
      title: `${data.refused ?? "The data"} cannot be learned from`,
      text: data.message,
      alarm: true,
      narrow: true,
      actions: data.encoding
        ? [[readAs(data.encoding), { type: "read-as", encoding: data.encoding }]]
        : [],
    });
  if (refusal) list.push({ title: "Training did not start", text: refusal, alarm: true });
  if (internalError)
    list.push({
      title: "Something went wrong here",
      text: `${capital(internalError.message)}. That is our mistake, not yours; Python goes on.`,
      alarm: true,
    });
  if (run?.status === "paused" && run.canTrain && run.message)
    list.push({
      title: `Training broke off at step ${count(run.step)}`,
      text: capital(run.message),
      alarm: true,
    });
  if (run?.status === "refused")
    list.push({ title: "This run cannot start", text: capital(run.message), alarm: true });
  if (run && run.origin !== "new" && !run.canTrain && run.message)
    list.push({ title: "It can write, but not be trained further", text: capital(run.message) });
  if (data.offered) {
    list.push({
      title: "This link trains on all 32,033 names",
      text: "They are not part of this page: 228 kB, fetched from GitHub when you ask for it.",
      actions: [["Fetch them", { type: "choose-data", kind: "full-names" }]],
    });
  }
  if (ignored.length)
    list.push({
      title: "Part of this link was not understood",
      text: `${ignored.join(", ")}: the usual values are used instead.`,
    });
  return list;
}
