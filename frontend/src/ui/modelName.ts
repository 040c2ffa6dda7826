import { useTranslation } from "react-i18next";

/** Names with a spelling of their own. */
const NAMES: Record<string, string> = {
  gpt: "GPT",
  glm: "GLM",
  deepseek: "DeepSeek",
  exaone: "EXAONE",
  hyperclova: "HyperCLOVA",
  hyperclovax: "HyperCLOVA X",
};
const SIZE = /^\d+(?:\.\d+)?b$/;
const DATE = /-(?:20\d{2}-?\d{2}-?\d{2}|latest)$/;

/** The name of a model as people know it: `openai/gpt-4o-mini` is GPT-4o mini. */
export function modelName(id: string): string {
  const name = id.slice(id.lastIndexOf("/") + 1).replace(DATE, "");
  const words = name
    .split(/[-_:\s]+/)
    .filter(Boolean)
    .map(worded);
  const joined = words.join(" ");
  return joined.replace(/^GPT (?=\d)/, "GPT-") || id;
}

function worded(word: string): string {
  const known = NAMES[word.toLowerCase()];
  if (known) return known;
  if (SIZE.test(word.toLowerCase())) return word.toUpperCase();
  const isPlain = /^[a-z]{3,}/.test(word) && !["mini", "nano", "turbo"].includes(word);
  return isPlain ? word[0]?.toUpperCase() + word.slice(1) : word;
}

/** What the models are called on the page. */
export function useModelName(): (id: string) => string {
  const { t } = useTranslation();
  return (id) => (id === "board" ? t("chat.boardModel") : modelName(id));
}
