/** The texts of the dialog that shows a line as an image; loaded when it is opened. */
import { register } from "./register";

export const en = {
  card: {
    title: "The line as an image",
    image: "Image with the text: {{text}}",
    theme: "Colours",
    light: "Light",
    dark: "Dark",
    download: "Download",
    copy: "Copy image",
    copied: "The image is copied.",
    copyFailed: "The image could not be copied. Download it instead.",
    share: "Share",
    shareFailed: "The image could not be shared. Download it instead.",
    failed: "This browser could not make the image.",
    tooLong: "This line is too long for an image. Copy it, or share its link.",
  },
};

export const ko: typeof en = {
  card: {
    title: "이미지로 보는 대사",
    image: "다음 글이 담긴 이미지: {{text}}",
    theme: "색",
    light: "밝게",
    dark: "어둡게",
    download: "내려받기",
    copy: "이미지 복사",
    copied: "이미지를 복사했습니다.",
    copyFailed: "이미지를 복사하지 못했습니다. 대신 내려받아 주십시오.",
    share: "공유",
    shareFailed: "이미지를 공유하지 못했습니다. 대신 내려받아 주십시오.",
    failed: "이 브라우저에서는 이미지를 만들지 못했습니다.",
    tooLong: "대사가 길어 이미지에 담을 수 없습니다. 글을 복사하거나 링크를 공유해 주십시오.",
  },
};

register({ en, ko });
