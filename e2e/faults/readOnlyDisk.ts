import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { Connection, LOST } from "@/e2e/kit/Connection"
import type { CheckReport } from "@/e2e/kit/checkStore"
import { Fleet, type Target } from "@/e2e/kit/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"

/** A disk in a file, which an error turns read-only under whoever writes to it. */
export type LoopDisk = { path: string; fail(): void; repair(): void; remove(): void }

const MIB = 1024 * 1024

function must(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`)
  return stdout.trim()
}

/** Whether disks in files can be made here: by root, on Linux, with the tools for it. */
export function canLoop(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false
  return spawnSync("losetup", ["-f"]).status === 0 && spawnSync("mkfs.ext4", ["-V"]).status === 0
}

/** Makes and mounts a disk of so many MiB that goes read-only at the first error, as disks of servers do. */
export function makeLoopDisk(mebibytes: number): LoopDisk {
  const folder = mkdtempSync(join(tmpdir(), "turnline-loop-"))
  const [image, path] = [join(folder, "image"), join(folder, "mounted")]
  writeFileSync(image, "")
  truncateSync(image, mebibytes * MIB)
  must("mkfs.ext4", "-q", "-F", image)
  must("mkdir", path)
  const device = must("losetup", "-f", "--show", image)
  const mount = () => must("mount", "-o", "errors=remount-ro", device, path)
  mount()
  must("chmod", "0700", path)
  return {
    path,
    // What the kernel does by itself when the disk's own records turn out to be damaged.
    fail: () => writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, "made for a test"),
    repair() {
      must("umount", path)
      // 1: it was mended.
      const { status, stderr } = spawnSync("e2fsck", ["-f", "-y", device], { encoding: "utf8" })
      if (status === null || status > 1) throw new Error(`e2fsck: ${stderr}`)
      mount()
    },
    remove() {
      spawnSync("umount", ["-l", path])
      spawnSync("losetup", ["-d", device])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export type ReadOnlyReport = CheckReport & {
  /** Batches that were refused meanwhile. */
  unavailable: number
  ackedMeanwhile: number
  readable: boolean
  alive: boolean
  ready: number
}

/** Makes the disk read-only under a server at work, watches what it says, and starts it again on the repaired disk. */
export async function readOnlyDisk(options: {
  target: Target
  disk: LoopDisk
  random: SeededRandom
}): Promise<ReadOnlyReport> {
  const { target, disk, random } = options
  const plan = {
    window: [1, 1],
    batch: [1, 8],
    bytes: [200, 3_000],
    batchesPerRun: [1_000, 1_000],
    paceMs: [1, 5],
  } satisfies ConstructorParameters<typeof Fleet>[0]["plan"]
  const fleet = new Fleet({ target, random, agents: 5, viewers: 2, followChance: 1, plan })
  const refused = () => fleet.journal.entries().filter((entry) => entry.what === "refused").length
  const reader = new Connection({ url: target.url, token: target.viewerToken })
  fleet.start()
  try {
    await fleet.until("some turns are stored", () => fleet.acked > 200)
    disk.fail()
    await waitUntil("batches are refused", () => refused() > 20)
    const atFailure = fleet.acked
    await waitUntil("more are refused", () => refused() > 60)
    await reader.connected()
    const page = await reader.ask("runs.get_trace", { run_id: fleet.runs[0] ?? "", limit: 5 })
    const meanwhile = {
      ackedMeanwhile: fleet.acked - atFailure,
      readable: page !== LOST && page.ok && page.records.length > 0,
      alive: (await fetch(`${target.url}/healthz`)).ok,
      ready: (await fetch(`${target.url}/readyz`)).status,
    }
    await target.crash()
    disk.repair()
    await target.restart()
    const acked = fleet.acked
    await fleet.until("it goes on", () => fleet.acked > acked)
    const report = await fleet.settle()
    return { ...report, ...meanwhile, unavailable: refused() }
  } finally {
    fleet.close()
    reader.close()
  }
}
