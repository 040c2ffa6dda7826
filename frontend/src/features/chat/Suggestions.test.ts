import { expect, it } from "vitest";
import type { Quote } from "@/api/client";
import { chooseLines } from "./Suggestions";

const quote = (id: number, content: string, speaker: string) => ({ id, content, speaker }) as Quote;

it("takes two short lines of two speakers, and the speaker with the most lines", () => {
  const found = chooseLines([
    quote(1, "필사즉생".repeat(20), "이순신"),
    quote(2, "티끌 모아 태산", ""),
    quote(3, "백지장도 맞들면 낫다", ""),
    quote(4, "必死則生 必生則死", "이순신"),
    quote(5, "별 하나에 추억과 별 하나에 사랑과", "윤동주"),
    quote(6, "오늘 밤에도 별이 바람에 스치운다.", "윤동주"),
    quote(7, "잎새에 이는 바람에도 나는 괴로워했다.", "윤동주"),
  ]);
  expect([found.about?.id, found.meaning?.id, found.speaker]).toEqual([2, 5, "윤동주"]);
});

it.each([
  [[], undefined, undefined],
  [[quote(1, "Silence", "")], 1, undefined],
  [[quote(1, "Silence", ""), quote(2, "Call me Ishmael.", "")], 1, 2],
])("makes do with few lines", (quotes, about, meaning) => {
  const found = chooseLines(quotes);
  expect([found.about?.id, found.meaning?.id]).toEqual([about, meaning]);
});
