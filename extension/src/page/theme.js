// Whether the page is dark. Sites have dark modes of their own, so the page's own background decides.

export let isDark = false;

/** @returns {boolean} */
function pageIsDark() {
  for (const element of [document.body, document.documentElement]) {
    const [r, g, b, alpha] = (getComputedStyle(element).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (b !== undefined && alpha !== 0) return r * 0.299 + g * 0.587 + b * 0.114 < 128;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches && /dark/.test(getComputedStyle(document.documentElement).colorScheme);
}

/** Follows the page's own light and dark until the signal ends. @param {AbortSignal} signal @param {() => void} onChange */
export function followTheme(signal, onChange) {
  let due = false;
  const soon = () => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      if (signal.aborted || isDark === pageIsDark()) return;
      isDark = !isDark;
      onChange();
    });
  };
  const observer = new MutationObserver(soon);
  for (const element of [document.documentElement, document.body]) observer.observe(element, { attributes: true, attributeFilter: ["class", "style", "data-theme", "data-color-scheme"] });
  signal.addEventListener("abort", () => observer.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon, { signal });
  isDark = pageIsDark();
}
