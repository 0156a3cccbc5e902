/**
 * How each verdict looks: the name of its colours and of its shape, so that colour is never the only difference.
 * @type {Record<string, string>}
 */
export const LOOKS = {
  in_conversation: "talk",
  some_replies: "some",
  broadcasts: "cast",
  looks_automated: "auto",
  games_its_numbers: "game",
  declared_bot: "bot",
  too_little: "none",
};

/** A verdict this version does not know is drawn like "too little to tell", with its own words. @param {import("../answer.js").Answer} answer */
export function lookOf({ state, verdict }) {
  return LOOKS[(state === "ready" && verdict) || "too_little"] ?? "none";
}
