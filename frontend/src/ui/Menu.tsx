import { Check } from "lucide-react";
import { Menu as Radix } from "radix-ui/internal";
import { type ReactNode, type RefObject, useRef } from "react";
import { cx } from "./cx";
import type { MenuState } from "./MenuButton";

interface MenuProps extends MenuState {
  children: ReactNode;
  align?: "start" | "end";
  side?: "top" | "bottom";
}

const ITEM = cx(
  "flex min-h-10 pointer-coarse:min-h-11 cursor-pointer select-none items-center gap-3 rounded-md px-3 text-sm",
  "outline-none data-[highlighted]:bg-sunken",
);

/** The menu of a `MenuButton`. Not modal, because Radix's modal menu injects a `<style>`, which the
 * CSP forbids.
 */
export function Menu(props: MenuProps) {
  const {
    open,
    onOpenChange,
    button,
    labelledBy,
    byKey,
    children,
    align = "end",
    side = "bottom",
  } = props;
  const isEntered = useRef(false);
  const isLeft = useRef(false);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange} modal={false}>
      <Radix.Anchor virtualRef={button as RefObject<HTMLButtonElement>} />
      <Radix.Portal>
        <Radix.Content
          aria-labelledby={labelledBy}
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          onFocus={({ target, currentTarget }) => {
            if (target !== currentTarget || !byKey || isEntered.current) return;
            isEntered.current = true;
            const first = currentTarget.querySelector<HTMLElement>("[role^=menuitem]");
            first?.focus({ preventScroll: true });
          }}
          onInteractOutside={(event) => {
            // The button itself closes it.
            if (button.current?.contains(event.target as Node)) event.preventDefault();
            else isLeft.current = true;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (!isLeft.current) button.current?.focus();
            isEntered.current = false;
            isLeft.current = false;
          }}
          className="z-50 min-w-48 animate-appear rounded-lg border border-line bg-raised p-1 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  onSelect: () => void;
  children: ReactNode;
  danger?: boolean;
}

export function MenuItem({ onSelect, children, danger = false }: ItemProps) {
  return (
    <Radix.Item onSelect={onSelect} className={cx(ITEM, danger && "text-danger")}>
      {children}
    </Radix.Item>
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
    <Radix.Group>
      <Radix.Label className="px-3 pt-2 pb-1 text-xs text-mute">{label}</Radix.Label>
      <Radix.RadioGroup value={value} onValueChange={(next) => onChange(next as T)}>
        {options.map((option) => (
          <Radix.RadioItem
            key={option.value}
            value={option.value}
            lang={option.lang}
            onSelect={closes ? undefined : (event) => event.preventDefault()}
            className={cx(ITEM, "justify-between")}
          >
            {option.label}
            <Radix.ItemIndicator>
              <Check aria-hidden="true" size={16} />
            </Radix.ItemIndicator>
          </Radix.RadioItem>
        ))}
      </Radix.RadioGroup>
    </Radix.Group>
  );
}

export function MenuSeparator() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}
