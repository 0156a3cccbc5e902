import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { call, secondsOf } from "../../../extension/src/background/service.js";

let server, service, answer;
const calls = [];

before(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => { body += part; });
    request.on("end", () => {
      calls.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  service = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test("a question carries its body and the token, and nothing of the browser", async () => {
  answer = { status: 200, body: '{"badges": []}' };
  const { body } = await call({ service, token: "secret" }, "/api/v1/badges", { accounts: [{ network: "x", handle: "alice" }] });
  assert.deepEqual(body, { badges: [] });
  const { method, url, headers, body: sent } = calls.at(-1);
  assert.deepEqual([method, url, sent], ["POST", "/api/v1/badges", '{"accounts":[{"network":"x","handle":"alice"}]}']);
  assert.equal(headers.authorization, "Bearer secret");
  assert.equal(headers.cookie, undefined);
  assert.equal(headers.referer, undefined);
});

for (const [status, kind] of [[401, "token"], [429, "wait"], [500, "fault"], [418, "odd"]]) {
  test(`an answer ${status} is told apart, with the time to wait`, async () => {
    answer = { status, body: "{}", headers: { "Retry-After": "7" } };
    await assert.rejects(call({ service, token: "" }, "/readyz"), (error) => error.kind === kind && error.status === status && error.retryAfter === 7);
  });
}

test("a redirect is not followed", async () => {
  answer = { status: 302, body: "", headers: { Location: "/elsewhere" } };
  await assert.rejects(call({ service, token: "" }, "/readyz"), { status: 0 });
});

test("a page that is not the service is told apart", async () => {
  answer = { status: 200, body: "<!doctype html>" };
  await assert.rejects(call({ service, token: "" }, "/readyz"), { kind: "stranger" });
});

test("a service that is not there is told apart", async () => {
  await assert.rejects(call({ service: "http://127.0.0.1:9", token: "" }, "/readyz"), { status: 0, kind: "silent" });
});

test("a time to wait may be a number, a date or nonsense", () => {
  assert.equal(secondsOf("12"), 12);
  assert.equal(secondsOf(null), 0);
  assert.equal(secondsOf("soon"), 0);
  assert.equal(secondsOf(new Date(Date.now() - 5_000).toUTCString()), 0);
  assert.ok(secondsOf(new Date(Date.now() + 90_000).toUTCString()) >= 88);
});
