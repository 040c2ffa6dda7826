import "./styles.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries";
import { startI18n } from "./i18n";
import { router } from "./routes/router";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// After a deployment, the files of the old page are gone from the server: reload, but at most once
// a minute.
addEventListener("vite:preloadError", () => {
  const key = "daesa.reloaded";
  const isRecent = Date.now() - Number(sessionStorage.getItem(key)) < 60_000;
  if (isRecent || !navigator.onLine) return;
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
});

await startI18n();
// Where the server has written the lines into the document, they stay until the page is ready.
if (root.hasChildNodes()) await router.load().catch(() => {});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
