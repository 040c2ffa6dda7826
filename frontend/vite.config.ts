/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.DAESA_SERVER ?? "http://127.0.0.1:8000";
// Where Django answers while Vite serves the page.
const doors = ["/_allauth", "/accounts", "/chat", "/conversations", "/models", "/quote", "/health"];

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
    proxy: Object.fromEntries(doors.map((door) => [`^${door}(/|\\?|$)`, { target: server }])),
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 30_000,
  },
});
