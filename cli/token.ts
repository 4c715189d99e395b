import { databaseFile } from "@/server/app/openStores"
import { noteAlone } from "@/server/audit/openAudit"
import { isValidAt, mintToken, type TokenGrant } from "@/server/auth/token"
import { readAuditPlace, readDataDir } from "@/server/platform/Config"
import type { AccessStore, TokenRow } from "@/server/store/AccessStore"
import { makeOwnDataDir } from "@/server/store/makeOwnDataDir"
import { openAccessStoreDirect } from "@/server/store/sqlite/SqliteAccessStore"
import { readTokenCommand, TOKEN_USAGE } from "./readTokenCommand"

/** `npm run token`: makes, lists and revokes tokens, beside a running server or without one. */
process.umask(0o077)
try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function run(args: string[]): Promise<number> {
  const dataDir = readDataDir(process.env)
  const command = readTokenCommand(args, Date.now())
  if ("problem" in command) return complain(`${command.problem}\n\n${TOKEN_USAGE}`)
  makeOwnDataDir(dataDir)
  const store = openAccessStoreDirect(databaseFile(dataDir))
  try {
    if (command.name === "create") return await create(store, command.grant)
    if (command.name === "revoke") return await revoke(store, command.nameOrId)
    return await list(store)
  } finally {
    store.close()
  }
}

async function create(store: AccessStore, grant: TokenGrant): Promise<number> {
  const alike = (await store.listTokens()).some(
    (row) => row.name === grant.name && isValidAt(row, Date.now()),
  )
  if (alike)
    process.stderr.write(
      `Another token of the name ${grant.name} is good too; revoke it by its id when it is not needed.\n`,
    )
  const { token, row } = mintToken(grant, new Date().toISOString())
  await store.addToken(row)
  await noteInAudit("token_created", `${row.token_id} ${row.name}`)
  process.stdout.write(`${lineOf(row)}\n${token}\n`)
  return 0
}

async function list(store: AccessStore): Promise<number> {
  const rows = await store.listTokens()
  for (const row of rows) process.stdout.write(`${lineOf(row)}\n`)
  if (rows.length === 0) process.stderr.write("There are no tokens.\n")
  return 0
}

async function revoke(store: AccessStore, nameOrId: string): Promise<number> {
  const count = await store.revokeTokens(nameOrId, new Date().toISOString())
  if (count === 0) return complain(`No token that is not revoked already has the name or id ${nameOrId}.`)
  await noteInAudit("token_revoked", nameOrId)
  process.stdout.write(
    `Revoked ${count === 1 ? "1 token" : `${count} tokens`}; what is connected with it is cut off within 5 s.\n`,
  )
  return 0
}

function lineOf(row: TokenRow): string {
  const state = row.revoked_at ? `revoked ${row.revoked_at}` : isValidAt(row, Date.now()) ? "good" : "expired"
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

/** Without a server; one that runs notices by itself. */
async function noteInAudit(event: "token_created" | "token_revoked", why: string): Promise<void> {
  const { dir, bytes } = readAuditPlace(process.env)
  await noteAlone(dir, bytes, { event, how: "command", why })
}

function complain(sentence: string): number {
  process.stderr.write(`${sentence}\n`)
  return 1
}
