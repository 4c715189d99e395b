/** Thrown at opening if a later version of this program wrote the database. */
export class DatabaseNewerError extends Error {
  override readonly name = "DatabaseNewerError"

  constructor(
    readonly found: number,
    readonly known: number,
  ) {
    super(
      `The database has schema version ${found}, but this version supports only up to ${known}: start a newer version of Turnline, or restore the copy from before the upgrade.`,
    )
  }
}

/** Thrown at opening if another process uses the data directory. */
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

/** Thrown at opening if commits to this database wouldn't survive a power cut. */
export class DatabaseNotDurableError extends Error {
  override readonly name = "DatabaseNotDurableError"
}

/** Thrown at opening if the database can't be reached or used. The message says what to do. */
export class DatabaseUnusableError extends Error {
  override readonly name = "DatabaseUnusableError"
}

/** Thrown at opening if the database may be usable soon: it is starting, overloaded, or slow to respond. */
export class DatabaseNotReadyError extends DatabaseUnusableError {}

/** Thrown at opening if the data directory belongs to another user of this machine. */
export class DataDirForeignError extends Error {
  override readonly name = "DataDirForeignError"

  constructor(readonly dir: string) {
    super(
      `The data directory ${dir} belongs to another user. Use a folder below it (TURNLINE_DATA_DIR=${dir}/turnline), as with mounted volumes, or change its owner with chown.`,
    )
  }
}
