import { open, rm } from "node:fs/promises"
import { join } from "node:path"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { AccessStore } from "@/server/store/AccessStore"
import { DEMO_AGENTS } from "./demoVisitor"
import { mintToken, type TokenGrant } from "./token"

const VIEWER: TokenGrant = { name: "viewer", write: [], read: "all", control: true, mint: false }
const AGENT: TokenGrant = { name: "agent", write: ["*"], read: [], control: false, mint: false }

const FLEET: TokenGrant = { name: "demo", write: [DEMO_AGENTS], read: [], control: false, mint: false }

/**
 * On a data directory's first start makes a token that sees everything and writes nothing, and one that writes
 * everything and sees nothing, and leaves each in a file that its owner alone can read. `demo` makes one for the fleet.
 */
export async function writeFirstTokens(
  dataDir: string,
  store: AccessStore,
  clock: Clock,
  demo = false,
): Promise<void> {
  const names = new Set((await store.listTokens()).map((row) => row.name))
  if (!names.has(VIEWER.name)) await writeToken(viewerTokenFile(dataDir), VIEWER, store, clock)
  if (!names.has(AGENT.name)) await writeToken(agentTokenFile(dataDir), AGENT, store, clock)
  if (demo && !names.has(FLEET.name)) await writeToken(demoTokenFile(dataDir), FLEET, store, clock)
}

export function viewerTokenFile(dataDir: string): string {
  return join(dataDir, "viewer.token")
}

export function agentTokenFile(dataDir: string): string {
  return join(dataDir, "agent.token")
}

export function demoTokenFile(dataDir: string): string {
  return join(dataDir, "demo.token")
}

async function writeToken(path: string, grant: TokenGrant, store: AccessStore, clock: Clock): Promise<void> {
  const { token, row } = mintToken(grant, isoTime(clock.now()))
  // What stands there is of a database that is gone. Exclusive, so that no link is ever written through.
  await rm(path, { force: true })
  const file = await open(path, "wx", 0o600)
  try {
    await file.chmod(0o600)
    await file.writeFile(`${token}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await store.addToken(row)
}
