import { randomBytes } from "node:crypto"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const KEY_BYTES = 32

/** Reads a data directory's redaction key, or creates it. Only the owner can read the file. */
export function readRedactKey(dataDir: string): Buffer {
  const file = join(dataDir, "redact.key")
  try {
    // The flag `wx` ensures that only one of two concurrently starting processes creates the file.
    writeFileSync(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`, { flag: "wx", mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error
    chmodSync(file, 0o600)
  }
  return Buffer.from(readFileSync(file, "utf8").trim(), "hex")
}
