import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf, cardOf, pointsOf, safeUrl } from "../../../extension/src/background/report.js";

const SERVICE = "http://127.0.0.1:8765";
const signal = (id, axis, points, more = {}) => ({ id, title: id, axis, state: "found", value: 0.5, points, sentence: `about ${id}`, evidence: [{ url: `https://example.test/${id}` }], ...more });
const report = (more = {}) => ({
  state: "ready", score: { value: 62, low: 57, high: 66 }, verdict: { id: "in_conversation", title: "In conversation", sentence: "Replied to 41 people." },
  balance: { replies: 74, broadcasts: 60, ratio: "1 : 0.8" }, pillars: [{ id: "true_reach", title: "True Reach", rounded: 28, points: 28.1, of: 50 }],
  signals: [signal("reply_share", "engagement", null), signal("answer_rate", "engagement", null), signal("reach", "influence", 12), signal("carry", "influence", 20)],
  coverage: { sentence: "100 of 190 posts seen" }, scored_at: "2026-11-22T20:00:00Z", ask_again_after: 21600, report_url: "/accounts/x/alice", ...more,
});

test("the card names the strongest finding of each axis, and not the one it draws already", () => {
  assert.deepEqual(cardOf(report(), SERVICE).findings.map((f) => f.title), ["answer_rate", "carry"]);
});

test("findings that were not made are not shown", () => {
  const signals = [signal("a", "influence", 9, { state: "too_little" }), signal("b", "influence", 1), null, { state: "found" }];
  assert.deepEqual(cardOf(report({ signals }), SERVICE).findings.map((f) => f.title), ["b"]);
});

test("only addresses that are safe to open become links", () => {
  assert.equal(safeUrl("https://example.test/p"), "https://example.test/p");
  assert.equal(safeUrl("http://127.0.0.1:2583/p"), "http://127.0.0.1:2583/p");
  for (const url of ["javascript:alert(1)", "data:text/html,x", "http://example.test/", "file:///etc/passwd", "", null, 7, {}]) assert.equal(safeUrl(url), "");
  const signals = [signal("a", "influence", 9, { evidence: [{ url: "javascript:alert(1)" }, null, { url: "https://example.test/ok" }] })];
  assert.equal(cardOf(report({ signals }), SERVICE).findings[0].url, "https://example.test/ok");
});

test("the report page is a page of the service, whatever the report says", () => {
  assert.equal(cardOf(report(), SERVICE).why, `${SERVICE}/accounts/x/alice`);
  for (const report_url of ["//evil.example/x", "https://evil.example/", 7, undefined]) assert.equal(cardOf(report({ report_url }), SERVICE).why, SERVICE);
});

test("the badge made of a report says what the report says", () => {
  const { score, low, high, title, ratio, state } = answerOf(report(), "x", "alice");
  assert.deepEqual([state, score, low, high, title, ratio], ["ready", 62, 57, 66, "In conversation", "1 : 0.8"]);
  assert.equal(answerOf(report({ state: "too_little", score: null }), "x", "alice").state, "too_little");
});

test("a report of another shape makes no badge", () => {
  for (const broken of [{}, { score: { value: "62" } }, { verdict: null }, { balance: { replies: -1 } }, { state: "splendid" }]) {
    const value = "state" in broken || Object.keys(broken).length ? report(broken) : {};
    assert.equal(answerOf(value, "x", "alice"), null);
  }
});

test("without scores the reasons are those of engagement", () => {
  const signals = [signal("answer_rate", "engagement", null), signal("reach", "influence", 12), signal("partners", "engagement", null)];
  assert.deepEqual(cardOf(report({ signals }), SERVICE, false).findings.map((f) => f.title), ["answer_rate", "partners"]);
});

test("the facts of an account are told, and what a service does not know or makes up is left out", () => {
  const facts = { last_post: "2026-01-02T03:04:05Z", posts_per_week: 4.2, talks_about: [{ tag: "#trams", posts: 9 }, { tag: 7 }, null, { tag: "machinelearning", label: "Machine Learning" }, { tag: "tea" }], answers_strangers: { answered: 7, of: 12 } };
  const told = { lastPost: Date.UTC(2026, 0, 2, 3, 4, 5), postsPerWeek: 4.2, talksAbout: ["#trams", "Machine Learning", "#tea"], strangers: { answered: 7, of: 12 } };
  assert.deepEqual(cardOf(report({ facts }), SERVICE).facts, told);
  const odd = { last_post: "9999-01-01T00:00:00Z", posts_per_week: -1, talks_about: "trams", answers_strangers: { answered: 13, of: 12 } };
  assert.deepEqual(cardOf(report({ facts: odd }), SERVICE).facts, { lastPost: null, postsPerWeek: null, talksAbout: [], strangers: null });
  for (const none of [undefined, null, "many"]) assert.equal(cardOf(report({ facts: none }), SERVICE).facts, null);
});

test("the points of a history come in the order of time, with an interval that holds their score", () => {
  const point = (day, score, more = {}) => ({ scored_at: `2026-03-${day}T00:00:00Z`, score, low: 55, high: 65, formula_version: "1", ...more });
  const points = pointsOf({ points: [point("09", 60.4), point("03", 58.2), point("05", null, { low: null, high: null }), point("07", 60, { low: 70, high: "x" })] });
  assert.deepEqual(points.map(({ at, score, low, high }) => [new Date(at).getUTCDate(), score, low, high]), [[3, 58.2, 55, 65], [5, null, 0, 0], [7, 60, 60, 60], [9, 60.4, 55, 65]]);
});

test("a history of another shape gives no points", () => {
  const odd = [{ scored_at: "soon", score: 50 }, { scored_at: "2026-03-03T00:00:00Z", score: 101 }, { scored_at: "2026-03-03T00:00:00Z", score: "60" }, null, 7];
  for (const history of [null, {}, { points: 3 }, { points: odd }]) assert.deepEqual(pointsOf(history), []);
});
