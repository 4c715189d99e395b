/** Thrown at opening: the database was written by a later version of this program. */
export class DatabaseNewerError extends Error {
  override readonly name = "DatabaseNewerError"

  constructor(
    readonly found: number,
    readonly known: number,
  ) {
    super(
      `The database has schema version ${found}, but this program knows only up to ${known}: start a newer Turnline, or restore the copy that was made before the upgrade.`,
    )
  }
}

/** Thrown at opening: another process holds the data directory. */
export class DataDirInUseError extends Error {
  override readonly name = "DataDirInUseError"

  constructor(
    readonly dir: string,
    readonly pid: number | undefined,
  ) {
    super(
      `The data directory ${dir} is in use by ${pid === undefined ? "another process" : `process ${pid}`}: stop it first, or set TURNLINE_DATA_DIR to another directory.`,
    )
  }
}

/** Thrown at opening: commits on this database would not survive a power cut. */
export class DatabaseNotDurableError extends Error {
  override readonly name = "DatabaseNotDurableError"
}

/** Thrown at opening: the database can't be reached, or not be used as it is. The message says what to do. */
export class DatabaseUnusableError extends Error {
  override readonly name = "DatabaseUnusableError"
}

/** Thrown at opening: the data directory belongs to another user of this machine. */
export class DataDirForeignError extends Error {
  override readonly name = "DataDirForeignError"

  constructor(readonly dir: string) {
    super(
      `The data directory ${dir} belongs to another user. Use a folder below it (TURNLINE_DATA_DIR=${dir}/turnline), as with mounted volumes, or change its owner with chown.`,
    )
  }
}
