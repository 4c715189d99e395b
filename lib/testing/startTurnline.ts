import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { io, type Socket } from "socket.io-client"
import type { CommandInput, CommandName, CommandReplies, Reply } from "@/lib/protocol/catalog"
import type { RunRecord } from "@/lib/protocol/run"
import { createApp } from "@/server/app/createApp"
import { readConfig } from "@/server/platform/Config"

export type StartedTurnline = {
  url: string
  agentToken: string
  /** A token for reading and cancelling everything. */
  viewerToken: string
  /** Sends a command with the viewer token. */
  ask<N extends CommandName>(command: N, payload: CommandInput<N>): Promise<Extract<Reply<N>, { ok: true }>>
  /** Reads the complete trace of a run. */
  trace(runId: string): Promise<RunRecord[]>
  /** Restarts the server on the same port with the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Starts a real server without pages on a free port, with its own data directory. */
export async function startTurnline(settings: Record<string, string> = {}): Promise<StartedTurnline> {
  const dataDir = await mkdtemp(join(tmpdir(), "turnline-"))
  const open = async (port: number) => {
    const read = readConfig({
      PORT: String(port),
      TURNLINE_DATA_DIR: dataDir,
      TURNLINE_LOG_LEVEL: "silent",
      ...settings,
    } as unknown as NodeJS.ProcessEnv)
    if ("problem" in read) throw new Error(read.problem)
    const app = createApp({ config: read.config, pages: false })
    return { app, ...(await app.listen()) }
  }
  const token = async (name: string) => (await readFile(join(dataDir, `${name}.token`), "utf8")).trim()
  let running = await open(0)
  const { url, port } = running
  const viewer: Socket = io(url, {
    auth: { token: await token("viewer") },
    reconnectionDelay: 10,
    forceNew: true,
  })

  const ask: StartedTurnline["ask"] = async (command, payload) => {
    const reply = (await viewer.timeout(10_000).emitWithAck(command, payload)) as Reply<typeof command>
    if (!reply.ok) throw new Error(`${command}: ${reply.error.code}`)
    return reply as Extract<Reply<typeof command>, { ok: true }>
  }
  return {
    url,
    agentToken: await token("agent"),
    viewerToken: await token("viewer"),
    ask,
    async trace(run_id) {
      const records: RunRecord[] = []
      let cursor: number | undefined = 0
      while (cursor !== undefined) {
        const page: CommandReplies["runs.get_trace"] = await ask("runs.get_trace", { run_id, cursor })
        records.push(...page.records)
        cursor = page.next
      }
      return records
    },
    async restart() {
      await running.app.close()
      running = await open(port)
    },
    async stop() {
      viewer.disconnect()
      await running.app.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
