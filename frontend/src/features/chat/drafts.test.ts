import { describe, expect, it, vi } from "vitest";
import { forgetDrafts, keepDraft, moveDraft, putBack, readDraft } from "./drafts";

describe("drafts", () => {
  it("are kept for each place", () => {
    keepDraft("new", "one");
    keepDraft("7", "two");
    expect([readDraft("new"), readDraft("7"), readDraft("8")]).toEqual(["one", "two", ""]);
    expect(localStorage.getItem("daesa.draft.7")).toBe("two");
  });

  it("leave nothing behind when they are empty or forgotten", () => {
    keepDraft("7", "two");
    keepDraft("7", "");
    keepDraft("8", "three");
    forgetDrafts();
    expect(Object.keys(localStorage)).toEqual([]);
    expect(readDraft("8")).toBe("");
  });

  it("go with a conversation that gets its number", () => {
    keepDraft("new", "typed meanwhile");
    moveDraft("new", "7");
    expect([readDraft("new"), readDraft("7")]).toEqual(["", "typed meanwhile"]);
  });

  it("put a refused text before what was written since", () => {
    keepDraft("7", "since");
    putBack("7", "refused");
    expect(readDraft("7")).toBe("refused\n\nsince");
    putBack("8", "refused");
    expect(readDraft("8")).toBe("refused");
  });

  it("last as long as the page where storage is closed", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("closed", "SecurityError");
    });
    keepDraft("7", "two");
    expect(readDraft("7")).toBe("two");
  });
});
