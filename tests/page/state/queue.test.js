// What waits for Python: in which order it is answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import "../unref.js";
import { Queue } from "../../../web/worker/task.js";

const later = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

test("one request after the other, the talk's before the others, which rest during an answer", async () => {
  const answered = [];
  let isResting = false;
  const queue = new Queue(
    async (item) => {
      answered.push(`${item} begins`);
      await later(1);
      answered.push(`${item} ends`);
    },
    (item) => item.startsWith("chat"),
    () => isResting,
  );
  for (const item of ["data", "judge", "chat-open"]) queue.put(item);
  await later(5);
  assert.deepEqual(answered, []); // Python is not there yet
  isResting = true;
  queue.open();
  await later(30);
  queue.put("chat-ask");
  await later(60);
  const talk = ["chat-open begins", "chat-open ends", "chat-ask begins", "chat-ask ends"];
  assert.deepEqual(answered, talk);
  assert.deepEqual(queue.waiting, ["data", "judge"]);
  isResting = false;
  await later(60);
  assert.deepEqual(answered.slice(4), ["data begins", "data ends", "judge begins", "judge ends"]);
  queue.put("late");
  await later(30);
  assert.equal(answered.at(-1), "late ends");
});
