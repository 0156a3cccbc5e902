import assert from "node:assert/strict";
import { test } from "node:test";
import { SurfacesMet } from "../../../extension/src/background/surfaces_met.js";

function memory(values = {}) {
  return { values, get: async (key) => structuredClone(key in values ? { [key]: values[key] } : {}), set: async (items) => { Object.assign(values, structuredClone(items)); } };
}

test("a surface missed on three pages in a row has changed", async () => {
  const surfaces = new SurfacesMet(memory());
  await surfaces.note("bluesky", [], ["profile"]);
  await surfaces.note("bluesky", [], ["profile"]);
  assert.deepEqual(await surfaces.changed(), []);
  await surfaces.note("bluesky", [], ["profile"]);
  assert.deepEqual(await surfaces.changed(), [{ site: "bluesky", surface: "profile" }]);
});

test("one page on which it is met again says that nothing is wrong", async () => {
  const surfaces = new SurfacesMet(memory());
  for (let i = 0; i < 5; i++) await surfaces.note("x", [], ["profile"]);
  await surfaces.note("x", ["profile"], []);
  assert.deepEqual(await surfaces.changed(), []);
});

test("pages that tell at the same time are all counted, by a worker that starts anew, too", async () => {
  const storage = memory(), surfaces = new SurfacesMet(storage);
  await Promise.all([1, 2].map(() => surfaces.note("x", [], ["post"])));
  await new SurfacesMet(storage).note("x", ["profile"], ["post"]);
  assert.deepEqual(await new SurfacesMet(storage).changed(), [{ site: "x", surface: "post" }]);
});

test("another site's surface of the same name is another surface", async () => {
  const surfaces = new SurfacesMet(memory());
  for (const site of ["x", "bluesky", "mastodon"]) await surfaces.note(site, [], ["profile"]);
  assert.deepEqual(await surfaces.changed(), []);
});

for (const [met, missed] of [["profile", []], [[], null], [[7], []], [[], ["a b"]]]) {
  test(`what is no list of names (${JSON.stringify([met, missed])}) is passed over`, async () => {
    const storage = memory();
    await new SurfacesMet(storage).note("x", met, missed);
    assert.deepEqual(storage.values, {});
  });
}

test("after an update the counting begins anew", async () => {
  const surfaces = new SurfacesMet(memory());
  for (let i = 0; i < 3; i++) await surfaces.note("x", [], ["profile"]);
  await surfaces.forget();
  assert.deepEqual(await surfaces.changed(), []);
});
