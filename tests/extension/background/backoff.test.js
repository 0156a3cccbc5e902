import assert from "node:assert/strict";
import { beforeEach, afterEach, mock, test } from "node:test";
import { Backoff } from "../../../extension/src/background/backoff.js";

beforeEach(() => mock.timers.enable({ apis: ["Date"], now: 1_000_000 }));
afterEach(() => mock.timers.reset());

test("each failure doubles the pause, from one second to a minute", () => {
  const backoff = new Backoff(), pauses = [];
  for (let i = 0; i < 9; i++) {
    backoff.failed();
    pauses.push(backoff.wait() / 1000);
  }
  assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
});

test("a service that names a longer time is given it, and no more than an hour", () => {
  const backoff = new Backoff();
  backoff.failed(30);
  assert.equal(backoff.wait(), 30_000);
  backoff.failed(1e9);
  assert.equal(backoff.wait(), 3_600_000);
});

test("an answer ends the pause", () => {
  const backoff = new Backoff();
  backoff.failed();
  backoff.succeeded();
  assert.equal(backoff.wait(), 0);
  backoff.failed();
  assert.equal(backoff.wait(), 1_000);
});

test("the pause survives a restart of the worker", () => {
  let saved;
  const before = new Backoff((state) => { saved = structuredClone(state); });
  before.failed();
  before.failed();
  const after = new Backoff();
  after.restore(saved);
  assert.equal(after.wait(), 2_000);
  after.failed();
  assert.equal(after.wait(), 4_000);
});

test("a saved state that cannot be right is ignored", () => {
  for (const state of [null, undefined, {}, { failures: "3", until: 5 }, { failures: 1, until: Infinity }, { failures: 1, until: 9e15 }]) {
    const backoff = new Backoff();
    backoff.restore(state);
    assert.equal(backoff.wait(), 0);
  }
});

test("a clock set back by hours while the service is left alone does not keep it alone for hours", () => {
  const backoff = new Backoff();
  backoff.failed();
  backoff.until += 2 * 3_600_000;
  assert.equal(backoff.wait(), 0);
});
