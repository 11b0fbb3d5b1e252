// The start of Python: a download that stalls, and one that goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDownloading, notices } from "../../../web/select/notices.js";
import { Page } from "../page.js";

const SITE = { files: [{ name: "numpy.whl", stage: "numpy", bytes: 100 }] };
const titles = (page) => notices(page.state).map(({ title }) => title);

test("a download that has stopped coming is told, with a way to try again", () => {
  const page = new Page("train").send({ type: "site", site: SITE });
  assert.equal(isDownloading(page.state.python), true);
  page.send({ type: "stalled" });
  const [notice] = notices(page.state);
  assert.match(notice.title, /has stalled/);
  assert.deepEqual(notice.actions, [["Retry", { type: "retry" }]]);
  assert.equal(page.send({ type: "start" }).send({ type: "retry" }).state.queuedAction, "train");
  assert.deepEqual(titles(page), []);
});

test("a download that comes again takes the notice back, and a whole one never stalls", () => {
  const page = new Page("train").send({ type: "site", site: SITE }).send({ type: "stalled" });
  const stage = { type: "loading", stage: "numpy", total: 100, done: false };
  assert.deepEqual(titles(page.send({ ...stage, received: 60 })), []);
  assert.equal(isDownloading(page.state.python), true);
  page.send({ ...stage, received: 100 });
  assert.equal(isDownloading(page.state.python), false); // what follows is no download
});
