/** Thrown when a backup cannot be made; its message is one sentence for a person. */
export class BackupRefusedError extends Error {
  override readonly name = "BackupRefusedError"
}
