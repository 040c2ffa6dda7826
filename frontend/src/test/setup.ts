import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { clearDrafts } from "@/features/chat/drafts";
import { clearTurns } from "@/features/chat/turns";
import { startI18n } from "@/i18n";
import { server } from "./server";

// Long, so that no test fails on a busy machine.
configure({ asyncUtilTimeout: 30_000 });

// jsdom has no `ResizeObserver` and no `matchMedia`.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
window.matchMedia = (query: string) =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as never;

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(async () => {
  await startI18n("en");
  // biome-ignore lint/suspicious/noDocumentCookie: the page reads this cookie
  document.cookie = "csrftoken=token-of-the-test";
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  server.resetHandlers();
  queryClient.clear();
  clearTurns();
  clearDrafts();
  setQuota(null);
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});
afterAll(() => server.close());
