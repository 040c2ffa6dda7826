import { beforeEach, describe, expect, it, vi } from "vitest";
import { EnterKey, type Key } from "./enterKey";

let send: ReturnType<typeof vi.fn<() => void>>;
let enter: EnterKey;

beforeEach(() => {
  vi.useFakeTimers();
  send = vi.fn<() => void>();
  enter = new EnterKey(send);
  return () => vi.useRealTimers();
});

function press(change: Partial<Key> = {}): boolean {
  return enter.keyDown({
    key: "Enter",
    code: "Enter",
    shiftKey: false,
    isComposing: false,
    timeStamp: 1000,
    ...change,
  });
}

describe("without an input method", () => {
  it("sends, and prevents the new line", () => {
    expect(press()).toBe(true);
    expect(send).toHaveBeenCalledOnce();
  });

  it("leaves a new line to Shift+Enter, and other keys alone", () => {
    expect(press({ shiftKey: true })).toBe(false);
    expect(press({ key: "a", code: "KeyA" })).toBe(false);
    expect(send).not.toHaveBeenCalled();
  });
});

describe("while Hangul is composed", () => {
  it("sends once the syllable is complete, and ignores the repeated event", () => {
    enter.compositionUpdate("요");
    expect(press({ isComposing: true })).toBe(false);
    expect(send).not.toHaveBeenCalled();
    enter.compositionEnd("요", 1005);
    expect(press({ timeStamp: 1010 })).toBe(true);
    vi.runAllTimers();
    expect(send).toHaveBeenCalledOnce();
  });

  it("knows the key by its code where the system calls it Process", () => {
    enter.compositionUpdate("요");
    press({ isComposing: true, key: "Process" });
    enter.compositionEnd("요", 1005);
    vi.runAllTimers();
    expect(send).toHaveBeenCalledOnce();
  });

  it("does not send when Space ends the syllable", () => {
    enter.compositionUpdate("요");
    press({ isComposing: true, key: "Process", code: "Space" });
    enter.compositionEnd("요", 1005);
    vi.runAllTimers();
    expect(send).not.toHaveBeenCalled();
  });

  it("sends once in Safari, which ends the composition before the key", () => {
    enter.compositionUpdate("요");
    enter.compositionEnd("요", 999);
    expect(press()).toBe(true);
    vi.runAllTimers();
    expect(send).toHaveBeenCalledOnce();
  });
});

describe("while another script is composed", () => {
  it("only confirms", () => {
    enter.compositionUpdate("にほん");
    press({ isComposing: true });
    enter.compositionEnd("日本", 1005);
    vi.runAllTimers();
    expect(send).not.toHaveBeenCalled();
  });

  it("only confirms in Safari too, and the next one sends", () => {
    enter.compositionEnd("日本", 999);
    expect(press()).toBe(true);
    expect(send).not.toHaveBeenCalled();
    press({ timeStamp: 2000 });
    expect(send).toHaveBeenCalledOnce();
  });
});
