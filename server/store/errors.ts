/** Thrown at opening: the database was written by a later version of this program. */
export class DatabaseNewer extends Error {
  override readonly name = "DatabaseNewer"

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
export class DataDirInUse extends Error {
  override readonly name = "DataDirInUse"

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
export class DatabaseNotDurable extends Error {
  override readonly name = "DatabaseNotDurable"
}

/** Thrown at opening: the data directory belongs to another user of this machine. */
export class DataDirForeign extends Error {
  override readonly name = "DataDirForeign"

  constructor(readonly dir: string) {
    super(
      `The data directory ${dir} belongs to another user: have it given to this one (chown), or set TURNLINE_DATA_DIR to another directory.`,
    )
  }
}
