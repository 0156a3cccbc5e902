// Is it worth following? Facts, no points.
import { language, say, sayCount } from "../../words.js";
import { ago } from "./dates.js";
import { el } from "./elements.js";

/** @param {number} posts */
function perWeek(posts) {
  if (posts >= 0.5) return sayCount("card_posts_a_week", Math.round(posts));
  return say(posts ? "card_posts_few" : "card_posts_none");
}

/** @param {import("../../background/report.js").Facts | null} facts */
export function factLines(facts) {
  if (!facts) return [];
  const { lastPost, postsPerWeek, talksAbout, strangers } = facts, lines = [];
  if (lastPost !== null) lines.push(el("li", "", say("card_last_post", ago(lastPost))));
  if (postsPerWeek !== null) lines.push(el("li", "", perWeek(postsPerWeek)));
  if (strangers) lines.push(el("li", "", say("card_strangers", strangers.answered, strangers.of)));
  if (talksAbout.length) {
    const tags = new Intl.ListFormat(language(), { type: "unit" }).format(talksAbout);
    const line = el("li", "tags", say("card_talks_about", tags));
    line.dir = "auto";
    line.title = tags;
    lines.push(line);
  }
  if (!lines.length) return [];
  const list = el("ul", "facts", ...lines);
  list.setAttribute("aria-label", say("card_worth"));
  return [list];
}
