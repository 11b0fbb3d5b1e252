// The runs that this browser keeps, in words.
/** @import {Kept} from "../state/types.js" */
import { FIELDS, calledOf, modelName, settingsOf, worded } from "../settings/fields.js";
import { count, steps as inSteps } from "./format.js";

/**
 * What a kept run is called: as the reader likes, or by its model and its data.
 * @param {Kept} kept
 */
export const nameOf = ({ label, settings, data }) =>
  label || `${calledOf(settings)} on ${data?.name ?? "your text"}`;

/** @param {Kept} kept */
export const progressOf = ({ step, steps }) =>
  step >= steps ? `finished, ${inSteps(steps)}` : `${count(step)} of ${inSteps(steps)}`;

const MOST = 4; // settings that are named

/**
 * What is unusual about its settings, in words: two runs of one name can be told apart.
 * @param {Kept} kept
 */
export function settingsIn({ settings }) {
  const usual = settingsOf(modelName(settings) || settings.preset || "microgpt");
  const words = Object.keys(FIELDS)
    .filter((name) => !/^(steps|eval_.*)$/.test(name) && name in settings)
    .filter((name) => settings[name] !== usual[name])
    .map((name) => worded(name, settings[name]));
  const more = words.length - MOST;
  return more > 0 ? [...words.slice(0, MOST), `${more} more`] : words;
}

/** A file name for it. @param {Kept} kept */
export const fileNameOf = (kept) =>
  `${
    nameOf(kept)
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .toLowerCase() || "run"
  }.safetensors`;
