import { useTranslation } from "react-i18next";

/** A nickname within a sentence, isolated so that it cannot change the sentence's text direction.
 */
export function Submitter({ name }: { name: string }) {
  const { t } = useTranslation();
  const [before, after] = t("quotes.by", { name: "\u2068" }).split("\u2068");
  return (
    <span>
      {before}
      <bdi>{name}</bdi>
      {after}
    </span>
  );
}
