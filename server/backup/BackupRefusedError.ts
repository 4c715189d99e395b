/** Thrown when a backup can't be made. The message is for the user. */
export class BackupRefusedError extends Error {
  override readonly name = "BackupRefusedError"
}
