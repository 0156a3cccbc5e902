import assert from "node:assert/strict";
import { test } from "node:test";
import { checkSites, SiteDataKeeper } from "../../../extension/src/background/site_data.js";

const SITE = { id: "bluesky", revision: 2, off: false, why: "", selectors: { profile: '[data-testid="name"]' } };
const HOUR = 3_600_000;

function memory(values = {}) {
  return { values, get: async (key) => structuredClone(key in values ? { [key]: values[key] } : {}), set: async (items) => { Object.assign(values, structuredClone(items)); } };
}

test("what the service says of a site is taken as it is", () => {
  assert.deepEqual(checkSites({ sites: [SITE] }), [SITE]);
});

const BAD = {
  "no list": { sites: "bluesky" },
  "an odd id": { sites: [{ ...SITE, id: "../x" }] },
  "no revision": { sites: [{ ...SITE, revision: "2" }] },
  "no switch": { sites: [{ ...SITE, off: "no" }] },
  "a selector with rules in it": { sites: [{ ...SITE, selectors: { profile: "a{color:red}" } }] },
  "a selector with markup in it": { sites: [{ ...SITE, selectors: { profile: "<script>" } }] },
  "a selector that never ends": { sites: [{ ...SITE, selectors: { profile: "a".repeat(501) } }] },
  "a selector that is no text": { sites: [{ ...SITE, selectors: { profile: 7 } }] },
  "a list of selectors": { sites: [{ ...SITE, selectors: ["a"] }] },
  "a name that is a property of every object": { sites: [{ ...SITE, selectors: { ["__proto__x"]: "a" } }] },
  nothing: null,
};
for (const [name, body] of Object.entries(BAD)) test(`${name} changes nothing`, () => assert.deepEqual(checkSites(body), []));

test("one site of another form does not cost the others", () => {
  assert.deepEqual(checkSites({ sites: [{ id: 7 }, SITE] }), [SITE]);
});

test("nothing but what is known of the form is kept", () => {
  assert.deepEqual(checkSites({ sites: [{ ...SITE, code: "alert(1)" }] }), [SITE]);
});

test("it is asked for once in six hours", async () => {
  let asked = 0;
  const storage = memory(), keeper = () => new SiteDataKeeper(storage, async () => { asked++; return { body: { sites: [SITE] } }; });
  assert.equal(await keeper().refresh(), true);
  assert.equal(await keeper().refresh(), false);
  assert.equal(asked, 1);
  storage.values.siteData.at -= 6 * HOUR + 1;
  assert.equal(await keeper().refresh(), false, "the same again is no news");
  assert.equal(asked, 2);
  assert.deepEqual(await keeper().known(), [SITE]);
});

test("a clock that was set back does not keep old data for ever", async () => {
  let asked = 0;
  const storage = memory({ siteData: { at: Date.now() + 5 * HOUR, sites: [SITE] } });
  await new SiteDataKeeper(storage, async () => { asked++; return { body: { sites: [SITE] } }; }).refresh();
  assert.equal(asked, 1);
});

test("a service that fails leaves what was known, and is not asked again at once", async () => {
  let asked = 0;
  const storage = memory({ siteData: { at: 0, sites: [SITE] } }), keeper = new SiteDataKeeper(storage, async () => { asked++; throw new Error("down"); });
  assert.equal(await keeper.refresh(), false);
  assert.equal(await keeper.refresh(), false);
  assert.equal(asked, 1);
  assert.deepEqual(await keeper.known(), [SITE]);
});
