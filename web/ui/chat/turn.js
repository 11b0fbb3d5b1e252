// One message of a talk: what was said, how sure the model was, and what can be done with it.
/** @import {Send, WithChat} from "../../state/types.js" */
/** @import {ChatState, Said, Turn} from "../../state/chat-types.js" */
import { endOf, marked, percent, pieces, sureness, toolOf, visible } from "./text.js";
import { isBusy } from "../../state/server/answer.js";
import { placeOf, textOf } from "../../state/talk.js";
import { hiddenText, make } from "../dom.js";

/** What a message is drawn from: when this is the same, it is left alone. @param {ChatState} chat @param {Turn} turn */
export function keyOf(chat, turn) {
  const { likely, editing, sure, marks, talk, model, server } = chat;
  const place = placeOf(talk, turn);
  const own = likely?.key === turn.key ? likely : null;
  const known = turn.weights === model.facts?.weights;
  const shown = [editing === turn.key, sure, marks, own, isBusy(chat), known, server.on];
  return [turn, place.at, place.of, ...shown, isMixed(chat)];
}

/** Whether it needs to be said which model said what. @param {ChatState} chat */
const isMixed = ({ talk, server }) => server.on || talk.turns.some(({ at }) => at);

/** @param {Turn} turn */
const speakerOf = ({ by, at }) => (by ? `${by}${at ? ` at ${at}` : ", in this tab"}` : "");

/**
 * @param {HTMLElement} item @param {ChatState} chat @param {Turn} turn @param {Send} send
 */
export function draw(item, chat, turn, send) {
  const mine = turn.role === "user";
  item.className = mine ? "turn turn--you" : "turn";
  const who = mine || !isMixed(chat) ? "" : visible(speakerOf(turn));
  const label = who ? [make("span", { class: "turn__by" }, who)] : [];
  const head = make("h2", { class: "turn__who" }, mine ? "You" : "Model", ...label);
  const body = make("div", { class: "turn__text", dir: "auto" });
  const edited = mine && chat.editing === turn.key;
  if (edited) body.append(editor(turn, send));
  else if (mine) body.append(make("p", { class: "turn__said" }, visible(textOf(turn))));
  else if (chat.sure && turn.tokens?.length) drawTokens(body, chat, turn, send);
  else drawPieces(body, turn, chat.marks);
  if (!mine && chat.sure && turn.at && turn.parts.length && turn.reason && !turn.tokens?.length)
    body.append(make("p", { class: "facts turn__end" }, UNSURE));
  const writing = !mine && turn.reason === undefined;
  if (writing) body.append(make("span", { class: "caret" }));
  const end = mine ? "" : endOf(turn.reason);
  if (end) body.append(make("p", { class: "facts turn__end" }, end));
  if (!mine && turn.leftOut)
    body.append(make("p", { class: "facts turn__end" }, unseen(turn.leftOut)));
  const below = writing || edited ? [] : [actions(chat, turn, send)];
  item.replaceChildren(head, make("div", {}, body, ...below));
}

const NO_OTHER =
  "To go on from another token takes the model itself; a server offers no such thing.";
const UNSURE =
  "How sure it was is not known: a server is asked for that only while “how sure it was” is " +
  "ticked, and not every server tells.";

/** @param {number} turns */
const unseen = (turns) =>
  `It looks back only so far: of this talk it no longer saw the first ${turns === 1 ? "turn" : `${turns} turns`}.`;

/** @param {HTMLElement} body @param {Turn} turn @param {boolean} marks */
function drawPieces(body, { parts, copied, reason }, marks) {
  const all = pieces(parts);
  for (const [i, piece] of all.entries()) {
    if (piece.kind === "tool") {
      body.append(tool(piece.call, piece.result, reason === undefined && i === all.length - 1));
      continue;
    }
    const words = marked(piece.text, piece.at, (marks && copied) || []).map((each) =>
      each.copied
        ? make("mark", { title: "word for word in its data" }, visible(each.text))
        : visible(each.text),
    );
    body.append(make("p", { class: "turn__said" }, ...words));
  }
  if (marks && copied?.length)
    body.append(
      make("p", { class: "facts turn__end" }, "Underlined: word for word in what it was taught."),
    );
}

/**
 * A call as the model wrote it, and what the tool put in: that the model did not write.
 * @param {string} call @param {string|null} result
 * @param {boolean} going whether the call is still being written
 */
export function tool(call, result, going) {
  const name = make("span", { class: "tool__who" }, toolOf(call));
  const asked = make("code", {}, hiddenText("the model wrote: "), visible(call));
  const equals = make("span", { class: "tool__eq", "aria-hidden": "true" }, "=");
  const given =
    result === null
      ? make("span", { class: "tool__who" }, going ? "…" : "no result")
      : make(
          "code",
          { class: "tool__result", title: "put in by the tool, not written by the model" },
          hiddenText("the tool put in: "),
          visible(result),
        );
  return make("p", { class: "tool" }, name, asked, equals, given);
}

/** @param {HTMLElement} body @param {ChatState} chat @param {Turn} turn @param {Send} send */
function drawTokens(body, { likely, model, server }, turn, send) {
  const known = turn.at !== undefined || turn.weights === model.facts?.weights;
  const shown = likely?.key === turn.key ? likely : null;
  const line = make("p", { class: "turn__said sure" });
  let kind = "text";
  for (const [at, said] of (turn.tokens ?? []).entries()) {
    if (!said.text) continue;
    if (said.kind !== kind)
      line.append(make("span", { class: "sure__mark" }, between(kind, said.kind)));
    kind = said.kind;
    const open = shown?.at === at;
    const token = make(
      "button",
      {
        class: said.probability === null ? "sure__tok sure__tok--tool" : "sure__tok",
        type: "button",
        "aria-label": sureness(said),
        "aria-expanded": String(open),
        title: sureness(said),
        "data-at": at,
        onclick: () => send({ type: "chat-likely", key: turn.key, at: open ? null : at }),
      },
      visible(said.text),
    );
    token.style.setProperty("--doubt", `${Math.round(100 * (1 - (said.probability ?? 1)))}%`);
    if (said.probability === null || !known) token.setAttribute("aria-disabled", "true");
    line.append(token);
  }
  body.append(line);
  if (shown?.tokens.length) {
    body.append(alternatives(shown, turn, turn.at || server.on ? null : send));
    if (turn.at) body.append(make("p", { class: "facts turn__end" }, NO_OTHER));
  } else {
    const words = known
      ? "The darker, the less sure. Press a token to see what else could have come."
      : "Another model said this; what else could have come is not known.";
    body.append(make("p", { class: "facts turn__end" }, words));
  }
}

/**
 * What stands between the parts of an answer, as in the terminal: `[3+4 → 7] That makes 7.`
 * @param {string} before @param {string} after
 */
function between(before, after) {
  const closed = before === "text" ? "" : before === "python" ? " → no result] " : "] ";
  if (after === "python_output") return " → ";
  return after === "python" ? `${closed}[` : closed;
}

/**
 * What might have come, with its chance, and a way to go on from there.
 * @param {NonNullable<ChatState["likely"]>} likely @param {Turn} turn
 * @param {Send|null} send  null where a server is talked to: it goes on from none
 */
function alternatives({ key, at, tokens }, turn, send) {
  const chosen = turn.tokens?.[at].id;
  const rows = tokens.map(({ id, text, name, p }) => {
    const bar = make("i", { class: "odds__bar" });
    bar.style.width = `${100 * p}%`;
    const word = name ? make("i", {}, NAMES[name] ?? name) : make("code", {}, visible(text) || "·");
    const go = make(
      "button",
      {
        class: "act",
        type: "button",
        onclick: () => send?.({ type: "chat-instead", key, at, token: id }),
      },
      "go on from this one",
      hiddenText(` instead: ${name ? (NAMES[name] ?? name) : visible(text)}`),
    );
    const said = make("span", { class: "facts" }, "said");
    const end = name === "<|assistant_end|>";
    return make(
      "li",
      {},
      word,
      make("span", { class: "odds__share" }, bar, percent(p)),
      id === chosen ? said : end || !send ? "" : go,
    );
  });
  return make("ol", { class: "odds", "aria-label": "What could have come here" }, ...rows);
}

/** @type {{[name: string]: string}} */
const NAMES = { "<|assistant_end|>": "the end", "<|python_start|>": "a call of the tool" };

/** @param {Turn} turn @param {Send} send */
function editor(turn, send) {
  const area = make("textarea", { rows: 2, "aria-label": "The message, changed" });
  area.value = textOf(turn);
  const cancel = () => send({ type: "chat-edit", key: null });
  const form = make(
    "form",
    { class: "turn__edit" },
    area,
    make(
      "p",
      { class: "row" },
      make("button", { class: "button", type: "submit" }, "Go on from here"),
      make("button", { class: "act", type: "button", onclick: cancel }, "Leave it"),
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = area.value.trim();
    if (text) send({ type: "chat-edited", key: turn.key, text });
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel();
    if (event.key === "Enter" && !event.shiftKey && event.target === area) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  queueMicrotask(() => area.focus());
  return form;
}

/** @param {ChatState} chat @param {Turn} turn @param {Send} send */
function actions(chat, turn, send) {
  const { key, role } = turn;
  const { at, of } = placeOf(chat.talk, turn);
  /** @param {string} words @param {(event: Event) => void} act @param {string} [more] */
  const button = (words, act, more = "") =>
    make(
      "button",
      { class: "act", type: "button", onclick: act },
      words,
      ...(more ? [hiddenText(more)] : []),
    );
  const row = make("p", { class: "turn__row" });
  if (of > 1) {
    const [back, forth] = [-1, 1].map((by) =>
      make(
        "button",
        {
          class: "act turn__branch",
          type: "button",
          "data-by": by,
          "aria-label": by < 0 ? "The one before" : "The next one",
          "aria-disabled": (by < 0 ? at === 1 : at === of) ? "true" : null,
          onclick: () => send({ type: "chat-branch", key, by }),
        },
        by < 0 ? "‹" : "›",
      ),
    );
    row.append(back, make("span", { class: "facts" }, `${at} of ${of}`), forth);
  }
  if (role === "user") row.append(button("Edit", () => send({ type: "chat-edit", key })));
  else row.append(button("Again", () => send({ type: "chat-again", key })));
  const words =
    role === "user" ? textOf(turn) : textOf(turn) || turn.parts.map(({ text }) => text).join(" ");
  row.append(button("Copy", () => send({ type: "copy", text: words, what: "Message" })));
  row.append(button("Delete", remove, " this and all after it"));
  return row;

  /** @param {Event} event */
  function remove(event) {
    send({ type: "chat-delete", key });
    // The button goes. By a key: a pointer has no focus to lose, and a phone would show its keys.
    if (event instanceof UIEvent && !event.detail) document.getElementById("say")?.focus();
  }
}
