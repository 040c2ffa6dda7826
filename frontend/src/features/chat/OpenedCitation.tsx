import { Popover } from "radix-ui";
import type { ReactNode, RefObject } from "react";
import type { Citation } from "@/api/client";
import { Dialog } from "@/ui/Dialog";
import { useIsNarrow } from "@/ui/useMedia";
import { CitationDetail } from "./CitationDetail";

interface OpenedCitationProps {
  citation: Citation;
  word: string;
  icon: ReactNode;
  button: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

/** On a narrow screen a sheet, else a popover at the chip. */
export default function OpenedCitation({
  citation,
  word,
  icon,
  button,
  onClose,
}: OpenedCitationProps) {
  const isNarrow = useIsNarrow();
  const detail = <CitationDetail citation={citation} />;
  if (isNarrow) {
    return (
      <Dialog open onClose={onClose} title={word} shape="sheet">
        {detail}
      </Dialog>
    );
  }
  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Popover.Portal>
        <Popover.Content
          aria-label={word}
          sideOffset={6}
          collisionBoundary={transcriptOf(button.current)}
          collisionPadding={{ top: 16, bottom: 8, left: 16, right: 16 }}
          onInteractOutside={(event) => {
            if (button.current?.contains(event.target as Node)) event.preventDefault(); // it closes
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            button.current?.focus();
          }}
          className="z-50 max-h-(--radix-popover-content-available-height) w-[360px] max-w-[calc(100vw-32px)] animate-appear overflow-y-auto overscroll-contain rounded-lg border border-line bg-raised p-4 shadow-float outline-none"
        >
          <p className="mb-2 flex items-center gap-1 text-sm font-semibold">
            {icon}
            {word}
          </p>
          {detail}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** In a lower transcript, the popover may cover the composer. */
const LOW = 400;

/** Where the popover has its place, so that it does not cover the composer. */
function transcriptOf(chip: Element | null): Element[] {
  const box = chip?.closest("[data-transcript]");
  return box && box.clientHeight >= LOW ? [box] : [];
}
