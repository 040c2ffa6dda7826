import { describe, expect, it, vi } from "vitest";
import { clearDrafts, moveDraft, readDraft, restoreDraft, saveDraft } from "./drafts";

describe("drafts", () => {
  it("are stored per conversation", () => {
    saveDraft("new", "one");
    saveDraft("7", "two");
    expect([readDraft("new"), readDraft("7"), readDraft("8")]).toEqual(["one", "two", ""]);
    expect(localStorage.getItem("daesa.draft.7")).toBe("two");
  });

  it("leave nothing in storage when they are empty or cleared", () => {
    saveDraft("7", "two");
    saveDraft("7", "");
    saveDraft("8", "three");
    clearDrafts();
    expect(Object.keys(localStorage)).toEqual([]);
    expect(readDraft("8")).toBe("");
  });

  it("move to a new conversation when it gets its id", () => {
    saveDraft("new", "typed meanwhile");
    moveDraft("new", "7");
    expect([readDraft("new"), readDraft("7")]).toEqual(["", "typed meanwhile"]);
  });

  it("put back an unsent text before what was typed since", () => {
    saveDraft("7", "since");
    restoreDraft("7", "refused");
    expect(readDraft("7")).toBe("refused\n\nsince");
    restoreDraft("8", "refused");
    expect(readDraft("8")).toBe("refused");
  });

  it("stay in memory without storage", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("closed", "SecurityError");
    });
    saveDraft("7", "two");
    expect(readDraft("7")).toBe("two");
  });
});
