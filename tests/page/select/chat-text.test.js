// What Chat writes of an answer: its pieces, its marks, and the line it is saved as.
import assert from "node:assert/strict";
import { test } from "node:test";
import { answeredIn, marked, percent, pieces, toLine, visible } from "../../../web/ui/chat/text.js";

test("control characters and marks of direction are seen and do nothing", () => {
  assert.equal(visible("a\u0007b\u001b[0m\u202ecba\u007f\n\t"), "a␇b␛[0m[U+202E]cba␡\n\t");
});

test("a call and its result are one, also where no result came", () => {
  const call = { type: "python", text: "3+4" };
  const result = { type: "python_output", text: "7" };
  const text = { type: "text", text: "It is 7." };
  assert.deepEqual(pieces([text, call, result, text]), [
    { kind: "text", text: "It is 7.", at: 0 },
    { kind: "tool", call: "3+4", result: "7" },
    { kind: "text", text: "It is 7.", at: 8 },
  ]);
  assert.deepEqual(pieces([call, text])[0], { kind: "tool", call: "3+4", result: null });
});

test("stretches are marked where they are, also across the parts of an answer", () => {
  const shown = (text, at, stretches) =>
    marked(text, at, stretches).map(({ text: each, copied }) => (copied ? `[${each}]` : each));
  assert.deepEqual(shown("abcdef", 0, [[1, 3]]), ["a", "[bc]", "def"]);
  assert.deepEqual(shown("abcdef", 10, [[8, 12], [15, 20]]), ["[ab]", "cde", "[f]"]); // prettier-ignore
  assert.deepEqual(shown("", 0, []), [""]);
});

test("a saved talk is a line of JSON with its calls and its system's text", () => {
  const messages = [
    { role: "user", parts: [{ type: "text", text: "3+4?" }] },
    { role: "assistant", parts: [{ type: "python", text: "3+4" }] },
    { role: "user", parts: [{ type: "text", text: "And?" }] },
  ];
  const { messages: written } = JSON.parse(toLine(answeredIn(messages), "Be kind."));
  assert.deepEqual(written, [
    { role: "system", content: "Be kind." },
    { role: "user", content: "3+4?" },
    { role: "assistant", content: [{ type: "python", text: "3+4" }] },
  ]);
});

test("shares are as exact as they are interesting", () => {
  const shares = [1, 0.9999, 0.834, 0.01, 0.00412, 0.00003, 1e-9];
  assert.deepEqual(shares.map(percent), [
    ...["100%", "99%", "83%", "1%", "0.4%", "0.003%", "under 0.001%"],
  ]);
});
