import { useTranslation } from "react-i18next";
import "@/i18n/shortcuts";
import { Dialog } from "@/ui/Dialog";
import { keysOf, SHORTCUTS } from "@/ui/useShortcut";

/** All keys of the page. */
export default function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("shortcuts");
  const keys = [
    [t("send"), ["Enter"]],
    [t("newLine"), ["Shift", "Enter"]],
    [t("newChat"), keysOf(SHORTCUTS.newChat)],
    [t("search"), keysOf(SHORTCUTS.search)],
    [t("copyAnswer"), keysOf(SHORTCUTS.copyAnswer)],
    [t("pin"), keysOf(SHORTCUTS.pin)],
    [t("answer"), ["Shift", "Tab"]],
    [t("marks"), ["Enter"]],
    [t("back"), ["Esc"]],
    [t("sheet"), keysOf(SHORTCUTS.sheet)],
    [t("sheetOutside"), ["?"]],
  ] as const;
  return (
    <Dialog open onClose={onClose} title={t("title")}>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-2 text-sm">
        {keys.map(([text, pressed]) => (
          <div key={text} className="contents">
            <dt>{text}</dt>
            <dd className="flex justify-end gap-1">
              {pressed.map((key) => (
                <kbd
                  key={key}
                  className="min-w-6 rounded-md border border-line bg-sunken px-1.5 text-center font-sans text-xs leading-6"
                >
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
