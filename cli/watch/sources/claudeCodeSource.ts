import { join } from "node:path"
import { claudeCodeReducer } from "@/lib/dialects/claudeCode/claudeCodeReducer"
import type { SessionIdentity } from "@/lib/dialects/session"
import { anyState, type FileSource, partsBelow } from "./Source"

/**
 * Finds sessions in `projects/<folder>/<session>.jsonl`, and sub-agents in
 * `projects/<folder>/<session>/subagents/agent-<id>.jsonl`. There may be thousands of sessions with sub-agents, so their
 * folders are watched only while the session is active.
 */
export function claudeCodeSource(directory: string, isActive: (path: string) => boolean): FileSource {
  const root = join(directory, "projects")
  return {
    tool: "claude-code",
    roots: [root],
    enter: (path) => {
      const parts = partsBelow(root, path)
      if (parts === undefined || parts.length > 3) return false
      if (parts.length === 1) return true
      return parts.length === 2 ? isActive(`${path}.jsonl`) : parts[2] === "subagents"
    },
    identify: (path) => identify(partsBelow(root, path)),
    reducer: (identity, options) => anyState(claudeCodeReducer(identity, options)),
  }
}

function identify(parts: string[] | undefined): SessionIdentity | undefined {
  if (parts?.length === 2) {
    const session = /^([0-9a-f-]{36})\.jsonl$/.exec(parts[1] ?? "")?.[1]
    return session === undefined ? undefined : { key: `claude-code:${session}`, session }
  }
  if (parts?.length !== 4 || parts[2] !== "subagents") return undefined
  const session = parts[1] ?? ""
  const agent = /^agent-(.+)\.jsonl$/.exec(parts[3] ?? "")?.[1]
  if (agent === undefined) return undefined
  return { key: `claude-code:${session}/${agent}`, session, agent, parent: `claude-code:${session}` }
}

/** Returns the sub-agent that a file `agent-<id>.meta.json` describes; undefined for other files. */
export function describedAgent(path: string): string | undefined {
  const match = /\/([^/]+)\/subagents\/agent-([^/]+)\.meta\.json$/.exec(path)
  return match === null ? undefined : `claude-code:${match[1]}/${match[2]}`
}
