import { ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "@/ui/cx";
import { secondsSince, type Thought } from "./thoughts";

/** What the model has thought before the answer: shown folded, and not part of the answer. */
export function Reasoning({ thought }: { thought: Thought }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const running = useSeconds(thought.seconds === null ? thought.since : null);
  const seconds = thought.seconds ?? running;
  return (
    <div className="text-sm text-mute print:hidden">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="-ms-1 inline-flex min-h-8 items-center gap-1 rounded-md px-1 hover:text-ink pointer-coarse:min-h-11"
      >
        <ChevronRight
          aria-hidden="true"
          size={16}
          className={cx("transition-transform", isOpen && "rotate-90")}
        />
        {t(thought.seconds === null ? "chat.thinking" : "chat.thought", { seconds })}
      </button>
      {isOpen && (
        <p
          className="mt-1 border-s-2 border-line ps-3 whitespace-pre-wrap wrap-anywhere"
          dir="auto"
        >
          {thought.text}
        </p>
      )}
    </div>
  );
}

/** The seconds since a time, updated while they pass. */
function useSeconds(since: number | null): number {
  const [, tick] = useState(0);
  useEffect(() => {
    if (since === null) return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [since]);
  return since === null ? 0 : secondsSince(since);
}
