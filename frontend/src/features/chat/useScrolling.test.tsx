import { act, render } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useScrolling } from "./useScrolling";

const SCREEN = 500;
/** What the browser tells of a change of the content's height. */
let tellOfResize: () => void;
/** The content's height, and where the scroller is, as layout would keep them. */
let height = 0;
let top = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame"] });
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(callback: () => void) {
        tellOfResize = callback;
      }
      observe() {}
      disconnect() {}
    },
  );
  [height, top] = [0, 0];
  const box = HTMLElement.prototype;
  vi.spyOn(box, "scrollHeight", "get").mockImplementation(() => height);
  vi.spyOn(box, "clientHeight", "get").mockReturnValue(SCREEN);
  vi.spyOn(box, "scrollTop", "get").mockImplementation(() => top);
  box.scrollTo = ((to: ScrollToOptions) => scrollTo(to.top ?? 0)) as typeof box.scrollTo;
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  Reflect.deleteProperty(HTMLElement.prototype, "scrollTo");
});

function scrollTo(wanted: number): void {
  top = Math.max(0, Math.min(wanted, height - SCREEN));
}

function Conversation() {
  const { scroller, end } = useScrolling({
    conversation: 1,
    running: undefined,
    found: undefined,
    words: "",
    first: "1",
  });
  return (
    <div ref={scroller} data-testid="scroller">
      <div>
        <div ref={end} />
      </div>
    </div>
  );
}

function open(): HTMLElement {
  const box = render(<Conversation />).getByTestId("scroller");
  resize(20_000);
  tell(box); // scrolls to the end,
  tell(box); // and is told of that
  expect(top).toBe(height - SCREEN);
  return box;
}

/** The browser keeps the place, as far as there is content. */
function resize(next: number): void {
  height = next;
  scrollTo(top);
}

/** A frame: scrolls are told of first, then what was asked for the next frame runs. */
function tell(box: HTMLElement): void {
  act(() => {
    box.dispatchEvent(new Event("scroll"));
    tellOfResize();
    vi.advanceTimersToNextFrame();
  });
}

test("content that gets less height, and then more, before a frame leaves the end in sight", () => {
  const box = open();
  resize(12_000);
  resize(19_000);
  tell(box);
  expect(top).toBe(height - SCREEN);
});

test("a scroll far up, while nothing changes, is the user's", () => {
  const box = open();
  tell(box);
  scrollTo(3_000);
  tell(box);
  resize(21_000);
  tell(box);
  expect(top).toBe(3_000);
});

test("any input ends it", () => {
  const box = open();
  box.dispatchEvent(new Event("wheel"));
  resize(21_000);
  tell(box);
  expect(top).toBe(20_000 - SCREEN);
});
