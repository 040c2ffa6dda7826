/** The texts of the dialog that shows how to embed the line of the day. */
import { register } from "./register";

export const en = {
  embed: {
    title: "Show the line of the day on your site",
    text: "Paste this into a page. The line changes by itself each day; there are no scripts and no cookies.",
    code: "HTML to copy",
    theme: "Theme",
    themes: { auto: "Same as the reader's device", light: "Light", dark: "Dark" },
    copy: "Copy",
    copied: "The HTML is copied.",
    failed: "The text could not be copied. Select it to copy it.",
    see: "See the card",
  },
};

export const ko: typeof en = {
  embed: {
    title: "내 사이트에 오늘의 대사 보여 주기",
    text: "페이지에 아래 코드를 붙여 넣으십시오. 대사는 매일 저절로 바뀌며, 스크립트와 쿠키를 쓰지 않습니다.",
    code: "복사할 HTML",
    theme: "테마",
    themes: { auto: "보는 사람의 기기 설정", light: "밝게", dark: "어둡게" },
    copy: "복사",
    copied: "HTML을 복사했습니다.",
    failed: "복사하지 못했습니다. 글을 선택해서 복사해 주십시오.",
    see: "카드 보기",
  },
};

register({ en, ko });
