/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { defaultExclude } from "vitest/config";
import routes from "../config/page_routes.json" with { type: "json" };

const server = process.env.DAESA_SERVER ?? "http://127.0.0.1:8000";

const TIMED = "src/features/chat/linearTime.test.ts";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    // The polyfill would be an inline script; every browser this page supports has the real thing.
    modulePreload: { polyfill: false },
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
