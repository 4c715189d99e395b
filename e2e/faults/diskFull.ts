import { spawnSync } from "node:child_process"
import { closeSync, fsyncSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CheckReport } from "@/e2e/kit/model/checkStore"
import { Fleet, type Target } from "@/e2e/kit/model/Fleet"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { ONE_AT_A_TIME, probeServer, type ServerProbe, unavailableOf } from "./probeServer"

/** A small file system that fills up quickly. */
export type SmallDisk = { path: string; fill(): void; free(): void; unmount(): void }

export const canMount = () => process.platform === "linux" && process.getuid?.() === 0

/** Mounts a tmpfs of this many MiB. Needs root. */
export function mountSmallDisk(mebibytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), "turnline-disk-"))
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=0700`, "tmpfs", path])
  if (mounted.status !== 0) throw new Error(`mount: ${mounted.stderr}`)
  const filler = join(path, "filler")
  return {
    path,
    fill: () => fillDisk(filler),
    free: () => rmSync(filler, { force: true }),
    unmount() {
      spawnSync("umount", ["-l", path])
      rmdirSync(path)
    },
  }
}

function fillDisk(filler: string): void {
  const file = openSync(filler, "a")
  try {
    for (const bytes of [65_536, 4_096])
      for (;;) {
        try {
          writeSync(file, Buffer.alloc(bytes))
        } catch {
          break
        }
      }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

export type DiskReport = CheckReport &
  ServerProbe & {
    /** Batches rejected while the disk was full. */
    unavailable: number
    /** Turns acknowledged while the disk was full (small writes may still fit). */
    ackedWhileFull: number
    /** Milliseconds from freeing the disk to the next acknowledgement. */
    recoveryMs: number
  }

/** Fills the disk under a busy server, checks its replies, frees the disk and waits for recovery. */
export async function diskFull(options: {
  target: Target
  disk: SmallDisk
  random: SeededRandom
}): Promise<DiskReport> {
  const { target, disk, random } = options
  const fleet = new Fleet({ target, random, agents: 5, viewers: 2, followChance: 1, plan: ONE_AT_A_TIME })
  fleet.start()
  try {
    await fleet.until("some turns are stored", () => fleet.acked > 200)
    disk.fill()
    await waitUntil("a batch is refused", () => unavailableOf(fleet) > 0)
    const atFull = fleet.acked
    // Uses up what little space is left, so that every batch is refused from now on.
    disk.fill()
    const before = unavailableOf(fleet)
    await waitUntil("all are refused", () => unavailableOf(fleet) > before + 20)
    const whileFull = await probeServer(target, fleet)
    const ackedWhileFull = fleet.acked - atFull
    const acked = fleet.acked
    disk.free()
    const freed = performance.now()
    await waitUntil("it heals", () => fleet.acked > acked)
    const recoveryMs = performance.now() - freed
    const report = await fleet.settle()
    return { ...report, ...whileFull, unavailable: unavailableOf(fleet), ackedWhileFull, recoveryMs }
  } finally {
    fleet.close()
  }
}
