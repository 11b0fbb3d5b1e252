// Six questions in an order that teaches: each is a link that sets the page, and leads to the next.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  QUESTIONS,
  askedQuestion,
  nextQuestion,
  questionIn,
} from "../../../web/select/questions.js";
import { fromFragment, toFragment } from "../../../web/settings/address.js";
import { Page } from "../page.js";

const follow = (page, name) => {
  const { address } = QUESTIONS.find((each) => each.name === name);
  return page.send({ type: "address", opening: fromFragment(address) });
};

const finished = (page) =>
  page.send({ type: "again" }).created().stopped("done", page.state.settings.steps);

test("every question is an address that is understood and comes back whole", () => {
  const order = ["guess", "surprise", "step", "attention", "memorising", "tokens"];
  assert.deepEqual(
    QUESTIONS.map(({ name }) => name),
    order,
  );
  for (const { name, address } of QUESTIONS) {
    const opening = fromFragment(address);
    assert.deepEqual([opening.ignored, opening.question], [[], name]);
    const page = new Page(address.slice(1)).load();
    assert.deepEqual(fromFragment(toFragment(page.state)).settings, opening.settings);
    assert.equal(fromFragment(toFragment(page.state)).question, name);
  }
});

test("after a run the first is offered, and after each the one behind it", () => {
  const page = new Page("train").load();
  assert.equal(nextQuestion(page.state), null);
  assert.equal(nextQuestion(finished(page).state).name, "guess");
  for (const [name, next] of [
    ["guess", "surprise"],
    ["surprise", "step"],
    ["step", "attention"],
  ]) {
    follow(page, name);
    assert.equal(askedQuestion(page.state).name, name);
    assert.equal(nextQuestion(page.state), null); // it has not been tried yet
    assert.equal(nextQuestion(finished(page).state).name, next);
  }
  assert.equal(nextQuestion(follow(page, "attention").state).name, "memorising");
});

test("a question about a prompt has the bars of that prompt", () => {
  const page = finished(new Page("train").load());
  follow(page, "surprise");
  assert.equal(page.last("next").prompt, "q");
});

test("the last has none after it, and a question can be closed", () => {
  const page = follow(new Page("train").load(), "tokens");
  assert.equal(page.state.view, "tokens");
  assert.equal(nextQuestion(page.state), null);
  page.send({ type: "question", name: "" });
  assert.deepEqual([askedQuestion(page.state), page.state.question], [null, ""]);
  assert.equal(toFragment(page.state), "#tokens?data=stories");
});

test("an address that names no question of ours asks none", () => {
  assert.equal(askedQuestion(new Page("train?question=why").state), null);
});

test("an address of a view that is not there shows Train, and says so", () => {
  const { view, ignored } = fromFragment("#dance");
  assert.deepEqual([view, ignored], ["train", ["dance"]]);
});

test("a question stands in the view that it is about", () => {
  const page = finished(new Page("train?question=surprise").load());
  assert.equal(questionIn("train", page.state).asked.name, "surprise");
  assert.equal(questionIn("train", page.state).next.name, "step");
  assert.deepEqual([questionIn("inside", page.state), questionIn("tokens", page.state)], [{}, {}]);
  follow(page, "attention");
  assert.equal(questionIn("inside", page.state).asked.name, "attention");
  assert.deepEqual(questionIn("train", page.state), {});
});

test("a run whose loss climbed is no good for looking at heads, which is said", () => {
  const page = follow(finished(new Page("train?question=step").load()), "attention");
  assert.doesNotMatch(askedQuestion(page.state).ask, /climbed/);
  page.state.run.outcome = { kind: "diverged" };
  assert.match(askedQuestion(page.state).ask, /climbed.* Start a new run/);
});
