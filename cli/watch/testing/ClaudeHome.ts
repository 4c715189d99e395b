import { type ChildProcess, spawn } from "node:child_process"
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const CWD = "/srv/shop"

/** A home folder with the sessions of a simulated Claude Code. Its processes are real. */
export class ClaudeHome {
  readonly path = mkdtempSync(join(tmpdir(), "turnline-home-"))
  private readonly processes = new Set<ChildProcess>()
  private count = 0

  /** Starts a process that claims to work on a session. */
  startProcess(session: string): ClaudeProcess {
    const child = spawn("sleep", ["600"])
    this.processes.add(child)
    const file = join(this.folder(".claude/sessions"), `${child.pid}.json`)
    const say = (fields: object) =>
      writeFileSync(
        file,
        JSON.stringify({
          pid: child.pid,
          sessionId: session,
          cwd: CWD,
          procStart: procStart(child),
          ...fields,
        }),
      )
    say({ status: "busy" })
    return {
      say,
      exit: () => {
        rmSync(file)
        child.kill("SIGKILL")
      },
      die: () => child.kill("SIGKILL"),
    }
  }

  /** Appends to a session's file: records, or strings that are written as they are, without a line break. */
  append(session: string, ...records: (object | string)[]): void {
    const file = this.fileOf(session)
    for (const record of records)
      appendFileSync(file, typeof record === "string" ? record : `${JSON.stringify(record)}\n`)
  }

  fileOf(session: string): string {
    return join(this.folder(".claude/projects/-srv-shop"), `${session}.jsonl`)
  }

  prompt(text: string): object {
    return { ...this.common(), type: "user", message: { role: "user", content: text } }
  }

  /** Returns a complete answer by the model. */
  answer(text: string): object {
    const usage = { input_tokens: 10, output_tokens: 5 }
    const content = [{ type: "text", text }]
    const message = { role: "assistant", model: "claude-x", stop_reason: "end_turn", usage, content }
    return { ...this.common(), type: "assistant", message: { ...message, id: `m${this.count}` } }
  }

  remove(): void {
    for (const child of this.processes) child.kill("SIGKILL")
    rmSync(this.path, { recursive: true, force: true })
  }

  private common(): object {
    this.count++
    const timestamp = new Date().toISOString()
    return { uuid: `u${this.count}`, timestamp, cwd: CWD, version: "2.1.300", isSidechain: false }
  }

  private folder(path: string): string {
    const folder = join(this.path, path)
    mkdirSync(folder, { recursive: true })
    return folder
  }
}

export type ClaudeProcess = {
  /** Changes what the process reports about itself. */
  say(fields: object): void
  /** Ends the process gracefully. */
  exit(): void
  /** Kills the process, so that the file in which it describes itself remains. */
  die(): void
}

function procStart({ pid }: ChildProcess): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]
}
