/** The texts of the dialog with the numbers of a conversation. */
import { register } from "./register";

export const en = {
  statistics: {
    title: "Statistics",
    empty: "Nothing has been asked in this conversation yet.",
    questions: "Questions",
    answers: "Answers",
    states: {
      streaming: "being written",
      done: "complete",
      stopped: "stopped",
      failed: "failed",
      interrupted: "interrupted",
      imported: "imported",
    },
    byModel: "Answers by model",
    time: "Time for an answer",
    median: "median",
    longest: "longest",
    seconds: "{{seconds}} s",
    tokens: "Tokens",
    read: "read by the models",
    written: "written by the models",
    unknown: "Not known for {{count}} of {{all}} answers.",
    noneKnown: "Not known for these answers.",
    quotations: "Quotations",
    period: "Asked",
    first: "first question",
    last: "last question",
  },
};

export const ko: typeof en = {
  statistics: {
    title: "통계",
    empty: "이 대화에서는 아직 아무것도 묻지 않았습니다.",
    questions: "질문",
    answers: "답변",
    states: {
      streaming: "작성 중",
      done: "완성",
      stopped: "중지됨",
      failed: "실패",
      interrupted: "중단됨",
      imported: "가져옴",
    },
    byModel: "모델별 답변",
    time: "답변에 걸린 시간",
    median: "중앙값",
    longest: "가장 긴 것",
    seconds: "{{seconds}}초",
    tokens: "토큰",
    read: "모델이 읽은 토큰",
    written: "모델이 쓴 토큰",
    unknown: "답변 {{all}}개 중 {{count}}개는 알 수 없습니다.",
    noneKnown: "이 답변들의 토큰 수는 알 수 없습니다.",
    quotations: "인용",
    period: "질문한 때",
    first: "첫 질문",
    last: "마지막 질문",
  },
};

register({ en, ko });
