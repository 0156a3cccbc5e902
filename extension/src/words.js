import { browser } from "./browser.js";

/** @type {Intl.PluralRules | null} */
let plural = null;

/** The language of the words themselves: the browser's, or English where there is no translation. */
export const language = () => browser.i18n.getMessage("manifest_language") || "en";

/**
 * Words in the person's language, from `locales/<language>/<room>.json` by the key `<room>_<name>`; what stands there as $1, $2 … is replaced.
 * @param {string} key
 * @param {...(string | number)} values
 */
export const say = (key, ...values) => browser.i18n.getMessage(key, values.map(String)) || key;

/**
 * The form of `<key>_one` or `<key>_other` that the language wants for a number; $1 is the number, written as the language writes it.
 * @param {string} key
 * @param {number} n
 * @param {...(string | number)} more  from $2 on
 */
export function sayCount(key, n, ...more) {
  plural ??= new Intl.PluralRules(language());
  const form = plural.select(n) === "one" ? "one" : "other";
  return say(`${key}_${form}`, n.toLocaleString(language()), ...more);
}
