import { FileText, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "@/ui/cx";
import { useErrorTexts } from "@/ui/errorText";
import { contentUrl, type PendingFile, usePendingFiles } from "./files";
import { removeFile } from "./uploads";

/** The files that are to go with the question. */
export default function PendingFiles({ draft }: { draft: string }) {
  const { t } = useTranslation();
  const files = usePendingFiles(draft);
  return (
    <ul aria-label={t("chat.files")} className="flex flex-wrap gap-2 px-1 pb-2">
      {files.map((file) => (
        <li key={file.key} className="max-w-full">
          <Chip file={file} onRemove={() => removeFile(draft, file)} />
        </li>
      ))}
    </ul>
  );
}

function Chip({ file, onRemove }: { file: PendingFile; onRemove: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorTexts();
  const { name, attachment, error } = file;
  const isUploading = !attachment && !error;
  const picture = attachment?.kind === "image" ? contentUrl(attachment) : "";
  return (
    <div
      className={cx(
        "flex max-w-full items-center gap-2 rounded-md border p-1 text-sm",
        error ? "border-danger" : "border-line",
      )}
    >
      {picture ? (
        <img src={picture} alt="" className="size-11 shrink-0 rounded-sm object-cover" />
      ) : (
        <span className="flex size-11 shrink-0 items-center justify-center text-mute">
          <FileText aria-hidden="true" size={20} className={cx(isUploading && "animate-pulse")} />
        </span>
      )}
      <span className="min-w-0">
        <span className="block max-w-48 truncate" dir="auto">
          {name}
        </span>
        <span role="status" className={cx("block text-xs", error ? "text-danger" : "text-mute")}>
          {isUploading ? t("chat.uploading") : error ? errorText(error) : ""}
        </span>
      </span>
      <button
        type="button"
        aria-label={t("chat.removeFile", { name })}
        onClick={onRemove}
        className="flex size-8 shrink-0 items-center justify-center rounded-md text-mute hover:bg-sunken hover:text-ink pointer-coarse:size-11"
      >
        <X aria-hidden="true" size={16} />
      </button>
    </div>
  );
}
