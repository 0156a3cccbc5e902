/**
 * How each verdict looks: the name of its colours and of its shape, so that colour is never the only difference.
 * @type {Record<string, string>}
 */
const LOOKS = {
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

/**
 * The rules of a mark: the look of what it stands in cuts a square of 16 pixels into its shape, "--m" is the size it is shown at. An element of
 * HTML, because one of SVG brings the interfaces of SVG into the memory of every page; a row that changes its account changes one class name.
 */
export const SHAPES = `
.mark{flex:none;width:16px;height:16px;margin:calc((var(--m) - 1)*8px);transform:scale(var(--m));background:currentColor;forced-color-adjust:none}
@media (forced-colors:active){.mark{background:CanvasText}}
.talk .mark{clip-path:path(evenodd,"M2 2h8a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H6L3 10.5V8H2a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1Zm11 4h1a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-1v2.5L10 12H7.5a1 1 0 0 1-1-1V9.5H10A2.5 2.5 0 0 0 12.5 7V6h.5Z")}
.some .mark{clip-path:path(evenodd,"M3 3h10a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 13 11H8l-4 3v-3H3a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 3 3Z")}
.cast .mark{clip-path:path(evenodd,"M13 2v11L7 10.2V14H4.5v-4H3a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h4l6-3Zm1.2 3.8a2 2 0 0 1 0 3.4V5.8Z")}
.auto .mark{clip-path:path(evenodd,"M8 1.4A6.6 6.6 0 1 1 1.4 8H3A5 5 0 1 0 5 4H6.5v1.5H2v-4.5h1.5v2A6.6 6.6 0 0 1 8 1.4ZM7.2 4.6h1.6v3l2.2 1.6-.9 1.3-2.9-2.1Z")}
.game .mark{clip-path:path(evenodd,"M4.6 4.9 3.3 7.15H9a4 4 0 0 1 0 8.1H7v-1.7h2a2.3 2.3 0 0 0 0-4.7H3.3l1.3 2.25-1.2 1.1L.3 8l3.1-4.2ZM11.4 6.1l2-2.25H9.6V2.15h3.8L11.7.9 12.5-.3 16 3l-3.5 4.2Z")}
.bot .mark{clip-path:path(evenodd,"M7.2 3V1h1.6v2H12a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h3.2ZM5.5 6.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Zm5 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z")}
.none .mark{clip-path:path(evenodd,"M3.5 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm4.5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm4.5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z")}`;

/** An empty mark; the look of what it stands in gives it its shape. */
export function createMark() {
  const mark = document.createElement("i");
  mark.className = "mark";
  return mark;
}
