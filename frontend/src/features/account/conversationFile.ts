/** Reads conversations from a file that a person has chosen: Daesa's or ChatGPT's export, as the zip
 * or as the JSON file in it. Everything is read in the browser and sent in parts that the server's
 * limit for a body allows.
 */

const NAME = "conversations.json";
/** Of a request; the server takes 1 MiB. */
const MOST_BYTES = 900_000;
const MOST_AT_ONCE = 50;
const LARGEST_FILE = 500_000_000;

export type Unreadable = "tooLarge" | "noConversations" | "notJson";

export class UnreadableFile extends Error {
  readonly reason: Unreadable;

  constructor(reason: Unreadable) {
    super(reason);
    this.reason = reason;
  }
}

type Conversation = Record<string, unknown>;

/** The conversations of a file. Throws an `UnreadableFile`. */
export async function readConversations(
  file: Pick<File, "size" | "arrayBuffer">,
): Promise<Conversation[]> {
  if (file.size > LARGEST_FILE) throw new UnreadableFile("tooLarge");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const text = new TextDecoder().decode(isZip ? await unzipped(bytes) : bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnreadableFile("notJson");
  }
  const list = Array.isArray(value) ? value : (value as { conversations?: unknown })?.conversations;
  if (!Array.isArray(list)) throw new UnreadableFile("noConversations");
  return list.filter((one): one is Conversation => typeof one === "object" && one !== null);
}

async function unzipped(bytes: Uint8Array): Promise<Uint8Array> {
  const { unzip } = await import("fflate");
  return new Promise((resolve, reject) => {
    const filter = ({ name, originalSize }: { name: string; originalSize: number }) =>
      name.split("/").pop() === NAME && originalSize <= LARGEST_FILE;
    unzip(bytes, { filter }, (error, files) => {
      const found = error ? undefined : Object.values(files)[0];
      if (found) resolve(found);
      else reject(new UnreadableFile("noConversations"));
    });
  });
}

/** Groups of conversations that fit into one request; `tooLong` are those that fit into none. */
export function inParts(conversations: Conversation[]): {
  parts: Conversation[][];
  tooLong: Conversation[];
} {
  const parts: Conversation[][] = [];
  const tooLong: Conversation[] = [];
  let part: Conversation[] = [];
  let size = 0;
  for (const conversation of conversations.map(slim)) {
    const length = new TextEncoder().encode(JSON.stringify(conversation)).length + 1;
    if (length > MOST_BYTES) {
      tooLong.push(conversation);
      continue;
    }
    if (size + length > MOST_BYTES || part.length >= MOST_AT_ONCE) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(conversation);
    size += length;
  }
  if (part.length > 0) parts.push(part);
  return { parts, tooLong };
}

/** What the server reads of a conversation of ChatGPT; the rest, such as search results, is often
 * most of it.
 */
function slim(conversation: Conversation): Conversation {
  const { mapping } = conversation;
  if (typeof mapping !== "object" || mapping === null) return conversation;
  const { conversation_id, id, title, create_time, current_node } = conversation;
  const nodes = Object.fromEntries(
    Object.entries(mapping).map(([key, node]) => [key, slimNode(node as Conversation | null)]),
  );
  return { conversation_id, id, title, create_time, current_node, mapping: nodes };
}

function slimNode(node: Conversation | null): unknown {
  const message = node?.message as Conversation | null | undefined;
  const role = (message?.author as Conversation | undefined)?.role;
  const { parent, children } = node ?? {};
  if (!message || (role !== "user" && role !== "assistant")) return { parent, children };
  const { author, content, create_time } = message;
  const { model_slug, is_visually_hidden_from_conversation } =
    (message.metadata as Conversation | undefined) ?? {};
  const metadata = { model_slug, is_visually_hidden_from_conversation };
  return {
    parent,
    children,
    message: { author: { role: (author as Conversation).role }, content, create_time, metadata },
  };
}
