// What Chat does besides drawing: it fetches the model that comes with the page, or one elsewhere
// that the reader asked for, keeps what is said, and makes files and links.
/** @import {Action, CreateEffects, State, WithChat} from "../../state/types.js" */
/** @import {ChatState} from "../../state/chat-types.js" */
/** @import {Draft, WithStages} from "../../state/stages-types.js" */
import { answeredIn, toLine } from "./text.js";
import { isBusy } from "../../state/server/answer.js";
import { EMPTY, path } from "../../state/talk.js";
import { begin as newId, forget, hold, list, read, remove, write } from "./kept.js";
import { takeDrafts, writeDraft } from "./kept.js";
import { fetchOffered, offeredIn, pack, talkIn } from "./share.js";

const NAME = "story-chat";
const SOON = 400; // milliseconds after which what was said is kept, while an answer is written
const ELSEWHERE = "This talk is open in another tab.";
const NO_ROOM = "The browser does not keep what you type here: take it, or save it elsewhere.";

/** @type {CreateEffects} */
export function createEffects({ send, site }) {
  let timer = 0;
  /** @type {ChatState|null} */
  let latest = null;
  let typing = 0; // the timer after which what was typed is kept
  /** @type {Draft|null} */
  let draft = null;
  let isKept = true; // what was typed, the last time
  addEventListener("pagehide", keepNow);
  addEventListener("pagehide", keepDraft);
  addEventListener("hashchange", fromAddress);
  queueMicrotask(begin);

  /** @param {State} before @param {State} state @param {Action} action */
  const effects = (before, state, action) => {
    const was = /** @type {WithChat} */ (before).chat;
    const { chat } = /** @type {WithChat} */ (state);
    latest = chat;
    const { draft: typed } = /** @type {WithStages} */ (state).stages;
    const { stages: were } = /** @type {WithStages} */ (before);
    if (were && typed !== were.draft) keepDraftSoon(typed);
    if (chat.model.status === "wanted" && was?.model.status !== "wanted") bring();
    if (was && isOther(chat, was)) keepSoon(chat);
    const name = action.type === "chat-done" ? `/${action.name}` : action.type;
    does[name]?.(chat, action, state);
  };

  /** @type {{[name: string]: (chat: ChatState, action: any, state: any) => unknown}} */
  const does = {
    "chat-new": () => fresh(),
    "/clear": () => fresh(),
    "chat-save": save,
    "/save": (chat, { rest }) => save(chat, rest),
    "/load": () => chooseFile(),
    "chat-open-talk": (_, { id }) => open(id),
    "chat-forget": async (_, { id }) => {
      if (!(await forget(id))) return send({ type: "chat-problem", message: ELSEWHERE });
      send({ type: "chat-kept", kept: list() });
    },
    "file-chosen": (_, given, { view, stages }) => view === "chat" && takeFile(given.file, stages),
    "chat-link": async (chat) => {
      const text = await pack(answeredIn(path(chat.talk)), chat.settings.system);
      send({ type: "chat-linked", link: new URL(`#chat?talk=${text}`, location.href).href });
    },
    "chat-fetch": ({ offered }) => offered && fetchModel(offered),
    "chat-keep-model": ({ model }) =>
      model.bytes && download(model.name.replace(/(\.safetensors)?$/, ".safetensors"), model.bytes),
  };

  async function begin() {
    takeDrafts().then((values) => send({ type: "stages-draft", values }));
    await fromAddress();
    send({ type: "chat-kept", kept: list() });
    if (latest?.talk.turns.length) return;
    for (const { id } of list().slice(0, 1)) if (await hold(id)) return show(id);
    if (!latest?.id) send({ type: "chat-talk", id: newId(), talk: EMPTY });
  }

  async function fromAddress() {
    const offered = offeredIn(location.hash);
    if (offered && latest?.offered?.url !== offered.url) send({ type: "chat-offered", offered });
    const talk = await talkIn(location.hash);
    if (!talk) return;
    history.replaceState(null, "", "#chat"); // it is kept from now on, and need not come twice
    send({ type: "chat-shared", ...talk });
  }

  function fresh() {
    keepNow();
    forgetEmpty();
    send({ type: "chat-talk", id: newId(), talk: EMPTY });
    send({ type: "chat-kept", kept: list() });
  }

  /** @param {string} id */
  async function open(id) {
    keepNow();
    if (await hold(id)) {
      if (id !== latest?.id) forgetEmpty();
      return show(id);
    }
    send({ type: "chat-problem", message: ELSEWHERE });
  }

  /** @param {string} id */
  function show(id) {
    const kept = read(id);
    if (kept) send({ type: "chat-talk", id, ...kept });
    send({ type: "chat-kept", kept: list() });
  }

  // ---- keeping what is said

  /** @param {ChatState} chat */
  function keepSoon(chat) {
    if (!chat.id && chat.talk.turns.length)
      queueMicrotask(
        () => latest && !latest.id && send({ type: "chat-talk", id: newId(), talk: latest.talk }),
      );
    if (!isBusy(chat)) return keepNow();
    timer ||= setTimeout(keepNow, SOON);
  }

  function keepNow() {
    clearTimeout(timer);
    timer = 0;
    if (!latest?.id) return;
    const { id, talk, settings, chosen } = latest;
    const nothing = !talk.turns.length && !settings.system && !Object.keys(chosen).length;
    if (nothing) remove(id);
    else if (!write(id, talk, settings.system, chosen))
      send({
        type: "chat-problem",
        message: "The browser keeps nothing here: save the talk as a file.",
      });
  }

  /** A talk in which nothing was said is not worth keeping when it is left. */
  function forgetEmpty() {
    if (latest?.id && !latest.talk.turns.length) remove(latest.id);
  }

  /** @param {Draft} typed */
  function keepDraftSoon(typed) {
    draft = typed;
    typing ||= setTimeout(keepDraft, SOON);
  }

  function keepDraft() {
    clearTimeout(typing);
    typing = 0;
    if (!draft) return;
    const kept = writeDraft(draft);
    draft = null;
    if (kept !== isKept) send({ type: "stages-storage", reason: kept ? "" : NO_ROOM });
    isKept = kept;
  }

  // ---- models and files

  /**
   * What falls on Chat is for Chat: a model to talk to, a talk, or a text to make a model of.
   * @param {File} file @param {WithStages["stages"]} stages
   */
  async function takeFile(file, stages) {
    const { name } = file;
    const buffer = await file.arrayBuffer().catch(() => null);
    if (!buffer) return send({ type: "chat-problem", message: `${name} could not be read.` });
    const bytes = new Uint8Array(buffer);
    if (/\.safetensors$/i.test(name)) {
      send({ type: "server-use", on: false });
      return send({ type: "chat-model", name, bytes });
    }
    if (/\.jsonl?$/i.test(name)) return send({ type: "chat-file", name, bytes });
    if (!stages.open) send({ type: "stages-open" });
    send({ type: "stages-text", name, bytes });
  }

  async function bring() {
    try {
      const response = await fetch(site.data[NAME]);
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      send({ type: "chat-model", name: NAME, bytes: new Uint8Array(await response.arrayBuffer()) });
    } catch {
      const message = "The model could not be fetched; there may be no connection.";
      send({ type: "chat-model-problem", message });
    }
  }

  /** @param {NonNullable<ChatState["offered"]>} offered */
  async function fetchModel(offered) {
    try {
      const bytes = await fetchOffered(offered, (got) => send({ type: "chat-got", got }));
      const name = decodeURIComponent(new URL(offered.url).pathname.split("/").at(-1) || "a model");
      send({ type: "chat-model", name, bytes });
    } catch (error) {
      send({ type: "chat-fetch-problem", message: /** @type {Error} */ (error).message });
    }
  }

  return effects;
}

/** Whether something is to be kept. @param {ChatState} now @param {ChatState} before */
const isOther = (now, before) =>
  now.talk !== before.talk ||
  now.chosen !== before.chosen ||
  now.settings.system !== before.settings.system;

/** @param {ChatState} chat @param {unknown} [name] */
function save({ talk, settings }, name) {
  const line = toLine(answeredIn(path(talk)), settings.system);
  download(typeof name === "string" && name ? name : "talk.jsonl", new TextEncoder().encode(line));
}

function chooseFile() {
  /** @type {HTMLElement|null} */ (
    document.querySelector("[aria-label='A file with a talk']")
  )?.click();
}

/** @param {string} name @param {Uint8Array} bytes */
function download(name, bytes) {
  const link = document.createElement("a");
  const blob = new Blob([/** @type {BlobPart} */ (bytes)], { type: "application/octet-stream" });
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
