// How badges look, for one sheet that they all share. The worker sends it with its greeting: it is data, and every page's script is lighter without it.

const LIGHT = "--ink:#16202a;--dim:#5b6875;--line:#d9dfe5;--paper:#fff;--talk:#0b7a6e;--some:#3b6ea8;--cast:#995c05;--auto:#6b4fb3;--game:#b3305e;--none:#5d6873;" +
  "--bot:#6b4fb3;--bot-w:#eeeafa;--talk-w:#e2f3f0;--some-w:#e7eff8;--cast-w:#fbefdd;--auto-w:#eeeafa;--game-w:#fae6ee;--none-w:#eef1f3";
const DARK = "--ink:#e8edf2;--dim:#9aa7b4;--line:#2e3a46;--paper:#161e27;--talk:#4fd1c0;--some:#8dbcf0;--cast:#f0b35c;--auto:#b9a3f5;--game:#f58fb3;--none:#9aa7b4;" +
  "--bot:#b9a3f5;--bot-w:#2a2148;--talk-w:#12352f;--some-w:#1a2e45;--cast-w:#3a2a12;--auto-w:#2a2148;--game-w:#431c2c;--none-w:#222c36";

/**
 * The rules of a mark: the look of what it stands in cuts a square of 16 pixels into its shape, "--m" is the size it is shown at. An element of
 * HTML, because one of SVG brings the interfaces of SVG into the memory of every page; a row that changes its account changes one class name.
 */
const SHAPES = `
.mark{flex:none;width:16px;height:16px;margin:calc((var(--m) - 1)*8px);transform:scale(var(--m));background:currentColor;forced-color-adjust:none}
@media (forced-colors:active){.mark{background:CanvasText}}
.talk .mark{clip-path:path(evenodd,"M2 2h8a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H6L3 10.5V8H2a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1Zm11 4h1a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-1v2.5L10 12H7.5a1 1 0 0 1-1-1V9.5H10A2.5 2.5 0 0 0 12.5 7V6h.5Z")}
.some .mark{clip-path:path(evenodd,"M3 3h10a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 13 11H8l-4 3v-3H3a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 3 3Z")}
.cast .mark{clip-path:path(evenodd,"M13 2v11L7 10.2V14H4.5v-4H3a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h4l6-3Zm1.2 3.8a2 2 0 0 1 0 3.4V5.8Z")}
.auto .mark{clip-path:path(evenodd,"M8 1.4A6.6 6.6 0 1 1 1.4 8H3A5 5 0 1 0 5 4H6.5v1.5H2v-4.5h1.5v2A6.6 6.6 0 0 1 8 1.4ZM7.2 4.6h1.6v3l2.2 1.6-.9 1.3-2.9-2.1Z")}
.game .mark{clip-path:path(evenodd,"M4.6 4.9 3.3 7.15H9a4 4 0 0 1 0 8.1H7v-1.7h2a2.3 2.3 0 0 0 0-4.7H3.3l1.3 2.25-1.2 1.1L.3 8l3.1-4.2ZM11.4 6.1l2-2.25H9.6V2.15h3.8L11.7.9 12.5-.3 16 3l-3.5 4.2Z")}
.bot .mark{clip-path:path(evenodd,"M7.2 3V1h1.6v2H12a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h3.2ZM5.5 6.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Zm5 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z")}
.none .mark{clip-path:path(evenodd,"M3.5 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm4.5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm4.5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z")}`;
const LOOKS = ["talk", "some", "cast", "auto", "game", "none", "bot"].map((look) => `.${look}{--c:var(--${look});--w:var(--${look}-w)}`).join("") + SHAPES;

// The margins take the badge out of the height of its line: no row grows because of it.
const BADGE = `
:host([data-rapport]){all:initial!important;display:inline-flex!important;flex:none!important;align-self:center!important;vertical-align:-3px!important;margin:-4px 0!important;margin-inline-start:6px!important}
.badge{all:unset;box-sizing:border-box;display:inline-flex;align-items:center;gap:5px;height:18px;padding-block:0;padding-inline:5px 7px;border-radius:9px;
font:400 12px/16px system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;white-space:nowrap;cursor:pointer;
color:var(--c);background:var(--w);border:1px solid color-mix(in srgb,var(--c) 28%,transparent)}
.badge:focus-visible{outline:2px solid var(--c);outline-offset:1px}
.badge{--m:.75}
.badge b{font-weight:700}
@media (prefers-contrast:more){.badge{border-color:currentColor}}
@media (forced-colors:active){.badge{border-color:ButtonBorder;background:ButtonFace;color:ButtonText}}`;

/** @typedef {{light: string, dark: string, rules: string}} Style  the colours of light and of dark pages, and the rules that use them */

/** @type {Style} */
export const STYLE = { light: LIGHT, dark: DARK, rules: LOOKS + BADGE };
