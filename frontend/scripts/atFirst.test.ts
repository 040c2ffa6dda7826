import { expect, it } from "vitest";
import { idsAtFirst } from "./atFirst.ts";

const LIST = "/lucide-react/lucide-react.mjs";
const ICONS = `export { default as CircleHelp, default as HelpCircle } from './icons/circle-help.mjs';
export { default as Eye, default as EyeIcon } from './icons/eye.mjs';`;
const MODULES: Record<string, { code?: string; importedIds?: string[] }> = {
  "/src/main.tsx": { importedIds: ["/src/ui/Frame.tsx"] },
  "/src/ui/Frame.tsx": {
    code: 'import { HelpCircle as Help } from "lucide-react";',
    importedIds: [LIST],
  },
  "/src/ui/Toasts.tsx": {},
  "/src/features/chat/ChatPage.tsx": {},
  "/src/features/chat/Markdown.tsx": {},
  "/src/ui/Menu.tsx": { code: 'import { Eye } from "lucide-react";', importedIds: [LIST] },
  [LIST]: {
    code: ICONS,
    importedIds: ["/lucide-react/icons/circle-help.mjs", "/lucide-react/icons/eye.mjs"],
  },
  "/lucide-react/icons/circle-help.mjs": {},
};

const graph = {
  getModuleInfo: (id: string) =>
    MODULES[id] ? { code: "", importedIds: [], ...MODULES[id] } : null,
};

it("names what the first modules import, of all icons only theirs", () => {
  const ids = idsAtFirst(graph, "/src");
  expect(ids).toContain("/src/ui/Frame.tsx");
  expect(ids).toContain("/lucide-react/icons/circle-help.mjs");
  expect(ids).not.toContain("/src/ui/Menu.tsx");
  expect(ids).not.toContain("/lucide-react/icons/eye.mjs");
});

it("refuses a first module that is not there anymore", () => {
  const { "/src/main.tsx": main, ...others } = MODULES;
  expect(main).toBeDefined();
  const withoutMain = {
    getModuleInfo: (id: string) =>
      others[id] ? { code: "", importedIds: [], ...others[id] } : null,
  };
  expect(() => idsAtFirst(withoutMain, "/src")).toThrow("/src/main.tsx");
});
