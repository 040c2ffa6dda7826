/** Decides when Enter sends, for input methods and for each browser's order of events.
 *
 * Korean: the last syllable is usually still being composed when Enter is pressed. The text is then
 * sent once the composition has ended. Japanese and Chinese: Enter chooses a candidate and does not
 * send. Safari fires the key's event after the composition has ended.
 */
const HANGUL = /[ᄀ-ᇿ㄰-㆏가-힣]/;
/** Some systems repeat the key's event after the composition; within this time it is ignored. */
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

  /** `send` must read the text from the DOM, because React's state may lack the last syllable. */
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

  /** Returns whether to prevent the key's default, a new line. */
  keyDown({ key, code, shiftKey, isComposing, timeStamp }: Key): boolean {
    // During a composition, Windows calls every key "Process"; its code still says which it is.
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
