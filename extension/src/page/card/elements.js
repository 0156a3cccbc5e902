// The few kinds of elements a card is made of. What strangers wrote becomes text, never markup.

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children
 */
export function el(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/**
 * What the service wrote: in English, whatever the language of the card.
 * @param {HTMLElement} element
 * @param {string} [whole]  all of it, where it may be cut off
 */
export function english(element, whole) {
  element.lang = "en";
  element.dir = "auto";
  if (whole) element.title = whole;
  return element;
}

/** A name, in whatever script and direction. @param {string} className @param {string} name */
export function named(className, name) {
  const element = el("bdi", className, name);
  element.title = name;
  return element;
}

/** A bar filled to a share of its length. @param {string} className @param {number} share */
export function bar(className, share) {
  const fill = el("i", "");
  fill.style.inlineSize = `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`;
  const track = el("div", className, fill);
  track.setAttribute("aria-hidden", "true");
  return track;
}

/** @param {string} url @param {...(Node | string)} words */
export function link(url, ...words) {
  const a = /** @type {HTMLAnchorElement} */ (el("a", "", ...words));
  a.href = url;
  a.target = "_blank";
  a.rel = "noopener noreferrer";
  return a;
}

/** @param {string} className @param {string} words @param {() => void} press */
export function button(className, words, press) {
  const element = /** @type {HTMLButtonElement} */ (el("button", className, words));
  element.type = "button";
  element.addEventListener("click", press);
  return element;
}
