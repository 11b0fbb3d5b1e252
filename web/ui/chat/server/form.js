// Where the reader says which server shall answer in place of the model in this tab.
/** @import {Mount, WithChat} from "../../../state/types.js" */
import { isLoopback, serverOf } from "../../../state/server/wire.js";
import { commandLine } from "../../command-line.js";
import { make, onPress, replaceIfChanged, setDisabled, setText, setVisible } from "../../dom.js";

/** @type {Mount} */
export function mount(element, send) {
  const address = make("input", {
    ...{ id: "server-address", placeholder: "http://localhost:8000/v1", inputmode: "url" },
    ...{ autocomplete: "off", autocapitalize: "off", spellcheck: "false" },
  });
  const key = make("input", { id: "server-key", type: "password", autocomplete: "off" });
  const list = make("select", { id: "server-models" });
  const name = make("input", {
    ...{ id: "server-model", autocomplete: "off", autocapitalize: "off", spellcheck: "false" },
  });
  const ask = make("button", { class: "button", type: "submit" }, "Ask for its models");
  const use = make("button", { class: "button button--main", type: "button" }, "Talk to it");
  const forget = make("button", { class: "act", type: "button" }, "Forget it");
  const consequence = make("p", { class: "facts" });
  const problem = make("p", { class: "bad", role: "alert", hidden: true });
  const help = commandLine(send);
  /** @param {string} words @param {HTMLElement[]} controls */
  const field = (words, ...controls) =>
    make(
      "p",
      { class: "server__field" },
      make("label", { for: controls[0].id }, words),
      ...controls,
    );
  const listed = field("Model", list);
  const typed = field("Model’s name", name);
  const form = make(
    "form",
    { class: "server__form", novalidate: true },
    make(
      "p",
      { class: "prose" },
      "“serve” in a terminal is one, and so is any other with OpenAI’s endpoint.",
    ),
    field("Address", address),
    field("Key, if it wants one", key),
    listed,
    typed,
    consequence,
    problem,
    help.element,
    make("p", { class: "row" }, ask, use, forget),
  );
  const title = make("summary");
  const fold = make("details", { class: "server" }, title, form);
  element.append(fold);

  /** @param {HTMLInputElement|HTMLSelectElement} control @param {"address"|"key"|"model"} what */
  const follow = (control, what) =>
    control.addEventListener("change", () =>
      send({ type: "server-set", values: { [what]: control.value.trim() } }),
    );
  follow(address, "address");
  follow(key, "key");
  follow(list, "model");
  follow(name, "model");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ type: "server-ask" });
  });
  onPress(use, () => {
    fold.open = false;
    send({ type: "server-use", on: true });
  });
  forget.addEventListener("click", () => send({ type: "server-forget" }));

  return (state) => {
    const { server } = /** @type {WithChat} */ (state).chat;
    const { models, trouble, asking } = server;
    const place = serverOf(server.address, server.page);
    /** @type {[HTMLInputElement, string][]} */
    const texts = [
      [address, server.address],
      [key, server.key],
      [name, server.model],
    ];
    setText(title, server.on ? "The server" : "Talk to a server instead");
    for (const [control, value] of texts)
      if (control !== document.activeElement && control.value !== value) control.value = value;
    replaceIfChanged(list, JSON.stringify(models), () =>
      (models ?? []).map((each) => make("option", {}, each)),
    );
    list.value = server.model;
    setVisible(listed, Boolean(models));
    setVisible(typed, !models);
    setText(ask, asking ? "Asking…" : "Ask for its models");
    setDisabled(ask, asking);
    setVisible(use, !server.on);
    setDisabled(use, Boolean(place.problem) || !server.model);
    setVisible(forget, Boolean(server.address));
    setText(consequence, consequenceOf(place.host));
    const shown = trouble && !server.on ? trouble : null;
    setVisible(problem, Boolean(shown));
    setText(problem, shown?.message ?? "");
    help.show(shown?.command ?? "");
  };
}

/** @param {string} host */
function consequenceOf(host) {
  const who = isLoopback(host)
    ? "whatever runs on this machine under that address"
    : "whoever runs that server";
  return (
    `What you type then leaves this tab: each question goes to ${host || "that address"}, with the ` +
    `whole talk before it, and ${who} can read and keep it. Nothing is asked of it before you press ` +
    "a button here or send a message. Address, model and key are kept in this browser only, the key " +
    "as plain text, until you press “Forget it”."
  );
}
