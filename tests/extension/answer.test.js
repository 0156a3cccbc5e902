import assert from "node:assert/strict";
import { test } from "node:test";
import { checkAnswer, isAccount } from "../../extension/src/answer.js";
import { handleFrom } from "../../extension/src/popup/handle.js";
import { serviceAddress } from "../../extension/src/settings.js";

const READY = {
  network: "bluesky", handle: "alice.test", state: "ready", until: 5, verdict: "in_conversation", title: "In conversation", sentence: "Replied to 41 people.",
  replies: 74, broadcasts: 60, ratio: "1 : 0.8", scored_at: "2026-11-22T20:00:00Z", score: 62, low: 57, high: 66,
};

test("an answer keeps what a badge needs and nothing else", () => {
  assert.deepEqual(checkAnswer({ ...READY, html: "<b>", id: "bluesky:did:plc:x" }), READY);
  assert.deepEqual(checkAnswer({ ...READY, state: "refused" }), { network: "bluesky", handle: "alice.test", state: "refused", until: 5 });
});

test("an answer of another shape is none", () => {
  const broken = [null, 7, "x", [], { ...READY, score: 0 }, { ...READY, score: 101 }, { ...READY, score: "62" }, { ...READY, low: 63 }, { ...READY, high: 61 }, { ...READY, replies: 1.5 },
    { ...READY, title: 7 }, { ...READY, sentence: "x".repeat(501) }, { ...READY, until: NaN }, { ...READY, state: "fine" }, { ...READY, network: "__proto__" }, { ...READY, handle: "Alice.test" }];
  for (const value of broken) assert.equal(checkAnswer(value), null, JSON.stringify(value));
});

test("an account that shows too little has no score", () => {
  assert.equal("score" in checkAnswer({ ...READY, state: "too_little" }), false);
});

test("only names of the three networks may be asked about", () => {
  for (const [network, handle] of [["x", "alice_1"], ["bluesky", "alice.test"], ["bluesky", "did:plc:ewvi7nxzyoun6zhxrhs64oiz"], ["mastodon", "alice@social.example"]]) assert.ok(isAccount(network, handle));
  for (const [network, handle] of [["x", "alice/../../readyz"], ["x", "sixteen_letters_"], ["bluesky", "alice"], ["bluesky", "a.b/c"], ["mastodon", "alice"], ["mastodon", "a@b/c.d"], ["toString", "x"], ["x", 7]]) {
    assert.equal(isAccount(network, handle), false, `${network} ${handle}`);
  }
});

test("what a person types or pastes becomes a handle", () => {
  const typed = [["bluesky", " @Alice.Test ", "alice.test"], ["bluesky", "https://bsky.app/profile/Alice.test/post/3k", "alice.test"], ["x", "https://x.com/Alice?s=20", "alice"], ["x", "@Alice", "alice"],
    ["mastodon", "@Ben@Social.Example", "ben@social.example"], ["mastodon", "https://social.example/@ben", "ben@social.example"], ["mastodon", "https://a.example/@ben@b.example/1", "ben@b.example"],
    ["mastodon", "ben", null], ["bluesky", "alice", null], ["x", "", null], ["x", "https://%", null], ["bluesky", "\u2068@alice.test\u2069", "alice.test"]];
  for (const [network, text, handle] of typed) assert.equal(handleFrom(network, text), handle, text);
});

test("a service address is this machine, or encrypted", () => {
  for (const [typed, stored] of [["http://127.0.0.1:8765/", "http://127.0.0.1:8765"], [" https://rapport.example/a/ ", "https://rapport.example/a"], ["http://localhost:1", "http://localhost:1"], ["http://[::1]:5", "http://[::1]:5"]]) {
    assert.equal(serviceAddress(typed), stored);
  }
  for (const typed of ["http://rapport.example", "ftp://127.0.0.1", "127.0.0.1:8765", "", "https://user:pass@rapport.example", "https://rapport.example/?a=1", "http://127.0.0.1.evil.example"]) assert.equal(serviceAddress(typed), null, typed);
});
