import { ChartNoAxesColumn, Download, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Menu, MenuItem } from "@/ui/Menu";
import type { MenuState } from "@/ui/MenuButton";

interface ConversationMenuProps {
  menu: MenuState;
  isPinned: boolean | undefined;
  onPin: () => void;
  onRename: () => void;
  onDownload: () => void;
  onStatistics: () => void;
  onDelete: () => void;
}

export default function ConversationMenu(props: ConversationMenuProps) {
  const { menu, isPinned, onPin, onRename, onDownload, onStatistics, onDelete } = props;
  const { t } = useTranslation();
  const PinIcon = isPinned ? PinOff : Pin;
  return (
    <Menu {...menu}>
      <MenuItem onSelect={onPin}>
        <PinIcon aria-hidden="true" size={16} />
        {t(isPinned ? "conversations.unpin" : "conversations.pin")}
      </MenuItem>
      <MenuItem onSelect={onRename}>
        <Pencil aria-hidden="true" size={16} />
        {t("conversations.rename")}
      </MenuItem>
      <MenuItem onSelect={onDownload}>
        <Download aria-hidden="true" size={16} />
        {t("conversations.download")}
      </MenuItem>
      <MenuItem onSelect={onStatistics}>
        <ChartNoAxesColumn aria-hidden="true" size={16} />
        {t("conversations.statistics")}
      </MenuItem>
      <MenuItem danger onSelect={onDelete}>
        <Trash2 aria-hidden="true" size={16} />
        {t("conversations.delete")}
      </MenuItem>
    </Menu>
  );
}
