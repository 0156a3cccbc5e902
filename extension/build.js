// Builds dist/chrome and dist/firefox (or those of the folder named) from one source and one manifest, unminified so that anybody can read
// what runs.
import { build } from "esbuild";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BADGE_CSS } from "./src/page/style.js";

const HERE = dirname(fileURLToPath(import.meta.url));
const DIST = resolve(process.argv[2] ?? join(HERE, "dist"));
const ENTRIES = {
  background: "src/background/background.js",
  content: "src/page/content.js",
  card: "src/page/hover.js",
  capture: "src/page/capture.js",
  popup: "src/popup/popup.js",
  options: "src/options/options.js",
  welcome: "src/welcome/welcome.js",
  sent: "src/options/sent.js",
};
const PAGES = ["src/popup/popup.html", "src/options/options.html", "src/welcome/welcome.html", "src/options/sent.html", "src/pages.css"];
const SITES = join(HERE, "src/sites");
const LOCALES = join(HERE, "locales");

/** The site files are collected from their folder, so that adding a site is adding a file. Each becomes a script that content.js finds. */
const siteNames = (await readdir(SITES)).filter((name) => name.endsWith(".js") && name !== "site.js").map((name) => name.slice(0, -3)).sort();
const siteEntries = Object.fromEntries(siteNames.map((name) => [`sites/${name}`, `rapport:${name}`]));
const giveSite = {
  name: "sites",
  setup(/** @type {import("esbuild").PluginBuild} */ bundle) {
    bundle.onResolve({ filter: /^rapport:/ }, ({ path }) => ({ path: path.slice("rapport:".length), namespace: "rapport" }));
    bundle.onLoad({ filter: /.*/, namespace: "rapport" }, ({ path }) => ({
      contents: `import { site } from "./${path}.js";\n(globalThis.rapportSites ??= []).push(site);`, resolveDir: SITES,
    }));
  },
};

/** The types are for the checker; without them, and with tabs, what runs in every page is a quarter smaller and reads the same. */
const dropTypes = {
  name: "types",
  setup(/** @type {import("esbuild").PluginBuild} */ bundle) {
    bundle.onLoad({ filter: /\/src\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/\/\*\*[\s\S]*?\*\/ ?/g, ""),
    }));
    bundle.onEnd(async ({ outputFiles = [] }) => {
      await mkdir(join(bundle.initialOptions.outdir ?? DIST, "sites"), { recursive: true });
      for (const { path, text } of outputFiles) await writeFile(path, text.replaceAll("/* @__PURE__ */ ", "").replace(/^(?: {2})+/gm, (spaces) => "\t".repeat(spaces.length / 2)));
    });
  },
};

/** What the worker and the pages must know of the sites; the sites' own code stays in the scripts that run in their pages. */
async function describeSites() {
  const described = [];
  for (const name of siteNames) {
    const { site } = await import(join(SITES, `${name}.js`));
    described.push({ id: name, title: site.title, network: site.network, matches: site.matches });
  }
  return described;
}

/** @param {Record<string, any>} source @param {"chrome" | "firefox"} browser */
function manifestFor(source, browser) {
  const manifest = structuredClone(source);
  if (browser === "chrome") {
    manifest.minimum_chrome_version = "120";
    manifest.background = { service_worker: "background.js" };
    return manifest;
  }
  manifest.background = { scripts: ["background.js"] };
  manifest.browser_specific_settings = {
    gecko: {
      id: "rapport@rapport.example",
      strict_min_version: "142.0",
      // Account names on the page go to the service the person runs or names; posts only after the switch in the options.
      data_collection_permissions: { required: ["none"], optional: ["browsingActivity", "websiteContent"] },
    },
  };
  return manifest;
}

/** One file a language, as browsers want it, from one file a room. @param {string} out */
async function writeLocales(out) {
  for (const language of await readdir(LOCALES)) {
    /** @type {Record<string, {message: string}>} */
    const messages = {};
    for (const file of (await readdir(join(LOCALES, language))).sort()) {
      const texts = JSON.parse(await readFile(join(LOCALES, language, file), "utf8"));
      for (const [name, message] of Object.entries(texts)) messages[`${file.slice(0, -5)}_${name}`] = { message };
    }
    await mkdir(join(out, "_locales", language), { recursive: true });
    await writeFile(join(out, "_locales", language, "messages.json"), JSON.stringify(messages, null, 1) + "\n");
  }
}

const source = JSON.parse(await readFile(join(HERE, "manifest.json"), "utf8"));
for (const browser of /** @type {const} */ (["chrome", "firefox"])) {
  const out = join(DIST, browser);
  await mkdir(out, { recursive: true });
  const stale = new Set(await readdir(out));
  await build({
    absWorkingDir: HERE, entryPoints: { ...ENTRIES, ...siteEntries }, outdir: out, bundle: true, format: "iife", target: ["chrome120", "firefox142"],
    charset: "utf8", legalComments: "none", plugins: [giveSite, dropTypes], write: false, logLevel: "warning",
  });
  for (const page of PAGES) await cp(join(HERE, page), join(out, page.split("/").at(-1) ?? ""));
  await mkdir(join(out, "icons"), { recursive: true });
  for (const icon of Object.values(source.icons)) await cp(join(HERE, String(icon)), join(out, String(icon)));
  await writeLocales(out);
  await writeFile(join(out, "badge.css"), BADGE_CSS);
  await writeFile(join(out, "sites.json"), JSON.stringify(await describeSites(), null, 1) + "\n");
  await writeFile(join(out, "manifest.json"), JSON.stringify(manifestFor(source, browser), null, 2) + "\n");
  const built = new Set([...Object.keys(ENTRIES).map((name) => `${name}.js`), ...PAGES.map((page) => page.split("/").at(-1)), "badge.css", "icons", "sites", "sites.json", "_locales", "manifest.json"]);
  for (const name of stale) if (!built.has(name)) await rm(join(out, name), { recursive: true });
}
