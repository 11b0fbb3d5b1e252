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
        : `Those of ${unit}s that are used alike look alike.`;
    return {
      title: `${unit === "letter" ? "Letter" : "Token"}: ${who(given)} is row ${ids[focus]} of the embedding`,
      text: `The model cannot read ${who(given)}. It has for every ${unit} a row of ${shape.width} numbers. They began at random; training moved them until they were of use. ${alike}`,
    };
  },
  place: (given) => {
    const { answer, unit, shape } = given;
    const from =
      shape.positions === "learned" ? "a row of numbers of its own" : "a wave of its own";
    return {
      title: `Place: ${who(given)} stands at place ${answer.focus}`,
      text: `The row does not say where the ${unit} stands. So each place has ${from}, and it is added, number by number: the same ${unit} elsewhere has another sum.`,
    };
  },
  sum: (given) => ({
    title: "Sum: what is read, and where",
    text: `This is the line of ${who(given)}. Every block that follows adds to it; nothing is wiped out.`,
  }),
  norm: (given) => {
    const { numbers, shape, block } = given;
    const x = numbers.here(sourceOf(shape, block));
    const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
    const how =
      shape.norm === "layer"
        ? "less its mean, divided by how far its numbers spread, then stretched and moved by learned numbers"
        : `divided by its own size, the root of its mean square${shape.norm === "rms-gain" ? ", then stretched by learned numbers" : ""}`;
    const where =
      block.layer === null
        ? "The line itself goes on so"
        : "What the block reads is made one size; the line itself goes on as it is";
    return {
      title: `Norm: made one size, from ${num(size, 3)}`,
      text: `Large rows would drown small ones. So the row is ${how}. ${where}.`,
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
    text: `Before layer ${(given.block.layer ?? 0) + 1} the line is multiplied by one learned number, and what it began with is added again by another.`,
  }),
  query: (given) => ({
    title: `Query: what ${who(given)} looks for`,
    text: `A matrix makes of the line ${given.shape.heads} ${given.shape.heads === 1 ? "query" : "queries"} of ${given.shape.size} numbers, one for each head. ${changed(given)}A head looks where query and key fit: where their product is large.`,
  }),
  key: (given) => ({
    title: `Key: what ${who(given)} offers`,
    text: `Another matrix makes the keys, by which the lines after it, and its own, find it. ${changed(given)}${grouped(given)}`,
  }),
  value: (given) => ({
    title: `Value: what ${who(given)} passes on`,
    text: `A third matrix makes the values: what a head takes along from where it looks. ${hasValueEmbedding(given.shape, given.block.layer ?? 0) ? `Here a second embedding of the ${given.unit} is added to them, by a gate. ` : ""}${grouped(given)}`,
  }),
  head: (given) => {
    const { numbers, block, answer, unit, shape } = given;
    const looks = numbers.looks(`layer${block.layer}.`, block.head);
    const most = best(looks);
    const even = looks.length > 2 && looks[most] < 1.6 / looks.length;
    const to = most === answer.focus ? "itself" : who(given, most);
    const shared =
      shape.keys < shape.heads
        ? ` Its keys and values are those of group ${keyHeadOf(shape, block.head) + 1}.`
        : "";
    return {
      title: `Head ${block.head + 1}: looks ${even ? "everywhere" : `at ${to}`}`,
      text: `The query of ${who(given)} is multiplied with the key of every ${unit} up to here; the scores become shares of 100%. ${even ? "On this text the head spreads its attention almost evenly." : `Most goes to ${to}: ${per(looks[most])}.`} It carries that mix of their values to ${who(given)}. Only here do lines touch, and only earlier ones.${shared}`,
    };
  },
  add: (given) => {
    const heads = given.block.key.endsWith("middle");
    return heads
      ? {
          title: "Add: what the heads found",
          text: `A matrix mixes what the heads bring and writes it back onto the line: it is added, nothing is wiped out. ${capital(who(given))} is still there, and now it knows what stands before it.`,
        }
      : {
          title: "Add: what the units say",
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
      relu2: `Below zero the unit stays silent: ${units.length - on} do. The answers of the others are squared.`,
      swiglu: "Each has a gate that says how far it is open.",
    }[shape.activation];
    return {
      title: `Feed-forward: unit ${loudest} of ${count(units.length)} is the loudest`,
      text: `Now each line works alone. ${count(units.length)} units each weigh the numbers of the line and ask one question of their own. ${how ?? "An answer far below zero becomes almost nothing."} Unit ${loudest} says ${num(units[loudest])}.`,
    };
  },
  backout: () => ({
    title: "Backout: less the middle",
    text: "At the end some of the line as it was after the middle layer is taken back, by one learned number.",
  }),
  scores: (given) => {
    const { unit, shape } = given;
    const rows = shape.tied ? "the rows of the embedding, again" : "a matrix with a row for each";
    const cap = shape.softcap ? ` A bend keeps the scores below ${shape.softcap}.` : "";
    return {
      title: `Next ${unit}: from scores to chances`,
      text: `How well does each ${unit} fit the end of the line? By ${rows}, it gets a score.${cap} To make chances of scores, raise e to each and divide by the sum. Temperature divides the scores first: below 1 the leader wins more often, above 1 all come closer. Then dice are thrown, and all is read again with one ${unit} more.`,
    };
  },
};

/** @param {string} words */
const capital = (words) => (words === "the start" ? "The start" : words);

/** What is done to queries and keys before they are compared. @param {Given} given */
function changed({ shape }) {
  const steps = [
    ...(shape.positions === "rope" ? ["turned, pair by pair, by its place"] : []),
    ...(shape.qkNorm ? ["made one size"] : []),
    ...(shape.scale === 1 ? [] : [`multiplied by ${shape.scale}`]),
  ];
  return steps.length ? `Each is ${steps.join(", then ")}. ` : "";
}

/** @param {Given} given */
const grouped = ({ shape: { heads, keys } }) =>
  keys < heads ? `${heads} heads share ${keys} ${keys === 1 ? "of them" : "groups of them"}.` : "";
