// Talks and models in addresses: what `#chat?talk=…` and `#chat?model=https://…` hold.
/** @import {Message, Offered} from "../../state/chat-types.js" */
import { isLoopback } from "../../state/server/wire.js";

const LARGEST = 300e6; // bytes of a model
const WITHIN = "mgpt"; // a small model is in the address itself, for Train
const LONGEST = 200_000; // letters of a talk in an address

/**
 * A model that an address names, if it does, or why it cannot be fetched: only its owner's word says
 * how large it is.
 * @param {string} fragment @returns {Offered|null}
 */
export function offeredIn(fragment) {
  const whole = fragment.replace(/^#model=/, "#chat?model=");
  const asked = new URLSearchParams(whole.split(/\?(.*)/s)[1] ?? "");
  const text = asked.get("model");
  if (text === null || !whole.startsWith("#chat?") || text.startsWith(WITHIN)) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const problem = problemOf(url);
  const bytes = Number(asked.get("bytes"));
  return {
    url: url?.href ?? text,
    origin: url?.host ?? "",
    ...(problem && { problem }),
    bytes: Number.isInteger(bytes) && bytes > 0 ? bytes : null,
    sha256: /^[0-9a-f]{64}$/.test(asked.get("sha256") ?? "") ? (asked.get("sha256") ?? "") : "",
  };
}

/** Why a model cannot be fetched from an address. @param {URL|null} url */
function problemOf(url) {
  if (!url) return "It is not a whole address; that begins with https://.";
  const { protocol, host } = url;
  if (protocol === "https:" || (protocol === "http:" && isLoopback(host))) return "";
  return "A model is fetched over https:// alone, or from this machine, so that nobody can change it on the way.";
}

/**
 * Fetch it, as it is said to be and no larger.
 * @param {Offered} offered @param {(got: number) => void} onBytes @returns {Promise<Uint8Array>}
 */
export async function fetchOffered({ url, origin, bytes, sha256 }, onBytes) {
  const options = { credentials: "omit", referrerPolicy: "no-referrer" };
  const response = await fetch(url, /** @type {RequestInit} */ (options)).catch(() => {
    throw new Error(`There was no answer from ${origin}, or it does not let other pages read it.`);
  });
  if (!response.ok || !response.body) throw new Error(`${origin} answered ${response.status}.`);
  const parts = [];
  let got = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    got += part.value.length;
    if (got > (bytes ?? LARGEST)) {
      await reader.cancel();
      throw new Error("The file is larger than it was said to be; it was not taken.");
    }
    parts.push(part.value);
    onBytes(got);
  }
  if (bytes !== null && got !== bytes)
    throw new Error("The file is smaller than it was said to be.");
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  if (sha256 && (await hashOf(whole)) !== sha256)
    throw new Error("It is another file than the link speaks of: its checksum differs.");
  return whole;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
export async function hashOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * A talk as text for an address.
 * @param {Message[]} messages @param {string} system
 */
export async function pack(messages, system) {
  const plain = messages.map(({ role, parts }) => ({ role, parts }));
  const stream = new Blob([JSON.stringify({ messages: plain, system })]).stream();
  const bytes = await collected(stream.pipeThrough(new CompressionStream("deflate-raw")));
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The talk in an address, checked, or null where there is none that can be read.
 * @param {string} fragment @returns {Promise<{messages: Message[], system: string}|null>}
 */
export async function talkIn(fragment) {
  const text = new URLSearchParams(fragment.split(/\?(.*)/s)[1] ?? "").get("talk");
  if (!text || text.length > LONGEST) return null;
  try {
    const packed = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const found = JSON.parse(new TextDecoder().decode(await collected(stream, 20 * LONGEST)));
    return { messages: checked(found.messages), system: String(found.system ?? "") };
  } catch {
    return null;
  }
}

/** Whoever made the address may have written anything. @param {unknown} found @returns {Message[]} */
function checked(found) {
  if (!Array.isArray(found) || !found.length) throw new TypeError("no messages");
  return found.map(({ role, parts }, i) => {
    if (role !== (i % 2 ? "assistant" : "user") || !Array.isArray(parts)) throw new TypeError(role);
    return {
      role,
      parts: parts.map(({ type, text }) => {
        if (!["text", "python", "python_output"].includes(type) || typeof text !== "string")
          throw new TypeError(type);
        return { type, text };
      }),
    };
  });
}

/** @param {ReadableStream<Uint8Array>} stream @param {number} [most] */
async function collected(stream, most = Infinity) {
  const parts = [];
  let size = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > most) throw new RangeError("too long");
    parts.push(/** @type {BlobPart} */ (part.value));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
