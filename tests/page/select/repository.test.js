// Where the page says its code is.
import assert from "node:assert/strict";
import test from "node:test";
import { repositoryOf } from "../../../web/select/repository.js";

const at = (address) => new URL(address);

test("what the build was told comes first", () => {
  const told = "https://example.org/code";
  assert.equal(repositoryOf(told, at("https://someone.github.io/microgpt/")), told);
});

test("a GitHub page says it by its address", () => {
  const code = "https://github.com/someone/microgpt";
  assert.equal(repositoryOf("", at("https://someone.github.io/microgpt/")), code);
  assert.equal(repositoryOf("", at("https://someone.github.io/microgpt/index.html")), code);
  const own = "https://github.com/someone/someone.github.io";
  assert.equal(repositoryOf("", at("https://someone.github.io/")), own);
});

test("anywhere else it is not known", () => {
  assert.equal(repositoryOf("", at("http://127.0.0.1:8000/some/where/")), "");
  assert.equal(repositoryOf("", at("https://github.io.example.org/a/")), "");
});
