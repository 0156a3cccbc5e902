import assert from "node:assert/strict";
import { test } from "node:test";
import { isAllowed, knowsDataPermissions, wantedFor, wantedForCapture } from "../../../extension/src/options/consent.js";

const REMOTE = "https://rapport.example/base", LOCAL = "http://127.0.0.1:8765";

/** A browser's permissions: what was asked of it, and the person's answer. */
const permissions = (answer) => {
  const asked = [];
  return { asked, request: async (wanted) => { asked.push(wanted); if (answer instanceof Error) throw answer; return answer; } };
};

test("a service on this machine needs no permission", async () => {
  const fake = permissions(false);
  assert.equal(await isAllowed(fake, wantedFor(LOCAL, { capture: true, collects: true })), true);
  assert.equal(await isAllowed(fake, wantedForCapture(LOCAL, true)), true);
  assert.deepEqual(fake.asked, []);
});

test("a service elsewhere is asked for together with the data it will be sent", async () => {
  const fake = permissions(true);
  assert.equal(await isAllowed(fake, wantedFor(REMOTE, { capture: false, collects: true })), true);
  assert.deepEqual(fake.asked, [{ origins: ["https://rapport.example/*"], data_collection: ["browsingActivity"] }]);
});

test("posts of X that are sent already are named when the service moves elsewhere", () => {
  assert.deepEqual(wantedFor(REMOTE, { capture: true, collects: true })?.data_collection, ["browsingActivity", "websiteContent"]);
});

test("sending posts to a service elsewhere asks for the content of websites", () => {
  assert.deepEqual(wantedForCapture(REMOTE, true), { data_collection: ["websiteContent"] });
});

test("a browser without permissions for data is never given that key", () => {
  assert.deepEqual(wantedFor(REMOTE, { capture: true, collects: false }), { origins: ["https://rapport.example/*"] });
  assert.equal(wantedForCapture(REMOTE, false), null);
});

test("a refusal and a request that fails both count as no", async () => {
  const wanted = wantedFor(REMOTE, { capture: false, collects: true });
  assert.equal(await isAllowed(permissions(false), wanted), false);
  assert.equal(await isAllowed(permissions(new Error("not in a click")), wanted), false);
});

test("the browser is asked in the very turn of the click", () => {
  const fake = permissions(true);
  void isAllowed(fake, wantedForCapture(REMOTE, true));
  assert.equal(fake.asked.length, 1);
});

test("a browser says that it knows permissions for data by listing them", async () => {
  assert.equal(await knowsDataPermissions({ getAll: async () => ({ origins: [], permissions: [], data_collection: [] }) }), true);
  assert.equal(await knowsDataPermissions({ getAll: async () => ({ origins: [], permissions: [] }) }), false);
});
