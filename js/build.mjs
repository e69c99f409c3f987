// Bundles every js/<name>/index.ts into cloudscope/static/<name>.js.
// With --check it compares instead of writing, and fails if a committed bundle is out of date.
import { build } from "esbuild";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "cloudscope", "static");
const check = process.argv.includes("--check");

const names = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, "index.ts")))
  .map((entry) => entry.name);

let stale = 0;
for (const name of names) {
  const target = join(out, `${name}.js`);
  const result = await build({
    absWorkingDir: here,
    entryPoints: [join(name, "index.ts")],
    outfile: target,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    charset: "utf8",
    legalComments: "eof",
    loader: { ".css": "text", ".glsl": "text" },
    write: !check,
    logLevel: "warning",
  });
  if (check) {
    const built = Buffer.from(result.outputFiles[0].contents);
    const committed = existsSync(target) ? readFileSync(target) : Buffer.alloc(0);
    if (!built.equals(committed)) {
      console.error(`${name}.js does not match js/${name}: run 'npm run build' in js/ and commit it`);
      stale += 1;
    }
  }
}
console.log(check ? `${names.length - stale} of ${names.length} bundles are fresh` : `built ${names.join(", ")}`);
process.exit(stale ? 1 : 0);
