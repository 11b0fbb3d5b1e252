// What the worker has to be asked, given what has changed. Pure: (before, after, action) -> messages.
import { stepsPerSecond } from "../select/format.js";
import { forWorker } from "../settings/address.js";
import { textOf } from "./tokens.js";

export function commands(before, after, action) {
  const messages = [];
  const fresh = (part) => after[part]?.id != null && after[part].id !== before[part]?.id;
  const { run, sampling } = after;

  if (fresh("data")) {
    const { id, kind, name, split, bytes } = after.data;
    messages.push({ type: "data", id, kind, name, split, ...(bytes && { bytes }) });
  }
  if (fresh("described")) {
    messages.push({
      type: "describe",
      id: after.described.id,
      settings: forWorker(after.settings),
    });
  }
  if (fresh("opens")) messages.push(opening(after));
  const pace = stepsPerSecond(after.page.pace, run?.steps ?? after.settings.steps);
  if (
    run &&
    (run.id !== before.run?.id ||
      after.page.pace !== before.page.pace ||
      run.steps !== before.run.steps)
  ) {
    messages.push({ type: "pace", stepsPerSecond: pace });
  }
  if (
    run &&
    !run.opening &&
    run.origin === "new" &&
    run.id !== before.run?.id &&
    run.id > (before.runs ?? 0)
  ) {
    messages.push({ type: "new", run: run.id, settings: forWorker(run.settings) });
    if (run.goal) messages.push({ type: "train", run: run.id, until: run.goal });
  } else if (run?.goal && run.id === before.run?.id && run.goal !== before.run.goal) {
    messages.push({ type: "train", run: run.id, until: run.goal });
  }
  if (action.type === "pause" && run) messages.push({ type: "pause", run: run.id });
  if (action.type === "forget") messages.push({ type: "forget" });
  if (action.type === "finish" && run) messages.push({ type: "finish", run: run.id });

  if (fresh("odds"))
    messages.push({ type: "next", id: after.odds.id, prompt: after.odds.context, sampling });
  if (fresh("writing")) messages.push(writing(after));
  if (action.type === "halt" && after.writing.busy)
    messages.push({ type: "halt", id: after.writing.id });
  const asks = (part) =>
    after.inside[part].id !== null && after.inside[part].id !== before.inside[part].id;
  if (asks("attention")) {
    const { id, text } = after.inside.attention;
    messages.push({ type: "attention", id, prompt: text });
  }
  if (asks("places")) {
    const { id, method, perplexity } = after.inside.places;
    messages.push({ type: "embeddings", id, method, ...(perplexity && { perplexity }) });
  }
  if (action.type === "places-stop") messages.push({ type: "halt", id: after.inside.places.id });
  messages.push(...aboutTokens(before.tokens, after, action));
  if (fresh("benchmark")) messages.push({ type: "benchmark", id: after.benchmark.id });
  if (action.type === "benchmark-stop" && after.benchmark.busy)
    messages.push({ type: "halt", id: after.benchmark.id });
  if (fresh("preview")) {
    const calm = { temperature: 0.5, seed: 1 };
    messages.push({ type: "write", id: after.preview.id, prompt: "", count: 20, sampling: calm });
  }
  if (fresh("keep")) {
    const { id, wants } = after.keep;
    const settings = wants === "command" ? { settings: forWorker(after.settings) } : {};
    messages.push({ type: wants, id, ...settings });
  }
  return messages;
}

function aboutTokens(before, after, action) {
  const { tokens } = after;
  const messages = [];
  const asks = (part) => tokens[part].id !== null && tokens[part].id !== before[part].id;
  for (const part of ["cut", "other"]) {
    if (!asks(part)) continue;
    const { by, at, text } = tokens[part].wish;
    messages.push({ type: "cut", id: tokens[part].id, text, by, at });
  }
  if (asks("learn")) {
    const { source, merges, pattern } = tokens;
    const text = source === "text" ? { text: textOf(after) } : {};
    messages.push({ type: "learn", id: tokens.learn.id, source, merges, pattern, ...text });
  }
  if (action.type === "learn-stop" && tokens.learn.busy)
    messages.push({ type: "halt", id: tokens.learn.id });
  if (asks("opening")) {
    const { id, files } = tokens.opening;
    messages.push({ type: "open-tokenizer", id, files });
  }
  if (asks("saving")) messages.push({ type: "save-tokenizer", id: tokens.saving.id, by: tokens.by });
  return messages;
}

function opening({ opens: { id }, run, link }) {
  const { origin, name, bytes } = run.opening;
  if (origin === "link") return { type: "open-link", id, run: run.id, text: link.text };
  if (origin === "autosave") return { type: "continue", run: run.id };
  return { type: "open", id, run: run.id, name, bytes };
}

function writing({ writing: { id, from, one, cache }, sampling, prompt }) {
  // Letter by letter the dice have to differ, or the same seed would choose alike every time.
  const seed = sampling.seed + (one ? from.length - prompt.length : 0);
  return {
    type: "write",
    id,
    prompt: from,
    sampling: { ...sampling, seed },
    ...(one ? { maxTokens: 1 } : { cache }),
  };
}
