/** The texts of an opened citation. */
import { register } from "./register";

export const en = {
  quotation: {
    verbatim: "This is exactly what the board holds.",
    same_words: "The letters and digits are the board's; marks, spaces or capitals differ.",
    excerpt: "Word for word, but only a part of the board's line:",
    altered: "The board's line reads differently.",
    unknown: "No reviewed line says this. Take it with care.",
    notes: {
      wrong_speaker: "The answer names another speaker than the board does.",
      wrong_id: "The answer names another line's number.",
      negation_left_out: "The left-out part contains a negation, such as “not” or “never”.",
      look_alike: "It has letters that look the same but are different ones, or hidden marks.",
      told_as_wrong: "The answer itself calls this wording wrong.",
      repaired: "The answer had other words; the board's were put in their place.",
      unquoted: "The answer had these words in quotation marks.",
    },
    onlyInAnswer: "only in the answer",
    onlyOnBoard: "only on the board",
    inAnswer: "In the answer",
    onBoard: "On the board",
    open: "See on the board",
    gone: "The line is no longer on the board.",
    isWrong: "This mark is wrong",
  },
};

export const ko: typeof en = {
  quotation: {
    verbatim: "게시판에 있는 대사와 한 글자도 다르지 않습니다.",
    same_words: "글자와 숫자는 게시판 원문과 같지만 문장 부호나 띄어쓰기, 대소문자가 다릅니다.",
    excerpt: "원문 그대로이지만 게시판에 있는 대사의 일부입니다.",
    altered: "게시판의 원문과 다른 곳이 있습니다.",
    unknown: "검토를 마친 대사 가운데 이런 말은 없습니다. 주의해서 읽어 주십시오.",
    notes: {
      wrong_speaker: "답변에서 말한 화자가 게시판의 화자와 다릅니다.",
      wrong_id: "답변에서 말한 대사 번호가 게시판의 번호와 다릅니다.",
      negation_left_out: "빠진 부분에 ‘않다’, ‘없다’처럼 부정하는 말이 있습니다.",
      look_alike: "모양만 같은 다른 글자나 보이지 않는 부호가 들어 있습니다.",
      told_as_wrong: "답변에서 스스로 틀린 표현이라고 밝혔습니다.",
      repaired: "답변의 표현이 원문과 달라 게시판 원문으로 바로잡았습니다.",
      unquoted: "답변에는 이 말이 따옴표로 묶여 있었습니다.",
    },
    onlyInAnswer: "답변에만 있는 말",
    onlyOnBoard: "원문에만 있는 말",
    inAnswer: "답변에서",
    onBoard: "게시판 원문",
    open: "게시판에서 보기",
    gone: "이 대사는 더 이상 게시판에 없습니다.",
    isWrong: "이 표시가 틀렸습니다",
  },
};

register({ en, ko });
