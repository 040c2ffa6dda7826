import {
  type ButtonHTMLAttributes,
  cloneElement,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
  type ReactNode,
  type RefAttributes,
  type RefObject,
  Suspense,
  useId,
  useRef,
  useState,
} from "react";
import { preload, showLoaded } from "./showLoaded";

/** What a menu needs of its button; see `Menu`. */
export interface MenuState {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  button: RefObject<HTMLButtonElement | null>;
  /** The id of the button, which names the menu. */
  labelledBy: string;
  /** Whether it was opened without a pointer, and begins at its first item. */
  byKey: boolean;
}

interface MenuButtonProps {
  /** Loads the code of the menu: when the pointer or the focus comes to the button. */
  load: () => Promise<unknown>;
  button: ReactElement<ButtonHTMLAttributes<HTMLButtonElement> & RefAttributes<HTMLButtonElement>>;
  children: (menu: MenuState) => ReactNode;
}

/** A button that opens a menu. Menus and what places them are a tenth of the page's code, and most
 * visits open none.
 */
export function MenuButton({ load, button: trigger, children }: MenuButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  const [isLoaded, setLoaded] = useState(false);
  const [open, setOpen] = useState(false);
  const [byKey, setByKey] = useState(false);
  // It is there before it opens, so that a second key already goes to its first item.
  const prepare = () => preload(load, () => setLoaded(true));
  const openNow = (isKey: boolean) => {
    setLoaded(true);
    setByKey(isKey);
    setOpen(true);
  };
  const show = (isKey: boolean) =>
    isLoaded ? openNow(isKey) : showLoaded(load, () => openNow(isKey));
  return (
    <>
      {cloneElement(trigger, {
        ref: button,
        id,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        "data-state": open ? "open" : "closed",
        onPointerEnter: prepare,
        onFocus: prepare,
        // A click by a key or by a screen reader has no count.
        onClick: ({ detail }: MouseEvent) => (open ? setOpen(false) : show(detail === 0)),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          show(true);
        },
      } as object)}
      {isLoaded && (
        <Suspense>
          {children({ open, onOpenChange: setOpen, button, labelledBy: id, byKey })}
        </Suspense>
      )}
    </>
  );
}
