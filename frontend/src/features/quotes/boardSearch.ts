/** The search parameters of the board's address. */
export interface BoardSearch {
  q?: string;
  page?: number;
  state?: "applied" | "pending" | "declined";
  sort?: "new" | "liked";
  speaker?: string;
  source?: string;
  language?: string;
}

// The router parses a word that consists of digits as a number.
const word = (name: "q" | "speaker" | "source", value: unknown) =>
  value ? { [name]: String(value).slice(0, 200) } : {};

/** The parameters that the board knows, checked; others and invalid ones are dropped. */
export function boardSearch(search: Record<string, unknown>): BoardSearch {
  const page = Math.trunc(Number(search.page));
  const { state, sort, language } = search;
  const isKnown = state === "applied" || state === "pending" || state === "declined";
  return {
    ...word("q", search.q),
    ...(page > 1 ? { page } : {}),
    ...(isKnown ? { state } : {}),
    ...(sort === "new" || sort === "liked" ? { sort } : {}),
    ...word("speaker", search.speaker),
    ...word("source", search.source),
    ...(typeof language === "string" && /^[a-z]{2,3}(-\w{1,6})?$/i.test(language)
      ? { language }
      : {}),
  };
}
