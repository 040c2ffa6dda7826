// Which modules a chat loads before anything in it is opened, from the graph of their imports.
interface Module {
  code: string | null;
  importedIds: readonly string[];
}
interface Graph {
  getModuleInfo: (id: string) => Module | null;
}

const FIRST = [
  "main.tsx",
  "ui/Toasts.tsx",
  "features/chat/ChatPage.tsx",
  "features/chat/Markdown.tsx",
];
const ICONS = /lucide-react\.m?js$/;
const IMPORTED_ICONS = /import\s*\{([^}]*)\}\s*from\s*["']lucide-react["']/g;

/** The ids of what the first modules import, without what is imported when it is needed. */
export function idsAtFirst(graph: Graph, source: string): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = FIRST.map((name) => `${source}/${name}`);
  for (let id = waiting.pop(); id; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    const module = graph.getModuleInfo(id);
    if (!module) throw new Error(`The page has no module ${id}`);
    waiting.push(...importsOf(module, graph));
  }
  return found;
}

/** One module lists all icons: of it, only those count whose names are imported. */
function importsOf({ code, importedIds }: Module, graph: Graph): string[] {
  const list = importedIds.find((id) => ICONS.test(id));
  if (!list) return [...importedIds];
  const names = [...(code ?? "").matchAll(IMPORTED_ICONS)].flatMap(([, all = ""]) =>
    all.split(",").map((one) => one.trim().split(/\s/)[0] ?? ""),
  );
  const icons = names.filter(Boolean).map((name) => fileOf(name, list, graph));
  return [...importedIds.filter((id) => id !== list), ...icons];
}

function fileOf(name: string, list: string, graph: Graph): string {
  const { code, importedIds } = graph.getModuleInfo(list) ?? { code: "", importedIds: [] };
  const [, file] =
    new RegExp(`default as ${name}\\b[^;]*? from ['"]\\.(/icons/[^'"]+)`).exec(code ?? "") ?? [];
  const id = file && importedIds.find((one) => one.endsWith(file));
  if (!id) throw new Error(`There is no icon ${name}`);
  return id;
}
