/** The code that renders answers: a tenth of the page's, which a new chat does not need yet. */
import { lazy } from "react";

const load = () => import("./Markdown");
type Markdown = Awaited<ReturnType<typeof load>>["default"];

const LazyMarkdown = lazy(load);
let loaded: Markdown | undefined;

/** Loads it before there is an answer. Resolves also if that fails: it is asked for again when it is
 * needed.
 */
export async function preloadMarkdown(): Promise<void> {
  await load().then(
    (module) => {
      loaded = module.default;
    },
    () => {},
  );
}

/** The component itself if its code is there: one that is lazy shows its fallback first, always. */
export function markdownNow(): Markdown | typeof LazyMarkdown {
  return loaded ?? LazyMarkdown;
}
