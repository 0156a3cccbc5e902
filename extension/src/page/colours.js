// The colours of badges and card, on light and on dark pages.

/** @typedef {"light" | "dark"} Theme */

/** @type {Record<Theme, Record<string, string>>} */
export const PAPERS = {
  light: { ink: "#16202a", dim: "#5b6875", line: "#d9dfe5", paper: "#fff" },
  dark: { ink: "#e8edf2", dim: "#9aa7b4", line: "#2e3a46", paper: "#161e27" },
};

/** The colour of each look and the wash behind it. @type {Record<Theme, Record<string, [string, string]>>} */
export const COLOURS = {
  light: {
    talk: ["#0b7a6e", "#e2f3f0"], some: ["#3b6ea8", "#e7eff8"], cast: ["#995c05", "#fbefdd"], auto: ["#6b4fb3", "#eeeafa"],
    game: ["#b3305e", "#fae6ee"], none: ["#5d6873", "#eef1f3"], bot: ["#6b4fb3", "#eeeafa"],
  },
  dark: {
    talk: ["#4fd1c0", "#12352f"], some: ["#8dbcf0", "#1a2e45"], cast: ["#f0b35c", "#3a2a12"], auto: ["#b9a3f5", "#2a2148"],
    game: ["#f58fb3", "#431c2c"], none: ["#9aa7b4", "#222c36"], bot: ["#b9a3f5", "#2a2148"],
  },
};
