import { databaseFile } from "@/server/app/openStores"
import { recordAlone } from "@/server/audit/openAudit"
import { isValidAt, mintToken, type TokenGrant } from "@/server/auth/token"
import { readAuditSettings, readDataDir } from "@/server/platform/Config"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { makeOwnDataDir } from "@/server/store/makeOwnDataDir"
import { openPostgresAccessStore } from "@/server/store/postgres/openPostgresAccessStore"
import { openAccessStoreDirect } from "@/server/store/sqlite/access/SqliteAccessStore"
import { readTokenCommand, tokenUsage } from "./readTokenCommand"

/**
 * `turnline token`: creates, lists and revokes tokens in the data directory or in the database at `DATABASE_URL`,
 * whether or not a server is running.
 */
export async function run(args: string[]): Promise<number> {
  process.umask(0o077)
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${tokenUsage()}\n`)
    return 0
  }
  const dataDir = readDataDir(process.env)
  const command = readTokenCommand(args, Date.now())
  if ("problem" in command) return fail(`${command.problem}\n\n${tokenUsage()}`)
  makeOwnDataDir(dataDir)
  const databaseUrl = process.env.DATABASE_URL
  const store = databaseUrl
    ? await openPostgresAccessStore(databaseUrl)
    : openAccessStoreDirect(databaseFile(dataDir))
  try {
    if (command.name === "create") return await create(store, command.grant)
    if (command.name === "revoke") return await revoke(store, command.nameOrId)
    return await list(store, command.json)
  } finally {
    await store.close()
  }
}

async function create(store: AccessStore, grant: TokenGrant): Promise<number> {
  const nameIsTaken = (await store.listTokens()).some(
    (row) => row.name === grant.name && isValidAt(row, Date.now()),
  )
  if (nameIsTaken)
    process.stderr.write(
      `Another valid token is named ${grant.name}. Revoke it by its id if you don't need it anymore.\n`,
    )
  const { token, row } = mintToken(grant, new Date().toISOString())
  await store.addToken(row)
  await recordInAudit("token_created", `${row.token_id} ${row.name}`)
  process.stdout.write(`${describeToken(row)}\n${token}\n`)
  return 0
}

async function list(store: AccessStore, json: boolean): Promise<number> {
  const rows = await store.listTokens()
  if (json) {
    const withoutHashes = rows.map(({ sha256: _, ...row }) => row)
    process.stdout.write(`${JSON.stringify(withoutHashes, null, 2)}\n`)
    return 0
  }
  for (const row of rows) process.stdout.write(`${describeToken(row)}\n`)
  if (rows.length === 0) process.stderr.write("No tokens.\n")
  return 0
}

async function revoke(store: AccessStore, nameOrId: string): Promise<number> {
  const count = await store.revokeTokens(nameOrId, new Date().toISOString())
  if (count === 0) return fail(`No valid token has the name or id ${nameOrId}.`)
  await recordInAudit("token_revoked", nameOrId)
  const tokens = count === 1 ? "1 token" : `${count} tokens`
  process.stdout.write(`Revoked ${tokens}. Their connections are closed within 5 s.\n`)
  return 0
}

function describeToken(row: TokenRow): string {
  const state = row.revoked_at
    ? `revoked ${row.revoked_at}`
    : isValidAt(row, Date.now())
      ? "valid"
      : "expired"
  const read = typeof row.read === "string" ? row.read : row.read.join(",") || "nothing"
  return [
    row.token_id,
    row.name,
    state,
    `write ${row.write.join(",") || "nothing"}`,
    `read ${read}`,
    ...(row.control ? ["control"] : []),
    ...(row.mint ? ["mint"] : []),
    ...(row.expires_at ? [`expires ${row.expires_at}`] : []),
  ].join("  ")
}

/**
 * Records the change in the audit log if no server is running. A running server notices the change and records it
 * itself.
 */
async function recordInAudit(event: "token_created" | "token_revoked", why: string): Promise<void> {
  const { dir, bytes } = readAuditSettings(process.env)
  await recordAlone(dir, bytes, { event, how: "command", why })
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`)
  return 1
}
