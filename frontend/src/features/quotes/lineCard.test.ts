import { expect, it } from "vitest";
import { drawCard, WIDTH } from "./lineCard";

const TEXTS = { product: "Daesa", link: "daesa.example/quotes/7" };
const LINE = {
  content: "한 점 부끄럼이 없기를",
  speaker: "윤동주",
  source: "서시",
  language: "ko",
};

interface Drawn {
  text: string;
  x: number;
  y: number;
  size: number;
  colour: string;
}

/** A context in which every letter is as wide as it is high. jsdom has none. */
function context() {
  const drawn: Drawn[] = [];
  const size = (font: string) => Number(/(\d+)px/.exec(font)?.[1]);
  const made = {
    font: "",
    fillStyle: "",
    measureText: (text: string) => ({ width: [...text].length * size(made.font) }),
    fillRect() {},
    fillText: (text: string, x: number, y: number) =>
      drawn.push({ text, x, y, size: size(made.font), colour: made.fillStyle }),
  };
  return { drawn, made: made as unknown as CanvasRenderingContext2D & { direction: string } };
}

it("has the line, who says it where, the product and the link", () => {
  const { drawn, made } = context();
  expect(drawCard(made, LINE, "light", TEXTS)).toBe(true);
  const texts = drawn.map(({ text }) => text);
  expect(texts).toEqual([
    "“",
    "한 점 부끄럼이",
    "없기를",
    "— 윤동주, 서시",
    "Daesa",
    "daesa.example/quotes/7",
  ]);
  const heights = drawn.slice(1).map(({ y }) => y);
  expect(heights.slice(0, 4)).toEqual(heights.slice(0, 4).toSorted((a, b) => a - b));
});

it("is smaller the longer the line is, and refuses one that fits in no size", () => {
  const sizes = [10, 100, 200, 400].map((words) => {
    const { drawn, made } = context();
    const content = "가 ".repeat(words).trim();
    expect(drawCard(made, { ...LINE, content }, "dark", TEXTS)).toBe(words < 400);
    return drawn[1]?.size ?? 0;
  });
  expect(sizes).toEqual([104, 43, 30, 0]);
});

it("ends a very long name of a work with dots", () => {
  const { drawn, made } = context();
  const source = "긴 제목 ".repeat(30);
  expect(drawCard(made, { ...LINE, source }, "light", TEXTS)).toBe(true);
  const from = drawn.filter(({ size }) => size === 40);
  expect(from).toHaveLength(2);
  expect(from[1]?.text).toMatch(/…$/);
});

it("begins a line in Arabic at the right", () => {
  const { drawn, made } = context();
  drawCard(made, { ...LINE, content: "اطلبوا العلم", speaker: "", source: "" }, "light", TEXTS);
  expect(drawn[1]).toMatchObject({ text: "اطلبوا", x: WIDTH - 96 });
});

it("has other colours in the dark", () => {
  const [light, dark] = (["light", "dark"] as const).map((theme) => {
    const { drawn, made } = context();
    drawCard(made, LINE, theme, TEXTS);
    return drawn.map(({ colour }) => colour);
  });
  expect(light).not.toEqual(dark);
});
