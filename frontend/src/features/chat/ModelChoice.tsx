import { useQuery } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { lazy } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { MenuButton } from "@/ui/MenuButton";
import { useModelName } from "@/ui/modelName";
import { modelsQuery } from "./api";

const loadMenu = () => import("./ModelMenu");
const ModelMenu = lazy(loadMenu);

interface ModelChoiceProps {
  model: string;
  onModel: (model: string) => void;
}

/** The choice of the model; nothing where there is only one. */
export function ModelChoice({ model, onModel }: ModelChoiceProps) {
  const { t } = useTranslation();
  const { data } = useQuery(modelsQuery);
  const nameOf = useModelName();
  const offered = data?.results ?? [];
  if (offered.length < 2) return null;
  const standard = defaultOf(offered);
  const chosen = offered.some(({ id }) => id === model) ? model : standard;
  return (
    <MenuButton
      load={loadMenu}
      button={
        <button
          type="button"
          aria-label={t("chat.modelNamed", { model: nameOf(chosen) })}
          className="flex min-h-11 max-w-[60%] min-w-0 items-center gap-1 rounded-md px-2 text-sm text-mute hover:bg-sunken hover:text-ink short:max-w-20"
        >
          <span className="truncate">{nameOf(chosen)}</span>
          <ChevronDown aria-hidden="true" size={16} className="shrink-0" />
        </button>
      }
    >
      {(menu) => <ModelMenu menu={menu} offered={offered} chosen={chosen} onModel={onModel} />}
    </MenuButton>
  );
}

/** Says that the chosen model is not offered anymore, and which one answers. */
export function ModelGone({ model }: { model: string }) {
  const { t } = useTranslation();
  const { data } = useQuery(modelsQuery);
  const nameOf = useModelName();
  const standard = nameOf(defaultOf(data?.results ?? []));
  return (
    <p role="status" className="text-sm text-mute">
      {t("chat.modelGone", { model: nameOf(model), standard })}
    </p>
  );
}

function defaultOf(offered: readonly Schemas["Model"][]): string {
  return offered.find((one) => one.default)?.id ?? "";
}
