// node compile.mjs FOLDER: lets Pyodide's own Python do what job.json in the folder says (see
// repack.py). Pyodide's files are in the folder; with `imports` in the job, what these find out is
// written into modules.json, and `site` beside it has the packages, as the page lays them out.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const job = JSON.parse(fs.readFileSync(path.join(folder, "job.json"), "utf8"));
const { loadPyodide } = await import(pathToFileURL(path.join(folder, "pyodide.mjs")));
const python = await loadPyodide({
  indexURL: folder + path.sep,
  // Without a fixed seed the order of sets, which compiled files hold, changes from run to run.
  env: { PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1" },
  stdout: () => {},
});
python.mountNodeFS("/job", folder);
const { path: places } = python.pyimport("sys");
places.insert(0, "/job");
if (job.imports.length) {
  places.insert(0, "/job/site");
  const modules = python.pyimport("imported").modules_after(python.toPy(job.imports)).toJs();
  fs.writeFileSync(path.join(folder, "modules.json"), JSON.stringify(modules));
  job.modules = modules;
  fs.writeFileSync(path.join(folder, "job.json"), JSON.stringify(job));
}
python.pyimport("repack").repack_all("/job");
process.exit(0); // Pyodide keeps Node awake
