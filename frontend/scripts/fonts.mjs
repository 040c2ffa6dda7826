// Copies the page's font faces into /fonts.css, which keeps its name: the administration uses them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const dist = new URL("../dist/", import.meta.url);
const assets = new URL("assets/", dist);
const styles = readdirSync(assets).filter((name) => name.endsWith(".css"));
const all = styles.map((name) => readFileSync(new URL(name, assets), "utf8")).join("");
const faces = all.match(/@font-face\{[^}]*\}/g) ?? [];
if (faces.length === 0) throw new Error("The built style sheets have no font face.");
writeFileSync(new URL("fonts.css", dist), faces.join("\n"));
