import { claudeCodeLiveness } from "./processes/claudeCodeLiveness"
import { codexLiveness } from "./processes/codexLiveness"
import type { Liveness, SessionAccess } from "./processes/Liveness"
import { namedLiveness, type ProgramNames } from "./processes/namedLiveness"
import { qwenLiveness } from "./processes/qwenLiveness"
import { claudeCodeSource } from "./sources/claudeCodeSource"
import { codexSource } from "./sources/codexSource"
import { geminiSource, piSource, qwenSource } from "./sources/otherSources"
import type { FileSource } from "./sources/Source"
import type { ToolDirectories } from "./toolDirectories"

export type LiveSource = { source: FileSource; liveness: Liveness }

const GEMINI: ProgramNames = { tool: "gemini-cli", program: "gemini", package: "@google/gemini-cli" }
const PI: ProgramNames = { tool: "pi", program: "pi", package: "@mariozechner/pi-coding-agent" }

/**
 * Creates the sources of all tools that store sessions in files. Each source comes with a way to detect its tool's
 * running processes.
 */
export function createSources(
  directories: ToolDirectories,
  access: SessionAccess,
  /** Returns true if a session's own folder should be watched. */
  isActive: (path: string) => boolean,
): LiveSource[] {
  return [
    {
      source: claudeCodeSource(directories.claude, isActive),
      liveness: claudeCodeLiveness(directories.claude, access),
    },
    { source: codexSource(directories.codex), liveness: codexLiveness(directories.codex, access) },
    { source: geminiSource(directories.gemini), liveness: namedLiveness(GEMINI, access) },
    { source: qwenSource(directories.qwen), liveness: qwenLiveness(directories.qwen, access) },
    { source: piSource(directories.pi), liveness: namedLiveness(PI, access) },
  ]
}
