// The talk: what was said, where the reader says something, and what is kept of it.
/** @import {Mount, Send, WithChat} from "../../state/types.js" */
/** @import {ChatState} from "../../state/chat-types.js" */
import { serverOf } from "../../state/server/wire.js";
import { commandLine } from "../command-line.js";
import { readTyped, writeTyped } from "./kept.js";
import { completions } from "./text.js";
import { isBusy } from "../../state/server/answer.js";
import { path } from "../../state/talk.js";
import { make, replaceIfChanged, setText, setVisible } from "../dom.js";
import { draw, keyOf } from "./turn.js";

const TRY = [
  "Who are you?",
  "What is 12 times 7?",
  "How do you spell lighthouse?",
  "What do you know?",
];

/** @type {Mount} */
export function mount(element, send) {
  const list = make("ol", { class: "talk", "aria-label": "The talk" });
  const hints = make("p", { class: "chat__try" }, "Try: ");
  for (const text of TRY)
    hints.append(
      make(
        "button",
        { class: "act", type: "button", onclick: () => send({ type: "chat-say", text }) },
        text,
      ),
    );
  const composer = mountComposer(send);
  const keeping = mountKeeping(send);
  element.append(list, composer.form, hints, keeping.element);
  /** @type {Map<number, {drawn: unknown[], item: HTMLElement}>} */
  const known = new Map();

  return (state) => {
    const { chat } = /** @type {WithChat} */ (state);
    const turns = path(chat.talk);
    const items = turns.map((turn) => {
      const before = known.get(turn.key);
      const drawn = keyOf(chat, turn);
      if (before && drawn.every((part, i) => part === before.drawn[i])) return before.item;
      const item = before?.item ?? make("li");
      keepingFocus(item, () => draw(item, chat, turn, send));
      known.set(turn.key, { drawn, item });
      return item;
    });
    const same =
      items.length === list.children.length && items.every((item, i) => list.children[i] === item);
    if (!same) list.replaceChildren(...items);
    setVisible(hints, !turns.length);
    composer.update(chat);
    keeping.update(chat);
  };
}

/**
 * Draw anew, and give the focus back to the control that had it.
 * @param {HTMLElement} item @param {() => void} drawAnew
 */
function keepingFocus(item, drawAnew) {
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  /** @param {Element} each */
  const name = (each) => each.ariaLabel || each.textContent;
  const wanted = focused && name(focused);
  drawAnew();
  if (!focused) return;
  const buttons = [...item.querySelectorAll("button")];
  (buttons.find((each) => name(each) === wanted) ?? buttons.at(0))?.focus();
}

/** @param {Send} send */
function mountComposer(send) {
  const area = make("textarea", {
    id: "say",
    rows: 2,
    placeholder: "Say something, or / for commands",
    autocomplete: "off",
    "aria-describedby": "say-facts",
  });
  const main = make("button", { class: "button button--main", type: "submit" }, "Send");
  const again = make("button", { class: "button", type: "button" }, "Again");
  const sure = make("label", {}, make("input", { type: "checkbox" }), " how sure it was");
  const box = /** @type {HTMLInputElement} */ (sure.firstElementChild);
  const facts = make("span", { class: "facts", id: "say-facts" });
  const problem = make("p", { class: "bad", role: "alert", hidden: true });
  const help = commandLine(send);
  const notes = make("ul", { class: "chat__notes", hidden: true });
  const offers = make("p", { class: "chat__offers", hidden: true });
  const form = make(
    "form",
    { class: "composer" },
    make("label", { class: "vh", for: "say" }, "Your message"),
    area,
    offers,
    make("p", { class: "row" }, main, again, sure, facts),
    problem,
    help.element,
    notes,
  );
  /** @type {ChatState|null} */
  let latest = null;
  const busy = () => Boolean(latest && isBusy(latest));
  const fitting = () => completions(area.value, latest?.model.facts?.commands ?? []);
  /** @param {string} typed */
  function complete(typed) {
    const [name, argument] = typed.split(" ");
    area.value = argument ? `${name} ` : name;
    area.focus();
    offer();
  }
  function offer() {
    const found = fitting();
    setVisible(offers, found.length > 0);
    replaceIfChanged(offers, found.map(([typed]) => typed).join(), () =>
      found.map(([typed, does]) =>
        make(
          "button",
          { class: "act", type: "button", title: does, onclick: () => complete(typed) },
          typed,
        ),
      ),
    );
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy()) return send({ type: "chat-stop" });
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    writeTyped("");
    offer();
    send({ type: "chat-say", text });
  });
  area.value = readTyped();
  area.addEventListener("input", () => {
    writeTyped(area.value);
    offer();
  });
  area.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const [first] = fitting();
    if (event.key === "Tab" && !event.shiftKey && first) {
      event.preventDefault();
      complete(first[0]);
    }
    if (event.key === "Escape" && busy()) send({ type: "chat-stop" });
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (!busy()) form.requestSubmit();
  });
  again.addEventListener("click", () => {
    const last = latest && path(latest.talk).at(-1);
    if (last) send({ type: "chat-again", key: last.key });
  });
  box.addEventListener("change", () => send({ type: "chat-show", sure: box.checked }));

  /** @param {ChatState} chat */
  function update(chat) {
    latest = chat;
    setText(main, isBusy(chat) ? "Stop" : "Send");
    setVisible(again, !isBusy(chat) && path(chat.talk).length > 0);
    box.checked = chat.sure;
    setText(facts, factsOf(chat));
    setVisible(problem, Boolean(chat.problem));
    setText(problem, chat.problem);
    help.show((chat.problem && chat.server.on && chat.server.trouble?.command) || "");
    setVisible(notes, chat.notes.length > 0);
    replaceIfChanged(notes, chat.notes.join("\n"), () =>
      chat.notes.map((note) => make("li", {}, note)),
    );
  }
  return { form, update };
}

/** @param {ChatState} chat */
function factsOf({ model, queued, settings, server }) {
  if (server.on) return `What you send goes to ${serverOf(server.address, server.page).host}.`;
  if (queued)
    return model.status === "failed"
      ? "It waits for a model to answer it."
      : "It answers as soon as it is here.";
  if (!model.facts)
    return model.status === "failed" ? "" : "The model is on its way; you can write already.";
  const { temperature = 1, greedy } = settings.sampling;
  return greedy ? "always the likeliest" : `temperature ${temperature}`;
}

/** What is kept in this browser, files and links. @param {Send} send */
function mountKeeping(send) {
  /** @param {string} words @param {() => void} act */
  const button = (words, act) =>
    make("button", { class: "act", type: "button", onclick: act }, words);
  const file = make("input", { type: "file", accept: ".jsonl,.json", hidden: true, tabindex: -1 });
  file.setAttribute("aria-label", "A file with a talk");
  const fresh = button("New talk", () => send({ type: "chat-new" }));
  const save = button("Save as a file", () => send({ type: "chat-save" }));
  const load = button("Open a file…", () => file.click());
  const link = button("Make a link", () => send({ type: "chat-link" }));
  const copy = button(
    "Copy it",
    () => latest && send({ type: "copy", text: latest.link, what: "Link" }),
  );
  const address = make("input", {
    class: "chat__link",
    readonly: true,
    "aria-label": "Link to this talk",
  });
  const made = make("p", { class: "row", hidden: true }, address, copy);
  const earlier = make("ul", { class: "chat__kept" });
  const fold = make("details", {}, make("summary", {}, "Earlier talks"), earlier);
  const note = make("p", { class: "facts" });
  const element = make(
    "div",
    { class: "chat__keep" },
    make("p", { class: "row" }, fresh, save, load, link, file),
    made,
    note,
    fold,
  );
  /** @type {ChatState|null} */
  let latest = null;
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    file.value = "";
    const buffer = await chosen?.arrayBuffer().catch(() => null);
    if (chosen && buffer)
      send({ type: "chat-file", name: chosen.name, bytes: new Uint8Array(buffer) });
  });

  /** @param {ChatState} chat */
  function update(chat) {
    latest = chat;
    const goes = chat.server.on
      ? "What is said goes to the server, too"
      : "What is said stays here";
    setText(note, `${goes}; it is kept in this browser until you delete it.`);
    const some = path(chat.talk).some(({ role, parts }) => role === "assistant" && parts.length);
    for (const each of [fresh, save, link]) setVisible(each, some);
    setVisible(made, Boolean(chat.link));
    if (address.value !== chat.link) address.value = chat.link;
    const others = chat.kept.filter(({ id, empty }) => id !== chat.id && !empty);
    setVisible(fold, others.length > 0);
    replaceIfChanged(earlier, JSON.stringify(others), () =>
      others.map(({ id, title, saved }) =>
        make(
          "li",
          {},
          button(title, () => send({ type: "chat-open-talk", id })),
          make("span", { class: "facts" }, new Date(saved).toLocaleString()),
          make(
            "button",
            {
              class: "act",
              type: "button",
              "aria-label": `Delete ${title}`,
              onclick: () => send({ type: "chat-forget", id }),
            },
            "Delete",
          ),
        ),
      ),
    );
  }
  return { element, update };
}
