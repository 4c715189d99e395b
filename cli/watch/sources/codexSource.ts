import { join } from "node:path"
import { codexReducer } from "@/lib/dialects/codex/codexReducer"
import { anyState, type FileSource, partsBelow } from "./Source"

const ROLLOUT = /^rollout-.*-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/

/** Finds sessions in `sessions/<year>/<month>/<day>/rollout-<time>-<thread>.jsonl`. */
export function codexSource(directory: string): FileSource {
  const root = join(directory, "sessions")
  return {
    tool: "codex",
    roots: [root],
    enter: (path) => {
      const parts = partsBelow(root, path)
      return parts !== undefined && parts.length <= 3 && parts.every((part) => /^\d+$/.test(part))
    },
    identify: (path) => {
      const parts = partsBelow(root, path)
      const thread = parts?.length === 4 ? ROLLOUT.exec(parts[3] ?? "")?.[1] : undefined
      return thread === undefined ? undefined : { key: `codex:${thread}`, session: thread }
    },
    reducer: (identity, options) => anyState(codexReducer(identity, options)),
  }
}
