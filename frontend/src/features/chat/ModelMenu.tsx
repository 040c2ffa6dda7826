import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Menu, MenuChoice } from "@/ui/Menu";
import type { MenuState } from "@/ui/MenuButton";
import { useModelName } from "@/ui/modelName";

interface ModelMenuProps {
  menu: MenuState;
  offered: readonly Schemas["Model"][];
  chosen: string;
  onModel: (model: string) => void;
}

export default function ModelMenu({ menu, offered, chosen, onModel }: ModelMenuProps) {
  const { t } = useTranslation();
  const nameOf = useModelName();
  return (
    <Menu {...menu} align="start" side="top">
      <MenuChoice
        label={t("chat.model")}
        value={chosen}
        options={offered.map(({ id }) => ({ value: id, label: nameOf(id) }))}
        onChange={onModel}
        closes
      />
    </Menu>
  );
}
