import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Attachment, contentUrl } from "./files";

const HIGHEST = 160; // pixels

/** The files of a question. */
export default function AskedFiles({ files }: { files: readonly Attachment[] }) {
  const { t } = useTranslation();
  return (
    <ul aria-label={t("chat.files")} className="mb-1 flex max-w-[85%] flex-wrap justify-end gap-2">
      {files.map((file) => (
        <li key={file.id} className="max-w-full">
          <a
            href={contentUrl(file)}
            target="_blank"
            rel="noreferrer"
            title={file.name}
            className="block rounded-md"
          >
            {file.kind === "image" ? <Picture file={file} /> : <Name name={file.name} />}
          </a>
        </li>
      ))}
    </ul>
  );
}

/** In its place before it is loaded, so that nothing moves. */
function Picture({ file }: { file: Attachment }) {
  const { width, height, name } = file;
  const shown = Math.min(HIGHEST, height ?? HIGHEST);
  return (
    <img
      src={contentUrl(file)}
      alt={name}
      loading="lazy"
      width={Math.round(((width ?? shown) / (height ?? shown)) * shown)}
      height={shown}
      className="h-auto max-h-40 max-w-full rounded-md border border-line bg-sunken object-contain"
    />
  );
}

function Name({ name }: { name: string }) {
  return (
    <span className="flex min-h-11 items-center gap-2 rounded-md border border-line px-3 text-sm">
      <FileText aria-hidden="true" size={16} className="shrink-0 text-mute" />
      <span dir="auto" className="max-w-60 truncate">
        {name}
      </span>
    </span>
  );
}
