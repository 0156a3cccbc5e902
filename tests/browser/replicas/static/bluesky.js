"use strict";
// bsky.app: React Native Web. Test ids and links as the app draws them; earlier screens stay mounted, hidden.
const link = (spec, href, attributes, ...c) => el(`a.${spec}`, {href, role: "link", ...attributes}, ...c);
document.documentElement.classList.add(DARK ? "theme--dark" : "theme--light");

function action(testid, name, count) {
  return el("div.action", {}, el("button", {type: "button", "data-testid": testid, "aria-label": testid}, icon(name), count ? el("div", {dir: "auto", "data-testid": testid.replace("Btn", "Count")}, count) : null));
}
function buildRow() {
  const name = text(""), at = text(""), when = text(""), body = text(""), by = text(""), quoteName = text(""), quoteAt = text(""), quoteBody = text("");
  const counts = [text(""), text(""), text("")], face = avatar(42), quoteFace = avatar(18);
  const faceLink = link("r", "/", {tabindex: "0"}, el("div", {"data-testid": "userAvatarImage"}, face));
  const nameLink = link("t.name", "/", {dir: "auto"}, name), atLink = link("t.handle", "/", {dir: "auto"}, at), whenLink = link("t.when", "/", {dir: "auto"}, when);
  const byLink = link("t", "/", {dir: "auto"}, by);
  const reason = el("div.reason", {}, icon("repost"), el("div", {dir: "auto"}, "Reposted by ", byLink));
  const quoteLinkName = link("t.name", "/", {dir: "auto"}, quoteName), quoteLinkAt = link("t.handle", "/", {dir: "auto"}, quoteAt), quoteLinkWhen = link("t.dim", "/", {dir: "auto"}, "2h");
  const quote = el("div.quote", {role: "link", tabindex: "0"}, el("div.meta", {}, quoteFace, el("div.names", {}, quoteLinkName, quoteLinkAt), quoteLinkWhen), el("div.text", {dir: "auto"}, quoteBody));
  const item = el("div.item", {role: "link", tabindex: "0"}, reason, el("div.line", {}, el("div.left", {}, faceLink), el("div.right", {},
    el("div.meta", {}, el("div.names", {}, nameLink, atLink), el("div.dot", {"aria-hidden": "true"}, "·"), whenLink),
    el("div", {"data-testid": "contentHider-post"}, el("div.text", {dir: "auto", "data-testid": "postText"}, body), quote),
    el("div.actions", {}, action("replyBtn", "reply", counts[0]), action("repostBtn", "repost", counts[1]), action("likeBtn", "like", counts[2]), action("postBookmarkBtn", "mark"), action("postShareBtn", "share")))));
  const node = el("div", {}, item);
  return {node, href: (p) => `/profile/${p.handle}/post/3k${p.id.slice(-11)}`, set(p) {
    item.setAttribute("data-testid", "feedItem-by-" + p.handle);
    for (const a of [faceLink, nameLink, atLink]) a.setAttribute("href", "/profile/" + p.handle);
    whenLink.setAttribute("href", this.href(p)); face.set(p.handle);
    name.data = "\u202a" + p.name + "\u202c"; at.data = "\u2068@" + p.handle + "\u2069"; when.data = p.ago; body.data = p.text;
    reason.hidden = !p.repostedBy; quote.hidden = !p.quote;
    if (p.repostedBy) { byLink.setAttribute("href", "/profile/" + p.repostedBy); by.data = person(p.repostedBy).name; }
    if (p.quote) {
      for (const a of [quoteLinkName, quoteLinkAt]) a.setAttribute("href", "/profile/" + p.quote.handle);
      quoteLinkWhen.setAttribute("href", `/profile/${p.quote.handle}/post/3k${p.id.slice(-11)}`);
      quoteFace.set(p.quote.handle); quoteName.data = person(p.quote.handle).name; quoteAt.data = "@" + p.quote.handle; quoteBody.data = p.quote.text;
    }
    [p.replies, p.reposts, p.likes].forEach((n, k) => { counts[k].data = short(n); });
  }};
}
function homeScreen() {
  const feed = el("div", {"data-testid": "followingFeedPage-feed-flatlist"});
  const node = el("div.screen", {"data-testid": "HomeScreen"}, el("div.tabs", {}, el("div.tab.on", {}, "Following"), el("div.tab", {}, "Discover"), el("div.tab", {}, "Gardeners")), feed);
  timeline(feed, buildRow);
  return node;
}
function metrics(p, testids) {
  return el("div.metrics", {}, link("t", `/profile/${p.handle}/followers`, testids ? {"data-testid": "profileHeaderFollowersButton"} : {}, el("b", {}, short(p.followers)), " followers"),
    link("t", `/profile/${p.handle}/follows`, testids ? {"data-testid": "profileHeaderFollowsButton"} : {}, el("b", {}, short(p.following)), " following"),
    testids ? el("div.t", {}, el("b", {}, short(p.count)), " posts") : null);
}
function profileScreen(handle) {
  const p = person(handle), feed = el("div", {"data-testid": "postsFeed-flatlist"});
  const node = el("div.screen", {"data-testid": "profileView"}, banner(handle), el("div.profile", {},
    el("div.head", {}, el("div.face", {"data-testid": "profileHeaderAvatar"}, avatar(90, handle)), el("button.follow", {type: "button", "data-testid": "followBtn", "aria-label": "Follow " + handle}, "+ Follow")),
    el("div.display", {dir: "auto", "data-testid": "profileHeaderDisplayName"}, p.name), el("div.line2", {}, el("div.handle", {dir: "auto"}, "@" + p.handle)),
    metrics(p, true), el("div.bio", {dir: "auto", "data-testid": "profileHeaderDescription"}, p.bio)),
    el("div.tabs", {}, el("div.tab.on", {}, "Posts"), el("div.tab", {}, "Replies"), el("div.tab", {}, "Media"), el("div.tab", {}, "Starter Packs")), feed);
  const texts = p.texts.length ? p.texts : PLAIN_TEXTS;
  const shown = timeline(feed, buildRow, texts.length);
  shown.forEach((row, i) => row.show({...post(i), handle, name: p.name, text: texts[i], repostedBy: null, quote: null}));
  return node;
}
function threadScreen(handle) {
  const p = person(handle);
  const entry = (h, body, anchor) => el("div.item", {"data-testid": "postThreadItem-by-" + h}, el("div.line", {}, el("div.left", {}, link("r", "/profile/" + h, {}, avatar(42, h))),
    el("div.right", {}, el("div.meta", {}, el("div.names", {}, link("t.name", "/profile/" + h, {dir: "auto"}, person(h).name), link("t.handle", "/profile/" + h, {dir: "auto"}, "@" + h))), el(anchor ? "div.text.big" : "div.text", {dir: "auto"}, body))));
  return el("div.screen", {"data-testid": "postThreadScreen"}, el("div.bar", {}, icon("back"), el("b", {}, "Post")), entry(handle, p.texts[0] ?? PLAIN_TEXTS[0], true),
    ...DATA.people.filter((q) => q.handle !== handle).slice(0, 4).map((q, i) => entry(q.handle, ["Thank you for writing this up.", "Was there a vote in the end?", "I was there; it took two hours.", "Here is the map they showed."][i])));
}
function searchScreen() {
  return el("div.screen", {"data-testid": "searchScreen"}, el("div.bar", {}, el("b", {}, "People")), ...DATA.people.map((p) =>
    link("item.card", "/profile/" + p.handle, {"data-testid": `profileCard-${p.handle}-link`}, el("div.line", {}, el("div.left", {}, avatar(42, p.handle)), el("div.right", {}, el("div.meta", {}, el("div.names", {}, el("div.t.name", {dir: "auto"}, p.name), el("div.t.handle", {dir: "auto"}, "@" + p.handle))), el("div.text", {}, p.bio))))));
}

const main = el("div.main", {role: "main"}), portal = el("div", {});
const navigation = [["Home", "home", "/"], ["Explore", "search", "/search"], ["Notifications", "bell", "/notifications"], ["Chat", "mail", "/messages"], ["Feeds", "hash", "/feeds"], ["Lists", "list", "/lists"], ["Profile", "person", "/profile/" + DATA.people[0].handle]];
document.getElementById("root").append(el("div.app", {}, el("nav.left-nav", {}, el("div.me", {}, avatar(42, DATA.people[0].handle)), ...navigation.map(([label, i, href]) => link("nav-item", href, {"aria-label": label}, icon(i), el("span", {}, label))), el("button.new", {type: "button"}, "New post")),
  main, el("aside.right-nav", {}, el("div.find", {}, icon("search"), "Search"), el("div.box", {}, el("b", {}, "Feeds"), el("div", {}, "Following"), el("div", {}, "Discover"), el("div", {}, "Gardeners")), el("div.box", {}, el("b", {}, "Trending"), ...["Plum harvest", "Night trains", "Bookbinding", "Budget vote"].map((t, i) => el("div", {}, `${i + 1}.  ${t}`)))), portal));

const stack = [];
function show(path, back) {
  const below_ = stack.findIndex((s) => s.path === path);
  if (back && below_ >= 0) { for (const s of stack.splice(below_ + 1)) s.node.remove(); }
  else {
    const profile = path.match(/^\/profile\/([^/]+)(\/post\/)?/);
    const node = profile ? (profile[2] ? threadScreen(profile[1]) : profileScreen(profile[1])) : path === "/search" ? searchScreen() : homeScreen();
    stack.push({path, node}); main.append(node);
  }
  stack.forEach((s, i) => { s.node.style.display = i === stack.length - 1 ? "" : "none"; });
}
hoverCards((target) => {
  const a = target.closest("a[href^='/profile/']");
  const found = a && !a.closest(".hover, nav") && a.getAttribute("href").match(/^\/profile\/([^/]+)$/);
  return found && !a.closest("[data-testid^=profileCard]") ? found[1] : null;
}, (handle, anchor) => {
  const p = person(handle), at = below(anchor, 300);
  const card = el("div", {style: `position: absolute; left: 0; top: 0; transform: translate(${at.left + scrollX}px, ${at.top + scrollY}px); z-index: 60`}, el("div.hover", {style: "will-change: transform; animation: fadeIn 120ms ease-out"},
    el("div.head", {}, link("r", "/profile/" + handle, {}, avatar(64, handle)), el("button.follow", {type: "button", "aria-label": "Follow " + handle}, "Follow")),
    link("display.t", "/profile/" + handle, {}, el("div.display", {dir: "auto"}, p.name), el("div.line2", {}, el("div.handle", {dir: "auto"}, "@" + handle))), metrics(p, false), el("div.bio", {dir: "auto"}, p.bio)));
  portal.append(card);
  return card;
});
route(show);
