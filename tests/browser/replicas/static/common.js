"use strict";
// What the replica sites share: people, posts, pictures, routing, hover cards. Options in the query string:
//   theme=dark   rows=60   ui=redesign (Mastodon)   authors=200 (invented members fill the timeline)   hover=50 (ms)
const DATA = JSON.parse(document.getElementById("replica-data").textContent);
const OPTIONS = new URLSearchParams(location.search);
const DARK = OPTIONS.get("theme") === "dark";
const ROWS = Number(OPTIONS.get("rows") || 14);
const AUTHORS = Number(OPTIONS.get("authors") || 0);
const HOVER_MS = Number(OPTIONS.get("hover") || 250);
const LEAVE_MS = 150;

/** el("div.a.b", {href: "/", style: "…"}, child, "text"). Styles go through CSSOM, as React's do: the policy forbids style attributes. */
function el(spec, attributes, ...children) {
  const [tag, ...classes] = spec.split(".");
  const drawn = ["svg", "path", "circle", "rect", "g", "text", "defs", "linearGradient", "stop"].includes(tag);
  const node = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (classes.length) node.setAttribute("class", classes.join(" "));
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "style") node.style.cssText = value;
    else if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}
const text = (s) => document.createTextNode(s);

const ICONS = {
  home: "M3 11.5 12 4l9 7.5V20h-6v-6H9v6H3z", search: "M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13ZM15.5 15.5 21 21",
  bell: "M6 16V11a6 6 0 1 1 12 0v5l1.5 2h-15zM10 21h4", mail: "M3 6h18v12H3zM3 7l9 6 9-6", hash: "M9 4 7 20M17 4l-2 16M4 9h17M3 15h17",
  list: "M4 6h16M4 12h16M4 18h16", mark: "M6 4h12v17l-6-4.5L6 21z", person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c1-5 4-7 8-7s7 2 8 7",
  gear: "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M5.6 18.4l2.2-2.2M16.2 7.8l2.2-2.2",
  reply: "M5 5h14v11h-7l-5 4v-4H5z", repost: "M7 18V8l-3 3M7 8l3 3M17 6v10l3-3M17 16l-3-3M10 18H7M14 6h3", like: "M12 20S4 15 4 9.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8 2.5C20 15 12 20 12 20Z",
  star: "M12 4l2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.9-5 2.9 1.2-5.6L4 9.8l5.6-.6z", view: "M5 20V11M11 20V5M17 20v-7", share: "M12 15V4M8 8l4-4 4 4M5 14v6h14v-6",
  more: "M5 12h.01M12 12h.01M19 12h.01", globe: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18", back: "M11 5l-7 7 7 7M4 12h16",
  date: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4", pin: "M12 21s-6-5-6-11a6 6 0 1 1 12 0c0 6-6 11-6 11Z", lock: "M6 11h12v9H6zM8 11V8a4 4 0 1 1 8 0v3",
};
function icon(name, attributes) {
  return el("svg.icon", {viewBox: "0 0 24 24", "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": "1.8",
    "stroke-linecap": "round", "stroke-linejoin": "round", ...attributes}, el("path", {d: ICONS[name]}));
}

function hash(s) { let h = 7; for (const c of s) h = (h * 31 + c.codePointAt(0)) >>> 0; return h; }
const title = (handle) => handle.split(/[@.]/)[0].replace(/[_-]+/g, " ").replace(/\b\w/g, (c) => c.toUpperCase());

const known = new Map(DATA.people.map((p) => [p.handle, p]));
/** The person behind a handle; one nobody described is invented from the handle. */
function person(handle) {
  let found = known.get(handle);
  if (!found) {
    const h = hash(handle);
    found = {handle, name: title(handle), bio: "", hue: h % 360, followers: h % 4000, following: h % 700, count: h % 9000, joined: "2023-05-01", texts: []};
    known.set(handle, found);
  }
  return found;
}
const member = (n) => DATA.member.replace("%", String(n % 1000).padStart(3, "0"));

const PLAIN_TEXTS = ["Morning walk along the canal. Somebody has painted the boats again.", "Does anyone have a good recipe for plum jam that isn't mostly sugar?",
  "Finished the book. It was the neighbour all along.", "New bus timetable is out. It is, once more, optimistic."];
/** The i-th post of the timeline: each person in turn, now and then a repost or a quote. */
function post(i) {
  const handle = AUTHORS ? member((i * 7) % AUTHORS) : DATA.people[i % DATA.people.length].handle;
  const author = person(handle), texts = author.texts.length ? author.texts : PLAIN_TEXTS;
  const other = (step) => AUTHORS ? member((i * 7 + step) % AUTHORS) : DATA.people[(i + step) % DATA.people.length].handle;
  const h = hash(handle + i);
  return {i, id: String(1900000000000000000n + BigInt(i)), handle, name: author.name, text: texts[Math.floor(i / Math.max(1, DATA.people.length)) % texts.length],
    ago: i < 6 ? `${3 + i * 8}m` : `${1 + (i >> 2)}h`, at: new Date(Date.UTC(2026, 10, 22, 18, 0) - i * 1300000).toISOString(),
    replies: h % 40, reposts: h % 90, likes: h % 900, views: 1000 + h % 90000,
    repostedBy: i % 6 === 4 ? other(2) : null, quote: i % 7 === 5 ? {handle: other(3), text: "The minutes of last week's meeting are online, with the maps."} : null};
}
const short = (n) => n < 1000 ? String(n) : n < 10000 ? `${Math.floor(n / 1000)},${String(n % 1000).padStart(3, "0")}` : `${(n / 1000).toFixed(1)}K`;

let pictures = 0;
/** A face drawn from the handle: nothing is loaded. set(handle) redraws it in place. */
function avatar(size, handle) {
  const id = `sky${pictures++}`;
  const from = el("stop", {offset: "0"}), to = el("stop", {offset: "1"}), body = el("path", {d: "M8 48c2-12 9-16 16-16s14 4 16 16z"}), head = el("circle", {cx: "24", cy: "20"}), hair = el("path", {});
  const node = el("svg.avatar", {viewBox: "0 0 48 48", width: String(size), height: String(size), "aria-hidden": "true"},
    el("defs", {}, el("linearGradient", {id, x1: "0", y1: "0", x2: "1", y2: "1"}, from, to)), el("circle", {cx: "24", cy: "24", r: "24", fill: `url(#${id})`}), el("g", {}, body, head, hair));
  node.set = (h) => {
    const hue = person(h).hue ?? hash(h) % 360, seed = hash(h);
    from.setAttribute("stop-color", `hsl(${hue} 62% 72%)`); to.setAttribute("stop-color", `hsl(${(hue + 50) % 360} 52% 46%)`);
    body.setAttribute("fill", `hsl(${(hue + 180) % 360} 35% 32%)`); head.setAttribute("fill", ["#f3d0b0", "#c98f63", "#8a5a3c", "#e7b58c"][seed % 4]); head.setAttribute("r", "9");
    hair.setAttribute("d", ["M15 19a9 9 0 0 1 18 0c-3-4-6-5-9-5s-6 1-9 5z", "M14 24V18a10 10 0 0 1 20 0v6l-3-8H17z", "M16 16a8.5 8.5 0 0 1 16 0c-5-2-11-2-16 0z"][seed % 3]);
    hair.setAttribute("fill", ["#3b2a20", "#1e1e24", "#8a4b22", "#cfcfd4"][(seed >> 3) % 4]);
    node.style.clipPath = "circle(50%)";
  };
  if (handle) node.set(handle);
  return node;
}
function banner(handle) {
  const hue = person(handle).hue ?? hash(handle) % 360;
  return el("div.banner", {style: `background: linear-gradient(115deg, hsl(${hue} 45% 62%), hsl(${(hue + 60) % 360} 48% 48%) 55%, hsl(${(hue + 120) % 360} 40% 40%))`});
}

/** Sends plain clicks on the site's own links, and on rows, through the site's router, as the real sites do. */
function route(show) {
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button) return;
    const link = event.target.closest("a[href^='/'], a[href^='#']");
    const row = link ? null : event.target.closest("[data-row]") && rowOf(event.target);
    const path = link ? link.getAttribute("href").replace(/^#/, "/#") : row ? row.path : null;
    if (!path) return;
    event.preventDefault();
    go(path);
  });
  const here = () => location.pathname + location.hash;
  addEventListener("popstate", () => show(here(), true));
  window.go = (path) => { history.pushState({}, "", path.replace(/(?=#)|$/, location.search)); window.scrollTo(0, 0); show(path, false); };
  show(here(), false);
}
const rows = [];
const rowOf = (node) => rows.find((r) => r.node.contains(node));

/**
 * A timeline of rows. build() -> {node, set(post)}. The tests read replica.rows for what each row shows, and recycle them.
 */
function timeline(container, build, count = ROWS) {
  const list = [];
  for (let i = 0; i < count; i++) {
    const row = build();
    row.node.setAttribute("data-row", "");
    row.show = (p) => { row.set(p); row.handle = p.handle; row.post = p; row.path = row.href?.(p); };
    row.show(post(i));
    rows.push(row); list.push(row); container.append(row.node);
  }
  window.replica.rows = list;
  window.replica.next = count;
  return list;
}
window.replica = {
  rows: [], next: 0, people: DATA.people,
  /** Every row shows another post: odd rows are changed in place, even ones taken out, changed and put back. */
  recycle(step = 1) {
    this.rows.forEach((row, k) => {
      const p = post(row.post.i + step + (row.post.i + step) % 1);
      if (k % 2) row.show(p);
      else { const after = row.node.nextSibling, parent = row.node.parentNode; row.node.remove(); row.show(p); parent.insertBefore(row.node, after); }
    });
  },
  /** One row shows a post by this handle, under this name. */
  show(index, handle, name) { this.rows[index].show({...post(index), handle, name: name ?? person(handle).name}); },
};

/**
 * The site's own hover card: opens a while after the pointer rests on an author, stays while the pointer is in it.
 * account(target) -> handle|null; open(handle, target) -> node; the card is removed by remove().
 */
function hoverCards(account, open) {
  let card = null, entering = 0, leaving = 0, anchor = null;
  const close = () => { card?.remove(); card = null; anchor = null; };
  addEventListener("pointerover", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    clearTimeout(entering);
    const found = target && account(target);
    if (card && (card.contains(target) || (found && anchor?.contains(target)))) { clearTimeout(leaving); leaving = 0; return; }
    if (found) entering = setTimeout(() => { close(); clearTimeout(leaving); leaving = 0; anchor = target.closest("a") ?? target; card = open(found, anchor); }, HOVER_MS);
    if (card && !leaving) leaving = setTimeout(() => { leaving = 0; close(); }, LEAVE_MS);
  });
  addEventListener("popstate", close);
  addEventListener("click", close);
}
/** Below the anchor, inside the screen. */
function below(anchor, width) {
  const box = anchor.getBoundingClientRect();
  return {left: Math.round(Math.max(8, Math.min(box.left, innerWidth - width - 8))), top: Math.round(box.bottom + 6)};
}
