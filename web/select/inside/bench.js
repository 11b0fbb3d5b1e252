// The open block: its sentence with its own values; its numbers are in bench-table.js.
/** @import {Given} from "./bench-table.js" */
/** @import {Machine, Settings} from "../../protocol.js" */
/** @import {Block} from "./blocks.js" */
import { count } from "../format.js";
import { per, tableOf, who } from "./bench-table.js";
import { hasValueEmbedding, keyHeadOf, shapeOf, sourceOf } from "./blocks.js";
import { best, numbersOf } from "./numbers.js";
import { num } from "./sums.js";

/**
 * @param {Machine} answer @param {Settings} settings @param {Block} block @param {number} temperature
 * @param {string} unit
 */
export function benchOf(answer, settings, block, temperature, unit) {
  const numbers = numbersOf(answer);
  /** @type {Given} */
  const given = { numbers, shape: shapeOf(settings), block, answer, temperature, unit };
  const { title, text } = TOLD[block.kind](given);
  return { title, text, table: tableOf(given) };
}

/** @type {{[kind: string]: (given: Given) => {title: string, text: string}}} */
const TOLD = {
  token: (given) => {
    const { answer, shape, unit } = given;
    const { ids, focus } = answer;
    const same = ids.findIndex((id, at) => id === ids[focus] && at !== focus);
    const alike =
      same >= 0
        ? `Look at the picture: both lines of ${who(given)} begin with the same bars.`
        : `${capitalUnit(unit)}s that are used in similar ways have similar bars.`;
    return {
      title: `${capitalUnit(unit)}: ${who(given)} is row ${ids[focus]} of the embedding`,
      text: `A model computes with numbers, so it has a row of ${shape.width} of them for every ${unit}. They began at random; training moved them until they were useful. ${alike}`,
    };
  },
  place: (given) => {
    const { answer, unit, shape } = given;
    const from =
      shape.positions === "learned" ? "a row of numbers of its own" : "a wave of its own";
    return {
      title: `Place: ${who(given)} stands at place ${answer.focus}`,
      text: `The row does not say where the ${unit} stands. So each place has ${from}, which is added number by number: in another place the same ${unit} has another sum.`,
    };
  },
  sum: (given) => ({
    title: "Sum: what is read, and where",
    text: `This is the line of ${who(given)}. Every block that follows adds to it; nothing is erased.`,
  }),
  norm: (given) => {
    const { numbers, shape, block } = given;
    const x = numbers.here(sourceOf(shape, block));
    const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
    const how =
      shape.norm === "layer"
        ? "reduced by its mean, divided by how far its numbers spread, then scaled and shifted by learned numbers"
        : `divided by its own size, the root of its mean square${shape.norm === "rms-gain" ? ", then scaled by learned numbers" : ""}`;
    const where =
      block.layer === null
        ? "From here on, this is the line"
        : "Only what the next block reads is scaled; the line itself stays as it is";
    return {
      title: `Norm: scaled to size 1, from ${num(size, 3)}`,
      text: `A row of large numbers would outweigh one of small numbers. So the row is ${how}. ${where}.`,
    };
  },
  smear: (given) => {
    const [gate] = given.numbers.here("smear_gate");
    return {
      title: `Smear: the gate is ${per(gate)} open`,
      text: `Before any head looks back, each line takes in a little of the line before it. A gate that reads the line itself says how much.`,
    };
  },
  scale: (given) => ({
    title: "Scale: the line, and its start again",
    text: `Before layer ${(given.block.layer ?? 0) + 1} the line is multiplied by one learned number, and the line as it was at the start is added again, multiplied by another.`,
  }),
  query: (given) => ({
    title: `Query: what ${who(given)} looks for`,
    text: `A matrix turns the line into ${given.shape.heads} ${given.shape.heads === 1 ? "query" : "queries"} of ${given.shape.size} numbers, one for each head. ${changed(given)}A head looks where query and key match: where their product is large.`,
  }),
  key: (given) => ({
    title: `Key: what ${who(given)} offers`,
    text: `Another matrix makes the keys. The queries of this line and of all later ones are compared with them. ${changed(given)}${grouped(given)}`,
  }),
  value: (given) => ({
    title: `Value: what ${who(given)} passes on`,
    text: `A third matrix makes the values: this is what a head takes from the places where it looks. ${hasValueEmbedding(given.shape, given.block.layer ?? 0) ? `Here a second embedding of the ${given.unit} is added to them, by a gate. ` : ""}${grouped(given)}`,
  }),
  head: (given) => {
    const { numbers, block, answer, unit, shape } = given;
    const looks = numbers.looks(`layer${block.layer}.`, block.head);
    const most = best(looks);
    const even = looks.length > 2 && looks[most] < 1.6 / looks.length;
    const to = (most === answer.focus ? `the ${unit} itself, ` : "") + who(given, most);
    const shared =
      shape.keys < shape.heads
        ? ` Its keys and values are those of group ${keyHeadOf(shape, block.head) + 1}.`
        : "";
    return {
      title: `Head ${block.head + 1}: looks ${even ? "everywhere" : `at ${to}`}`,
      text: `The query of ${who(given)} is multiplied with the key of every ${unit} up to here; the scores become shares of 100%. ${even ? "On this text the head spreads its attention almost evenly." : `Most goes to ${to}: ${per(looks[most])}.`} It carries that mix of their values to ${who(given)}. Only in the heads does a line take something from another, and only from earlier ones.${shared}`,
    };
  },
  add: (given) => {
    const heads = given.block.key.endsWith("middle");
    return heads
      ? {
          title: "Add: what the heads found",
          text: `A matrix mixes what the heads bring, and the result is added to the line; nothing is erased. ${capital(who(given))} is still there, and now it knows what stands before it.`,
        }
      : {
          title: "Add: what the units answer",
          text: `A second matrix turns the answers of the units back into ${given.shape.width} numbers and adds them to the line. ${given.shape.layers > 1 ? `That was layer ${(given.block.layer ?? 0) + 1} of ${given.shape.layers}.` : "This was one layer, and the model has one."}`,
        };
  },
  units: (given) => {
    const { numbers, block, shape } = given;
    const units = numbers.here(block.key);
    const on = units.filter((value) => value > 0).length;
    const loudest = best(units);
    const how = {
      relu: `If the answer is below zero the unit stays silent: ${units.length - on} do.`,
      relu2: `If the answer is below zero the unit stays silent: ${units.length - on} do. The other answers are squared.`,
      swiglu: "Each has a gate that decides how much of its answer passes.",
    }[shape.activation];
    return {
      title: `Feed-forward: unit ${loudest} of ${count(units.length)} is the loudest`,
      text: `Now each line is alone. Each of ${count(units.length)} units looks for one pattern in its numbers: it multiplies them by weights of its own and adds them up. ${how ?? "An answer far below zero becomes almost nothing."} Unit ${loudest} answers ${num(units[loudest])}.`,
    };
  },
  backout: () => ({
    title: "Backout: less the middle",
    text: "At the end, the line as it was after the middle layer is subtracted, multiplied by one learned number.",
  }),
  scores: (given) => {
    const { unit, shape } = given;
    const rows = shape.tied
      ? "The embedding is used again: each of its rows"
      : "A matrix has a row for each, which";
    const cap = shape.softcap ? ` They are bent, so that none goes beyond ${shape.softcap}.` : "";
    return {
      title: `Next ${unit}: from scores to chances`,
      text: `How well does each ${unit} fit here? ${rows} gives it a score.${cap} To turn scores into chances, raise e to each and divide by the sum. Temperature divides the scores first: below 1 the likeliest wins more often, above 1 the chances come closer together. Then a ${unit} is drawn by these chances, and everything is read again with one ${unit} more.`,
    };
  },
};

/** @param {string} unit */
const capitalUnit = (unit) => (unit === "letter" ? "Letter" : "Token");

/** @param {string} words */
const capital = (words) => (words === "the start" ? "The start" : words);

/** What is done to queries and keys before they are compared. @param {Given} given */
function changed({ shape }) {
  const steps = [
    ...(shape.positions === "rope" ? ["turned, pair by pair, by its place"] : []),
    ...(shape.qkNorm ? ["scaled to one size"] : []),
    ...(shape.scale === 1 ? [] : [`multiplied by ${shape.scale}`]),
  ];
  return steps.length ? `Each is ${steps.join(", then ")}. ` : "";
}

/** @param {Given} given */
const grouped = ({ shape: { heads, keys } }) =>
  keys < heads ? `${heads} heads share ${keys} ${keys === 1 ? "of them" : "groups of them"}.` : "";
