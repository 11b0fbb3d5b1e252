// A number in the forms of Chat: read as people write it, and refused in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { whole } from "../../../web/settings/field-types.js";
import { numberField } from "../../../web/ui/chat/ladder-number.js";

/** As much of an element as a field asks for. */
class Element extends EventTarget {
  children = [];
  hidden = false;
  textContent = "";
  value = "";
  setAttribute(name, value) {
    this[name] = value || true;
  }
  getAttribute(name) {
    return this[name] ?? null;
  }
  removeAttribute(name) {
    delete this[name];
  }
  append(...children) {
    this.children.push(...children);
  }
}
globalThis.document = { createElement: () => new Element() };

test("what is typed is what is taken, or a sentence says why not", () => {
  const taken = [];
  const { element, input, isWrong, update } = numberField("Steps", whole(1, 100_000), (value) =>
    taken.push(value),
  );
  const bad = element.children[1];
  const type = (text) => {
    input.value = text;
    input.dispatchEvent(new Event("change"));
  };
  update(1500);
  assert.equal(input.value, "1,500");
  for (const text of ["1,000", "2 000", "3e3"]) type(text);
  assert.deepEqual([taken, input.value, bad.hidden], [[1000, 2000, 3000], "3,000", true]);
  for (const [text, why] of [
    ["1.000", /can mean 1 or 1000/],
    ["0,5", /^Steps must be a whole number from 1 to 100,000\.$/],
    ["many", /whole number/],
    ["", /whole number/],
    ["999999999", /whole number/],
  ]) {
    type(text);
    update(3000);
    assert.deepEqual([isWrong(), bad.hidden, input.value], [true, false, text]);
    assert.match(bad.textContent, why);
  }
  type("7");
  assert.deepEqual(
    [taken.at(-1), isWrong(), bad.hidden, input["aria-invalid"]],
    [7, false, true, undefined],
  );
});
