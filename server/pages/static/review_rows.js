// Which rows of a review are shown, in which order: what server/pages/review_table.py does, in the browser.
const MONTH = 30.44 * 86400;

/** What an address or a form asks for; what it asks for wrongly is as usual. `lists`: the values that there are, by name. */
export function readAsked(address, lists) {
  const values = new URLSearchParams(address);
  const offered = (name) => (lists[name].includes(values.get(name)) ? values.get(name) : "");
  const page = values.get("page") ?? "";
  return {
    search: [...(values.get("search") ?? "").trim()].slice(0, 100).join(""),
    verdict: offered("verdict"),
    silent: Number(offered("silent")),
    dealings: offered("dealings"),
    order: offered("order") || "listed",
    kept: values.get("kept") === "1",
    page: /^\d{1,5}$/.test(page) ? Math.max(1, Number(page)) : 1,
  };
}

/** As a query, with some of it changed; what is as usual is left out. */
export function query(asked, changed = {}) {
  const usual = { search: "", verdict: "", silent: 0, dealings: "", order: "listed", kept: false, page: 1 };
  const wanted = Object.entries({ ...asked, ...changed }).filter(([name, value]) => value !== usual[name]);
  const values = String(new URLSearchParams(wanted.map(([name, value]) => [name, String(value === true ? 1 : value)])));
  return values && `?${values}`;
}

/** A row as it came, with what is searched and sorted made ready once. `ranks`: the verdicts in their order. */
export function prepared(row, ranks) {
  const known = { is_kept: false, note: "", takes_note: true, talks_about: [], topics: [], ...row };
  // Capitals: browsers and Python make the same ones, whatever letters stand beside; of small letters that is not so.
  const words = [known.handle, ...(known.is_found ? [known.display_name ?? "", ...known.talks_about] : []), known.note].join(" ").toUpperCase();
  return { ...known, words, keys: keysOf(known, ranks) };
}

function keysOf(row, ranks) {
  const rank = ranks.indexOf(row.verdict);
  const { score, last_post, posts_per_week, share, answers, dealings } = row;
  return { score, last_post, posts_per_week, share, answers, dealings, verdict: rank < 0 ? null : rank, name: row.handle.toUpperCase() };
}

/** The rows that are asked for, in the order asked for. `now`: seconds since 1970. */
export function selected(rows, asked, now) {
  const words = asked.search.toUpperCase();
  const wanted = rows.filter((row) => row.is_kept === asked.kept && matches(row, asked, now) && row.words.includes(words));
  const key = asked.order.replace(/^-/, "");
  if (key === "listed") return wanted;
  const sign = asked.order.startsWith("-") ? -1 : 1;
  const known = wanted.filter((row) => row.keys[key] != null);
  known.sort((one, other) => sign * compare(one.keys[key], other.keys[key]));
  // What is not known stands last, whichever end was asked for first.
  return [...known, ...wanted.filter((row) => row.keys[key] == null)];
}

function matches(row, asked, now) {
  if (asked.verdict && row.verdict !== asked.verdict) return false;
  if (asked.silent && !(now - row.keys.last_post >= asked.silent * MONTH)) return false;
  return !asked.dealings || (row.dealings != null && (asked.dealings === "never") !== row.dealings > 0);
}

const compare = (one, other) => (one < other ? -1 : Number(one > other));

/** The pages offered beside this one; 0 stands for those left out. */
export function pageNumbers(page, pages) {
  const offered = [];
  for (let number = 1; number <= pages; number++) {
    if (number !== 1 && number !== pages && Math.abs(number - page) > 2) continue;
    if (offered.length && number - offered.at(-1) > 1) offered.push(0);
    offered.push(number);
  }
  return offered;
}
