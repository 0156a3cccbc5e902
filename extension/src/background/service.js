const TIMEOUT_MS = 10_000, LARGEST = 4_000_000;

/** @typedef {"silent" | "resting" | "forbidden" | "token" | "wait" | "fault" | "odd" | "large" | "stranger" | "unreadable"} Kind */

/** The service did not answer as it should. `kind` has words in `locales/…/service.json`. */
export class ServiceTrouble extends Error {
  /**
   * @param {Kind} kind
   * @param {number} [status]      0 when it was not reached
   * @param {number} [retryAfter]  seconds, 0 when not named
   */
  constructor(kind, status = 0, retryAfter = 0) {
    super(kind);
    this.kind = kind;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * One call. Nothing but the body leaves the browser: no cookies, no referrer.
 * @param {{service: string, token: string}} settings
 * @param {string} path
 * @param {object} [body]  sent as JSON with POST
 * @returns {Promise<{status: number, body: any}>}
 * @throws {ServiceTrouble}
 */
export async function call({ service, token }, path, body) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer, text;
  try {
    answer = await fetch(service + path, {
      method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), credentials: "omit", referrerPolicy: "no-referrer", redirect: "error",
      cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await answer.text();
  } catch {
    throw new ServiceTrouble("silent");
  }
  if (!answer.ok) throw new ServiceTrouble(kindOf(answer.status), answer.status, secondsOf(answer.headers.get("Retry-After")));
  if (text.length > LARGEST) throw new ServiceTrouble("large", answer.status);
  try {
    return { status: answer.status, body: JSON.parse(text) };
  } catch {
    throw new ServiceTrouble("stranger", answer.status);
  }
}

/** Seconds in a Retry-After header, which may also be a date. @param {string | null} header */
export function secondsOf(header) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** @param {number} status @returns {Kind} */
function kindOf(status) {
  if (status === 401 || status === 403) return "token";
  if (status === 429) return "wait";
  return status >= 500 ? "fault" : "odd";
}
