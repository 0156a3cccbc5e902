// How badges look, for one sheet that they all share. The worker sends it with its greeting: it is data, and every page's script is lighter without it.
//
// A timeline shows thousands of badges, and each of them is laid out and painted by the page: a badge is a box with one text in it. Its mark is
// painted into its background with gradients: a box of its own doubles what a badge costs, a clip-path or an SVG has the page keep a clip, a
// transform and a layer for each. Colours are written out: what a custom property says has to be looked up for each badge.

/** @type {Record<"light" | "dark", Record<string, string>>} */
const PAPERS = {
  light: { ink: "#16202a", dim: "#5b6875", line: "#d9dfe5", paper: "#fff" },
  dark: { ink: "#e8edf2", dim: "#9aa7b4", line: "#2e3a46", paper: "#161e27" },
};

/** The colour of each look and the wash behind it. @type {Record<"light" | "dark", Record<string, [string, string]>>} */
const COLOURS = {
  light: {
    talk: ["#0b7a6e", "#e2f3f0"], some: ["#3b6ea8", "#e7eff8"], cast: ["#995c05", "#fbefdd"], auto: ["#6b4fb3", "#eeeafa"],
    game: ["#b3305e", "#fae6ee"], none: ["#5d6873", "#eef1f3"], bot: ["#6b4fb3", "#eeeafa"],
  },
  dark: {
    talk: ["#4fd1c0", "#12352f"], some: ["#8dbcf0", "#1a2e45"], cast: ["#f0b35c", "#3a2a12"], auto: ["#b9a3f5", "#2a2148"],
    game: ["#f58fb3", "#431c2c"], none: ["#9aa7b4", "#222c36"], bot: ["#b9a3f5", "#2a2148"],
  },
};

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

/** @param {"light" | "dark"} theme */
function coloured(theme) {
  const looks = Object.entries(COLOURS[theme]);
  const named = [...Object.entries(PAPERS[theme]), ...looks.flatMap(([look, [colour, wash]]) => [[look, colour], [`${look}-w`, wash]])];
  const badges = looks.map(([look, [colour, wash]]) => `.badge.${look}{color:${colour};background-color:${wash};border-color:${colour}47}`);
  return `:host(:not([data-rapport],rapport-badge)){${named.map(([name, value]) => `--${name}:${value}`).join(";")}}${badges.join("")}`;
}

// The margins take the badge out of the height of its line: no row grows because of it.
const BADGE = `
:host([data-rapport]){all:initial!important;display:inline-flex!important;flex:none!important;align-self:center!important;vertical-align:-3px!important;margin:-4px 0!important;margin-inline-start:6px!important}
.badge{all:unset;box-sizing:border-box;display:inline-block;height:18px;padding:0 6px 0 19px;border:1px solid;border-radius:9px;direction:ltr;
font:500 12px/16px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;white-space:nowrap;cursor:pointer}
.badge:focus-visible{outline:2px solid;outline-offset:1px}
@media (prefers-contrast:more){.badge[class][class]{border-color:currentColor}}
@media (forced-colors:active){.badge[class][class]{forced-color-adjust:none;border-color:ButtonBorder;background-color:ButtonFace;color:ButtonText}}`;

const MARKED = Object.entries(MARKS).map(([look, pieces]) => `.badge.${look}{background:${pieces.join()}}`).join("");

/** @typedef {{light: string, dark: string, rules: string}} Style  the colours of badges and card on light and on dark pages, and how badges are drawn */

/** @type {Style} */
export const STYLE = { light: coloured("light"), dark: coloured("dark"), rules: BADGE + MARKED };
