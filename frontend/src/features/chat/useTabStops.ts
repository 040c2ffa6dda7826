import { type RefObject, useEffect } from "react";

const EXCHANGE = "[data-exchange]";
const CONTROLS = "a, button, input, textarea, [tabindex]";
/** Controls appear while an answer is written; the eye notices no delay of this length. */
const UPDATED_AFTER_MS = 200;

/** Makes each exchange in a transcript one stop of the Tab key. Enter goes to the marks, links and
 * buttons of its answer, and within it they all are stops; Escape goes back.
 */
export function useTabStops(transcript: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const box = transcript.current;
    if (!box) return;
    let timer = 0;
    const changed = new Set<Element>();
    const skipped = new WeakSet<Node>();
    // One exchange in a task: an answer may have hundreds of controls.
    const update = () => {
      timer = 0;
      const [exchange] = changed;
      if (!exchange) return;
      changed.delete(exchange);
      setStops(exchange, skipped);
      if (changed.size > 0) timer = window.setTimeout(update);
    };
    const soon = (exchanges: Iterable<Element | null>) => {
      for (const exchange of exchanges) if (exchange) changed.add(exchange);
      timer ||= window.setTimeout(update, UPDATED_AFTER_MS);
    };
    const all = () => soon(box.querySelectorAll(EXCHANGE));
    const onShown = (event: Event) => {
      const element = event.target as Element;
      if ((event as ContentVisibilityAutoStateChangeEvent).skipped) skipped.add(element);
      else skipped.delete(element);
      soon([exchangeOf(element)]);
    };
    const onFocus = ({ target }: FocusEvent) => {
      const exchange = exchangeOf(target);
      if (exchange) setStops(exchange, skipped);
    };
    const onBlur = ({ target, relatedTarget }: FocusEvent) => {
      const exchange = exchangeOf(target);
      if (exchange) setStops(exchange, skipped, isWithin(exchange, relatedTarget));
    };
    for (const exchange of box.querySelectorAll(EXCHANGE)) setStops(exchange, skipped);
    const mutations = new MutationObserver((records) => soon(records.flatMap(exchangesOf)));
    mutations.observe(box, { childList: true, characterData: true, subtree: true });
    let width = box.clientWidth;
    const sizes = new ResizeObserver(() => {
      if (box.clientWidth !== width) all();
      width = box.clientWidth;
    });
    sizes.observe(box);
    box.addEventListener("contentvisibilityautostatechange", onShown, { capture: true });
    box.addEventListener("focusin", onFocus);
    box.addEventListener("focusout", onBlur);
    box.addEventListener("keydown", onKeyDown);
    return () => {
      clearTimeout(timer);
      mutations.disconnect();
      sizes.disconnect();
      box.removeEventListener("contentvisibilityautostatechange", onShown, { capture: true });
      box.removeEventListener("focusin", onFocus);
      box.removeEventListener("focusout", onBlur);
      box.removeEventListener("keydown", onKeyDown);
    };
  }, [transcript]);
}

function exchangeOf(target: EventTarget | null): HTMLElement | null {
  const element = target instanceof Element ? target : (target as Node).parentElement;
  return element?.closest<HTMLElement>(EXCHANGE) ?? null;
}

function exchangesOf({ target, addedNodes }: MutationRecord): (Element | null)[] {
  const inside = exchangeOf(target);
  return inside ? [inside] : [...addedNodes].map(exchangeOf);
}

function isWithin(exchange: Element, target: EventTarget | null): boolean {
  return target !== exchange && exchange.contains(target as Node | null);
}

function setStops(
  exchange: Element,
  skipped: WeakSet<Node>,
  isOpen = isWithin(exchange, document.activeElement),
): void {
  for (const control of exchange.querySelectorAll<HTMLElement>(CONTROLS)) {
    const tabIndex = isOpen || scrollsSideways(control, skipped) ? 0 : -1;
    if (control.tabIndex !== tabIndex) control.tabIndex = tabIndex;
  }
}

/** A wide table or code can be scrolled by keys without entering the answer. One that is out of
 * sight is not measured, because all that is skipped with it would be laid out for that.
 */
function scrollsSideways(control: HTMLElement, skipped: WeakSet<Node>): boolean {
  if (!control.matches("pre, section")) return false;
  for (let at: Element | null = control; at; at = at.parentElement) {
    if (skipped.has(at)) return false;
  }
  return control.scrollWidth > control.clientWidth;
}

function onKeyDown(event: KeyboardEvent): void {
  const exchange = exchangeOf(event.target);
  if (!exchange || event.isComposing) return;
  if (event.key === "Escape") exchange.focus();
  if (event.key !== "Enter" || event.target !== exchange) return;
  event.preventDefault(); // the control would be clicked
  const answer = exchange.querySelector("article:last-of-type");
  (answer?.querySelector<HTMLElement>(CONTROLS) ?? exchange).focus();
}
