import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { firstHighlight, highlight } from "./highlight";
import { isRendering, onRendered } from "./useGradually";

/** Pixels below the screen at which the button to the end appears, and disappears again. */
const FAR = 200;
const NEAR = 60;

interface Places {
  conversation: number | undefined;
  /** The exchange that is being written. */
  running: string | undefined;
  /** The exchange that a search has found, "" until it is loaded. */
  found: string | undefined;
  /** The words that the search has found in it. */
  words: string;
  /** The first exchange that is shown. */
  first: string | undefined;
}

/** Opens a conversation at its end, or at what a search has found, and scrolls a new question to the
 * top. After that only the user scrolls, or has the end of the answer followed.
 */
export function useScrolling({ conversation, running, found, words, first }: Places) {
  const scroller = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<string | null>(running ?? null);

  if (running && running !== anchor) setAnchor(running);

  const { isFar, filled, follow, keepAt, keepAtEnd, unfollow } = useEnd(
    scroller,
    end,
    conversation,
  );
  const hold = useHeldPlace(scroller, first, keepAt);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another conversation is opened
  useLayoutEffect(() => {
    unfollow();
    if (!running && found === undefined) keepAtEnd();
  }, [conversation]);

  useEffect(() => {
    if (!found) return;
    const go = () => {
      exchangeOf(scroller.current, found)?.scrollIntoView({ block: "start" });
      bringIntoSight(scroller.current, firstHighlight());
    };
    const exchange = exchangeOf(scroller.current, found);
    const isMarked = exchange && words && "highlights" in CSS;
    const end = isMarked ? highlight(exchange, words) : undefined;
    keepAt(found, go);
    return end;
  }, [found, words, keepAt]);

  useEffect(() => {
    if (!running) return;
    unfollow();
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    exchangeOf(scroller.current, running)?.scrollIntoView({ block: "start", behavior });
  }, [running, unfollow]);

  const isReady = running !== undefined || filled === conversation;
  return { scroller, end, anchor, isFar, isReady, toEnd: follow, hold };
}

type Box = { current: HTMLElement | null };

function exchangeOf(box: HTMLElement | null, name: string): Element | null | undefined {
  return box?.querySelector(`[data-exchange="${name}"]`);
}

function toBottom(box: HTMLElement | null): void {
  box?.scrollTo({ top: box.scrollHeight });
}

/** Scrolls on to a place that is below the screen, in a long answer. */
function bringIntoSight(box: HTMLElement | null, place: AbstractRange | undefined): void {
  if (!box || !(place instanceof Range)) return;
  const below = place.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom;
  if (below > 0) box.scrollTop += below + box.clientHeight / 2;
}

/** Whether the end is far below, how to go there and stay there while the answer grows, until the
 * user scrolls up, and how to stay at another place while the rest is being rendered, until the
 * user does anything. `filled` is the conversation of which the screen is full, or all is shown.
 */
function useEnd(scroller: Box, end: Box, conversation: number | undefined) {
  const [isFar, setFar] = useState(false);
  const [filled, setFilled] = useState<number | undefined>();
  const [aim] = useState(() => new Aim(scroller));
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    let frame = 0;
    let top = box.scrollTop;
    const measure = () => {
      frame = 0;
      const below =
        (end.current?.getBoundingClientRect().top ?? 0) - box.getBoundingClientRect().bottom;
      setFar((before) => below > (before ? NEAR : FAR));
      if (box.scrollHeight > box.clientHeight || !isRendering()) setFilled(conversation);
    };
    const soon = () => {
      frame ||= requestAnimationFrame(measure);
    };
    const onScroll = () => {
      aim.onScroll(box, top);
      top = box.scrollTop;
      soon();
    };
    const onInput = () => aim.onInput();
    box.addEventListener("scroll", onScroll, { passive: true });
    for (const input of INPUTS) box.addEventListener(input, onInput, { passive: true });
    // Before the changed content is painted, so that nobody sees it at another place.
    const observer = new ResizeObserver(() => {
      aim.takeAgain();
      soon();
    });
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    // Before it is laid out, so that the browser lays out nothing else, and counts no shift; but
    // after the words of a search are highlighted in it, which is a microtask, too.
    const stopListening = onRendered(() => {
      queueMicrotask(aim.takeAgain);
      soon();
    });
    return () => {
      stopListening();
      box.removeEventListener("scroll", onScroll);
      for (const input of INPUTS) box.removeEventListener(input, onInput);
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, [scroller, end, aim, conversation]);
  const { follow, keepAt, keepAtEnd, unfollow } = aim;
  return { isFar, filled, follow, keepAt, keepAtEnd, unfollow };
}

const INPUTS = ["wheel", "touchstart", "pointerdown", "keydown"];

/** The place that the scroller is brought to again whenever its content has changed. The browser
 * itself scrolls, too, to keep what is in sight where content above it gets another height.
 */
class Aim {
  private go: (() => void) | null = null;
  private isLeft: (box: HTMLElement, before: number) => boolean = () => false;
  private endsByInput = false;
  private readonly scroller: Box;

  constructor(scroller: Box) {
    this.scroller = scroller;
  }

  /** Stays at the end until the user scrolls up. */
  readonly follow = () => {
    this.isLeft = (box, before) => box.scrollTop < before - 1 && below(box) > 1;
    this.take(() => toBottom(this.scroller.current), false);
  };

  readonly keepAtEnd = () => {
    let heightThen = 0;
    // Exchanges that get less height than was estimated move the end up, too, until `go` is called.
    this.isLeft = (box, before) =>
      this.height() === heightThen && box.scrollTop < before - 1 && below(box) > box.clientHeight;
    this.take(() => {
      toBottom(this.scroller.current);
      heightThen = this.height();
    }, true);
  };

  /** Scrolls by `go`, until the exchange of this name is far from where that has brought it. */
  readonly keepAt = (name: string, go: () => void) => {
    const top = () => topOf(this.scroller.current, name);
    let [reached, heightThen] = [Number.NaN, 0];
    // What was inserted above since then has moved it, too, until `go` is called again.
    this.isLeft = (box) =>
      this.height() === heightThen && Math.abs(top() - reached) > box.clientHeight;
    this.take(() => {
      // `go` may scroll twice, after which the browser tells of a scroll, also to the same place.
      if (top() === reached && this.height() === heightThen) return;
      go();
      [reached, heightThen] = [top(), this.height()];
    }, true);
    // The browser would scroll by as much as is inserted above, away from the place.
    this.scroller.current?.style.setProperty("overflow-anchor", "none");
  };

  readonly unfollow = () => {
    this.end();
  };

  private height(): number {
    return this.scroller.current?.scrollHeight ?? 0;
  }

  private take(go: () => void, endsByInput: boolean): void {
    this.end();
    this.endsByInput = endsByInput;
    this.go = go;
    go();
  }

  private end(): void {
    this.go = null;
    this.scroller.current?.style.removeProperty("overflow-anchor");
  }

  readonly takeAgain = () => {
    this.go?.();
  };

  onScroll(box: HTMLElement, before: number): void {
    if (this.isLeft(box, before)) this.end();
  }

  onInput(): void {
    if (this.endsByInput) this.end();
  }
}

/** Pixels between the screen and the end. */
function below(box: HTMLElement): number {
  return box.scrollHeight - box.clientHeight - box.scrollTop;
}

/** Keeps the first exchange in its place when earlier ones are inserted above it, after a call of
 * the returned function. It returns one that is to be called if none are inserted.
 */
function useHeldPlace(
  scroller: Box,
  first: string | undefined,
  keepAt: (name: string, go: () => void) => void,
) {
  const held = useRef<{ name: string; top: number } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when exchanges were inserted
  useLayoutEffect(() => {
    const [box, place] = [scroller.current, held.current];
    held.current = null;
    if (!box || !place) return;
    keepAt(place.name, () => {
      box.scrollTop += topOf(box, place.name) - place.top;
    });
  }, [first]);
  return () => {
    if (first) held.current = { name: first, top: topOf(scroller.current, first) };
    return () => {
      held.current = null;
    };
  };
}

/** Where an exchange is, from the top of the scroller. */
function topOf(box: HTMLElement | null, name: string): number {
  const top = exchangeOf(box, name)?.getBoundingClientRect().top ?? 0;
  return top - (box?.getBoundingClientRect().top ?? 0);
}
