// Read by test_machine_numbers.py: which weights the blocks of a model are asked about, and, once
// Python has answered, what the page says of their numbers. All models at once: starting Node takes most time.
import { blocksOf, countOf, matricesOf } from "../../web/select/inside/blocks.js";
import { explain } from "../../web/select/inside/explain.js";

let given = "";
for await (const chunk of process.stdin) given += chunk;

function said({ settings, time, layer, answers }) {
  const blocks = blocksOf(settings, "letter", layer, settings.vocab_size);

  /** Some numbers of each block, the last one among them. */
  const questions = blocks
    .filter(({ kind }) => kind !== "layer")
    .flatMap((block) => {
      const count = countOf(settings, block, time, settings.vocab_size);
      return [0, Math.floor(count / 3), count - 1].map((number) => ({ block, number }));
    });
  const asked = questions.map(({ block, number }) => matricesOf(settings, block, number));
  const told = answers?.map((answer, i) => {
    const { block, number } = questions[i];
    const numbers = Float64Array.from(answer.numbers);
    const found = explain({ ...answer, numbers }, settings, block, number, 1);
    return { key: block.key, kind: block.kind, head: block.head, number, ...found };
  });
  return told ?? asked;
}

console.log(JSON.stringify(JSON.parse(given).map(said)));
