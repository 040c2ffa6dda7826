import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/ui/Button";

interface VersionSwitcherProps {
  index: number;
  count: number;
  onGo: (index: number) => void;
}

/** ‹ 1/2 › switches between the versions of a question or an answer. */
export function VersionSwitcher({ index, count, onGo }: VersionSwitcherProps) {
  const { t } = useTranslation();
  if (count < 2) return null;
  return (
    <span className="inline-flex items-center text-xs text-mute">
      <IconButton
        small
        label={t("chat.previous")}
        disabled={index === 0}
        onClick={() => onGo(index - 1)}
      >
        <ChevronLeft aria-hidden="true" size={16} />
      </IconButton>
      <span>
        <span aria-hidden="true" className="tabular-nums">
          {index + 1}/{count}
        </span>
        <span className="sr-only">{t("chat.branch", { index: index + 1, count })}</span>
      </span>
      <IconButton
        small
        label={t("chat.next")}
        disabled={index === count - 1}
        onClick={() => onGo(index + 1)}
      >
        <ChevronRight aria-hidden="true" size={16} />
      </IconButton>
    </span>
  );
}
