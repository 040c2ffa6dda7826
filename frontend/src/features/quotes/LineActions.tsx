import { Copy, Image, Share2, Volume2, VolumeX } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { Button } from "@/ui/Button";
import { copy } from "@/ui/CopyButton";
import { hasShared } from "@/ui/share";
import { showLoaded } from "@/ui/showLoaded";
import { toast } from "@/ui/toast";
import "@/i18n/line";
import { useReadAloud } from "./useReadAloud";
import { withSource } from "./withSource";

const loadCard = () => import("./LineCardDialog");
const LineCardDialog = lazy(loadCard);

/** Copying a line, sharing its address or an image of it, and having it read aloud. */
export function LineActions({ quote }: { quote: Quote }) {
  const { t } = useTranslation("line");
  const [isCardOpen, setCardOpen] = useState(false);
  const { canRead, isReading, toggle } = useReadAloud(quote);
  const onCopy = async () => {
    toast(t((await copy(withSource(quote))) ? "copied" : "failed"));
  };
  const onShare = async () => {
    const url = `${location.origin}/quotes/${quote.id}`;
    if (await hasShared({ text: withSource(quote), url })) return;
    toast(t((await copy(url)) ? "linkCopied" : "failed"));
  };
  return (
    <>
      <Button onClick={onCopy}>
        <Copy aria-hidden="true" size={16} />
        {t("copy")}
      </Button>
      {quote.state === "applied" && (
        <>
          <Button onClick={onShare}>
            <Share2 aria-hidden="true" size={16} />
            {t("share")}
          </Button>
          <Button onClick={() => showLoaded(loadCard, () => setCardOpen(true))}>
            <Image aria-hidden="true" size={16} />
            {t("image")}
          </Button>
        </>
      )}
      {canRead && (
        <Button onClick={toggle}>
          {isReading ? (
            <VolumeX aria-hidden="true" size={16} />
          ) : (
            <Volume2 aria-hidden="true" size={16} />
          )}
          {t(isReading ? "stop" : "read")}
        </Button>
      )}
      <Suspense>
        {isCardOpen && <LineCardDialog quote={quote} onClose={() => setCardOpen(false)} />}
      </Suspense>
    </>
  );
}
