// Keeping a run where the browser allows it, and training on where it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import "../unref.js";
import { Autosave } from "../../../web/worker/autosave.js";

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

test("a run without room is held, and kept as soon as there is room", async () => {
  const stored = new Map(
    ["1", "2", "3", "4", "5", "6", "7", "8"].map((key, i) => [key, { key, saved: i }]),
  );
  const posted = [];
  const autosave = new Autosave({}, (message) => posted.push(message));
  autosave.storage = {
    MOST: 8,
    list: async () => [...stored.values()].sort((a, b) => b.saved - a.saved),
    put: async (kept) => void stored.set(kept.key, kept),
  };
  Object.assign(autosave, { key: "mine", data: DATA });
  await autosave.keep(3, { step: 20 }, new Uint8Array(5));
  assert.deepEqual(posted.splice(0), [{ type: "storage-full", run: 3, oldest: stored.get("1") }]);
  autosave.key = "next"; // Reset has begun another run
  await autosave.house();
  assert.equal(posted.splice(0).length, 1); // no room yet
  stored.delete("1");
  await autosave.house();
  assert.deepEqual(
    posted.map(({ type }) => type),
    ["autosaved", "kept"],
  );
  assert.deepEqual(posted[0], { type: "autosaved", run: 3, step: 20, key: "mine" });
  assert.equal(stored.get("mine").bytes, 5);
  stored.delete("2");
  await autosave.house();
  assert.equal(posted.length, 2); // once
});
