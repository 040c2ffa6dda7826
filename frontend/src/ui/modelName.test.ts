import { expect, it } from "vitest";
import { modelName } from "./modelName";

it.each([
  ["gpt-4o-mini", "GPT-4o mini"],
  ["gpt-4.1-nano-2025-04-14", "GPT-4.1 nano"],
  ["openai/gpt-5", "GPT-5"],
  ["llama3.2", "Llama3.2"],
  ["claude-sonnet-4-5", "Claude Sonnet 4 5"],
  ["LGAI-EXAONE/exaone-3.5-7.8b-instruct", "EXAONE 3.5 7.8B Instruct"],
  ["qwen2.5:7b", "Qwen2.5 7B"],
  ["o3-mini", "o3 mini"],
  ["-", "-"],
])("calls %s %s", (id, name) => expect(modelName(id)).toBe(name));
