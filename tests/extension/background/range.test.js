import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { digestOf, Ranges } from "../../../extension/src/background/range.js";

const BADGE = { state: "ready", verdict: "broadcasts", title: "Broadcasts", sentence: "s", replies: 1, broadcasts: 9, ratio: "1 : 9", scored_at: "2026-11-22T20:00:00Z",
  score: 40, low: 35, high: 44, ask_again_after: 3600 };
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** A service that lists these accounts; it remembers the paths it was asked. */
function crowd(names, digits = 2) {
  const asked = [];
  const get = async (path) => {
    asked.push(path);
    if (path === "/api/v1/range") return { body: { digits: crowdOf.digits } };
    const prefix = path.split("/").at(-1).replace("all", "");
    if (prefix.length !== crowdOf.digits) throw Object.assign(new Error("range"), { status: 400 });
    const own = names.map(sha256).filter((digest) => digest.startsWith(prefix)).map((digest) => ({ suffix: digest.slice(prefix.length), badge: BADGE }));
    return { body: { digits: crowdOf.digits, prefix, entries: [...own, { suffix: "f".repeat(64 - prefix.length), padding: true }] } };
  };
  const crowdOf = { digits, asked, get };
  return crowdOf;
}

test("the digest of an account is that of network and name", async () => {
  assert.equal(await digestOf("x", "alice"), sha256("x:alice"));
});

test("an account among the listed ones is found without its name being sent", async () => {
  const { asked, get } = crowd(["x:alice"]), ranges = new Ranges(get);
  const answer = await ranges.look("x", "alice");
  assert.deepEqual([answer.state, answer.handle, answer.score], ["ready", "alice", 40]);
  assert.deepEqual(asked, ["/api/v1/range", `/api/v1/range/${sha256("x:alice").slice(0, 2)}`]);
});

test("an account that is not listed is known to be unasked, and nothing more is sent", async () => {
  const { asked, get } = crowd(["x:alice"]), answer = await new Ranges(get).look("x", "nobody");
  assert.equal(answer.state, "unasked");
  assert.ok(answer.until > Date.now());
  assert.equal(asked.length, 2);
});

test("a prefix is asked once for all accounts that share it, however many ask at the same time", async () => {
  const { asked, get } = crowd(["x:alice"], 0), ranges = new Ranges(get);
  await Promise.all(["alice", "ben", "carol"].map((name) => ranges.look("x", name)));
  await ranges.look("x", "dora");
  assert.deepEqual(asked, ["/api/v1/range", "/api/v1/range/all"]);
});

test("when the number of digits changed, it is asked anew", async () => {
  const service = crowd(["x:alice"]), ranges = new Ranges(service.get);
  await ranges.look("x", "alice");
  service.digits = 1;
  await assert.rejects(ranges.look("x", "ben"), { status: 400 });
  assert.equal((await ranges.look("x", "alice")).state, "ready");
  assert.equal(service.asked.at(-1), `/api/v1/range/${sha256("x:alice")[0]}`);
});

test("a failed question is asked again at the next look", async () => {
  const { get } = crowd(["x:alice"]);
  let fails = true;
  const ranges = new Ranges((path) => (fails ? Promise.reject(new Error("down")) : get(path)));
  await assert.rejects(ranges.look("x", "alice"));
  fails = false;
  assert.equal((await ranges.look("x", "alice")).state, "ready");
});

for (const body of [null, {}, { digits: "2" }, { digits: -1 }, { digits: 40 }]) {
  test(`a service that names no usable number of digits (${JSON.stringify(body)}) is a failure, not a crowd of one`, async () => {
    await assert.rejects(new Ranges(async () => ({ body })).look("x", "alice"));
  });
}

test("entries that are padding or of another form are passed over", async () => {
  const digest = sha256("x:alice");
  const entries = [null, 7, { suffix: digest.slice(1), padding: true, badge: BADGE }, { suffix: "zz", badge: BADGE }];
  const get = async (path) => ({ body: path === "/api/v1/range" ? { digits: 1 } : { entries } });
  assert.equal((await new Ranges(get).look("x", "alice")).state, "unasked");
});
