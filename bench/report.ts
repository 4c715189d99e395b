import { cpus, loadavg, totalmem } from "node:os"

/** Describes the machine that the figures were measured on. */
export function machineText(): string {
  const model = cpus()[0]?.model ?? "unknown processor"
  return `${cpus().length} × ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`
}

/** The load average of the last minute, with two digits. */
export function loadText(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(2)
}

/** One line of a Markdown table. */
export function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`
}

/** The head of a Markdown table. */
export function tableHead(heads: readonly string[]): string {
  return tableLine(heads) + tableLine(heads.map(() => "---"))
}

/** Returns whether a goal was met, as text. `undefined` means that the measurement is void. */
export function verdictOf(met: boolean | undefined): string {
  return met === undefined ? "void" : met ? "met" : "MISSED"
}

/** The rows chosen by `--only`, or all. With `--list` or an unknown name, prints the names and ends the process. */
export function chooseRows<R extends { id: string; what: string; byNameAlone?: boolean }>(
  rows: readonly R[],
  { list, only }: { list: boolean; only?: string | undefined },
): R[] {
  if (list) {
    for (const row of rows) process.stdout.write(`${row.id.padEnd(14)} ${row.what}\n`)
    process.exit(0)
  }
  const names = only?.split(",")
  /** A name selects the row with that ID, and those whose IDs start with it and a hyphen: `cluster` selects `cluster-…`. */
  const isNamed = (id: string) => names?.some((name) => id === name || id.startsWith(`${name}-`)) === true
  const unknown =
    names?.filter((name) => !rows.some(({ id }) => id === name || id.startsWith(`${name}-`))) ?? []
  if (unknown.length > 0) {
    process.stderr.write(`Unknown row: ${unknown.join(", ")}. --list prints their names.\n`)
    process.exit(2)
  }
  return rows.filter((row) => (names ? isNamed(row.id) : !row.byNameAlone))
}
