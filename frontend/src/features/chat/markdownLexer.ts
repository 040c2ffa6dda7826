/** Lexes the markdown of answers. It deviates from GFM where GFM breaks Korean text, and it treats
 * HTML as text.
 */
import { characterEntitiesHtml4 } from "character-entities-html4";
import { Lexer, type Token, Tokenizer, type Tokens } from "marked";

const KOREAN = /[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u4e00-\u9fff\uac00-\ud7a3]/;
const EMPHASISED = /^(\*\*?)(?![\s*])([^*\n]*[^\s*])\1(?!\*)/;

const EXCLAMATIONS = /^!+/;

const MAX_EMPHASIS_LENGTH = 1000;
/** A longer block that is not code is shown as plain text, because the lexer takes too long for
 * it.
 */
const MAX_BLOCK_LENGTH = 10_000;
const CODE = /^ {0,3}(?:`{3}|~{3})/;

class AnswerTokenizer extends Tokenizer {
  /** CommonMark does not end `**“…”**` before a particle, so that `**“부끄럼”**은` keeps its
   * asterisks.
   */
  override emStrong(
    src: string,
    masked: string,
    before = "",
  ): Tokens.Em | Tokens.Strong | undefined {
    const found = EMPHASISED.exec(src);
    const [raw = "", mark = "", text = ""] = found ?? [];
    if (!found || !(KOREAN.test(before) || KOREAN.test(src[raw.length] ?? ""))) {
      // The lexer searches the end of each mark, so the search is limited: else it is quadratic.
      const beyond = Math.max(0, src.length - MAX_EMPHASIS_LENGTH);
      const near = src.slice(0, src.length - beyond);
      return super.emStrong(near, masked.slice(0, masked.length - beyond), before);
    }
    const tokens = this.lexer.inlineTokens(text);
    return { type: mark === "**" ? "strong" : "em", raw, text, tokens };
  }

  /** In Korean a single tilde is a range or a tone: `3~5일, 7~9일`. */
  override del(src: string, masked: string, before?: string): Tokens.Del | undefined {
    return src.startsWith("~~") ? super.del(src, masked, before) : undefined;
  }

  /** The lexer makes a token of each exclamation mark, which takes long for many of them. The last
   * one may belong to an image.
   */
  override inlineText(src: string): Tokens.Text | undefined {
    const [run = ""] = EXCLAMATIONS.exec(src) ?? [];
    const raw = src[run.length] === "[" ? run.slice(1) : run;
    return raw.length > 1
      ? { type: "text", raw, text: raw, escaped: false }
      : super.inlineText(src);
  }

  /** HTML is text; markdown inside of it is still lexed. */
  override html(): undefined {}
}

/** The tokens of a block. Blocks that are too long or too deeply nested become one plain text. */
export function lexMarkdown(markdown: string): Token[] {
  if (markdown.length > MAX_BLOCK_LENGTH && !CODE.test(markdown)) return plainParagraph(markdown);
  try {
    return new Lexer({ gfm: true, tokenizer: new AnswerTokenizer() }).lex(markdown);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return plainParagraph(markdown);
  }
}

function plainParagraph(text: string): Token[] {
  return [{ type: "paragraph", raw: text, text, tokens: [textToken(text)] }];
}

/** A token of plain text, in which `&amp;` and the like are not decoded. */
export function textToken(text: string): Tokens.Text {
  return { type: "text", raw: text, text, escaped: true };
}

const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{2,8}));/g;

/** Decodes HTML character references. The browser's own decoder is an HTML sink, which the CSP
 * forbids.
 */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(ENTITY, (whole, decimal, hex, name) => {
    if (name) return characterEntitiesHtml4[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const SAFE = /^(?:(?:https?|mailto|tel):|\/(?![/\\]))/i;

/** The address if its scheme is safe; `undefined` for `javascript:` and the like. */
export function safeAddress(href: string): string | undefined {
  const address = decodeEntities(href).trim();
  return SAFE.test(address) ? address : undefined;
}
