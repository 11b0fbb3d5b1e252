// What stands between the worker's modules: for the checker alone, no script imports it.
import type { Answer, Request, Site, SiteFile, Stage } from "../protocol.js";
import type { Of, StageState } from "../state/types.js";
import type { Later } from "./later.js";

/** What a method of Python's page session answers; the protocol says how it reaches the page. */
export type Told = any;
export type Post = (message: Answer, transfer?: Transferable[]) => void;
export type OnError = (error: unknown) => void;
export type Ask<Type extends Request["type"]> = Of<Request, Type>;

/** What comes of a piece of long work. */
export type Piece = Told;
export interface Work {
  piece: () => Piece | null | Promise<Piece | null>;
  report: (about: Piece) => void;
  every: number;
}
export interface Answerable extends Work {
  stop: () => Piece;
  finish: (about: Piece) => void;
}

/** What we use of Pyodide. */
export interface Pyodide {
  pyimport: (name: string) => PyProxy;
  toPy: (value: Uint8Array | string[]) => PyProxy;
  loadPackage: (name: string) => Promise<unknown>;
  loadedPackages: { [name: string]: string };
  unpackArchive: (bytes: Uint8Array, format: string, options: { extractDir: string }) => void;
  FS: FileSystem;
  _module: { HEAPU8: Uint8Array };
}
export interface PyProxy {
  destroy: () => void;
  getBuffer: (type?: string) => {
    data: Uint8Array | Float32Array | Float64Array;
    release: () => void;
  };
  [method: string]: any;
}
export interface FileSystem {
  readFile: (path: string, options: { encoding: "utf8" }) => string;
  mkdirTree: (path: string) => void;
  createDataFile: (
    parent: string,
    name: string,
    bytes: Uint8Array,
    canRead: boolean,
    canWrite: boolean,
    canOwn: boolean,
  ) => void;
}

/** What loading gives, but for Python itself: what comes later, and its compiled code. */
export interface Loaded {
  later: Later | null;
  module: WebAssembly.Module | null;
}

/** The text to learn from, as it is asked for; `digest` where a run learned from one certain text. */
export interface DataRequest {
  kind: string;
  name?: string;
  split?: string;
  bytes?: Uint8Array | null;
  digest?: string;
  encoding?: string;
}

/** A file on its way: `check` is a promise, of the bytes where Python wants them. */
export interface Part {
  file: SiteFile;
  packed: boolean;
  check: Promise<Uint8Array | void>;
  module?: Promise<WebAssembly.Module>;
}
export type Parts = Map<string, Part>;
export type Count = (bytes: number) => void;
export type Fail = (error: unknown) => void;
export type { StageState, Answer, Request, Site, SiteFile, Stage };
/** What comes when it is first asked. */
export interface LaterParts {
  keeps?: boolean; // its runs in the browser's storage; a run of a sweep is not kept
  chat?: import("./chat.js").Chat;
  making?: import("./stages/making.js").Making;
}
