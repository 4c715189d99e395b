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
 * On the first start with a data directory, creates a token that reads all runs and writes none, and one that writes
 * all runs and reads none. Each is stored in a file that only the owner can read. `demo` adds a token for the demo
 * fleet.
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
  // An existing file belongs to a database that no longer exists. The flag `x` prevents writing through a symbolic
  // link.
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
