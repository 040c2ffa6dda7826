/** When Enter sends, for every script and every browser's order of events.
 *
 * Korean: each syllable is composed, so the last one nearly always still is when Enter comes. Enter
 * then arms, and the text is sent once the composition has ended. Japanese and Chinese: Enter
 * chooses a candidate and never sends. Safari ends the composition before it tells of the key.
 */
const HANGUL = /[ᄀ-ᇿ㄰-㆏가-힣]/;
const ECHO_MS = 80;

export interface Key {
  key: string;
  code: string;
  shiftKey: boolean;
  isComposing: boolean;
  timeStamp: number;
}

export class EnterKey {
  #composed = "";
  #armed = false;
  #endedAt = Number.NEGATIVE_INFINITY;
  #sentAt = Number.NEGATIVE_INFINITY;
  readonly #send: () => void;

  /** `send` reads the text from the field itself: what React knows may be a syllable behind. */
  constructor(send: () => void) {
    this.#send = send;
  }

  compositionUpdate(composed: string): void {
    this.#composed = composed;
  }

  compositionEnd(composed: string, timeStamp: number): void {
    this.#composed = composed;
    this.#endedAt = timeStamp;
    if (!this.#armed) return;
    this.#armed = false;
    this.#sentAt = timeStamp;
    setTimeout(this.#send, 0);
  }

  /** Returns whether the key's own effect, a new line, is to be prevented. */
  keyDown({ key, code, shiftKey, isComposing, timeStamp }: Key): boolean {
    // While an input method works, Windows calls every key "Process"; its place tells which it is.
    const isEnter = key === "Enter" || (isComposing && /^(Numpad)?Enter$/.test(code));
    if (!isEnter || shiftKey) return false;
    if (isComposing) {
      this.#armed = HANGUL.test(this.#composed);
      return false;
    }
    if (timeStamp - this.#sentAt < ECHO_MS) return true;
    const endsComposition = timeStamp - this.#endedAt < ECHO_MS;
    if (endsComposition && !HANGUL.test(this.#composed)) return true;
    this.#sentAt = timeStamp;
    this.#send();
    return true;
  }
}
