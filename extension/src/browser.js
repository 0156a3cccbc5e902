/** The extension API, under whichever of its two names this browser has it. */
export const browser = /** @type {typeof chrome} */ (/** @type {any} */ (globalThis).browser ?? globalThis.chrome);
