// The runs that this browser keeps, in words.
/** @import {Kept} from "../state/types.js" */
import { calledOf } from "../settings/fields.js";
import { count } from "./format.js";

/**
 * What a kept run is called: as the reader likes, or by its model and its data.
 * @param {Kept} kept
 */
export const nameOf = ({ label, settings, data }) =>
  label || `${calledOf(settings)} on ${data?.name ?? "your text"}`;

/** @param {Kept} kept */
export const progressOf = ({ step, steps }) =>
  step >= steps ? `finished, ${count(steps)} steps` : `${count(step)} of ${count(steps)} steps`;

/** A file name for it. @param {Kept} kept */
export const fileNameOf = (kept) =>
  `${
    nameOf(kept)
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "")
      .toLowerCase() || "run"
  }.safetensors`;
