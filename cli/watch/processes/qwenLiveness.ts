import { join } from "node:path"
import { FileFeed } from "@/cli/watch/feeds/FileFeed"
import { asNumber, asObject, asText } from "@/lib/dialects/json"
import type { Liveness, SessionAccess } from "./Liveness"
import { namedLiveness } from "./namedLiveness"

const PROGRAM = { tool: "qwen-code", program: "qwen", package: "@qwen-code/qwen-code" }

/**
 * Detects the ends of Qwen Code's processes by the line that each process writes when it exits. A process that is killed
 * can't write this line, so its end is detected in the list of running processes.
 */
export function qwenLiveness(directory: string, sessions: SessionAccess): Liveness {
  const program = namedLiveness(PROGRAM, sessions)
  const feed = new FileFeed(join(directory, "usage_record.jsonl"))
  const ended = new Map<string, number>()
  const read = () => {
    for (let more = true; more; ) {
      const { records, more: rest } = feed.read()
      more = rest
      for (const record of records.map(asObject)) {
        const id = asText(record?.sessionId)
        if (id === undefined) continue
        ended.set(id, asNumber(record?.timestamp) ?? Date.now())
        sessions.get(`qwen-code:${id}`)?.requestEnd({ died: false })
      }
    }
  }
  return {
    ...program,
    start: async () => read(),
    check: async (now) => {
      read()
      await program.check(now)
    },
    endOf: (session, now) => {
      const at = ended.get(session.identity.session)
      // A process writes its last records up to a second before this line, but none after it.
      return at !== undefined && session.recordedAt <= at + 1_000
        ? { died: false }
        : program.endOf(session, now)
    },
  }
}
