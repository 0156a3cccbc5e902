"use strict";
// x.com: test ids, roles and nesting as the site draws them. A profile opened from a profile reuses the header: the address changes at once, the words later.
document.body.style.backgroundColor = DARK ? "rgb(0, 0, 0)" : "rgb(255, 255, 255)";
document.documentElement.style.colorScheme = DARK ? "dark" : "light";
document.documentElement.classList.toggle("dim", DARK);
const v = (cls, attributes, ...c) => el("div.css-175oi2r" + (cls ? "." + cls : ""), attributes, ...c);
const span = (...c) => el("span.css-1jxf684", {}, ...c);
const numeric = (handle) => String(1700000000000000000n + BigInt(hash(handle)));

function action(testid, name, count) {
  return v("act", {}, el("button.css-175oi2r", {role: "button", type: "button", "data-testid": testid, "aria-label": testid}, el("div.t", {dir: "ltr"}, icon(name), count ? el("span", {"data-testid": "app-text-transition-container"}, span(count)) : null)));
}
/** The row with the name, the handle and the time: set(handle, shown, href, ago). Quoted authors have no links. */
function userName(linked) {
  const name = text(""), at = text(""), when = text(""), time = el("time", {}, when);
  const a = (attributes, ...c) => linked ? el("a.css-175oi2r.lnk", {role: "link", ...attributes}, ...c) : v("lnk", {}, ...c);
  const nameLink = a({}, v("row", {}, el("div.t.name", {dir: "ltr"}, span(span(name))))), atLink = a({tabindex: "-1"}, el("div.t.handle", {dir: "ltr"}, span(at)));
  const timeLink = linked ? el("a.t.when", {dir: "ltr", role: "link"}, time) : el("div.t.when", {dir: "ltr"}, time);
  const node = v("user-name", {"data-testid": "User-Name"}, v("row", {}, v("", {}, nameLink)), v("row", {}, v("row", {}, v("", {}, atLink), el("div.t.dot", {dir: "ltr", "aria-hidden": "true"}, span("·")), v("row", {}, timeLink))));
  return {node, set(handle, shown, p) {
    if (linked) { nameLink.setAttribute("href", "/" + handle); atLink.setAttribute("href", "/" + handle); timeLink.setAttribute("href", `/${handle}/status/${p.id}`); }
    name.data = shown; at.data = "@" + handle; when.data = p.ago; time.setAttribute("datetime", p.at);
  }};
}
function face(size) {
  const drawn = avatar(size), a = el("a.css-175oi2r", {role: "link", "aria-hidden": "true", tabindex: "-1"}, drawn), box = v("", {}, v("", {}, a));
  return {node: v("", {"data-testid": "Tweet-User-Avatar"}, box), set(handle) { box.setAttribute("data-testid", "UserAvatar-Container-" + handle); a.setAttribute("href", "/" + handle); drawn.set(handle); }};
}
function buildRow() {
  const picture = face(40), author = userName(true), quotedAuthor = userName(false), quotedFace = avatar(20), body = text(""), quotedBody = text(""), by = text(""), counts = [text(""), text(""), text(""), text("")];
  const byLink = el("a.css-175oi2r", {role: "link", dir: "ltr"}, el("span", {"data-testid": "socialContext"}, by, " reposted"));
  const context = v("context", {}, icon("repost"), byLink), words = el("div.t.text", {dir: "auto", lang: "en", "data-testid": "tweetText"}, span(body));
  const quote = el("div.css-175oi2r.quote", {role: "link", tabindex: "0"}, v("row", {}, v("", {"data-testid": "Tweet-User-Avatar"}, quotedFace), quotedAuthor.node), el("div.t.text", {dir: "auto", lang: "en", "data-testid": "tweetText"}, span(quotedBody)));
  const locked = icon("lock", {"data-testid": "icon-lock", "aria-label": "Protected account"});
  const article = el("article.css-175oi2r", {role: "article", tabindex: "0", "data-testid": "tweet"}, v("", {}, context, v("line", {}, v("left", {}, picture.node), v("right", {}, v("top", {}, v("row", {}, author.node, locked), v("row", {}, action("caret", "more"))), words, quote,
    v("actions", {role: "group"}, action("reply", "reply", counts[0]), action("retweet", "repost", counts[1]), action("like", "like", counts[2]), action("analytics", "view", counts[3]), action("bookmark", "mark"))))));
  const node = v("", {"data-testid": "cellInnerDiv"}, v("", {}, article));
  return {node, href: (p) => `/${p.handle}/status/${p.id}`, set(p) {
    picture.set(p.handle); author.set(p.handle, p.name, p); body.data = p.text; context.hidden = !p.repostedBy; quote.hidden = !p.quote;
    if (person(p.handle).locked) author.node.after(locked); else locked.remove();
    if (p.repostedBy) { byLink.setAttribute("href", "/" + p.repostedBy); by.data = person(p.repostedBy).name; }
    if (p.quote) { quotedAuthor.set(p.quote.handle, person(p.quote.handle).name, p); quotedFace.set(p.quote.handle); quotedBody.data = p.quote.text; }
    [p.replies, p.reposts, p.likes, p.views].forEach((n, k) => { counts[k].data = short(n); });
  }};
}
function section(count) {
  const list = el("div", {});
  return {node: el("section.css-175oi2r", {role: "region"}, v("", {"aria-label": "Timeline"}, list)), rows: timeline(list, buildRow, count)};
}
const tabs = (...labels) => v("tabs", {role: "tablist"}, ...labels.map((l, i) => v(i ? "tab" : "tab.on", {role: "tab"}, span(l))));
function metrics() {
  const following = text(""), followers = text("");
  const a = el("a.css-175oi2r", {role: "link"}, el("b", {}, following), span(" Following")), b = el("a.css-175oi2r", {role: "link"}, el("b", {}, followers), span(" Followers"));
  return {node: v("metrics", {}, v("", {}, a), v("", {}, b)), set(p) { a.setAttribute("href", `/${p.handle}/following`); b.setAttribute("href", `/${p.handle}/verified_followers`); following.data = short(p.following); followers.data = short(p.followers); }};
}
let header = null;
function profileHeader() {
  const name = text(""), at = text(""), bio = text(""), joined = text(""), counts = metrics(), drawn = avatar(130), box = v("face", {}, drawn), image = v("", {});
  const follow = el("button.css-175oi2r.follow", {type: "button", role: "button"}, span("Follow"));
  const locked = icon("lock", {"data-testid": "icon-lock", "aria-label": "Protected account"});
  const nameRow = v("row", {}, el("div.t.display", {dir: "ltr"}, span(span(name))));
  const node = v("profile", {}, image, v("inner", {}, v("head", {}, box, v("", {"data-testid": "placementTracking"}, follow)),
    v("names", {"data-testid": "UserName"}, v("", {}, nameRow, v("row", {}, v("row", {}, el("div.t.handle", {dir: "ltr"}, span(at)))))),
    v("", {}, el("div.t.bio", {dir: "auto", "data-testid": "UserDescription"}, span(bio))), v("", {"data-testid": "UserProfileHeader_Items"}, el("span.joined", {"data-testid": "UserJoinDate"}, icon("date"), span(joined))), counts.node));
  return {node, set(handle) {
    const p = person(handle);
    name.data = p.name; at.data = "@" + handle; bio.data = p.bio; joined.data = "Joined " + new Date(p.joined).toLocaleDateString("en-GB", {month: "long", year: "numeric"});
    if (p.locked) nameRow.append(locked); else locked.remove();
    counts.set(p); drawn.set(handle); box.setAttribute("data-testid", "UserAvatar-Container-" + handle); follow.setAttribute("data-testid", numeric(handle) + "-follow"); follow.setAttribute("aria-label", "Follow @" + handle); image.replaceChildren(banner(handle));
  }};
}
function profile(handle, count) {
  const p = person(handle), texts = p.texts.length ? p.texts : PLAIN_TEXTS, posts = section(texts.length);
  posts.rows.forEach((row, i) => row.show({...post(i), handle, name: p.name, text: texts[i], repostedBy: null, quote: null}));
  return [v("bar", {}, icon("back"), v("", {}, el("h2", {role: "heading"}, p.name), el("div.t.handle", {}, `${short(p.count)} posts`))), header.node, tabs("Posts", "Replies", "Media", "Likes"), posts.node];
}
function cell(p) {
  return el("li.css-175oi2r.cell", {role: "listitem", "data-testid": "UserCell"}, v("line", {}, v("left", {"data-testid": "UserAvatar-Container-" + p.handle}, el("a", {href: "/" + p.handle, role: "link", tabindex: "-1", "aria-hidden": "true"}, avatar(40, p.handle))),
    v("right", {}, v("top", {}, v("", {}, el("a.css-175oi2r.lnk", {href: "/" + p.handle, role: "link"}, el("div.t.name", {dir: "ltr"}, span(p.name))), el("a.css-175oi2r.lnk", {href: "/" + p.handle, role: "link", tabindex: "-1"}, el("div.t.handle", {dir: "ltr"}, span("@" + p.handle)))),
      el("button.css-175oi2r.follow", {type: "button", "data-testid": numeric(p.handle) + "-follow", "aria-label": "Follow @" + p.handle}, span("Follow"))), el("div.t.text", {dir: "auto"}, p.bio))));
}

const layers = el("div", {id: "layers"}), column = v("primary", {"data-testid": "primaryColumn"}), me = DATA.people[0];
const navigation = [["Home", "home", "/home"], ["Explore", "search", "/explore"], ["Notifications", "bell", "/notifications"], ["Messages", "mail", "/messages"], ["Bookmarks", "mark", "/i/bookmarks"], ["Lists", "list", "/i/lists"], ["Profile", "person", "/reader_here"]];
document.getElementById("react-root").append(v("app", {}, layers, el("header.css-175oi2r", {role: "banner"}, el("nav.css-175oi2r", {role: "navigation", "aria-label": "Primary"}, el("div.logo", {}, "𝕏"), ...navigation.map(([label, i, href]) => el("a.css-175oi2r.nav-item", {href, role: "link", "data-testid": `AppTabBar_${label}_Link`}, icon(i), el("div.t", {dir: "ltr"}, span(label)))), el("button.post", {type: "button"}, "Post"))),
  el("main.css-175oi2r", {role: "main"}, column, v("side", {"data-testid": "sidebarColumn"}, v("find", {}, icon("search"), "Search"), v("box", {}, el("h2", {}, "What's happening"), ...["Plum harvest", "Night trains", "Bookbinding", "Budget vote"].map((t) => v("trend", {}, el("small", {}, "Trending"), el("b", {}, t))))))));

let later = 0;
function show(path) {
  clearTimeout(later);
  const [, first, second] = path.split("/");
  if (!first || ["home", "explore", "notifications", "messages", "i"].includes(first)) { header = null; column.replaceChildren(tabs("For you", "Following"), section().node); return; }
  if (second === "followers" || second === "verified_followers" || second === "following") { header = null; column.replaceChildren(tabs("Followers", "Following"), el("ul", {role: "list"}, ...DATA.people.map(cell))); return; }
  if (second === "status") { header = null; column.replaceChildren(v("bar", {}, icon("back"), el("h2", {}, "Post")), section(3).node); window.replica.rows.forEach((r, i) => r.show(i ? {...post(i), quote: null, repostedBy: null} : {...post(0), handle: first, name: person(first).name, quote: null})); return; }
  const fill = () => { header.set(first); column.replaceChildren(...profile(first)); };
  if (!header) { header = profileHeader(); fill(); }
  else later = setTimeout(() => { header.set(first); setTimeout(fill, 60); }, 250);
}
hoverCards((target) => {
  const a = target.closest("a[role=link]");
  if (!a || a.closest("nav, [data-testid=HoverCard]")) return null;
  const found = a.getAttribute("href")?.match(/^\/([A-Za-z0-9_]{1,15})$/);
  return found ? found[1] : null;
}, (handle, anchor) => {
  const at = below(anchor, 300), p = person(handle), parent = v("", {"data-testid": "hoverCardParent", style: `position: absolute; left: ${at.left + scrollX}px; top: ${at.top + scrollY}px; z-index: 60`}, v("hover.loading", {}));
  layers.append(parent);
  setTimeout(() => {
    const counts = metrics(), link = (tab, ...c) => el("a.css-175oi2r.lnk", {href: "/" + handle, role: "link", tabindex: tab}, ...c);
    counts.set(p);
    parent.replaceChildren(v("hover", {"data-testid": "HoverCard"}, v("", {}, v("head", {}, v("", {"data-testid": "UserAvatar-Container-" + handle}, link("-1", avatar(60, handle))), el("button.css-175oi2r.follow", {type: "button", "data-testid": numeric(handle) + "-follow", "aria-label": "Follow @" + handle}, span("Follow"))),
      v("names", {}, link("0", el("div.t.display", {dir: "ltr"}, span(p.name))), v("row", {}, link("-1", el("div.t.handle", {dir: "ltr"}, span("@" + handle))))), el("div.t.bio", {dir: "auto"}, span(p.bio)), counts.node)));
  }, 80);
  return parent;
});
route(show);
