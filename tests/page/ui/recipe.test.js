// The sentence about the run that is planned.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tale } from "../../../web/ui/train/recipe.js";
import { Page } from "../page.js";

const words = (page) => tale(page.state).flat().join("");

test("a model that is refused is promised no time", () => {
  const page = new Page().load();
  assert.match(words(page), /Ten seconds later/);
  page.send({ type: "settings", values: { n_embd: 2048, n_layer: 48 } });
  page.answer("describe", "refused", { message: "This would take about 252.6 GB of memory." });
  assert.equal(page.state.described.problem, "This would take about 252.6 GB of memory.");
  assert.doesNotMatch(words(page), /seconds/);
  assert.match(words(page), /At the end it makes up names/);
});
