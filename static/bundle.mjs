// Usage: node bundle.mjs NODE_MODULES OUT. Copies the files that the pages need from npm into the folder OUT.
// All in one script, because with two deferred ones an extension may be missing when htmx starts.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [modules, out] = process.argv.slice(2);
const scripts = ["htmx.min.js", "ext/hx-upsert.min.js"];
const files = {
  "inter-latin-wght-normal.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
  "inter.LICENSE": "@fontsource-variable/inter/LICENSE",
  "htmx.LICENSE": "htmx.org/LICENSE",
};

mkdirSync(out, { recursive: true });
const sources = scripts.map((script) => readFileSync(join(modules, "htmx.org/dist", script), "utf8"));
writeFileSync(join(out, "htmx.js"), sources.map((source) => source.trimEnd() + ";\n").join(""));
for (const [name, source] of Object.entries(files)) copyFileSync(join(modules, source), join(out, name));
