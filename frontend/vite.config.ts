/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { defaultExclude } from "vitest/config";
import routes from "../config/page_routes.json" with { type: "json" };
import { idsAtFirst } from "./scripts/atFirst.ts";

const server = process.env.DAESA_SERVER ?? "http://127.0.0.1:8000";

const TIMED = "src/features/chat/linearTime.test.ts";

const source = fileURLToPath(new URL("./src", import.meta.url));

// In one file, what several pages use and a chat loads at first. The default is a file for each set of
// pages that share a module: 50 small files for a chat, 10 kB more in all, because each is compressed
// by itself.
const SHARED = {
  debugName: "shared",
  name: (id: string, graph: Parameters<typeof idsAtFirst>[0]) =>
    idsAtFirst(graph, source).has(id) ? "shared" : null,
  test: /src\/(ui|api|layout)\/|createStore|lucide-react/,
  minShareCount: 2,
};

export default defineConfig({
  // Vite minifies the CSS. Tailwind's own pass before it does not know `::highlight`, and says so.
  plugins: [react(), tailwindcss({ optimize: false })],
  resolve: { alias: { "@": source } },
  build: {
    target: "es2022",
    cssTarget: ["chrome111", "edge111", "firefox128", "safari16.4"], // those that Tailwind 4 supports
    assetsInlineLimit: 0,
    // The polyfill would be an inline script; every browser this page supports has the real thing.
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: [SHARED] } } },
  },
  server: {
    // The addresses that Django answers while Vite serves the page.
    proxy: { [`^(${routes.server.join("|")})(/|\\?|$)`]: { target: server } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 120_000, // for a busy machine; passing tests do not wait
    projects: [
      // One environment for all files: src/test/setup.ts clears what a test leaves behind.
      {
        extends: true,
        test: { name: "page", isolate: false, exclude: [...defaultExclude, TIMED] },
      },
      // In a process of its own, since collecting others' garbage takes time, too.
      { extends: true, test: { name: "timed", include: [TIMED] } },
    ],
  },
});
