// Makes what the stores take, into ../build/package (or --out FOLDER): a zip for each browser and one with the sources.
// The same sources give the same bytes everywhere: files in order, with one date and one mode, stored and not compressed, since what a
// compressor writes changes with its version. JSZip writes them: it comes with web-ext anyway, and its dates know no time zone.
import JSZip from "jszip";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import webExt from "web-ext";

const HERE = dirname(fileURLToPath(import.meta.url));
/** The earliest date a zip can hold. */
const DATE = new Date("1980-01-01T00:00:00Z");
/** Of this folder, what is made from the rest or is not needed to build. */
const NO_SOURCES = new Set(["dist", "node_modules", "screenshots", "store"]);
/** Without it, npm writes registry addresses into the lock file. */
const HIDDEN_SOURCES = new Set([".npmrc"]);

/**
 * Every file below a folder, by its path in it, in order.
 * @param {string} folder
 * @param {(name: string) => boolean} [wanted]  asked about the folder's own entries
 */
async function filesOf(folder, wanted = () => true) {
  /** @type {[path: string, content: Buffer][]} */
  const files = [];
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (!wanted(entry.name)) continue;
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) files.push([entry.name, await readFile(path)]);
    else for (const [inner, content] of await filesOf(path, isNoLitter)) files.push([`${entry.name}/${inner}`, content]);
  }
  return files;
}

/** What editors and systems leave behind begins with a dot. @param {string} name */
const isNoLitter = (name) => !name.startsWith(".");

/** What a reviewer needs to build the same: this folder without what is made from it, and the licence. */
async function sources() {
  const files = await filesOf(HERE, (name) => HIDDEN_SOURCES.has(name) || (isNoLitter(name) && !NO_SOURCES.has(name)));
  return [...files, /** @type {[string, Buffer]} */ (["LICENSE", await readFile(join(HERE, "../LICENSE"))])];
}

/** @param {[path: string, content: Buffer][]} files @returns {Promise<Buffer>} */
function zipped(files) {
  const zip = new JSZip();
  for (const [path, content] of files) zip.file(path, content, { date: DATE, unixPermissions: 0o644, createFolders: false });
  return zip.generateAsync({ type: "nodebuffer", compression: "STORE", platform: "UNIX" });
}

/** The version that stands in the manifest; the package must bear the same. */
async function versionOf() {
  const [manifest, { version }] = await Promise.all(["manifest.json", "package.json"].map(async (name) => JSON.parse(await readFile(join(HERE, name), "utf8"))));
  if (manifest.version !== version) throw new Error(`manifest.json says version ${manifest.version}, package.json ${version}`);
  return String(version);
}

/** What Mozilla's linter says against a build: one line each. @param {string} sourceDir @returns {Promise<string[]>} */
async function complaints(sourceDir) {
  const { errors, warnings } = await webExt.cmd.lint({ sourceDir, output: "none", metadata: false }, { shouldExitProgram: false });
  return [...errors, ...warnings].map((/** @type {any} */ { _type, code, message, file, line }) => `${_type} ${code}: ${message} (${file ?? ""}:${line ?? ""})`);
}

/** Builds into a folder of its own, so that nothing an earlier build left behind is packaged. @param {string} dist */
async function packaged(dist) {
  execFileSync(process.execPath, [join(HERE, "build.js"), dist], { stdio: "inherit" });
  const found = await complaints(join(dist, "firefox"));
  if (found.length) throw new Error(`web-ext lint complains about the Firefox build, so nothing is packaged:\n${found.join("\n")}`);
  return { chrome: await filesOf(join(dist, "chrome")), firefox: await filesOf(join(dist, "firefox")), source: await sources() };
}

const { values } = parseArgs({ options: { out: { type: "string", default: join(HERE, "../build/package") } } });
const out = resolve(values.out), version = await versionOf(), dist = await mkdtemp(join(tmpdir(), "rapport-package-"));
await mkdir(out, { recursive: true });
// A package that could not be made must not leave an older one in its place.
for (const name of await readdir(out)) if (/^rapport-.*-(chrome|firefox|source)\.zip$/.test(name)) await rm(join(out, name));
try {
  const packages = await packaged(dist);
  for (const [name, files] of Object.entries(packages)) {
    const content = await zipped(files), path = join(out, `rapport-${version}-${name}.zip`);
    await writeFile(path, content);
    console.log(`${path}  ${files.length} files, ${Math.ceil(content.length / 1000)} kB`);
  }
} catch (problem) {
  console.error(/** @type {Error} */ (problem).message);
  process.exitCode = 1;
} finally {
  await rm(dist, { recursive: true });
}
