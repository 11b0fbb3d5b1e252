// node wasm.mjs RUNTIME WHEEL SCRIPT [FILE...]: runs a Python script inside Pyodide, with numpy and
// our wheel as the page installs it. The files lie beside the script.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [runtime, wheel, script, ...files] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(path.join(runtime, "pyodide.mjs")));
const read = (file) => new Uint8Array(fs.readFileSync(file)); // Node's own Buffer is not understood
const env = { MICROGPT_THOROUGH: process.env.MICROGPT_THOROUGH ?? "" };
const python = await loadPyodide({ indexURL: runtime + path.sep, packages: ["numpy"], env });
const place = python.runPython("import sysconfig; sysconfig.get_path('purelib')");
python.unpackArchive(read(wheel), "wheel", { extractDir: place });
for (const file of files) python.FS.writeFile(path.basename(file), read(file));
try {
  python.runPython(new TextDecoder().decode(read(script)));
  process.exit(0); // Pyodide keeps Node awake
} catch (error) {
  console.log(String(error));
  process.exit(1);
}
