import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Batch } from "../../../extension/src/background/batch.js";

/** A batch over a service that answers each key with its upper case, and the requests it got. */
function batchWith(answer = (keys) => Promise.resolve(new Map(keys.map((key) => [key, key.toUpperCase()]))), limits) {
  const requests = [];
  const batch = new Batch((keys) => (requests.push(keys), answer(keys)), limits);
  return { batch, requests };
}

test("questions of one moment leave together", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const { batch, requests } = batchWith();
  const answers = Promise.all(["a", "b", "c"].map((key) => batch.ask(key)));
  mock.timers.tick(99);
  assert.deepEqual(requests, []);
  mock.timers.tick(1);
  assert.deepEqual(await answers, ["A", "B", "C"]);
  assert.deepEqual(requests, [["a", "b", "c"]]);
});

test("a full batch leaves at once and the rest follows", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const { batch, requests } = batchWith();
  const keys = Array.from({ length: 120 }, (_, i) => `k${i}`), answers = Promise.all(keys.map((key) => batch.ask(key)));
  assert.deepEqual(requests.map((r) => r.length), [50, 50]);
  mock.timers.tick(100);
  assert.equal((await answers).at(-1), "K119");
  assert.deepEqual(requests.map((r) => r.length), [50, 50, 20]);
});

test("a question on its way is not asked again, and may be asked anew once answered", async () => {
  const { batch, requests } = batchWith(undefined, { wait: 1 });
  assert.deepEqual(await Promise.all([batch.ask("a"), batch.ask("a")]), ["A", "A"]);
  await batch.ask("a");
  assert.deepEqual(requests, [["a"], ["a"]]);
});

test("a failed request fails each of its questions, and none of the next", async () => {
  let failures = 1;
  const { batch } = batchWith((keys) => (failures-- > 0 ? Promise.reject(new Error("down")) : Promise.resolve(new Map([[keys[0], 1]]))), { wait: 1 });
  const results = await Promise.allSettled([batch.ask("a"), batch.ask("b")]);
  assert.deepEqual(results.map((r) => r.status), ["rejected", "rejected"]);
  assert.equal(await batch.ask("a"), 1);
});

test("what the answer does not mention is undefined", async () => {
  const { batch } = batchWith(() => Promise.resolve(new Map()), { wait: 1 });
  assert.equal(await batch.ask("a"), undefined);
});
