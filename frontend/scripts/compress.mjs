// Writes a .br and a .gz beside each file that becomes smaller; WhiteNoise and nginx serve them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist", import.meta.url).pathname;
const TEXT = /\.(css|html|js|svg|webmanifest)$/;

for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name);
  if (!TEXT.test(path)) continue;
  const body = readFileSync(path);
  const packed = {
    ".br": brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    ".gz": gzipSync(body, { level: 9 }),
  };
  for (const [suffix, bytes] of Object.entries(packed)) {
    if (bytes.length < body.length * 0.95) writeFileSync(path + suffix, bytes);
  }
}
