// How badges look: the build writes it as badge.css, which the browser gives to every page that the content script runs in. One sheet of the
// page, not one in each badge: with those the browser collects a badge's sheets again whenever its row moves.
//
// A timeline shows thousands of badges, and each of them is laid out and painted by the page: a badge is a box with one text in it. Its mark is
// painted into its background with gradients: a box of its own doubles what a badge costs, a clip-path or an SVG has the page keep a clip, a
// transform and a layer for each. Colours are written out: what a custom property says has to be looked up for each badge.
import { COLOURS } from "./colours.js";

/**
 * A piece of a mark, on a field of 12 by 12 pixels at the start of the badge.
 * @param {number} x @param {number} y @param {number} width @param {number} height
 * @param {string} [paint]  an image of CSS; without one, all of it
 */
const piece = (x, y, width, height, paint = "linear-gradient(currentColor 0 0)") => `${paint} ${x + 6}px ${y + 2}px/${width}px ${height}px no-repeat`;
/** A triangle that opens to a side, from the middle of the other. @param {number} from  degrees @param {string} apex */
const wedge = (from, apex) => `conic-gradient(from ${from}deg at ${apex} 50%,currentColor 60deg,#0000 0)`;
const TAIL = "linear-gradient(to bottom right,currentColor 50%,#0000 0)";
const OVAL = "radial-gradient(closest-side,currentColor 94%,#0000)";
const DOT = "radial-gradient(currentColor 1.1px,#0000 1.6px)";
const EYES = "linear-gradient(90deg,currentColor 2px,#0000 0 4px,currentColor 0 6px,#0000 0 8px,currentColor 0)";

/** What each look is marked with, so that colour is never the only difference; the card has finer ones of the same kind. */
const MARKS = {
  talk: [piece(0, 0, 9, 7, OVAL), piece(1, 5, 3, 3, TAIL), piece(5, 7, 7, 5, OVAL)],
  some: [piece(0, 0, 12, 10, OVAL), piece(2, 8, 4, 4, TAIL)],
  cast: [piece(3, 0, 7, 11, wedge(60, "0")), piece(0, 4, 4, 3), piece(3, 6, 2, 5), piece(10, 3, 2, 5, "radial-gradient(circle at 0 50%,currentColor 1.4px,#0000 1.9px)")],
  auto: [piece(0, 0, 12, 12, "radial-gradient(#0000 3.9px,currentColor 4.4px 5.2px,#0000 5.7px)"), piece(5, 3, 1.3, 4), piece(5, 6, 3.5, 1.3)],
  game: [piece(0, 2, 8, 2), piece(8, 0, 4, 6, wedge(240, "100%")), piece(4, 8, 8, 2), piece(0, 6, 4, 6, wedge(60, "0"))],
  bot: [piece(5, 0, 2, 2), piece(1, 2, 10, 3), piece(1, 5, 10, 2, EYES), piece(1, 7, 10, 4)],
  none: [piece(0, 4, 4, 4, DOT), piece(4, 4, 4, 4, DOT), piece(8, 4, 4, 4, DOT)],
};

/** @param {string} name @param {[colour: string, wash: string]} colours @param {string} [more]  other parts that the button is as well */
const coloured = (name, [colour, wash], more = "") => `::part(${name}${more}){color:${colour};background-color:${wash};border-color:${colour}47}`;

// The margins take the badge out of the height of its line: no row grows because of it.
const HOST = `{all:initial;display:inline-flex;flex:none;align-self:center;margin:-4px 0;margin-inline-start:6px}`;
// A line with "…" at its end hides a badge after its text. A float, first in it, has its place before the text gets any, and moves none.
const AT_END = `[at-end]{float:inline-end;margin-top:1px}`;
const BUTTON = `::part(badge){all:unset;box-sizing:border-box;display:inline-block;height:18px;padding:0 6px 0 19px;border:1px solid;border-radius:9px;direction:ltr;
font:500 12px/16px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;white-space:nowrap;cursor:pointer}`;

const RULES = [
  HOST,
  AT_END,
  BUTTON,
  ...Object.entries(MARKS).map(([look, pieces]) => `::part(${look}){background:${pieces.join()}}`),
  ...Object.entries(COLOURS.light).map(([look, colours]) => coloured(look, colours)),
  ...Object.entries(COLOURS.dark).map(([look, colours]) => coloured(look, colours, " dark")),
  "::part(badge):focus-visible{outline:2px solid;outline-offset:1px}",
];
const MORE_CONTRAST = "::part(badge){border-color:currentColor}";
const FORCED_COLOURS = "::part(badge){forced-color-adjust:none;border-color:ButtonBorder;background-color:ButtonFace;color:ButtonText}";

/** Every rule of ours, for the element's name and for the one it goes by where a page has taken that. @param {string} rule */
const ours = (rule) => `:is(rapport-badge,[rapport-badge])${rule}`;

/**
 * In a layer, because what is important there outweighs whatever a page holds to be important: in Chromium, where the sheets of extensions come
 * first, even in layers of its own; in Firefox they come last.
 * @param {string} css
 */
const important = (css) => css.replace(/([;{]\s*[a-z-]+:[^;}{]+)/g, "$1!important");

export const BADGE_CSS = important(`@layer rapport{
${RULES.map(ours).join("\n")}
@media (prefers-contrast:more){${ours(MORE_CONTRAST)}}
@media (forced-colors:active){${ours(FORCED_COLOURS)}}
}
`);
