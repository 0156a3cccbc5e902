import assert from "node:assert/strict";
import { test } from "node:test";
import { AnswerCache, keyOf } from "../../../extension/src/background/cache.js";

/** Storage as the browser has it: everything passes through a copy. */
function storageWith(items = {}) {
  const stored = structuredClone(items);
  return {
    stored,
    get: async () => structuredClone(stored),
    set: async (more) => void Object.assign(stored, structuredClone(more)),
    remove: async (keys) => keys.forEach((key) => delete stored[key]),
  };
}

const ready = (handle, more = {}) => ({
  network: "x", handle, state: "ready", until: Date.now() + 60_000, verdict: "broadcasts", title: "Broadcasts", sentence: "1 reply for every 96 broadcasts.",
  replies: 1, broadcasts: 96, ratio: "1 : 96", scored_at: "2026-11-22T20:00:00Z", score: 71, low: 67, high: 75, ...more,
});

test("what was learnt is known to a new worker", async () => {
  const storage = storageWith(), before = new AnswerCache(storage);
  await before.load();
  await before.learn([ready("alice")]);
  const after = new AnswerCache(storage);
  await after.load();
  assert.deepEqual(after.get("x:alice"), before.get("x:alice"));
  assert.deepEqual(after.newest("x").map(keyOf), ["x:alice"]);
  assert.deepEqual(after.newest("bluesky"), []);
});

test("the oldest go when there are too many, from storage too", async () => {
  const storage = storageWith(), cache = new AnswerCache(storage, 3);
  for (const handle of ["a", "b", "c", "d"]) await cache.learn([ready(handle)]);
  assert.equal(cache.get("x:a"), undefined);
  assert.deepEqual(Object.keys(storage.stored), ["answer:x:b", "answer:x:c", "answer:x:d"]);
});

test("an account that is being gathered again, or cannot be had, keeps its badge", async () => {
  const cache = new AnswerCache(storageWith());
  await cache.learn([ready("alice")]);
  for (const state of ["pending", "unavailable"]) {
    await cache.learn([{ network: "x", handle: "alice", state, until: 5 }]);
    assert.equal(cache.get("x:alice").score, 71);
    assert.equal(cache.get("x:alice").until, 5);
  }
});

test("an account that asked not to be scored loses its badge at once", async () => {
  const cache = new AnswerCache(storageWith());
  await cache.learn([ready("alice")]);
  await cache.learn([{ network: "x", handle: "alice", state: "refused", until: Date.now() + 1e6 }]);
  assert.deepEqual(cache.newest("x"), []);
});

test("passing states are not written down", async () => {
  const storage = storageWith();
  await new AnswerCache(storage).learn([{ network: "x", handle: "alice", state: "pending", until: 5 }]);
  assert.deepEqual(storage.stored, {});
});

test("damaged, forged and very old entries are thrown away, other keys are left alone", async () => {
  const storage = storageWith({
    settings: { token: "t" }, "answer:x:alice": ready("alice"), "answer:x:ben": ready("dora"), "answer:x:carol": ready("carol", { score: "<b>" }),
    "answer:x:old": ready("old", { until: 5 }), "answer:x:broken": 7,
  });
  const cache = new AnswerCache(storage);
  await cache.load();
  assert.deepEqual(cache.newest("x").map(keyOf), ["x:alice"]);
  assert.deepEqual(Object.keys(storage.stored), ["settings", "answer:x:alice"]);
});

test("clearing forgets every answer and nothing else", async () => {
  const storage = storageWith({ settings: {}, "answer:x:alice": ready("alice") }), cache = new AnswerCache(storage);
  await cache.load();
  await cache.clear();
  assert.equal(cache.get("x:alice"), undefined);
  assert.deepEqual(Object.keys(storage.stored), ["settings"]);
});

test("an account that a service no longer tells of loses its badge, in storage too", async () => {
  const storage = storageWith(), cache = new AnswerCache(storage);
  await cache.learn([ready("alice")]);
  await cache.learn([{ network: "x", handle: "alice", state: "unasked", until: Date.now() + 1e6 }]);
  assert.deepEqual(cache.newest("x"), []);
  assert.deepEqual(storage.stored, {});
});

test("a full storage makes room by forgetting the older half", async () => {
  const storage = storageWith(), set = storage.set;
  storage.set = async (items) => {
    if (Object.keys({ ...storage.stored, ...items }).length > 4) throw new Error("QuotaExceededError");
    await set(items);
  };
  const cache = new AnswerCache(storage);
  for (const handle of ["a", "b", "c", "d", "e"]) await cache.learn([ready(handle)]);
  assert.deepEqual(Object.keys(storage.stored), ["answer:x:c", "answer:x:d", "answer:x:e"]);
  assert.ok(cache.get("x:a"), "this worker still knows");
});

test("a storage that takes nothing at all costs no answer", async () => {
  const storage = storageWith();
  storage.set = async () => { throw new Error("QuotaExceededError"); };
  const cache = new AnswerCache(storage);
  await cache.learn([ready("alice")]);
  assert.equal(cache.get("x:alice").score, 71);
});
