"use strict";
// The Mastodon web UI: the markup of 4.3–4.5, and with ?ui=redesign the one after it (hashed classes, header with three links).
const REDESIGN = OPTIONS.get("ui") === "redesign";
const DOMAIN = JSON.parse(document.getElementById("initial-state").textContent).meta.domain;
document.documentElement.setAttribute("data-color-scheme", DARK ? "dark" : "light");
/** Accounts of this server are named bare, as the API names them. */
const acct = (handle) => handle.endsWith("@" + DOMAIN) ? handle.slice(0, -DOMAIN.length - 1) : handle;
const full = (short_) => short_.includes("@") ? short_ : `${short_}@${DOMAIN}`;
const idOf = (handle) => String(109000000000000000n + BigInt(hash(handle)));

function button(name, label, count) {
  return el("div.status__action-bar__button-wrapper", {}, el("button.status__action-bar__button.icon-button", {type: "button", title: label, "aria-label": label}, icon(name), count ? el("span.icon-button__counter", {}, count) : null));
}
function accountLink(spec, attributes, ...children) {
  const a = el(`a.${spec}`, {...attributes}, ...children);
  a.point = (handle, withTitle = true) => {
    a.setAttribute("href", "/@" + acct(handle)); a.setAttribute("data-hover-card-account", idOf(handle));
    if (withTitle) a.setAttribute("title", "@" + acct(handle));
  };
  return a;
}
/** The author line of a status: set(handle, name). */
function oldAuthor() {
  const name = text(""), at = text(""), face = avatar(46);
  const a = accountLink("status__display-name", {target: "_blank", rel: "noopener noreferrer"}, el("div.status__avatar", {}, el("div.account__avatar", {}, face)),
    el("span.display-name", {}, el("bdi", {}, el("strong.display-name__html", {}, name)), " ", el("span.display-name__account", {}, at)));
  return {nodes: [a], set(handle, shown) { a.point(handle); name.data = shown; at.data = "@" + acct(handle); face.set(handle); }};
}
function newAuthor() {
  const name = text(""), at = text(""), face = avatar(46);
  const links = [accountLink("_avatar_1xk2q_12", {"data-hover-card-reference": "status"}, face), accountLink("_name_9qpzd_3", {"data-hover-card-reference": "status"}, el("bdi", {}, name)), accountLink("_handle_9qpzd_9", {"data-hover-card-reference": "status"}, at)];
  return {nodes: [links[0], el("div._names_9qpzd_1", {}, links[1], links[2])], set(handle, shown) { links.forEach((a) => a.point(handle)); name.data = shown; at.data = "@" + acct(handle); face.set(handle); }};
}
function buildRow() {
  const author = REDESIGN ? newAuthor() : oldAuthor(), when = text(""), body = text(""), byName = text(""), quoteBody = text(""), counts = [text(""), text(""), text("")];
  const time = el("time", {}, when), timeLink = el("a.status__relative-time", {}, el("span.status__visibility-icon", {}, icon("globe")), time);
  const byLink = accountLink("status__display-name.muted", {}, el("bdi", {}, el("strong", {}, byName)));
  const prepend = el("div.status__prepend", {}, icon("repost"), el("span", {}, byLink, " boosted"));
  const quoted = REDESIGN ? newAuthor() : oldAuthor();
  const quote = el("div.status__quote", {}, REDESIGN ? el("header._header_x7wq_1", {}, ...quoted.nodes) : el("div.status__info", {}, ...quoted.nodes), el("div.status__content", {}, el("p", {}, quoteBody)));
  const head = REDESIGN ? el("header._header_x7wq_1", {}, ...author.nodes, timeLink) : el("div.status__info", {}, timeLink, ...author.nodes);
  const status = el("div.status.status-public", {}, head, el("div.status__content.status__content--with-action", {tabindex: "0"}, el("div.status__content__text.status__content__text--visible.translate", {lang: "en"}, el("p", {}, body))), quote,
    el("div.status__action-bar", {}, button("reply", "Reply", counts[0]), button("repost", "Boost", counts[1]), button("star", "Favourite", counts[2]), button("mark", "Bookmark"), button("more", "More")));
  const node = el("article", {tabindex: "-1"}, el("div.status__wrapper.status__wrapper-public.focusable", {tabindex: "0"}, prepend, status));
  return {node, href: (p) => `/@${acct(p.handle)}/${p.id}`, set(p) {
    node.setAttribute("data-id", p.id); status.setAttribute("data-id", p.id);
    author.set(p.handle, p.name); timeLink.setAttribute("href", this.href(p)); time.setAttribute("datetime", p.at); when.data = p.ago; body.data = p.text;
    prepend.hidden = !p.repostedBy; quote.hidden = !p.quote;
    if (p.repostedBy) { byLink.point(p.repostedBy, false); byName.data = person(p.repostedBy).name; }
    if (p.quote) { quoted.set(p.quote.handle, person(p.quote.handle).name); quoteBody.data = p.quote.text; }
    [p.replies, p.reposts, p.likes].forEach((n, k) => { counts[k].data = short(n); });
  }};
}
function feed(count) {
  const list = el("div.item-list", {role: "feed"});
  return {list, node: el("div.scrollable.scrollable--flex", {}, list), rows: timeline(list, buildRow, count)};
}
const heading = (i, label) => el("div.column-header", {}, icon(i), label);
function home() { return [heading("home", "Home"), feed().node]; }
function numbers(p) {
  const base = "/@" + acct(p.handle);
  return [el("a", {href: base, title: p.count}, el("strong", {}, short(p.count)), " posts"), el("a", {href: base + "/following"}, el("strong", {}, short(p.following)), " following"), el("a", {href: base + "/followers"}, el("strong", {}, short(p.followers)), " followers")];
}
function profile(handle) {
  const p = person(handle), [user, domain] = handle.split("@"), texts = p.texts.length ? p.texts : PLAIN_TEXTS;
  const named = REDESIGN
    ? el("div.account__header__tabs__name", {}, el("div._name_3fk1_2", {}, el("h1", {}, el("bdi", {}, p.name)), el("p._handle_3fk1_8", {}, `@${user}@${domain}`)))
    : el("div.account__header__tabs__name", {}, el("h1", {}, el("span", {}, el("bdi", {}, el("strong.display-name__html", {}, p.name))), el("small", {}, el("span", {}, "@" + user, el("span.invisible", {}, "@" + domain)), " ", icon("globe"))));
  const header = el("div.account-timeline__header", {}, el("div.account__header", {}, el("div.account__header__image", {}, banner(handle)), el("div.account__header__bar", {},
    el("div.account__header__tabs", {}, el("a.avatar-link", {href: "/@" + acct(handle) + "/media"}, el("div.account__avatar", {}, avatar(90, handle))), el("div.account__header__tabs__buttons", {}, el("button.button", {type: "button"}, "Follow"))),
    named, el("div.account__header__extra", {}, el("div.account__header__bio", {}, el("div.account__header__content.translate", {}, el("p", {}, p.bio)), el("div.account__header__fields", {}, el("dl", {}, el("dt", {}, "Joined"), el("dd", {}, p.joined)))), el("div.account__header__extra__links", {}, ...numbers(p))))),
    el("div.account__section-headline", {}, el("a.active", {href: "/@" + acct(handle)}, el("span", {}, "Posts")), el("a", {href: `/@${acct(handle)}/with_replies`}, el("span", {}, "Posts and replies")), el("a", {href: `/@${acct(handle)}/media`}, el("span", {}, "Media"))));
  const posts = feed(texts.length);
  posts.rows.forEach((row, i) => row.show({...post(i), handle, name: p.name, text: texts[i], repostedBy: null, quote: null}));
  posts.list.prepend(header);
  return [heading("back", "Back"), posts.node];
}
function detailed(handle) {
  const p = person(handle), name = accountLink("detailed-status__display-name", {}, el("div.detailed-status__display-avatar", {}, avatar(46, handle)), el("span.display-name", {}, el("bdi", {}, el("strong.display-name__html", {}, p.name)), el("span.display-name__account", {}, "@" + handle)));
  name.point(handle);
  return [heading("back", "Back"), el("div.scrollable", {}, el("div.detailed-status", {}, name, el("div.status__content.big", {}, el("p", {}, p.texts[0] ?? PLAIN_TEXTS[0]))))];
}

const column = el("div.column", {role: "region"}), me = DATA.people[0];
const side = [["Home", "home", "/home"], ["Notifications", "bell", "/notifications"], ["Explore", "hash", "/explore"], ["Live feeds", "globe", "/public"], ["Private mentions", "mail", "/conversations"], ["Bookmarks", "mark", "/bookmarks"], ["Lists", "list", "/lists"], ["Preferences", "gear", "/settings"]];
document.getElementById("mastodon").append(el("div.ui", {}, el("div.columns-area__panels", {},
  el("div.pane.compose", {}, el("div.search", {}, icon("search"), "Search or paste URL"), el("div.mine", {}, avatar(46, me.handle), el("div", {}, el("strong", {}, me.name), el("div.dim", {}, "@" + acct(me.handle)))), el("div.box", {}, "What's on your mind?"), el("button.button", {type: "button"}, "Post")),
  el("div.columns-area.columns-area--mobile", {}, column), el("nav.pane", {}, el("div.logo", {}, DOMAIN), ...side.map(([label, i, href]) => el("a.column-link", {href}, icon(i), el("span", {}, label)))))));
const layer = el("div.hover-card-controller", {});
document.body.append(layer);

function show(path) {
  const found = path.match(/^\/@([^/]+)(\/\d+)?/);
  const handle = found && full(found[1]);
  column.replaceChildren(...(found ? found[2] ? detailed(handle) : profile(handle) : home()));
  let canonical = document.querySelector("link[rel=canonical]");
  canonical?.remove();
  if (found) { canonical = el("link", {rel: "canonical", href: `https://${handle.split("@")[1]}/@${handle.split("@")[0]}`}); document.head.append(canonical); }
}
hoverCards((target) => {
  const a = target.closest("a[data-hover-card-account]");
  return a && !a.closest(".hover-card") ? full(a.getAttribute("href").slice(2)) : null;
}, (handle, anchor) => {
  const at = below(anchor, 360), p = person(handle);
  const card = el("div.hover-card.hover-card--loading", {role: "tooltip", id: "hover-card"});
  const shell = el("div", {style: `position: absolute; left: ${at.left + scrollX}px; top: ${at.top + scrollY}px; z-index: 60`}, card);
  layer.append(shell);
  setTimeout(() => {
    card.classList.remove("hover-card--loading");
    card.append(el("a.hover-card__name", {href: "/@" + acct(handle)}, el("div.account__avatar", {}, avatar(46, handle)), el("span.display-name", {}, el("bdi", {}, el("strong.display-name__html", {}, p.name)), el("span.display-name__account", {}, "@" + handle))),
      el("div.hover-card__text-row", {}, el("div.account__header__content", {}, p.bio)), el("div.hover-card__number", {}, el("strong", {}, short(p.followers)), " followers"), el("button.button", {type: "button"}, "Follow"));
  }, 60);
  return shell;
});
route(show);
