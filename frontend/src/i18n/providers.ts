/** The texts about signing in by providers, which few pages need: a namespace of their own, outside of
 * the first load. Importing this module makes them known.
 */
import { register } from "./register";

export const en = {
  title: "Other ways to sign in",
  or: "or",
  some: "the provider",
  names: { kakao: "Kakao", naver: "Naver", google: "Google", github: "GitHub" },
  go: {
    kakao: "Login with Kakao",
    naver: "Continue with Naver",
    google: "Continue with Google",
    github: "Continue with GitHub",
    other: "Continue with {{name}}",
  },
  goOn: "Go on",
  backToLogin: "Back to the sign-in",
  oldWay: "Sign in the way you did before",
  ways: "Ways to sign in",
  passwordSet: "You have a password.",
  passwordMissing: "You have no password.",
  since: "Connected {{date}}",
  notConnected: "Not connected",
  connect: "Connect",
  connectName: "Connect {{provider}}",
  disconnect: "Disconnect",
  disconnectName: "Disconnect {{provider}}",
  disconnected: "{{provider}} is disconnected.",
  errors: {
    cancelled: {
      title: "You cancelled",
      text: "You did not go on at {{provider}}. Nothing has changed.",
    },
    denied: {
      title: "Not allowed",
      text: "The answer of {{provider}} was no. Try again, or sign in another way.",
    },
    unknown: {
      title: "This did not work",
      text: "No valid answer came from {{provider}}. Try again in a while, or sign in another way.",
    },
    expired: {
      title: "Please start again",
      text: "This sign-in has taken too long, or it was used already. Nothing has changed.",
    },
    address_taken: {
      title: "You seem to have an account",
      text: "There is an account with the address that came from {{provider}}. We do not join the two, because an address alone does not prove that both are yours. Sign in the way you did before, then connect {{provider}} in the settings, under Sign-in and security.",
    },
    signup_closed: {
      title: "Joining is closed",
      text: "New members cannot join at present. If you have an account, sign in the way you did before, then connect {{provider}} in the settings.",
    },
    signup_invite: {
      title: "You need an invitation",
      text: "Only people with an invitation can join. Open the link of yours, and go on with {{provider}} there.",
    },
    signup_approval: {
      title: "Your request is noted",
      text: "The people who run this site decide who joins. When they have agreed, sign in with {{provider}} again.",
    },
    signup_domain: {
      title: "Another address is needed",
      text: "Only people with a confirmed address of certain domains can join, and {{provider}} gave none.",
    },
    join_declined: {
      title: "Your request was declined",
      text: "The people who run this site have declined your request to join.",
    },
    connected_elsewhere: {
      title: "Connected to another account",
      text: "This account of {{provider}} belongs to another account here. Disconnect it there first.",
    },
    last_way: {
      title: "This is your last way to sign in",
      text: "Without it you could not come back. Set a password or connect another provider first.",
    },
    inactive: {
      title: "This account is closed",
      text: "The people who run this site have switched it off. Ask them if you think this is a mistake.",
    },
    fresh_sign_in_required: {
      title: "Nothing was connected",
      text: "Your sign-in was some time ago. Try again, and confirm that it is you.",
    },
    too_many_attempts: {
      title: "Too many attempts",
      text: "There were too many sign-ins from your network. Wait some minutes, then try again.",
    },
    too_many_connected: {
      title: "Nothing was connected",
      text: "Your account has as many connections as it can have. Disconnect one first.",
    },
    verify_email: {
      title: "Confirm your address",
      text: "We have sent you a mail. Follow its link to go on.",
    },
  },
};

export const ko: typeof en = {
  title: "다른 로그인 방법",
  or: "또는",
  some: "로그인 제공자",
  names: { kakao: "카카오", naver: "네이버", google: "Google", github: "GitHub" },
  go: {
    kakao: "카카오 로그인",
    naver: "네이버 로그인",
    google: "Google 계정으로 계속하기",
    github: "GitHub 계정으로 계속하기",
    other: "{{name}} 계정으로 계속하기",
  },
  goOn: "계속하기",
  backToLogin: "로그인 화면으로",
  oldWay: "기존 방법으로 로그인",
  ways: "로그인 방법",
  passwordSet: "비밀번호가 있습니다.",
  passwordMissing: "비밀번호가 없습니다.",
  since: "{{date}} 연결",
  notConnected: "연결되지 않음",
  connect: "연결",
  connectName: "{{provider}} 연결",
  disconnect: "연결 해제",
  disconnectName: "{{provider}} 연결 해제",
  disconnected: "{{provider}} 연결을 해제했습니다.",
  errors: {
    cancelled: {
      title: "취소했습니다",
      text: "{{provider}}에서 계속하지 않았습니다. 바뀐 것은 없습니다.",
    },
    denied: {
      title: "허용되지 않았습니다",
      text: "{{provider}}에서 로그인을 거절했습니다. 다시 시도하거나 다른 방법으로 로그인해 주십시오.",
    },
    unknown: {
      title: "로그인하지 못했습니다",
      text: "{{provider}}에서 올바른 응답이 오지 않았습니다. 잠시 뒤 다시 시도하거나 다른 방법으로 로그인해 주십시오.",
    },
    expired: {
      title: "처음부터 다시 해 주십시오",
      text: "로그인이 너무 오래 걸렸거나 이미 사용되었습니다. 바뀐 것은 없습니다.",
    },
    address_taken: {
      title: "이미 계정이 있는 듯합니다",
      text: "{{provider}}에서 받은 이메일 주소로 가입한 계정이 있습니다. 주소만으로는 두 계정이 모두 본인의 것인지 알 수 없어 자동으로 합치지 않습니다. 전에 쓰던 방법으로 로그인한 다음, 설정의 ‘로그인과 보안’에서 {{provider}} 계정을 연결해 주십시오.",
    },
    signup_closed: {
      title: "지금은 가입을 받지 않습니다",
      text: "계정이 있다면 전에 쓰던 방법으로 로그인한 다음, 설정에서 {{provider}} 계정을 연결해 주십시오.",
    },
    signup_invite: {
      title: "초대가 필요합니다",
      text: "초대받은 사람만 가입할 수 있습니다. 초대 링크를 연 다음 그곳에서 {{provider}} 로그인을 해 주십시오.",
    },
    signup_approval: {
      title: "가입 신청을 받았습니다",
      text: "운영자가 승인하면 가입이 끝납니다. 승인된 뒤 {{provider}} 로그인을 다시 해 주십시오.",
    },
    signup_domain: {
      title: "다른 이메일 주소가 필요합니다",
      text: "정해진 도메인의 확인된 이메일 주소가 있어야 가입할 수 있는데, {{provider}}에서 그런 주소를 받지 못했습니다.",
    },
    join_declined: {
      title: "가입 신청이 거절되었습니다",
      text: "운영자가 가입 신청을 받아들이지 않았습니다.",
    },
    connected_elsewhere: {
      title: "다른 계정에 연결되어 있습니다",
      text: "이 {{provider}} 계정은 이곳의 다른 계정에 연결되어 있습니다. 먼저 그 계정에서 연결을 해제해 주십시오.",
    },
    last_way: {
      title: "마지막 로그인 방법입니다",
      text: "해제하면 다시 로그인할 수 없습니다. 먼저 비밀번호를 만들거나 다른 로그인 방법을 연결해 주십시오.",
    },
    inactive: {
      title: "닫힌 계정입니다",
      text: "운영자가 사용을 중지한 계정입니다. 잘못되었다고 생각하시면 운영자에게 문의해 주십시오.",
    },
    fresh_sign_in_required: {
      title: "연결하지 않았습니다",
      text: "로그인한 지 시간이 지났습니다. 다시 시도하여 본인임을 확인해 주십시오.",
    },
    too_many_attempts: {
      title: "시도가 너무 많습니다",
      text: "같은 네트워크에서 로그인이 너무 많았습니다. 몇 분 뒤에 다시 시도해 주십시오.",
    },
    too_many_connected: {
      title: "연결하지 않았습니다",
      text: "더 이상 연결할 수 없습니다. 먼저 다른 연결을 해제해 주십시오.",
    },
    verify_email: {
      title: "이메일을 확인해 주십시오",
      text: "메일을 보냈습니다. 메일의 링크를 눌러 계속해 주십시오.",
    },
  },
};

register({ en: { providers: en }, ko: { providers: ko } });
