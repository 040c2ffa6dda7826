import { Copy, Download, Share2 } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Quote } from "@/api/client";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { saveFile } from "@/ui/saveFile";
import { hasShared } from "@/ui/share";
import { Alert } from "@/ui/states";
import { toast } from "@/ui/toast";
import "@/i18n/card";
import { type CardTheme, drawCard, HEIGHT, loadCardFonts, WIDTH } from "./lineCard";
import { withSource } from "./withSource";

const PNG = "image/png";
const THEMES = ["light", "dark"] as const;

/** A line as an image to download, copy and share. */
export default function LineCardDialog({ quote, onClose }: { quote: Quote; onClose: () => void }) {
  const { t } = useTranslation("card");
  const canvas = useRef<HTMLCanvasElement>(null);
  const [theme, setTheme] = useState<CardTheme>(
    document.documentElement.dataset.theme === "dark" ? "dark" : "light",
  );
  const drawn = useDrawing(canvas, quote, theme);
  if (drawn === "tooLong" || drawn === "failed") {
    return (
      <Dialog open onClose={onClose} title={t("title")}>
        <Alert>{t(drawn)}</Alert>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={t("title")}>
      <div className="flex flex-col gap-4">
        <canvas
          ref={canvas}
          width={WIDTH}
          height={HEIGHT}
          lang={quote.language || undefined}
          role="img"
          aria-label={t("image", { text: withSource(quote) })}
          aria-busy={drawn === "drawing"}
          className="mx-auto block max-h-[50dvh] max-w-full rounded-md border border-line"
        />
        <fieldset className="flex items-center gap-4 text-sm">
          <legend className="sr-only">{t("theme")}</legend>
          {THEMES.map((one) => (
            <label key={one} className="flex min-h-8 items-center gap-2 pointer-coarse:min-h-11">
              <input
                type="radio"
                name="theme"
                checked={theme === one}
                onChange={() => setTheme(one)}
                className="size-4 accent-accent"
              />
              {t(one)}
            </label>
          ))}
        </fieldset>
        <CardActions canvas={canvas} id={quote.id} isReady={drawn === "drawn"} />
      </div>
    </Dialog>
  );
}

type Drawn = "drawing" | "drawn" | "tooLong" | "failed";

/** Draws the line whenever it or the theme changes. */
function useDrawing(canvas: RefObject<HTMLCanvasElement | null>, quote: Quote, theme: CardTheme) {
  const { t } = useTranslation();
  const [drawn, setDrawn] = useState<Drawn>("drawing");
  const product = t("app.name");
  useEffect(() => {
    let isCurrent = true;
    const texts = { product, link: `${location.host}/quotes/${quote.id}` };
    loadCardFonts(quote, texts).then(() => {
      const context = canvas.current?.getContext("2d");
      if (!isCurrent) return;
      if (!context) setDrawn("failed");
      else setDrawn(drawCard(context, quote, theme, texts) ? "drawn" : "tooLong");
    });
    return () => {
      isCurrent = false;
    };
  }, [canvas, quote, theme, product]);
  return drawn;
}

interface CardActionsProps {
  canvas: RefObject<HTMLCanvasElement | null>;
  id: number;
  isReady: boolean;
}

function CardActions({ canvas, id, isReady }: CardActionsProps) {
  const { t } = useTranslation("card");
  const name = `daesa-${id}.png`;
  const onDownload = async () => {
    const image = await imageOf(canvas.current).catch(() => null);
    if (image) saveFile(image, name);
    else toast(t("failed"));
  };
  const onCopy = async () => {
    try {
      // The promise itself: Safari wants it at the click.
      await navigator.clipboard.write([new ClipboardItem({ [PNG]: imageOf(canvas.current) })]);
      toast(t("copied"));
    } catch {
      toast(t("copyFailed"));
    }
  };
  const onShare = async () => {
    const image = await imageOf(canvas.current).catch(() => null);
    const files = image ? [new File([image], name, { type: PNG })] : [];
    if (!image || !(await hasShared({ files }))) toast(t("shareFailed"));
  };
  const canShare = navigator.canShare?.({ files: [new File([], name, { type: PNG })] }) ?? false;
  const canCopy = "ClipboardItem" in window && navigator.clipboard !== undefined;
  return (
    <div className="flex flex-wrap gap-2">
      {canShare && (
        <Button kind="primary" disabled={!isReady} onClick={onShare}>
          <Share2 aria-hidden="true" size={16} />
          {t("share")}
        </Button>
      )}
      <Button kind={canShare ? "secondary" : "primary"} disabled={!isReady} onClick={onDownload}>
        <Download aria-hidden="true" size={16} />
        {t("download")}
      </Button>
      {canCopy && (
        <Button disabled={!isReady} onClick={onCopy}>
          <Copy aria-hidden="true" size={16} />
          {t("copy")}
        </Button>
      )}
    </div>
  );
}

/** The drawing as a PNG file. Throws where the browser makes none. */
function imageOf(canvas: HTMLCanvasElement | null): Promise<Blob> {
  return new Promise((resolve, reject) => {
    if (!canvas) reject(new Error("there is no drawing"));
    else canvas.toBlob((image) => (image ? resolve(image) : reject(new Error("no image"))), PNG);
  });
}
