// node compile.mjs JOB.json: lets Pyodide's own Python repack zips (see repack.py).
// The job is {runtime: folder, repack: repack.py, zips: [{from, to, trim}], optimize, report} and
// either the `modules` to compile, or the `wheel` to install and the `imports` that find them out.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const { loadPyodide } = await import(pathToFileURL(path.join(job.runtime, "pyodide.mjs")));
// Node's own Buffer is not understood.
const read = (file) => new Uint8Array(fs.readFileSync(file));
const python = await loadPyodide({
  indexURL: job.runtime + path.sep,
  packages: job.imports ? ["numpy"] : [],
  // Without a fixed seed the order of sets, which compiled files hold, changes from run to run.
  env: { PYTHONHASHSEED: "0" },
  stdout: () => {},
});
python.FS.writeFile("/home/pyodide/repack.py", read(job.repack));
const { repack, modules_after: modulesAfter } = python.pyimport("repack");

let modules = python.toPy(job.modules ?? []);
if (job.imports) {
  python.unpackArchive(read(job.wheel), "wheel", { extractDir: "/home/pyodide" });
  modules = modulesAfter(python.toPy(job.imports));
}
for (const { from, to, trim } of job.zips) {
  const result = repack(python.toPy(read(from)), python.toPy(trim), modules, job.optimize);
  const view = result.getBuffer("u8");
  fs.writeFileSync(to, view.data);
  view.release();
  result.destroy();
}
fs.writeFileSync(job.report, JSON.stringify(modules.toJs()));
process.exit(0); // Pyodide keeps Node awake
