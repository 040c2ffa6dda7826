import { useTranslation } from "react-i18next";

interface FollowUpsProps {
  questions: readonly string[];
  onChoose: (text: string) => void;
}

/** Questions that a model suggests to ask next. A chosen one goes into the field. */
export function FollowUps({ questions, onChoose }: FollowUpsProps) {
  const { t } = useTranslation();
  if (questions.length === 0) return null;
  return (
    <ul aria-label={t("chat.followUps")} className="flex flex-col items-start gap-2 print:hidden">
      {questions.map((text) => (
        <li key={text} className="max-w-full">
          <button
            type="button"
            dir="auto"
            onClick={() => onChoose(text)}
            className="min-h-9 rounded-lg border border-line px-3 py-1.5 text-start text-sm text-mute hover:border-accent hover:text-ink pointer-coarse:min-h-11"
          >
            {text}
          </button>
        </li>
      ))}
    </ul>
  );
}
