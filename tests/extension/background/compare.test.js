import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** What the browser keeps until it is closed. @type {Record<string, any>} */
let kept = {};
globalThis.chrome = /** @type {any} */ ({
  storage: { session: {
    get: async (key) => (key in kept ? { [key]: structuredClone(kept[key]) } : {}),
    set: async (values) => void Object.assign(kept, structuredClone(values)),
    remove: async (key) => void delete kept[key],
  } },
});
const { compare, compared } = await import("../../../extension/src/background/compare.js");

const account = (more = {}) => ({
  name: "Alice Moreau", pillars: [{ id: "true_reach", title: "True Reach", rounded: 28, of: 50 }],
  answer: { network: "bluesky", handle: "alice.test", state: "ready", until: 9, verdict: "in_conversation", title: "In conversation", sentence: "Long.", replies: 74, broadcasts: 60,
    ratio: "1 : 0.8", scored_at: "2026-11-22T20:00:00Z", score: 62, low: 57, high: 66, ...more },
});

beforeEach(() => (kept = {}));

test("an account is remembered until another one takes its place or none is wanted", async () => {
  await compare(account());
  assert.equal((await compared()).compared?.answer.score, 62);
  await compare(account({ handle: "ben.test", score: 48, low: 40, high: 55 }));
  assert.equal((await compared()).compared?.answer.handle, "ben.test");
  await compare(null);
  assert.deepEqual([(await compared()).compared, kept], [null, {}]);
});

test("only what a comparison shows is kept", async () => {
  await compare({ ...account(), secret: "x", name: "n".repeat(500) });
  assert.deepEqual([kept.compared.name.length, kept.compared.answer.sentence, kept.compared.answer.scored_at, "secret" in kept.compared], [80, "", "", false]);
  assert.deepEqual(kept.compared.pillars, account().pillars);
});

test("what is no account with a score is not remembered", async () => {
  const odd = [undefined, 7, {}, account({ state: "too_little" }), account({ network: "elsewhere" }), account({ score: 101 }), account({ low: 63 })];
  for (const value of odd) assert.deepEqual([(await compare(value)).compared, kept], [null, {}]);
});

test("an account without a name goes by its handle", async () => {
  assert.equal((await compare({ ...account(), name: 7 })).compared?.name, "alice.test");
});
