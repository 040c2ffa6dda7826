import { describe, expect, it, vi } from "vitest";
import {
  clearDrafts,
  moveDraft,
  putBack,
  readAside,
  readDraft,
  replaceDraft,
  restoreDraft,
  saveDraft,
} from "./drafts";

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

  it("are put aside when another text replaces them, and can be had back", () => {
    saveDraft("new", "my own words");
    replaceDraft("new", "a suggestion");
    replaceDraft("new", "another suggestion");
    expect([readDraft("new"), readAside("new")]).toEqual(["another suggestion", "my own words"]);
    putBack("new");
    expect([readDraft("new"), readAside("new")]).toEqual(["my own words", ""]);
    replaceDraft("new", "a suggestion");
    expect(readAside("new")).toBe("my own words");
  });

  it("change places with a suggestion that was changed", () => {
    saveDraft("new", "my own words");
    replaceDraft("new", "a suggestion");
    saveDraft("new", "a suggestion, changed");
    putBack("new");
    expect([readDraft("new"), readAside("new")]).toEqual(["my own words", "a suggestion, changed"]);
  });

  it("are all kept when several are put aside", () => {
    saveDraft("new", "one");
    replaceDraft("new", "a suggestion");
    saveDraft("new", "two");
    replaceDraft("new", "a suggestion");
    expect(readAside("new")).toBe("two\n\none");
  });

  it("are not put aside by the same text, nor if they are empty", () => {
    saveDraft("new", " ");
    replaceDraft("new", "a suggestion");
    replaceDraft("new", "a suggestion");
    saveDraft("7", "typed by hand");
    replaceDraft("7", "typed by hand");
    expect([readAside("new"), readAside("7")]).toEqual(["", ""]);
  });

  it("take what was put aside along to a new conversation", () => {
    saveDraft("new", "my own words");
    replaceDraft("new", "a suggestion");
    saveDraft("new", "");
    moveDraft("new", "7");
    expect([readAside("new"), readAside("7")]).toEqual(["", "my own words"]);
  });

  it("stay in memory without storage", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("closed", "SecurityError");
    });
    saveDraft("7", "two");
    expect(readDraft("7")).toBe("two");
  });
});
