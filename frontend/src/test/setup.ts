import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { queryClient } from "@/api/queries";
import { setQuota } from "@/api/quota";
import { forgetDrafts } from "@/features/chat/drafts";
import { forgetTurns } from "@/features/chat/turns";
import { startI18n } from "@/i18n";
import { server } from "./server";

// A busy machine is no reason to fail: what comes, comes within this.
configure({ asyncUtilTimeout: 8000 });

// What jsdom lacks, and components ask for.
window.matchMedia = (query: string) =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as never;

beforeAll(async () => {
  await startI18n("en");
  server.listen({ onUnhandledRequest: "error" });
  // biome-ignore lint/suspicious/noDocumentCookie: the page reads the token as it is set here
  document.cookie = "csrftoken=token-of-the-test";
});
afterEach(() => {
  cleanup();
  server.resetHandlers();
  queryClient.clear();
  forgetTurns();
  forgetDrafts();
  setQuota(null);
});
afterAll(() => server.close());
