// What waits for Python: in which order it is answered.
import assert from "node:assert/strict";
import { test } from "node:test";
import "../unref.js";
import { Queue, isOfTalk, isUrgent } from "../../../web/worker/task.js";

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

test("what ends an answer comes after it, also where that has only begun or others rest", async () => {
  const done = [];
  let fetched = () => {};
  const queue = new Queue(
    async (item) => {
      if (item.type === "make") await new Promise((resolve) => (fetched = resolve));
      done.push(`${item.type} ${item.id}`);
    },
    (item) => isOfTalk(item, queue.waiting),
    () => true, // a first answer is being written
  );
  const put = (item) => (isUrgent(item, queue) ? done.push(`now: ${item.id}`) : queue.put(item));
  put({ type: "estimate", id: 1 });
  put({ type: "halt", id: 1 });
  put({ type: "chat-ask", id: 2 });
  put({ type: "halt", id: 2 });
  put({ type: "halt", id: 7 });
  queue.open();
  await later(30);
  assert.deepEqual(done, ["now: 7", "chat-ask 2", "halt 2"]);

  const other = new Queue(
    queue.answer,
    (item) => isOfTalk(item, other.waiting),
    () => false,
  );
  other.open();
  other.put({ type: "make", id: 3 });
  await later(10);
  assert.equal(isUrgent({ type: "halt", id: 3 }, other), false); // it could not be heard
  assert.equal(isUrgent({ type: "halt", id: 4 }, other), true);
  assert.equal(isUrgent({ type: "finish", run: 4 }, other), true);
  assert.equal(isUrgent({ type: "pace" }, other), true);
  other.put({ type: "halt", id: 3 });
  fetched();
  await later(20);
  assert.deepEqual(done.slice(3), ["make 3", "halt 3"]);
  assert.equal(other.now, null);
});
