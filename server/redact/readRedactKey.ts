import { randomBytes } from "node:crypto"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const KEY_BYTES = 32

/** The key by which a data directory's secrets are marked, made when there is none. Its owner alone can read it. */
export function readRedactKey(dataDir: string): Buffer {
  const file = join(dataDir, "redact.key")
  try {
    // Exclusive: of two processes that start at once, one makes it.
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`, { flag: "wx", mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    chmodSync(file, 0o600)
  }
  return Buffer.from(readFileSync(file, "utf8").trim(), "hex")
}
