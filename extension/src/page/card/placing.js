// Where a card stands: near its badge, on the screen, over neither the badge, the name beside it nor anything else that must stay free.

export const EDGE = 8;
const GAP = 6;
/** A card further from its badge than this cannot be reached by the pointer before it closes. */
const NEAR = 40;
/** A card less high than this shows too little. */
const LEAST_ROOM = 120;
/** What a side costs before another one, in pixels of distance. */
const COSTS = { below: 0, above: 2, beside: 4 };
const MOST_KEPT_FREE = 40;

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {{x: number, y: number, room: number, away: number, cost: number}} Place  `room`: how high the card may be there; `away`: from the badge */

/** @param {number} value @param {number} from @param {number} to */
const within = (value, from, to) => Math.max(from, Math.min(value, to));

/** The box of a badge and of the name it stands beside. @param {HTMLElement} host @returns {Box} */
export function boxWithName(host) {
  const at = host.getBoundingClientRect(), parent = host.parentElement, range = document.createRange();
  if (!parent?.firstChild) return at;
  range.setStartBefore(parent.firstChild);
  range.setEndBefore(host);
  const name = range.getBoundingClientRect();
  if (!name.width) return at;
  return {
    left: Math.min(at.left, name.left), top: Math.min(at.top, name.top),
    right: Math.max(at.right, name.right), bottom: Math.max(at.bottom, name.bottom),
  };
}

/** The boxes of what can be seen of the site's own buttons that must not be covered. @param {string} selector @returns {Box[]} */
export function boxesOf(selector) {
  if (!selector) return [];
  const boxes = [];
  for (const element of document.querySelectorAll(selector)) {
    const box = element.getBoundingClientRect();
    if (!box.width || box.bottom < 0 || box.top > innerHeight || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (boxes.push(box) === MOST_KEPT_FREE) break;
  }
  return boxes;
}

/**
 * The stretches from top to bottom of the screen that nothing kept free reaches into.
 * @param {Box[]} free
 * @param {number} x
 * @param {number} width
 */
function stretches(free, x, width) {
  const found = [];
  let from = EDGE;
  for (const box of free.filter((b) => b.left < x + width + GAP && b.right > x - GAP).sort((a, b) => a.top - b.top)) {
    if (box.top - GAP > from) found.push([from, box.top - GAP]);
    from = Math.max(from, box.bottom + GAP);
  }
  if (from < innerHeight - EDGE) found.push([from, innerHeight - EDGE]);
  return found;
}

/** How far apart two boxes are. @param {Box} a @param {Box} b */
const distance = (a, b) => Math.max(0, a.left - b.right, b.left - a.right) + Math.max(0, a.top - b.bottom, b.top - a.bottom);

/**
 * @param {Box} at        of the badge
 * @param {Box} named     of the badge with its name
 * @param {Box[]} others  what else must stay free
 * @param {{width: number, height: number}} size
 * @param {boolean} isMirrored  whether the page is read from right to left
 * @returns {Place} the nearest one that holds all of the card, else the one that holds most of it
 */
export function placeFor(at, named, others, { width, height }, isMirrored) {
  const most = innerWidth - EDGE - width, natural = within(isMirrored ? at.right - width : at.left, EDGE, most), free = [named, ...others];
  const xs = [natural, ...free.flatMap((box) => [box.right + GAP, box.left - GAP - width])].filter((x) => x >= EDGE && x <= most);
  /** @type {Place | null} */
  let whole = null;
  /** @type {Place | null} */
  let part = null;
  for (const x of new Set([natural, ...xs])) {
    for (const [from, to] of stretches(free, x, width)) {
      const room = to - from, high = Math.min(height, room);
      for (const [side, wanted] of /** @type {const} */ ([["below", named.bottom + GAP], ["above", named.top - GAP - high], ["beside", at.top]])) {
        const y = within(wanted, from, to - high), away = distance({ left: x, top: y, right: x + width, bottom: y + high }, at);
        const place = { x, y, room: to - y, away, cost: away + Math.abs(x - natural) / 20 + COSTS[side] };
        if (high === height && away <= NEAR && !(whole && whole.cost <= place.cost)) whole = place;
        if (!part || holdsMore(place, part)) part = place;
      }
    }
  }
  return whole ?? part ?? { x: natural, y: EDGE, room: innerHeight - 2 * EDGE, away: 0, cost: 0 };
}

/** Whether a place that holds only a part is better than another: near before far, then high before low. @param {Place} place @param {Place} other */
function holdsMore(place, other) {
  const isNear = isUsable(place), wasNear = isUsable(other);
  if (isNear !== wasNear) return isNear;
  return place.room > other.room || (place.room === other.room && place.cost < other.cost);
}

/** @param {Place} place */
const isUsable = ({ room, away }) => away <= NEAR && room >= LEAST_ROOM;
