import { existsSync, readdirSync, readFileSync, readlinkSync, statfsSync, statSync } from "node:fs"

/** A session whose process was never seen. */
export type UnseenSession = {
  /** The file or directory in which the tool stores the session. */
  path: string
  /** The directory in which the session works; undefined if its records don't name one. */
  directory: string | undefined
}

/** The inode of the first PID namespace, in which the processes of all containers are visible. */
const FIRST_PID_NAMESPACE = "pid:[4026531836]"

/** File systems of this machine: ext, XFS, Btrfs, F2FS, ZFS, bcachefs, tmpfs, overlay. */
const LOCAL = new Set([
  0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0xca451a4e, 0x01021994, 0x794c7630,
])

/** Programs that are often left open in a project's directory and never write sessions. */
const HARMLESS = new Set(
  "sh bash dash zsh fish nu tmux screen less more man vi vim nvim nano emacs tail watch git ssh".split(" "),
)

/**
 * Returns true if it is certain that no process can still write a session: all processes that could are visible, and
 * none of them works in the session's directory or has the session's files open.
 */
export function isAbandoned({ path, directory }: UnseenSession, proc = "/proc"): boolean {
  if (directory === undefined || !existsSync(directory)) return false
  try {
    if (!seesWriters(path, proc)) return false
    const { uid } = statSync(path)
    return !readdirSync(proc).some(
      (pid) =>
        /^\d+$/.test(pid) && pid !== String(process.pid) && mayWrite(`${proc}/${pid}`, path, directory, uid),
    )
  } catch {
    return false
  }
}

/** Returns false if another machine, or a container that isn't visible from here, may be writing to a path. */
function seesWriters(path: string, proc: string): boolean {
  if (!LOCAL.has(statfsSync(path).type)) return false
  const isOwnFileSystem = statSync(path).dev === statSync("/").dev
  return isOwnFileSystem || readlinkSync(`${proc}/self/ns/pid`) === FIRST_PID_NAMESPACE
}

function mayWrite(process: string, path: string, directory: string, uid: number): boolean {
  try {
    if (statSync(process).uid !== uid) return false
    const opened = readdirSync(`${process}/fd`).some((fd) => isWithin(linkOf(`${process}/fd/${fd}`), path))
    if (opened) return true
    if (!isWithin(readlinkSync(`${process}/cwd`), directory)) return false
    return !HARMLESS.has(readFileSync(`${process}/comm`, "utf8").trim())
  } catch (error) {
    // If access was denied, the process may use the session. Process 1 is an exception, because a sandbox often denies
    // access to it. After any other error, the process has ended in the meantime.
    const isForbidden =
      error instanceof Error && "code" in error && /^(EACCES|EPERM)$/.test(String(error.code))
    return isForbidden && !process.endsWith("/1")
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ""
  }
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`)
}
