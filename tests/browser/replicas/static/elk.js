"use strict";
// Elk: the attributes that its style sheet is made of stand in the page, and hardly a class. What is not shown is not there.
const SERVER = "mastodon.social";
document.documentElement.classList.add(DARK ? "dark" : "light");
/** Attributes without a value: on("font-bold text-sm"). */
const on = (names) => Object.fromEntries(names.split(" ").map((name) => [name, ""]));
const local = (handle) => handle.endsWith("@" + SERVER) ? handle.slice(0, -SERVER.length - 1) : handle;
const full = (account) => account.includes("@") ? account : `${account}@${SERVER}`;
const to = (handle, rest = "") => `/${SERVER}/@${local(handle)}${rest}`;

const hoverable = (child) => el("span", {}, el("div.v-popper.v-popper--theme-menu", {}, child));
const rich = (names, ...children) => el("span.content-rich", {dir: "auto", ...on(names)}, ...children);
/** AccountHandle: set(handle). */
function handleLine(more = {}) {
  const user = text(""), domain = text("");
  const node = el("p", {...on("line-clamp-1 whitespace-pre-wrap break-all text-secondary-light leading-tight"), dir: "ltr", ...more}, el("span.handle", on("text-secondary"), user), el("span.handle", on("text-secondary-light"), domain));
  return {node, set(handle) { const [u, d] = handle.split("@"); user.data = "@" + u; domain.data = "@" + d; }};
}
/** StatusAccountDetails. */
function details() {
  const name = text(""), line = handleLine({class: "zen-none"});
  const node = el("a", {flex: "~ col", "md:flex": "~ row gap-2", ...on("min-w-0 md:items-center text-link-rounded")}, rich("font-bold line-clamp-1 ws-pre-wrap break-all", name), el("div", {flex: "~ gap-1"}, line.node));
  return {node, set(handle, shown) { node.setAttribute("href", to(handle)); name.data = shown; line.set(handle); }};
}
/** AccountInfo. */
function info(handle) {
  const line = handleLine();
  line.set(handle);
  return el("div", on("flex items-center gap-3"), el("span", {}, avatar(54, handle)), el("div", {flex: "~ col", ...on("shrink overflow-hidden p-1")}, el("div", {flex: "~", ...on("gap-2")}, rich("font-bold line-clamp-1 ws-pre-wrap break-all text-lg", person(handle).name)), line.node));
}
/** StatusCard: set(post); a quoted one is a card in a blockquote. */
function card(quoted) {
  const author = details(), when = text(""), body = text(""), face = avatar(quoted ? 30 : 54);
  const faceLink = el("a", on("rounded-full"), face), time = el("time", on("text-sm ws-nowrap"), when), timeLink = el("a", {}, time);
  const boost = el("div", {flex: "~ col"}), quote = el("div", {});
  const node = el("div", {flex: "~ col gap1", tabindex: "0", "aria-roledescription": "status-card", ...on("relative")}, boost, el("div", on("flex gap-3"), el("div", {}, hoverable(faceLink)), el("div", {flex: "~ col 1", ...on("min-w-0")},
    el("div", on("flex items-center space-x-1"), hoverable(author.node), el("div", on("flex-auto")), el("div", on("text-sm text-secondary"), timeLink)), el("div.status-body", {}, rich("line-compact", el("p", {}, body))), quote)));
  return {node, set(p) {
    author.set(p.handle, person(p.handle).name); if (p.name) author.set(p.handle, p.name);
    faceLink.setAttribute("href", to(p.handle)); face.set(p.handle); timeLink.setAttribute("href", to(p.handle, "/" + p.id)); when.data = p.ago ?? "2h"; body.data = p.text; node.id = "status-" + p.id;
    boost.replaceChildren(...(p.repostedBy ? [booster(p.repostedBy)] : []));
    quote.replaceChildren(...(p.quote ? [quotedCard(p.quote)] : []));
  }};
}
function booster(handle) {
  return el("div", {flex: "~", ...on("items-center relative text-secondary ws-nowrap")}, icon("repost", {class: "status-boosted icon"}), el("div", {}, hoverable(el("a", {href: to(handle)}, avatar(24, handle)))),
    hoverable(el("a.text-link-rounded", {href: to(handle), ...on("font-bold text-sm min-w-0 flex gap-2 items-center")}, rich("line-clamp-1 ws-pre-wrap break-all", person(handle).name))));
}
function quotedCard({handle, text: words}) {
  const inner = card(true);
  inner.set({handle, text: words, id: "1900000000000000007"});
  return el("blockquote", {}, inner.node);
}
function buildRow() {
  const shown = card(false), actions = ["reply", "repost", "like", "mark", "more"].map((name) => el("button", {type: "button", "aria-label": name}, icon(name)));
  const node = el("div", {border: "b base"}, shown.node, el("div", on("flex justify-between"), ...actions));
  return {node, href: (p) => to(p.handle, "/" + p.id), set: (p) => shown.set(p)};
}
const bar = (label) => el("div", on("sticky top-0 flex font-bold"), label);
function home() {
  const list = el("div", {});
  timeline(list, buildRow);
  return [bar("Home"), list];
}
function counts(handle) {
  const p = person(handle);
  return el("div", on("flex gap-5"), el("a", {href: to(handle)}, `${short(p.count)} Posts`), el("a", {href: to(handle, "/following")}, `${short(p.following)} Following`), el("a", {href: to(handle, "/followers")}, `${short(p.followers)} Followers`));
}
const follow = () => el("button", {type: "button", ...on("font-500 min-w-30 rounded-full")}, "Follow");
function profile(handle) {
  const p = person(handle), texts = p.texts.length ? p.texts : PLAIN_TEXTS, line = handleLine(on("overflow-unset line-clamp-unset")), list = el("div", {});
  line.set(handle);
  const header = el("div", on("flex flex-col"), banner(handle), el("div", {...on("p4 flex flex-col gap-4")}, el("div", on("relative"), el("div", on("flex justify-between")
    , avatar(112, handle), follow()), el("div", {flex: "~ col gap1", ...on("pt2")},
    el("div", on("flex gap2 items-center flex-wrap"), rich("font-bold sm:text-2xl text-xl", p.name)), el("div", on("flex items-center gap-1"), line.node, el("button", {type: "button", "aria-label": "Copy"}, icon("share"))))), el("p", {}, p.bio), counts(handle)));
  timeline(list, buildRow, texts.length).forEach((row, i) => row.show({...post(i), handle, name: p.name, text: texts[i], repostedBy: null, quote: null}));
  return [bar(p.name), header, list];
}

const column = el("div.column", {}), me = DATA.people[0], aside = el("aside", {}, el("a", {href: "/home"}, icon("home"), "Home"), el("a", {href: "/notifications"}, icon("bell"), "Notifications"), el("a", {href: to(me.handle), ...on("rounded-3 text-primary w-full")}, info(me.handle)));
document.getElementById("__nuxt").append(el("main", on("flex w-full"), aside, column));

function show(path) {
  const found = path.match(/^\/(?:[^/]+\/)?@([^/]+)/);
  column.replaceChildren(...(found ? profile(full(found[1])) : home()));
}
hoverCards((target) => {
  const link = target.closest(".v-popper")?.querySelector("a[href]"), found = link?.getAttribute("href").match(/@([^/]+)$/);
  return found ? full(found[1]) : null;
}, (handle, anchor) => {
  const at = below(anchor, 360);
  const shown = el("div", {flex: "~ col gap2", style: "display: none", ...on("rounded min-w-90 p-4")}, el("div", {flex: "~ gap2", ...on("items-center")}, el("a", {href: to(handle), ...on("flex-auto rounded-full pe5 me-a")}, info(handle)), follow()), el("p", {}, person(handle).bio), counts(handle));
  const popper = el("div.v-popper__popper.v-popper--theme-menu.v-popper__popper--shown", {style: `position: absolute; left: 0; top: 0; transform: translate3d(${at.left + scrollX}px, ${at.top + scrollY}px, 0); z-index: 60`}, el("div.v-popper__wrapper", {}, el("div.v-popper__inner", {}, shown)));
  document.body.append(popper);
  setTimeout(() => { shown.style.display = ""; }, 60);
  return popper;
});
route(show);
