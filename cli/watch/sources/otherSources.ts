import { closeSync, openSync, readSync } from "node:fs"
import { join } from "node:path"
import { geminiReducer } from "@/lib/dialects/gemini/geminiReducer"
import { asObject, asText, parseJson } from "@/lib/dialects/json"
import { piReducer } from "@/lib/dialects/pi/piReducer"
import { qwenReducer } from "@/lib/dialects/qwen/qwenReducer"
import { anyState, type FileSource, partsBelow } from "./Source"

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

/** Finds sessions in `tmp/<project>/chats/session-<time>-<8 digits>.jsonl`. The session's id is in the first line. */
export function geminiSource(directory: string): FileSource {
  const root = join(directory, "tmp")
  return {
    tool: "gemini-cli",
    roots: [root],
    enter: (path) => {
      const parts = partsBelow(root, path)
      return parts?.length === 1 || (parts?.length === 2 && parts[1] === "chats")
    },
    identify: (path) => {
      const parts = partsBelow(root, path)
      const chat = parts?.length === 3 && /^session-.*\.jsonl$/.test(parts[2] ?? "")
      const session = chat ? asText(asObject(firstRecord(path))?.sessionId) : undefined
      return session === undefined ? undefined : { key: `gemini-cli:${session}`, session }
    },
    reducer: (identity, options) => anyState(geminiReducer(identity, options)),
  }
}

/**
 * Finds sessions in `projects/<folder>/chats/<session>.jsonl`, and sub-agents in
 * `projects/<folder>/subagents/<session>/agent-<id>.jsonl`.
 */
export function qwenSource(directory: string): FileSource {
  const root = join(directory, "projects")
  return {
    tool: "qwen-code",
    roots: [root],
    enter: (path) => {
      const parts = partsBelow(root, path)
      if (parts === undefined || parts.length > 3) return false
      return parts.length === 1 || parts[1] === "subagents" || (parts.length === 2 && parts[1] === "chats")
    },
    identify: (path) => {
      const parts = partsBelow(root, path) ?? []
      const [, kind, name = "", file = ""] = parts
      const session = parts.length === 3 && kind === "chats" ? /^(.+)\.jsonl$/.exec(name)?.[1] : undefined
      if (session !== undefined) return { key: `qwen-code:${session}`, session }
      const agent =
        parts.length === 4 && kind === "subagents" ? /^agent-(.+)\.jsonl$/.exec(file)?.[1] : undefined
      if (agent === undefined) return undefined
      return { key: `qwen-code:${name}/${agent}`, session: name, agent, parent: `qwen-code:${name}` }
    },
    reducer: (identity, options) => anyState(qwenReducer(identity, options)),
  }
}

/** Finds sessions in `agent/sessions/--<folder>--/<time>_<session>.jsonl`. */
export function piSource(directory: string): FileSource {
  const root = join(directory, "agent", "sessions")
  return {
    tool: "pi",
    roots: [root],
    enter: (path) => partsBelow(root, path)?.length === 1,
    identify: (path) => {
      const parts = partsBelow(root, path)
      const name = parts?.length === 2 ? (parts[1] ?? "") : ""
      const session = new RegExp(`_(${UUID})\\.jsonl$`).exec(name)?.[1]
      return session === undefined ? undefined : { key: `pi:${session}`, session }
    },
    reducer: (identity, options) => anyState(piReducer(identity, options)),
  }
}

/** Returns the record in a file's first line; undefined if the line isn't complete. */
function firstRecord(path: string): unknown {
  try {
    const file = openSync(path, "r")
    try {
      const buffer = Buffer.alloc(4096)
      const text = buffer.toString("utf8", 0, readSync(file, buffer, 0, buffer.length, 0))
      const end = text.indexOf("\n")
      return end < 0 ? undefined : parseJson(text.slice(0, end))
    } finally {
      closeSync(file)
    }
  } catch {
    return undefined
  }
}
