import { useEffect, useLayoutEffect, useRef, useState } from "react";

/** Pixels below the screen at which the button to the end appears, and disappears again. */
const FAR = 200;
const NEAR = 60;

/** Opens a conversation at its end and scrolls a new question to the top; after that only the user
 * scrolls.
 */
export function useScrolling(conversation: number | undefined, running: string | undefined) {
  const scroller = useRef<HTMLDivElement>(null);
  const end = useRef<HTMLDivElement>(null);
  const [anchor, setAnchor] = useState<string | null>(running ?? null);
  const [isFar, setFar] = useState(false);

  if (running && running !== anchor) setAnchor(running);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another conversation is opened
  useLayoutEffect(() => {
    if (!running) scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, [conversation]);

  useEffect(() => {
    if (!running) return;
    const question = scroller.current?.querySelector(`[data-exchange="${running}"]`);
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    question?.scrollIntoView({ block: "start", behavior });
  }, [running]);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    let frame = 0;
    const measure = () => {
      frame = 0;
      const below =
        (end.current?.getBoundingClientRect().top ?? 0) - box.getBoundingClientRect().bottom;
      setFar((before) => below > (before ? NEAR : FAR));
    };
    const soon = () => {
      frame ||= requestAnimationFrame(measure);
    };
    box.addEventListener("scroll", soon, { passive: true });
    const observer = new ResizeObserver(soon);
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    return () => {
      box.removeEventListener("scroll", soon);
      observer.disconnect();
      cancelAnimationFrame(frame);
    };
  }, []);

  const toEnd = () =>
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" });
  return { scroller, end, anchor, isFar, toEnd };
}
