import { createHash } from "node:crypto"
import { homedir, hostname } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { serverOf, tokenFor } from "@/cli/serverAccess"
import type { RecordFeed } from "@/cli/watch/feeds/RecordFeed"
import { ServerConnection } from "@/cli/watch/runs/ServerConnection"
import { Sessions } from "@/cli/watch/Sessions"
import { anyState, type SessionReducer } from "@/cli/watch/sources/Source"
import { claudeCodeReducer } from "@/lib/dialects/claudeCode/claudeCodeReducer"
import { codexReducer } from "@/lib/dialects/codex/codexReducer"
import { geminiReducer } from "@/lib/dialects/gemini/geminiReducer"
import { piReducer } from "@/lib/dialects/pi/piReducer"
import { qwenReducer } from "@/lib/dialects/qwen/qwenReducer"
import type { SessionIdentity, SessionOptions } from "@/lib/dialects/session"
import type { SessionTool } from "./detectFormat"
import type { ImportFile } from "./readImport"

/** A session's run on the server. */
export type ImportedRun = { path: string; run_id: string; agent_id: string; created: boolean }

export type SessionFile = ImportFile & { format: { name: SessionTool; identity: SessionIdentity } }

const REDUCERS: Readonly<
  Record<SessionTool, (identity: SessionIdentity, options: SessionOptions) => SessionReducer>
> = {
  "claude-code": (identity, options) => anyState(claudeCodeReducer(identity, options)),
  codex: (identity, options) => anyState(codexReducer(identity, options)),
  "gemini-cli": (identity, options) => anyState(geminiReducer(identity, options)),
  "qwen-code": (identity, options) => anyState(qwenReducer(identity, options)),
  pi: (identity, options) => anyState(piReducer(identity, options)),
}

const RECORDS_PER_READ = 200
const POLL_MS = 20

/**
 * Imports sessions of command-line agents. As with `turnline watch`, a session has a single run, however often it is
 * imported or watched. A session and its sub-agents may be in different files of the same call.
 *
 * @throws {Error} if the server can't be reached or refuses the client.
 */
export async function importSessions(
  files: readonly SessionFile[],
  url: string | undefined,
  onProblem: (message: string) => void,
): Promise<ImportedRun[]> {
  const runs: ImportedRun[] = []
  let fail: (error: Error) => void = () => {}
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  let wasOnline = false
  const address = serverOf(url, process.env)
  const server = new ServerConnection({
    address,
    token: tokenFor("agent", process.env),
    clientId: `turnline import on ${hostname()}`,
    onOutage: (error) => {
      if (wasOnline) onProblem(error.message)
      else fail(new Error(`Couldn't reach ${address.origin}${address.basePath}.`))
    },
    onRefusal: (error) => fail(error),
  })
  server.onOnline(() => {
    wasOnline = true
  })
  const paths = new Map(files.map(({ path, format }) => [format.identity.key, path]))
  const sessions = new Sessions({
    server,
    content: true,
    admit: () => true,
    onProblem,
    onRun: ({ runId, start, created }) => {
      runs.push({ path: paths.get(start.key) ?? "", run_id: runId, agent_id: start.agent_id, created })
    },
  })
  const options = {
    home: homedir(),
    digest: (text: string) => createHash("sha256").update(text).digest("hex"),
  }
  try {
    const found = files.map(({ path, format, records }) => {
      const session = sessions.found({
        identity: format.identity,
        path,
        changedAt: 0,
        live: false,
        reducer: () => REDUCERS[format.name](format.identity, options),
        feed: () => feedOf(records.map(({ value }) => value)),
      })
      session.requestEnd({ died: false })
      return session
    })
    const settled = async () => {
      while (!found.every((session) => session.settled)) await sleep(POLL_MS)
    }
    await Promise.race([settled(), failure])
    return runs
  } finally {
    sessions.close()
    server.close()
  }
}

function feedOf(records: readonly unknown[]): RecordFeed {
  let from = 0
  return {
    read() {
      const next = records.slice(from, from + RECORDS_PER_READ)
      from += next.length
      return { records: next, more: from < records.length, restarted: false, unreadable: 0 }
    },
  }
}
