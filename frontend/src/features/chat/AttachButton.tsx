import { useQuery } from "@tanstack/react-query";
import { Paperclip } from "lucide-react";
import { useTranslation } from "react-i18next";
import { modelsQuery } from "./api";

const ACCEPT = {
  image: "image/*",
  text: "text/*,.md,.csv,.json,.pdf",
};

export type Kind = keyof typeof ACCEPT;

/** The kinds of files that the model takes; "" is the server's default. */
export function useTakes(model: string): readonly Kind[] {
  const { data } = useQuery(modelsQuery);
  const offered = data?.results ?? [];
  const chosen = offered.find(({ id }) => id === model) ?? offered.find((one) => one.default);
  return chosen?.takes ?? [];
}

interface AttachButtonProps {
  takes: readonly Kind[];
  onFiles: (files: readonly File[]) => void;
}

/** Chooses files. On a phone the browser offers the camera and the photographs. */
export function AttachButton({ takes, onFiles }: AttachButtonProps) {
  const { t } = useTranslation();
  const label = t("chat.attach");
  return (
    <label
      title={label}
      className="relative flex size-11 shrink-0 cursor-pointer items-center justify-center rounded-full text-mute hover:bg-sunken hover:text-ink has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent"
    >
      <Paperclip aria-hidden="true" size={20} />
      <input
        type="file"
        multiple
        aria-label={label}
        accept={takes.map((kind) => ACCEPT[kind]).join(",")}
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          target.value = ""; // so that the same file can be chosen again
        }}
        className="absolute inset-0 size-full cursor-pointer opacity-0"
      />
    </label>
  );
}
