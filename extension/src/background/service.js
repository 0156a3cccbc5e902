const TIMEOUT_MS = 10_000, LARGEST = 4_000_000;

/** The service did not answer as it should. `status` is 0 when it was not reached; `retryAfter` in seconds, 0 when not named. */
export class ServiceTrouble extends Error {
  /** @param {string} message @param {number} status @param {number} [retryAfter] */
  constructor(message, status, retryAfter = 0) {
    super(message);
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
    throw new ServiceTrouble("The service does not answer.", 0);
  }
  if (!answer.ok) throw new ServiceTrouble(words(answer.status), answer.status, secondsOf(answer.headers.get("Retry-After")));
  if (text.length > LARGEST) throw new ServiceTrouble("The service sent more than fits.", answer.status);
  try {
    return { status: answer.status, body: JSON.parse(text) };
  } catch {
    throw new ServiceTrouble("The address answers, but it is not Rapport.", answer.status);
  }
}

/** Seconds in a Retry-After header, which may also be a date. @param {string | null} header */
export function secondsOf(header) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : 0;
}

/** @param {number} status */
function words(status) {
  if (status === 401 || status === 403) return "The service refuses the token.";
  if (status === 429) return "The service asks to wait.";
  return status >= 500 ? "The service has a fault of its own." : `The service answered ${status}.`;
}
