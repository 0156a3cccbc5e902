"use strict";
// Phanpy: plain class names, routes in the hash, links that lead to the accounts' own servers. A click on a name opens a sheet; nothing opens
// when one is pointed at.
const INSTANCE = "my.example";
document.documentElement.classList.add(DARK ? "is-dark" : "is-light");
const url = (handle) => { const [user, domain] = handle.split("@"); return `https://${domain}/@${user}`; };
const titleOf = (handle, name) => name ? `${name} (${handle})` : handle;
const icon_ = (name) => el("span.icon", {}, icon(name));

/** NameText: set(handle, name). */
function nameText(size) {
  const name = text(""), user = text(""), face = size ? avatar(size) : null;
  const node = el("a.name-text", {}, face && el("picture.avatar", {}, face), face && " ", el("b", {dir: "auto"}, name), " ", el("i.bidi-isolate", {}, user));
  node.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); openSheet(node.account); });
  return {node, set(handle, shown) { node.account = handle; node.setAttribute("href", url(handle)); node.setAttribute("title", titleOf(handle, shown)); name.data = shown; user.data = "@" + handle.split("@")[0]; face?.set(handle); }};
}
function block(handle) {
  const [user, domain] = handle.split("@");
  return el("a.account-block", {href: url(handle), title: handle}, el("div.avatar-container", {}, avatar(64, handle)), el("span.account-block-content", {}, el("b", {}, person(handle).name), " ", el("span.account-block-acct.bidi-isolate", {}, user, el("wbr", {}), "@" + domain)));
}
/** Status: set(post). */
function statusOf(size) {
  const author = nameText(size === "small" ? 20 : 0), when = text(""), body = text(""), face = avatar(50), faceLink = el("a", {tabindex: "-1"}, el("picture.avatar", {}, face)), time = el("a.time", {}, el("time", {}, when)), quote = el("div", {});
  const node = el(`article.status.${size}${size === "small" ? ".status-card" : ""}`, {tabindex: "-1"}, size === "small" ? null : faceLink, el("div.container", {}, el("div.meta", {}, el("span.meta-name", {}, author.node), " ", time), el("div.content-container", {}, el("div.content", {}, el("div.inner-content", {dir: "auto"}, el("p", {}, body))), quote)));
  return {node, set(p) {
    node.setAttribute("data-state-post-id", `${INSTANCE}/${p.id}`); author.set(p.handle, p.name ?? person(p.handle).name);
    faceLink.setAttribute("href", url(p.handle)); faceLink.setAttribute("title", p.handle); face.set(p.handle); time.setAttribute("href", `#/${INSTANCE}/s/${p.id}`); when.data = p.ago ?? "2h"; body.data = p.text;
    quote.replaceChildren(...(p.quote ? [quoted(p.quote)] : []));
  }};
}
function quoted({handle, text: words}) {
  const inner = statusOf("small");
  inner.set({handle, text: words, id: "1900000000000000007"});
  return el("a.status-card-link", {href: `#/${INSTANCE}/s/1900000000000000007`}, inner.node);
}
function boosted(handle) {
  const by = nameText(20);
  by.set(handle, person(handle).name);
  return el("div.status-pre-meta", {}, icon_("repost"), " ", by.node, " ", el("span", {}, "boosted"));
}
function buildRow() {
  const shown = statusOf("medium"), box = el("div", {}, shown.node), link = el("a.status-link.timeline-item", {}, box), node = el("li", {}, link);
  return {node, href: (p) => `/#/${INSTANCE}/s/${p.id}`, set(p) {
    link.setAttribute("href", `#/${INSTANCE}/s/${p.id}`); shown.set(p);
    box.querySelector(".status-pre-meta")?.remove();
    box.classList.toggle("status-reblog", Boolean(p.repostedBy));
    if (p.repostedBy) box.prepend(boosted(p.repostedBy));
  }};
}
function accountInfo(handle) {
  const p = person(handle);
  return el("div.account-container", {tabindex: "-1"}, banner(handle), el("header", {}, el("div", {}, block(handle))), el("main", {}, el("div.note", {dir: "auto"}, el("p", {}, p.bio)), el("div.account-metadata-box", {}, el("div.stats", {}, el("div", {}, `${short(p.followers)} Followers`), el("div", {}, `${short(p.following)} Following`), el("div", {}, `${short(p.count)} Posts`)))),
    el("footer", {}, el("div.actions", {}, el("span", {}), el("span.buttons", {}, el("button", {type: "button"}, "Follow")))));
}
function deck(id, label, ...inside) {
  return el("div.deck-container", {id, tabindex: "-1"}, el("div.timeline-deck.deck", {}, el("header", {}, el("div.header-grid", {}, el("a.button.plain.home-button", {href: "#/"}, icon_("home")), el("h1", {}, label))), ...inside));
}
function home() {
  const list = el("ul.timeline", {});
  timeline(list, buildRow);
  return deck("home-page", "Home", list);
}
function profile(handle) {
  const p = person(handle), texts = p.texts.length ? p.texts : PLAIN_TEXTS, list = el("ul.timeline", {});
  timeline(list, buildRow, texts.length).forEach((row, i) => row.show({...post(i), handle, name: p.name, text: texts[i], repostedBy: null, quote: null}));
  return deck("account-statuses-page", p.name, el("div.timeline-start", {}, accountInfo(handle)), list);
}

const modals = document.getElementById("modal-container");
function openSheet(handle) {
  const close = el("button.sheet-close.outer", {type: "button", "aria-label": "Close"}, icon("back"));
  close.addEventListener("click", () => modals.replaceChildren());
  modals.replaceChildren(el("div.sheet", {}, close, accountInfo(handle)));
}
function show(path) {
  const found = path.match(/^\/#\/[^/]+\/a\/([^/?]+)/);
  modals.replaceChildren();
  document.getElementById("app").replaceChildren(found ? profile(found[1]) : home());
}
route(show);
