import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  side?: "top" | "bottom";
}

const ITEM = cx(
  "flex min-h-10 pointer-coarse:min-h-11 cursor-pointer select-none items-center gap-3 rounded-md px-3 text-sm",
  "outline-none data-[highlighted]:bg-sunken",
);

/** Not modal, because Radix's modal menu injects a `<style>`, which the CSP forbids. */
export function Menu({ trigger, children, align = "end", side = "bottom" }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 min-w-48 animate-appear rounded-lg border border-line bg-raised p-1 shadow-float"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ItemProps {
  onSelect: () => void;
  children: ReactNode;
  danger?: boolean;
}

export function MenuItem({ onSelect, children, danger = false }: ItemProps) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={cx(ITEM, danger && "text-danger")}>
      {children}
    </DropdownMenu.Item>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string; lang?: string }[];
  onChange: (value: T) => void;
  /** Whether the menu closes with the choice. */
  closes?: boolean;
}

export function MenuChoice<T extends string>(props: ChoiceProps<T>) {
  const { label, value, options, onChange, closes = false } = props;
  return (
    <DropdownMenu.Group>
      <DropdownMenu.Label className="px-3 pt-2 pb-1 text-xs text-mute">{label}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {options.map((option) => (
          <DropdownMenu.RadioItem
            key={option.value}
            value={option.value}
            lang={option.lang}
            onSelect={closes ? undefined : (event) => event.preventDefault()}
            className={cx(ITEM, "justify-between")}
          >
            {option.label}
            <DropdownMenu.ItemIndicator>
              <Check aria-hidden="true" size={16} />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </DropdownMenu.Group>
  );
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}
