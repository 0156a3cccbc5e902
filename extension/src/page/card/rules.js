import { COLOURS, PAPERS } from "../colours.js";
import { LOOKS } from "../verdicts.js";

export const WIDTH = 356;

const CARD = `
:host{all:initial;position:fixed!important;left:var(--x)!important;top:var(--y)!important;z-index:2147483647!important;box-sizing:border-box!important;width:min(${WIDTH}px,calc(100vw - 16px))!important}
.card{box-sizing:border-box;display:flex;flex-direction:column;max-height:var(--h,calc(100vh - 16px));overflow:auto;overscroll-behavior:contain;background:var(--paper);color:var(--ink);border:1px solid var(--line);border-radius:14px;
box-shadow:0 8px 28px rgb(0 0 0/.14);padding:12px 16px 9px;font:400 13px/1.4 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;text-align:start;overflow-wrap:anywhere}
.card>*{flex:none}.card:focus-visible{outline:2px solid var(--c)}
.top{display:flex;gap:14px;align-items:center}
.score{flex:none;font-size:38px;font-weight:700;line-height:1;font-variant-numeric:tabular-nums;min-width:52px}
.verdict{font-weight:650;color:var(--c);display:flex;gap:6px;align-items:center}
.sentence{margin-top:2px;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}
.ends,.foot{color:var(--dim);font-size:11.5px;font-variant-numeric:tabular-nums}
.ends :is(:first-child,:last-child){white-space:nowrap}.ends{display:flex;justify-content:space-between;gap:8px}`;

// The look of a card cuts its mark, a square of 16 pixels, into its shape. It is of HTML: one of SVG brings the interfaces of SVG into memory.
const SHAPES = `
.mark{flex:none;width:16px;height:16px;margin:-.5px;transform:scale(.9375);background:currentColor;forced-color-adjust:none}
@media (forced-colors:active){.mark{background:CanvasText}}
.talk .mark{clip-path:path(evenodd,"M2 2h8a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1H6L3 10.5V8H2a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1Zm11 4h1a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-1v2.5L10 12H7.5a1 1 0 0 1-1-1V9.5H10A2.5 2.5 0 0 0 12.5 7V6h.5Z")}
.some .mark{clip-path:path(evenodd,"M3 3h10a1.5 1.5 0 0 1 1.5 1.5v5A1.5 1.5 0 0 1 13 11H8l-4 3v-3H3a1.5 1.5 0 0 1-1.5-1.5v-5A1.5 1.5 0 0 1 3 3Z")}
.cast .mark{clip-path:path(evenodd,"M13 2v11L7 10.2V14H4.5v-4H3a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2h4l6-3Zm1.2 3.8a2 2 0 0 1 0 3.4V5.8Z")}
.auto .mark{clip-path:path(evenodd,"M8 1.4A6.6 6.6 0 1 1 1.4 8H3A5 5 0 1 0 5 4H6.5v1.5H2v-4.5h1.5v2A6.6 6.6 0 0 1 8 1.4ZM7.2 4.6h1.6v3l2.2 1.6-.9 1.3-2.9-2.1Z")}
.game .mark{clip-path:path(evenodd,"M4.6 4.9 3.3 7.15H9a4 4 0 0 1 0 8.1H7v-1.7h2a2.3 2.3 0 0 0 0-4.7H3.3l1.3 2.25-1.2 1.1L.3 8l3.1-4.2ZM11.4 6.1l2-2.25H9.6V2.15h3.8L11.7.9 12.5-.3 16 3l-3.5 4.2Z")}
.bot .mark{clip-path:path(evenodd,"M7.2 3V1h1.6v2H12a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h3.2ZM5.5 6.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Zm5 0a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z")}
.none .mark{clip-path:path(evenodd,"M3.5 6.5a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm4.5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Zm4.5 0a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3Z")}`;
const LOOKED = Object.values(LOOKS).map((look) => `.card.${look}{--c:var(--${look})}`).join("");

const DRAWN = `
.scale{position:relative;height:6px;border-radius:3px;background:var(--line);margin:10px 0 2px}
.scale i{position:absolute;top:0;height:6px;border-radius:3px;background:color-mix(in srgb,var(--ink) 35%,transparent)}
.scale u{position:absolute;top:-3px;width:3px;height:12px;border-radius:2px;background:var(--ink)}
.balance{display:flex;height:20px;border-radius:6px;overflow:hidden;margin:9px 0 2px;font-size:11.5px;line-height:20px;white-space:nowrap}
.balance div{display:flex;min-width:0}.balance span{padding:0 8px}.balance .all{margin-inline-start:auto}
.talks{flex:none;background:var(--talk);color:var(--paper)}.casts{flex:1;background:var(--none-w);color:var(--ink)}
.pillars,.versus{display:grid;grid-template-columns:minmax(96px,max-content) 1fr max-content;gap:2px 10px;align-items:center;margin:8px 0 6px}
.bar{height:6px;background:var(--line);border-radius:3px}.bar i{display:block;height:6px;border-radius:3px;background:var(--ink);opacity:.72}
.pts{text-align:end;font-variant-numeric:tabular-nums;color:var(--dim);white-space:nowrap}
.line{display:block;width:100%;height:34px;margin:8px 0 1px}
.over{fill:none;stroke:var(--ink);stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
.band{fill:color-mix(in srgb,var(--ink) 14%,transparent)}.break{stroke:var(--dim);stroke-width:1;stroke-dasharray:2 3}
.versus{grid-template-columns:minmax(0,112px) 1fr max-content;margin:10px 0 4px}.versus .scale{margin:3px 0}.pair{display:grid;gap:2px}.wide{grid-column:span 2}
.who{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.other i{background:transparent;box-shadow:inset 0 0 0 1.5px var(--ink)}.noise{margin-bottom:6px}`;

const WORDS = `
ul{margin:6px 0 0;padding:0;list-style:none}.reasons li{padding:5px 0;border-top:1px solid var(--line)}
.clamped{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}.clamped:focus-within{-webkit-line-clamp:none}
.facts{font-size:12px;border-top:1px solid var(--line);padding:5px 0 0;display:flex;flex-wrap:wrap;gap:0 14px;margin-block:2px 6px}.facts .tags{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
a{color:inherit;text-decoration-color:var(--dim);text-underline-offset:2px}
.foot{border-top:1px solid var(--line);padding-top:6px;margin-top:auto}.seen{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.links{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 10px}
.card button{all:unset;cursor:pointer;text-decoration:underline;text-decoration-color:var(--dim);text-underline-offset:2px}
.card .ask{display:block;box-sizing:border-box;width:100%;margin:10px 0 4px;padding:6px 12px;border:1px solid var(--c);border-radius:8px;text-align:center;text-decoration:none;font-weight:600;color:var(--c)}
.card .ask[aria-disabled=true]{opacity:.8;cursor:default}
.card a:focus-visible,.card button:focus-visible{outline:2px solid var(--c);outline-offset:1px;border-radius:2px}`;

// In forced colours nothing but borders and text has a colour of its own: what is drawn is drawn in the system's.
const CHOICES = `
@media (prefers-reduced-motion:no-preference){.card{animation:in .12s ease-out}@keyframes in{from{opacity:0}}}
@media (prefers-contrast:more){.card{--dim:var(--ink);border-color:var(--ink)}.scale,.bar,.casts{background:transparent;box-shadow:inset 0 0 0 1px var(--ink)}.bar i{opacity:1}.card .ask{border-width:2px}}
@media (forced-colors:active){.card,.card .ask{border-color:CanvasText}.card .ask{color:ButtonText;background:ButtonFace}
.scale,.bar,.balance{forced-color-adjust:none;background:Canvas;color:CanvasText;box-shadow:inset 0 0 0 1px CanvasText}.casts{background:transparent;color:CanvasText}
.scale i{background:GrayText}.scale u,.bar i{background:CanvasText;opacity:1}.other i{background:transparent;box-shadow:inset 0 0 0 1.5px CanvasText}
.talks{background:CanvasText;color:Canvas}.over,.break{stroke:CanvasText}.band{fill:GrayText;opacity:.4}}`;

const RULES = CARD + LOOKED + SHAPES + DRAWN + WORDS + CHOICES;

/** The sheet of a card on a light or on a dark page. @param {boolean} isDark */
export function rulesOn(isDark) {
  const theme = isDark ? "dark" : "light", looks = Object.entries(COLOURS[theme]);
  const named = [...Object.entries(PAPERS[theme]), ...looks.flatMap(([look, [colour, wash]]) => [[look, colour], [`${look}-w`, wash]])];
  return `${RULES}:host{${named.map(([name, value]) => `--${name}:${value}`).join(";")}}`;
}
