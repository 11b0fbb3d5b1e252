// Keeping a run where the browser allows it, and training on where it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./unref.js";
import { Autosave } from "../../web/worker/autosave.js";

const DATA = { kind: "names", name: "names", split: "line", digest: "x" };

/** The keeper of a tab whose locks answer like this. */
async function begun(request, kept = null) {
  Object.defineProperty(globalThis, "navigator", {
    value: { locks: { request } },
    configurable: true,
  });
  const autosave = new Autosave({}, assert.fail);
  await autosave.begin(DATA, null, kept);
  return autosave;
}

test("a run begins where locks are denied with all other storage", async () => {
  const denied = async () => Promise.reject(new Error("The request was denied."));
  const autosave = await begun(denied);
  assert.equal(typeof autosave.release, "function");
  assert.notEqual(autosave.key, "");
});

test("a run that another tab holds goes on as a copy", async () => {
  const taken = [];
  const request = async (name, _, held) => held(taken.push(name) > 1 ? {} : null);
  const autosave = await begun(request, { key: "old", samples: [] });
  assert.equal(taken[0], "microgpt-run-old");
  assert.notEqual(autosave.key, "old");
  assert.equal(typeof autosave.release, "function");
});
