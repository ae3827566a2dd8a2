// Fails the build when the first load weighs more than the budget, or when something
// was built that the Content-Security-Policy (default-src 'self') would block.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET_KIB = 250;
const dist = resolve(dirname(fileURLToPath(import.meta.url)), "../dist");
const kib = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;
const fail = (message) => {
  console.error(`\n✗ ${message}`);
  process.exitCode = 1;
};

const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const entry = Object.values(manifest).find((chunk) => chunk.isEntry);
const first = new Set();
(function walk(chunk) {
  if (first.has(chunk.file)) return;
  first.add(chunk.file);
  for (const name of chunk.imports ?? []) walk(manifest[name]);
})(entry);

// The first screen's own lazy chunk counts too: take the heaviest page.
const pages = Object.values(manifest).filter((chunk) => chunk.isDynamicEntry && /features\/.*Page/.test(chunk.src ?? ""));
const weigh = (chunk) => {
  const files = new Set();
  (function walk(c) {
    if (first.has(c.file) || files.has(c.file)) return;
    files.add(c.file);
    for (const name of c.imports ?? []) walk(manifest[name]);
  })(chunk);
  return [...files].reduce((sum, file) => sum + kib(file), 0);
};
const shared = [...first].reduce((sum, file) => sum + kib(file), 0);
const heaviest = pages.map((page) => [weigh(page), page.src]).sort((a, b) => b[0] - a[0])[0] ?? [0, "no page"];
const total = shared + heaviest[0];
console.log(
  `\nfirst load: ${total.toFixed(1)} KiB gzip JavaScript of ${BUDGET_KIB} (shared ${shared.toFixed(1)}, heaviest page ${heaviest[1]} ${heaviest[0].toFixed(1)})`,
);
if (total > BUDGET_KIB) fail(`first load is over its budget of ${BUDGET_KIB} KiB`);

const html = readFileSync(join(dist, "index.html"), "utf8");
if (/<style|<script(?![^>]*\ssrc=)|\son\w+=|style="/i.test(html)) fail("index.html holds inline code or style");
if (/https?:\/\//i.test(html)) fail("index.html names another host");
for (const file of readdirSync(join(dist, "assets")).filter((name) => name.endsWith(".css"))) {
  const css = readFileSync(join(dist, "assets", file), "utf8");
  if (/url\(\s*['"]?(data:|https?:|\/\/)/i.test(css)) fail(`${file} loads a data: address or another host`);
}
