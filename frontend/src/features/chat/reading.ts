/** Reads markdown into tokens, in the way in which answers are written. What deviates from GFM does
 * so because Korean would suffer from it, or because markup is never run.
 */
import { characterEntitiesHtml4 } from "character-entities-html4";
import { Lexer, type Token, Tokenizer, type Tokens } from "marked";

const KOREAN = /[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u4e00-\u9fff\uac00-\ud7a3]/;
const EMPHASISED = /^(\*\*?)(?![\s*])([^*\n]*[^\s*])\1(?!\*)/;

class Answers extends Tokenizer {
  /** CommonMark does not let `**“…”**` end before a particle: `**“부끄럼”**은` kept its asterisks. */
  override emStrong(
    src: string,
    masked: string,
    before = "",
  ): Tokens.Em | Tokens.Strong | undefined {
    const found = EMPHASISED.exec(src);
    const [raw = "", mark = "", text = ""] = found ?? [];
    if (!found || !(KOREAN.test(before) || KOREAN.test(src[raw.length] ?? ""))) {
      return super.emStrong(src, masked, before);
    }
    const tokens = this.lexer.inlineTokens(text);
    return { type: mark === "**" ? "strong" : "em", raw, text, tokens };
  }

  /** One tilde is a range or a tone here: `3~5일, 7~9일`. */
  override del(src: string, masked: string, before?: string): Tokens.Del | undefined {
    return src.startsWith("~~") ? super.del(src, masked, before) : undefined;
  }

  /** Markup is text, of which the markdown inside still counts. */
  override html(): undefined {}
}

/** The tokens of a part of an answer. What is nested beyond all sense is text as it stands. */
export function tokensOf(markdown: string): Token[] {
  try {
    return new Lexer({ gfm: true, tokenizer: new Answers() }).lex(markdown);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [{ type: "paragraph", raw: markdown, text: markdown, tokens: [textToken(markdown)] }];
  }
}

/** Text that is plain already: what looks like a character reference in it is none. */
export function textToken(text: string): Tokens.Text {
  return { type: "text", raw: text, text, escaped: true };
}

const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{2,8}));/g;

/** Text with its character references resolved. There is no HTML sink that could do it. */
export function plain(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(ENTITY, (whole, decimal, hex, name) => {
    if (name) return characterEntitiesHtml4[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const SAFE = /^(?:(?:https?|mailto|tel):|\/(?![/\\]))/i;

/** An address that may be followed, or none: `javascript:` and the like are not. */
export function safeAddress(href: string): string | undefined {
  const address = plain(href).trim();
  return SAFE.test(address) ? address : undefined;
}
