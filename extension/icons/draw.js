// Draws the toolbar icons: two speech bubbles, the mark of an account in conversation. Run by `npm run icons`.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32, deflateSync } from "node:zlib";

const GROUND = [11, 122, 110], BUBBLE = [255, 255, 255], SECOND = [159, 226, 215], FINE = 6;

/** @param {number} x @param {number} y @param {number} l @param {number} t @param {number} r @param {number} b @param {number} radius */
function inBox(x, y, l, t, r, b, radius) {
  const dx = Math.max(l + radius - x, 0, x - (r - radius)), dy = Math.max(t + radius - y, 0, y - (b - radius));
  return dx * dx + dy * dy <= radius * radius;
}

/** Colour at a point of the unit square, or null outside the icon. @param {number} x @param {number} y */
function colourAt(x, y) {
  if (!inBox(x, y, 0.02, 0.02, 0.98, 0.98, 0.22)) return null;
  if (inBox(x, y, 0.16, 0.2, 0.66, 0.54, 0.09) || (x >= 0.24 && x <= 0.42 && y >= 0.5 && y <= 0.68 - (x - 0.24))) return BUBBLE;
  if (inBox(x, y, 0.12, 0.16, 0.7, 0.58, 0.12)) return GROUND;
  if (inBox(x, y, 0.4, 0.42, 0.86, 0.74, 0.09) || (x >= 0.62 && x <= 0.78 && y >= 0.7 && y <= 0.88 - (0.78 - x))) return SECOND;
  return GROUND;
}

/** @param {number} size */
function pixels(size) {
  const rows = Buffer.alloc((size * 4 + 1) * size);
  for (let py = 0; py < size; py++) for (let px = 0; px < size; px++) {
    const sum = [0, 0, 0, 0];
    for (let k = 0; k < FINE * FINE; k++) {
      const c = colourAt((px + ((k % FINE) + 0.5) / FINE) / size, (py + (Math.floor(k / FINE) + 0.5) / FINE) / size);
      if (c) { for (let i = 0; i < 3; i++) sum[i] += c[i]; sum[3]++; }
    }
    const at = py * (size * 4 + 1) + 1 + px * 4;
    for (let i = 0; i < 3; i++) rows[at + i] = sum[3] ? Math.round(sum[i] / sum[3]) : 0;
    rows[at + 3] = Math.round((sum[3] / (FINE * FINE)) * 255);
  }
  return rows;
}

/** @param {string} type @param {Buffer} data */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]), out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

for (const size of [16, 32, 48, 128]) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const png = Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(pixels(size), { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
  writeFileSync(join(dirname(fileURLToPath(import.meta.url)), `${size}.png`), png);
}
