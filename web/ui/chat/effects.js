// What Chat does besides drawing: it fetches the model that comes with the page.
/** @import {CreateEffects, WithChat} from "../../state/types.js" */

const NAME = "story-chat";

/** @type {CreateEffects} */
export function createEffects({ send, site }) {
  return (before, state) => {
    const [was, is] = [before, state].map((each) => /** @type {WithChat} */ (each).chat?.model);
    if (is.status === "wanted" && was?.status !== "wanted") bring();
  };

  async function bring() {
    const bytes = await fetched(site.data[NAME]).catch(() => null);
    if (bytes) send({ type: "chat-model", name: NAME, bytes });
    else send({ type: "chat-model-problem", message: "The model could not be fetched." });
  }
}

/** @param {string} address */
async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(String(response.status));
  return new Uint8Array(await response.arrayBuffer());
}
