// The view Chat: its components by name, its part of the state and what it does besides. main.js
// loads them when the view is first opened.
import * as chat from "../../state/chat.js";
import { createEffects } from "./effects.js";
import * as head from "./head.js";
import * as talk from "./talk.js";

export { createEffects };
export const parts = [chat];
export const components = { "chat/head": head, "chat/talk": talk };
