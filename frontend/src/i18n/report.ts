/** The texts of the form that reports a wrong mark. */
import { register } from "./register";

export const en = {
  report: {
    what: "What is wrong with this mark?",
    reasons: {
      verdict: "The verdict: it is word for word, or it is not",
      line: "It is another line",
      speaker: "The speaker or the work",
      other: "Something else",
    },
    note: "What would be right?",
    whoSees:
      "Reviewers see the marked words with up to 80 characters before and after them, and what you write here. They see neither who you are nor anything else of the conversation.",
    send: "Send to the reviewers",
    takeBack: "Take it back",
    state: {
      open: "You have reported this mark. Reviewers will look at it.",
      wrong: "You have reported this mark. Reviewers agree: the mark is wrong.",
      right: "You have reported this mark. Reviewers find that the mark is right.",
    },
  },
};

export const ko: typeof en = {
  report: {
    what: "이 표시에서 무엇이 틀렸습니까?",
    reasons: {
      verdict: "판정: 원문과 같은지 다른지가 틀렸습니다",
      line: "다른 대사입니다",
      speaker: "화자나 작품이 틀렸습니다",
      other: "그 밖의 문제입니다",
    },
    note: "올바른 내용은 무엇입니까?",
    whoSees:
      "검토자는 표시된 말과 그 앞뒤 80자까지, 그리고 여기에 쓰신 내용만 봅니다. 누가 보냈는지와 대화의 다른 부분은 볼 수 없습니다.",
    send: "검토자에게 보내기",
    takeBack: "신고 취소",
    state: {
      open: "이 표시를 신고하셨습니다. 검토자가 확인할 예정입니다.",
      wrong: "이 표시를 신고하셨습니다. 검토자도 표시가 틀렸다고 판단했습니다.",
      right: "이 표시를 신고하셨습니다. 검토자는 표시가 맞다고 판단했습니다.",
    },
  },
};

register({ en, ko });
