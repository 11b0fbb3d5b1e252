// What Chat writes of an answer: its pieces, its marks, and the line it is saved as; models and talks that an address names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromFragment } from "../../../web/settings/address.js";
import { fetchOffered, hashOf, offeredIn } from "../../../web/ui/chat/share.js";
import { answeredIn, marked, percent, pieces, toLine, visible } from "../../../web/ui/chat/text.js";
import { ChatPage } from "../chat-page.js";

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

test("a model at an https address or on this machine is offered; of others it is said why not", () => {
  const found = offeredIn("#model=https://host.example/m.safetensors");
  assert.deepEqual([found.origin, found.bytes, found.sha256], ["host.example", null, ""]);
  const sized = "#chat?model=https%3A%2F%2Fh.example%2Fm%3Fa%3D1&bytes=12&sha256=" + "a".repeat(64);
  assert.deepEqual(
    [offeredIn(sized).url, offeredIn(sized).bytes, offeredIn(sized).sha256.length],
    ["https://h.example/m?a=1", 12, 64],
  );
  for (const other of ["http://h.example/m", "javascript:alert(1)", "m.safetensors", ""]) {
    const refused = offeredIn(`#model=${other}`);
    assert.match(refused.problem, /https:/);
    const page = new ChatPage().send({ type: "chat-offered", offered: refused });
    assert.deepEqual(
      [page.state.chat.offered.never, page.state.chat.offered.problem],
      [true, refused.problem],
    );
  }
  assert.equal(offeredIn("#model=http://localhost:8000/m.safetensors").problem, undefined);
  for (const none of ["#chat", "#chat?model=mgpt1abc", "#train?model=mgpt1abc", "#inside?model=x"])
    assert.equal(offeredIn(none), null);
  const { view, model, ignored } = fromFragment("#model=https://host.example/m.safetensors");
  assert.deepEqual([view, model, ignored], ["chat", null, []]);
});

test("a model from elsewhere is refused where it is not what the link says", async (t) => {
  const bytes = Uint8Array.from([1, 2, 3]);
  const real = globalThis.fetch;
  t.after(() => (globalThis.fetch = real));
  globalThis.fetch = (url) => real(`data:application/octet-stream;base64,${btoa("\x01\x02\x03")}`);
  const offered = { url: "https://h.example/m", origin: "h.example", bytes: 3, sha256: "" };
  const seen = [];
  assert.deepEqual(await fetchOffered(offered, (got) => seen.push(got)), bytes);
  assert.equal(seen.at(-1), 3);
  const right = await hashOf(bytes);
  assert.deepEqual(await fetchOffered({ ...offered, sha256: right }, () => {}), bytes);
  const refused = (more, words) =>
    assert.rejects(
      fetchOffered({ ...offered, ...more }, () => {}),
      words,
    );
  await refused({ sha256: "0".repeat(64) }, /checksum differs/);
  await refused({ bytes: 2 }, /larger than/);
  await refused({ bytes: 4 }, /smaller than/);
});
