/**
 * What the build has packed, laid into Python's file system. Its zips only store their files, so
 * each is a piece of the zip, and nothing is copied; Python's own way takes a tenth of a start.
 */

/** @import {FileSystem} from "./types.js" */
const END = 0x06054b50; // where a zip's list of files is described
const END_SIZE = 22; // without a comment, and the build writes none

/**
 * @param {FileSystem} FS  Emscripten's
 * @param {Uint8Array} zip
 * @param {string} folder
 */
export function place(FS, zip, folder) {
  const made = new Set();
  for (const { name, bytes } of entries(zip)) {
    const [, parent, file] = /** @type {string[]} */ (`${folder}/${name}`.match(/(.*)\/(.*)/));
    if (!made.has(parent)) FS.mkdirTree(parent);
    made.add(parent);
    const [canRead, canWrite, canOwn] = [true, true, true];
    FS.createDataFile(parent, file, bytes, canRead, canWrite, canOwn);
  }
}

/** @param {Uint8Array} zip */
export function* entries(zip) {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.byteLength - END_SIZE;
  if (end < 0 || view.getUint32(end, true) !== END) throw new Error("this is not a zip");
  const text = new TextDecoder();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left; left--) {
    if (view.getUint16(at + 10, true)) throw new Error("this zip is compressed");
    const size = view.getUint32(at + 24, true);
    const [named, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const head = view.getUint32(at + 42, true);
    const start = head + 30 + view.getUint16(head + 26, true) + view.getUint16(head + 28, true);
    const name = text.decode(zip.subarray(at + 46, at + 46 + named));
    yield { name, bytes: zip.subarray(start, start + size) };
    at += 46 + named + extra + comment;
  }
}
