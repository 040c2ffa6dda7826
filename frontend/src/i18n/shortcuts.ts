/** The list of keyboard shortcuts; loaded when it is opened. */
import { register } from "./register";

export const en = {
  shortcuts: {
    title: "Keyboard shortcuts",
    send: "Send the question",
    newLine: "Start a new line",
    newChat: "New chat",
    search: "Search conversations",
    copyAnswer: "Copy the last answer",
    pin: "Pin or unpin the open conversation",
    answer: "From the question field to the last answer",
    marks: "At an answer: to its marks and buttons",
    back: "Close, or back to the answer",
    sheet: "Show this list",
    sheetOutside: "The same, outside of a field",
  },
};

export const ko: typeof en = {
  shortcuts: {
    title: "단축키",
    send: "질문 보내기",
    newLine: "줄 바꾸기",
    newChat: "새 대화",
    search: "대화 검색",
    copyAnswer: "마지막 답변 복사",
    pin: "열린 대화 고정 또는 고정 해제",
    answer: "입력란에서 마지막 답변으로 이동",
    marks: "답변에서: 표시와 버튼으로 이동",
    back: "닫기, 답변으로 돌아가기",
    sheet: "단축키 보기",
    sheetOutside: "단축키 보기 (입력란 밖에서)",
  },
};

register({ en, ko });
