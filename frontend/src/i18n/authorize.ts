/** The texts of the page on which a native program asks to sign in, outside of the first load.
 * Importing this module makes them known.
 */
import { useTranslation } from "react-i18next";
import { register } from "./register";

export const en = {
  authorize: {
    title: "A program asks to sign in",
    text: "Allow it only if you have just started this in the program yourself.",
    program: "Program",
    unnamed: "It gives no name.",
    claim: "It calls itself that; nobody has checked it.",
    address: "It runs on this device, at {{address}}.",
    account: "Your account",
    other: "Use another account",
    may: "If you allow it, it can",
    chat: "read, change and delete your conversations, and ask on your daily allowance",
    quotes: "submit, change, withdraw and like lines",
    profile: "read and change your profile; see your activity",
    staff: "do what else you may do as staff by the API",
    not: "It learns no password, and cannot change how you sign in.",
    until:
      "It stays signed in for up to 30 days, or until you sign it out under Settings, Sessions.",
    allow: "Allow",
    refuse: "Refuse",
    leftTitle: "Go back to the program",
    allowed: "The program has got your permission. You can close this page.",
    refused: "The program has not been signed in. You can close this page.",
    again: "If nothing happens there, start again from the program.",
    invalidTitle: "This request is not valid",
    invalid:
      "The program has opened this page in a way that is not allowed here, so nobody was signed in and nothing was sent to it.",
    invalidNext:
      "Start again from the program. If it happens again, report these errors to its developers:",
    home: "Go to Daesa",
  },
};

export const ko: typeof en = {
  authorize: {
    title: "프로그램이 로그인을 요청합니다",
    text: "방금 이 프로그램에서 직접 로그인을 시작했을 때만 허용해 주십시오.",
    program: "프로그램",
    unnamed: "이름을 밝히지 않았습니다.",
    claim: "프로그램이 스스로 밝힌 이름이며, 확인되지 않았습니다.",
    address: "이 기기의 {{address}}에서 실행되고 있습니다.",
    account: "내 계정",
    other: "다른 계정 사용",
    may: "허용하면 프로그램이 할 수 있는 일",
    chat: "대화를 읽고 수정하고 삭제하며, 내 횟수로 질문합니다.",
    quotes: "대사를 제출, 수정, 철회하고 좋아요를 누릅니다.",
    profile: "프로필을 읽고 바꾸며, 활동 기록을 봅니다.",
    staff: "운영진으로서 API로 할 수 있는 그 밖의 일을 합니다.",
    not: "비밀번호는 알 수 없고, 로그인 방법을 바꿀 수 없습니다.",
    until: "로그인은 최대 30일 동안, 또는 설정의 ‘로그인 기기’에서 로그아웃할 때까지 유지됩니다.",
    allow: "허용",
    refuse: "거부",
    leftTitle: "프로그램으로 돌아가 주십시오",
    allowed: "프로그램의 로그인을 허용했습니다. 이 페이지는 닫아도 됩니다.",
    refused: "프로그램의 로그인을 거부했습니다. 이 페이지는 닫아도 됩니다.",
    again: "프로그램에 아무 변화가 없으면 프로그램에서 다시 시작해 주십시오.",
    invalidTitle: "올바르지 않은 요청입니다",
    invalid:
      "프로그램이 여기서 허용되지 않는 방식으로 이 페이지를 열었습니다. 로그인은 이루어지지 않았고, 프로그램에는 아무것도 보내지 않았습니다.",
    invalidNext:
      "프로그램에서 다시 시작해 주십시오. 같은 일이 반복되면 프로그램을 만든 곳에 아래 내용을 알려 주십시오.",
    home: "대사로 가기",
  },
};

register({ en, ko });

/** `useTranslation` with these texts, as `authorize:key`. */
export function useAuthorizeTranslation() {
  return useTranslation(["translation", "authorize"]);
}
