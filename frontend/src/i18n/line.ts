/** What can be done with a line on its page. */
import { register } from "./register";

export const en = {
  line: {
    copy: "Copy",
    copied: "The line is copied.",
    share: "Share",
    image: "Image",
    linkCopied: "The link is copied.",
    failed: "The text could not be copied. Select it to copy it.",
    read: "Read aloud",
    stop: "Stop reading",
  },
};

export const ko: typeof en = {
  line: {
    copy: "복사",
    copied: "대사를 복사했습니다.",
    share: "공유",
    image: "이미지",
    linkCopied: "링크를 복사했습니다.",
    failed: "복사하지 못했습니다. 글을 선택해서 복사해 주십시오.",
    read: "읽어 주기",
    stop: "읽기 멈추기",
  },
};

register({ en, ko });
